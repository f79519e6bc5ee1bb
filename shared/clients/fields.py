"""Reading an answer tolerantly: any case, missing, null, numbers and booleans as text.

Unknown members are ignored, unknown words are kept as they are. What is needed and not there is an
``UnreadableAnswer`` that names the field.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.errors import UnreadableAnswer

ZERO = Decimal(0)


class Fields:
    """One JSON object, asked by name."""

    def __init__(self, value: Any, *, of: str) -> None:
        if not isinstance(value, Mapping):
            raise UnreadableAnswer(f"{of}: an object was expected, not {type(value).__name__}")
        self._values = {str(name).lower(): found for name, found in value.items()}
        self._of = of

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._values

    def raw(self, *names: str) -> Any:
        """The first of the names that is there with a value."""
        for name in names:
            found = self._values.get(name.lower())
            if found is not None and found != "":
                return found
        return None

    def text(self, *names: str) -> str:
        found = self.raw(*names)
        return "" if found is None or isinstance(found, Mapping | list) else str(found)

    def needed_text(self, *names: str) -> str:
        return self.text(*names) or self._missing(names)

    def reference(self, *names: str) -> str | None:
        """A number in the other system; Fortnox and Svea say 0 for none."""
        found = self.text(*names).strip()
        return None if found in ("", "0") else found

    def number(self, *names: str) -> Decimal | None:
        found = self.raw(*names)
        if found is None or isinstance(found, bool):
            return None
        try:
            number = Decimal(str(found).strip().replace(",", "."))
        except InvalidOperation:
            raise UnreadableAnswer(f"{self._of}.{names[0]}: {found!r} is not a number") from None
        return number if number.is_finite() else None

    def amount(self, *names: str) -> Decimal:
        found = self.number(*names)
        return ZERO if found is None else found

    def needed_amount(self, *names: str) -> Decimal:
        found = self.number(*names)
        return self._missing(names) if found is None else found

    def integer(self, *names: str) -> int | None:
        found = self.number(*names)
        if found is not None and found != found.to_integral_value():
            raise UnreadableAnswer(f"{self._of}.{names[0]}: {found} is not a whole number")
        return None if found is None else int(found)

    def needed_integer(self, *names: str) -> int:
        found = self.integer(*names)
        return self._missing(names) if found is None else found

    def flag(self, *names: str) -> bool:
        found = self.raw(*names)
        return found is True or str(found).strip().lower() in ("true", "1")

    def optional_flag(self, *names: str) -> bool | None:
        return None if self.raw(*names) is None else self.flag(*names)

    def day(self, *names: str) -> date | None:
        """The date part of a date or a date and time."""
        found = self.text(*names)
        try:
            return date.fromisoformat(found[:10]) if found else None
        except ValueError:
            raise UnreadableAnswer(f"{self._of}.{names[0]}: {found!r} is not a date") from None

    def instant(self, *names: str, zone: ZoneInfo) -> datetime | None:
        """A date and time; ``zone`` is assumed when none is printed."""
        found = self.text(*names)
        try:
            instant = datetime.fromisoformat(found) if found else None
        except ValueError:
            raise UnreadableAnswer(f"{self._of}.{names[0]}: {found!r} is not a date and time") from None
        return instant.replace(tzinfo=zone) if instant and instant.tzinfo is None else instant

    def fields(self, *names: str) -> "Fields | None":
        found = self.raw(*names)
        return Fields(found, of=f"{self._of}.{names[0]}") if isinstance(found, Mapping) else None

    def needed_fields(self, *names: str) -> "Fields":
        return self.fields(*names) or self._missing(names)

    def texts(self, *names: str) -> tuple[str, ...]:
        found = self.raw(*names)
        return tuple(str(item) for item in found) if isinstance(found, list) else ()

    def each(self, *names: str) -> Iterator["Fields"]:
        found = self.raw(*names)
        for position, item in enumerate(found if isinstance(found, list) else (), start=1):
            yield Fields(item, of=f"{self._of}.{names[0]}[{position}]")

    def _missing(self, names: tuple[str, ...]) -> Any:
        raise UnreadableAnswer(f"{self._of}: {' or '.join(names)} is missing")
