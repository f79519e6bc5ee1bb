"""What may be sent: a table of fields per resource, read like the table in a manual.

One line per field: name, kind, access, value of a fresh record (JSON).

    Address1      text:1024           rw    null
    CountryCode   text:=2             rw    null
    Type          one:PRIVATE,COMPANY rw    "COMPANY"
    Total         number              r     0

`r` is read-only, `new` can be given on creation only. Kinds: text number whole flag date quantity one object
rows.
"""

import json
import unicodedata
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.amounts import decimal_or_none, ore, plain
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.wire import Fields

API_BLANK = "API_BLANK"
PUNCTUATION = frozenset("–:.`´’,;^¤#%§£$€¢¥©™°&/()=+-*_!?²³®½@ \u00a0\r\n")


@dataclass(frozen=True)
class Rules:
    """The two habits of the reader that nobody has settled; see `Switches`."""

    refuse_null: bool = True
    empty_string_blanks: bool = False


@dataclass(frozen=True)
class Field:
    """One field: what it takes, whether it can be written, and what it is when nobody wrote it."""

    name: str
    kind: str
    limit: int | None
    exact: bool
    choices: tuple[str, ...]
    access: str
    blank: Any


@dataclass(frozen=True)
class Table:
    """The fields of one resource."""

    fields: Mapping[str, Field]
    nested: Mapping[str, "Table"]
    required: tuple[str, ...]

    def fresh(self) -> Fields:
        """A record that nobody has written to yet."""
        return {name: deepcopy(field.blank) for name, field in self.fields.items()}

    def read(self, sent: object, *, creating: bool, rules: Rules, current: Fields | None = None) -> Fields:
        """The values to write, typed. Refuses what Fortnox refuses; leaves out what changes nothing."""
        if not isinstance(sent, dict):
            raise Refusal(2001392, "Felaktig eller tom brödtext.")
        values: Fields = {}
        for name, value in sent.items():
            field = self._writable(name, value, creating, current or {})
            if field is not None:
                self._take(values, field, value, rules)
        if creating:
            self._must_have_required(values)
        return values

    def _writable(self, name: str, value: object, creating: bool, current: Fields) -> Field | None:
        field = self.fields.get(name)
        if field is None:
            raise Refusal(2001399, f"Ogiltigt fältnamn: {name}.")
        if field.access == "new" and not creating:
            if str(current.get(name)) == str(value):
                return None
            raise Refusal(2001399, f"Fältet {name} kan inte ändras.")
        if field.access == "r":
            raise Refusal(2001399, f"Fältet {name} är skrivskyddat.")
        return field

    def _take(self, values: Fields, field: Field, value: object, rules: Rules) -> None:
        if value is None:
            if rules.refuse_null:
                raise Refusal(refusals.NULL_NOT_ACCEPTED, f"Fältet {field.name} kan inte vara null.")
        elif value == API_BLANK or (value == "" and rules.empty_string_blanks):
            values[field.name] = deepcopy(field.blank)
        elif value != "":  # recorded: an empty string in a PUT leaves the old value
            values[field.name] = _READERS[field.kind](field, value, self, rules)

    def _must_have_required(self, values: Fields) -> None:
        for name in self.required:
            if values.get(name) in (None, ""):
                raise Refusal(refusals.MISSING_FIELD, f"Fältet {name} måste anges.")


def table(text: str, *, nested: Mapping[str, Table] | None = None, required: tuple[str, ...] = ()) -> Table:
    """The table written above."""
    lines = (line.split(None, 3) for line in text.strip().splitlines())
    fields = [_field(name, kind, access, blank) for name, kind, access, blank in lines]
    return Table({field.name: field for field in fields}, nested or {}, required)


def _field(name: str, kind: str, access: str, blank: str) -> Field:
    kind, _, detail = kind.partition(":")
    choices = tuple(detail.split(",")) if kind == "one" else ()
    limit = int(detail.lstrip("=")) if detail and not choices else None
    value = json.loads(blank, parse_float=Decimal)
    if kind == "number" and value is not None:
        value = Decimal(value)
    return Field(name, kind, limit, detail.startswith("="), choices, access, value)


def must_be_allowed_text(text: str) -> None:
    """Letters of any script, digits and a fixed set of signs; anything else is 2000359."""
    for sign in text:
        if sign not in PUNCTUATION and unicodedata.category(sign)[0] not in "LM" and not sign.isdecimal():
            raise Refusal(2000359, f"Värdet innehåller tecken som inte är tillåtna ({sign!r}).")


def _text(field: Field, value: object, table: Table, rules: Rules) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Refusal(2000106, f"Fältet {field.name} måste vara text.")
    text = value if isinstance(value, str) else plain(Decimal(value))
    must_be_allowed_text(text)
    if field.limit and (len(text) > field.limit or (field.exact and len(text) != field.limit)):
        raise Refusal(
            2000107, f"Värdet i {field.name} är för långt eller för kort (max {field.limit} tecken)."
        )
    return text


def _number(field: Field, value: object, table: Table, rules: Rules) -> Decimal:
    number = decimal_or_none(value)
    if number is None:
        raise Refusal(2000108, f"Värdet i {field.name} måste vara numeriskt.")
    return number


def _whole(field: Field, value: object, table: Table, rules: Rules) -> int:
    number = _number(field, value, table, rules)
    if number != int(number):
        raise Refusal(2000108, f"Värdet i {field.name} måste vara ett heltal.")
    return int(number)


def _quantity(field: Field, value: object, table: Table, rules: Rules) -> str:
    return plain(ore(_number(field, value, table, rules)))


def _flag(field: Field, value: object, table: Table, rules: Rules) -> bool:
    if value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        raise Refusal(2000134, f"Värdet i {field.name} måste vara sant eller falskt.")
    return value


def _date(field: Field, value: object, table: Table, rules: Rules) -> str:
    return iso_date(value, field.name).isoformat()


def iso_date(value: object, name: str) -> date:
    """`YYYY-MM-DD`, nothing else."""
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError as error:
        raise Refusal(refusals.NOT_A_DATE, f"{name} är inte ett giltigt datum.") from error
    raise Refusal(refusals.NOT_A_DATE, f"{name} är inte ett giltigt datum.")


def _one(field: Field, value: object, table: Table, rules: Rules) -> str:
    if value not in field.choices:
        raise Refusal(refusals.NOT_ONE_OF, f"{value} är inte ett giltigt värde för {field.name}.")
    return str(value)


def _object(field: Field, value: object, table: Table, rules: Rules) -> Fields:
    given = table.nested[field.name].read(value, creating=False, rules=rules)
    return {**deepcopy(field.blank), **given}


def _rows(field: Field, value: object, table: Table, rules: Rules) -> list[Fields]:
    if not isinstance(value, list):
        raise Refusal(2001392, f"{field.name} måste vara en lista.")
    return [table.nested[field.name].read(row, creating=False, rules=rules) for row in value]


_READERS: Mapping[str, Callable[[Field, object, Table, Rules], Any]] = {
    "text": _text,
    "number": _number,
    "whole": _whole,
    "quantity": _quantity,
    "flag": _flag,
    "date": _date,
    "one": _one,
    "object": _object,
    "rows": _rows,
}
