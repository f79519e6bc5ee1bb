"""Calendar quarters, the tax periods of the OSS return."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self


@dataclass(frozen=True, order=True)
class Quarter:
    """Printed ``2026Q2``."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError when it is not one such as 2026Q2."""
        found = re.fullmatch(r"([0-9]{4})-?Q([1-4])", text)
        if found is None or not 0 < int(found[1]) < 9999:  # the year after it has to be one
            raise ValueError(f"{text!r} is not a quarter such as 2026Q2")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def due(self) -> date:
        """The last day for the return: the end of the month after it."""
        after = self.next.first
        return (after + timedelta(days=31)).replace(day=1) - timedelta(days=1)
