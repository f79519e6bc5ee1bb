"""Rows are parted so that their VAT is what it should be, whatever the rate and however many pieces."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.closing import with_vat
from shared.domain.items import Row
from shared.domain.money import Money, total

RATES = ("25", "12", "6", "25.5", "19", "7", "20", "5.5", "8.1")


def a_row(price: str, *, rate: str = "25", quantity: str = "-1") -> Row:
    amount = Money(Decimal(price), "SEK")
    return Row("Mugg", Decimal(quantity), amount, Decimal(rate), 3001, "goods", "MP1", article="MUGG")


def test_the_third_mug_of_a_hundred_kronor_takes_what_is_left_of_the_vat() -> None:
    """20.00 was charged; 6.67 and 6.67 are given back, so 6.66 are left and not 6.67."""
    found = with_vat([a_row("33.34")], Money(Decimal("-6.66"), "SEK"))

    assert total((row.vat for row in found), "SEK") == Money(Decimal("-6.66"), "SEK")
    assert [row.article for row in found] == ["MUGG"] + [None] * (len(found) - 1)
    assert total((row.total for row in found), "SEK") == Money(Decimal("-33.34"), "SEK")


def test_rows_whose_vat_is_right_stay_as_they_are() -> None:
    rows = (a_row("33.33"), a_row("10.00"))

    assert with_vat(rows, total((row.vat for row in rows), "SEK")) == rows


def test_without_vat_there_is_nothing_to_part() -> None:
    rows = (a_row("33.33", rate="0"),)

    assert with_vat(rows, Money(Decimal("-0.01"), "SEK")) == rows


@settings(deadline=None)
@given(
    st.integers(1000, 5_000_000).map(lambda öre: f"{Decimal(öre) / 100:.2f}"),
    st.sampled_from(RATES),
    st.sampled_from(["-1", "-2", "-7", "-0.5", "1"]),
    st.integers(-4, 4),
)
def test_a_few_öre_of_vat_are_moved_and_the_total_is_not(
    price: str, rate: str, quantity: str, off: int
) -> None:
    row = a_row(price, rate=rate, quantity=quantity)
    wanted = row.vat + Money(Decimal(off) / 100, "SEK")

    found = with_vat([row], wanted)

    assert total((one.total for one in found), "SEK") == row.total
    assert total((one.vat for one in found), "SEK") == wanted
    assert {(one.account, one.rate, one.vat_code) for one in found} == {(3001, row.rate, "MP1")}
