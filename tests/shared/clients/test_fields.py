"""Tolerant where it does no harm, and never silent about an amount that cannot be read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from shared.clients.fields import Fields
from shared.domain.errors import UnreadableAnswer

ODD = Fields(
    {"TOTAL": "12.50", "vat": 25, "None": None, "blank": "", "Ref": "0", "n": 0, "Yes": "true", "list": [1]},
    of="Order",
)


def test_names_are_read_in_any_case_and_numbers_from_text() -> None:
    assert ODD.amount("Total") == Decimal("12.50")
    assert ODD.number("VAT") == Decimal(25)
    assert ODD.integer("vat") == 25
    assert ODD.flag("yes")


def test_null_empty_and_absent_are_the_same() -> None:
    for name in ("none", "blank", "absent"):
        assert ODD.text(name) == ""
        assert ODD.number(name) is None
        assert ODD.amount(name) == 0
        assert ODD.day(name) is None
        assert ODD.optional_flag(name) is None
        assert not ODD.flag(name)


def test_zero_is_no_reference() -> None:
    assert ODD.reference("Ref") is None
    assert ODD.reference("n") is None
    assert Fields({"Ref": 17}, of="x").reference("ref") == "17"


@pytest.mark.parametrize("read", ["number", "amount", "integer", "day"])
def test_what_cannot_be_read_is_named(read: str) -> None:
    with pytest.raises(UnreadableAnswer, match=r"Order\.Total.*'a lot'"):
        getattr(Fields({"Total": "a lot"}, of="Order"), read)("Total")


def test_what_is_needed_and_missing_is_named() -> None:
    for ask in (ODD.needed_text, ODD.needed_amount, ODD.needed_integer, ODD.needed_fields):
        with pytest.raises(UnreadableAnswer, match="Order: Number is missing"):
            ask("Number")


def test_an_amount_of_half_a_minor_unit_is_not_a_whole_number() -> None:
    with pytest.raises(UnreadableAnswer, match="whole"):
        Fields({"a": Decimal("1.5")}, of="x").integer("a")


def test_dates_and_times_are_read_with_and_without_zone() -> None:
    times = Fields({"d": "2026-02-03T10:00:05", "z": "2026-02-03T09:00:07.2210034Z"}, of="x")
    stockholm = ZoneInfo("Europe/Stockholm")

    assert times.day("d") == date(2026, 2, 3)
    assert times.instant("d", zone=stockholm) == datetime(2026, 2, 3, 9, 0, 5, tzinfo=UTC)
    instant = times.instant("z", zone=stockholm)
    assert instant is not None
    assert instant.replace(microsecond=0) == datetime(2026, 2, 3, 9, 0, 7, tzinfo=UTC)


def test_something_else_than_an_object_is_unreadable() -> None:
    with pytest.raises(UnreadableAnswer, match="an object was expected"):
        Fields([1], of="answer")
