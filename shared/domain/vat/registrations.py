"""Where the merchant is registered for the VAT of other countries, and from when to when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Scheme = Literal["oss", "voec"]


@dataclass(frozen=True)
class Registration:
    """``begins`` and ``ends`` are days that belong to it; open where they are None.

    ``country`` is empty where it holds for all countries of the scheme, as OSS does. ``number`` is the
    VAT number that the returns are filed under, empty where nobody has said.
    """

    scheme: Scheme
    country: str = ""
    begins: date | None = None
    ends: date | None = None
    number: str = ""

    def covers(self, day: date) -> bool:
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)

    @property
    def period(self) -> str:
        if self.begins is None and self.ends is None:
            return "always"
        begins = f"from {self.begins}" if self.begins else ""
        ends = f"to {self.ends}" if self.ends else ""
        return f"{begins} {ends}".strip()


@dataclass(frozen=True)
class Registrations:
    """All of a merchant's. A scheme that none is declared of begins with its first line in the mapping."""

    declared: tuple[Registration, ...] = ()
    assumed: frozenset[Scheme] = frozenset()

    def of(self, scheme: Scheme, country: str) -> Sequence[Registration]:
        found = [one for one in self.declared if one.scheme == scheme and one.country in ("", country)]
        return found or ([Registration(scheme)] if scheme in self.assumed else [])

    def on(self, scheme: Scheme, country: str, day: date) -> bool:
        return any(one.covers(day) for one in self.of(scheme, country))

    def number_on(self, scheme: Scheme, day: date) -> str:
        """The VAT number of the registration of that day; the newest's where none covers it."""
        declared = [one for one in self.declared if one.scheme == scheme]
        covering = [one for one in declared if one.covers(day)] or declared[-1:]
        return covering[0].number if covering else ""

    def in_words(self, scheme: Scheme, country: str) -> str:
        return " and ".join(one.period for one in self.of(scheme, country)) or "never"
