"""What a shop's order says of a currency's rate."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.exchange import apart, rate_of_shop


@pytest.mark.parametrize(
    ("base", "total", "rate", "expected"),
    [
        ("411.00", "35.97", "0.0875", "11.4262"),  # recorded: its two totals say more than four decimals
        ("576.00", "48.00", "0.0875", "11.4286"),  # a fee in one of the totals alone: the rate that it keeps
        ("0", "0", "0.0875", "11.4286"),
        ("705.12", "10000", "14.1820", "0.070512"),  # yen
    ],
)
def test_the_rate_of_an_order(base: str, total: str, rate: str, expected: str) -> None:
    found = rate_of_shop(base_total=Decimal(base), total=Decimal(total), base_to_order=Decimal(rate))

    assert found == Decimal(expected)


def test_no_rate_is_none() -> None:
    assert rate_of_shop(base_total=Decimal(1), total=Decimal(1), base_to_order=Decimal(0)) is None


@given(
    st.integers(100, 10_000_000).map(lambda minor: Decimal(minor) / 100),
    st.decimals("0.01", "20", places=4),
)
def test_an_order_is_worth_in_sek_what_the_shop_says(base: Decimal, rate: Decimal) -> None:
    """To some hundredths of a percent, whatever the shop has rounded."""
    order_total = (base * rate).quantize(Decimal("0.01"))
    if order_total < 10:
        return

    found = rate_of_shop(base_total=base, total=order_total, base_to_order=rate)

    assert found is not None
    assert apart(found * order_total, base) < Decimal("0.02")


def test_how_far_two_rates_are_apart() -> None:
    assert apart(Decimal("12.32"), Decimal("11.20")) == 10
    assert apart(Decimal("10.08"), Decimal("11.20")) == 10
