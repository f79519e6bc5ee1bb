"""Amounts keep their currency and their öre."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Unbalanced
from shared.domain.money import Money, apportion, must_add_up, to_cents


def sek(amount: str) -> Money:
    return Money(Decimal(amount), "SEK")


def test_two_currencies_cannot_be_added() -> None:
    with pytest.raises(ValueError, match="cannot mix SEK and EUR"):
        sek("1.00") + Money(Decimal("1.00"), "EUR")


def test_a_float_is_not_money() -> None:
    with pytest.raises(TypeError):
        Money(1.5, "SEK")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("exact", "rounded"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("1.004", "1.00")]
)
def test_half_an_öre_goes_away_from_zero(exact: str, rounded: str) -> None:
    assert to_cents(Decimal(exact)) == Decimal(rounded)


def test_what_does_not_add_up_says_both_sums_and_the_difference() -> None:
    with pytest.raises(Unbalanced) as told:
        must_add_up("payout P1", parts=[sek("500.00"), sek("480.00")], to=sek("981.00"))

    assert told.value.message == ("payout P1: parts sum to 980.00 SEK, expected 981.00 SEK, off by -1.00 SEK")


@given(
    st.integers(min_value=-(10**9), max_value=10**9),
    st.lists(st.integers(min_value=1, max_value=10**6), min_size=1, max_size=30),
)
def test_apportioned_parts_sum_to_the_whole_and_each_is_within_an_öre(minor: int, weights: list[int]) -> None:
    whole = Money.from_minor(minor, "SEK")
    parts = apportion(whole, [Decimal(weight) for weight in weights])

    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        exact = whole.amount * weight / sum(weights)
        assert abs(part.amount - exact) <= Decimal("0.01")


def test_minor_units_go_both_ways() -> None:
    assert Money.from_minor(232700, "SEK") == sek("2327.00")
    assert sek("2327.00").minor == 232700
    with pytest.raises(ValueError, match="more than two decimals"):
        _ = sek("0.005").minor
