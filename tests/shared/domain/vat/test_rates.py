"""Rates by country and day."""

from datetime import date
from decimal import Decimal

import pytest

from shared.domain.vat.rates import RATES, doubt_about, rates_on, said_of
from shared.domain.vat.territories import EU


@pytest.mark.parametrize(
    ("country", "before", "old", "new"),
    [
        ("FI", date(2024, 8, 31), "24", "25.5"),
        ("EE", date(2025, 6, 30), "22", "24"),
        ("SK", date(2024, 12, 31), "20", "23"),
    ],
)
def test_a_standard_rate_changes_on_its_day(country: str, before: date, old: str, new: str) -> None:
    after = date.fromordinal(before.toordinal() + 1)

    assert (rates_on(country, before) or ())[0] == Decimal(old)
    assert (rates_on(country, after) or ())[0] == Decimal(new)


def test_every_member_state_has_rates_and_each_within_reason() -> None:
    assert set(RATES) >= EU
    assert all(0 <= rate < 28 for periods in RATES.values() for _, rates in periods for rate in rates)


def test_nothing_is_said_of_a_day_or_country_that_is_not_known() -> None:
    assert rates_on("DE", date(2020, 7, 1)) is None
    assert rates_on("SE", date(2020, 1, 1)) == (Decimal(25), Decimal(12), Decimal(6))
    assert rates_on("US", date(2026, 1, 1)) is None
    assert said_of("US", Decimal(8), date(2026, 1, 1)) == "the rates of US on 2026-01-01 are not known here"


@pytest.mark.parametrize(
    ("rate", "charged", "delivered", "doubt"),
    [
        ("12", "2026-03-31", "2026-03-31", ""),
        (
            "12",
            "2026-03-31",
            "2026-04-01",
            "12 % is for food until 2026-03-31 only, and this is delivered 2026-04-01",
        ),
        ("12", "2026-04-01", "2026-04-02", ""),  # a rate for other things than food
        ("6", "2026-04-01", "2026-04-02", ""),
        (
            "6",
            "2027-12-31",
            "2028-01-03",
            "6 % is for food until 2027-12-31 only, and this is delivered 2028-01-03",
        ),
    ],
)
def test_food_bought_before_the_change_and_delivered_after_it_is_doubted(
    rate: str, charged: str, delivered: str, doubt: str
) -> None:
    days = {"charged": date.fromisoformat(charged), "delivered": date.fromisoformat(delivered)}

    assert doubt_about("SE", Decimal(rate), **days) == doubt


def test_a_rate_that_has_ended_is_doubted() -> None:
    days = {"charged": date(2024, 8, 30), "delivered": date(2024, 9, 2)}

    assert doubt_about("FI", Decimal(24), **days).startswith("24 % is no rate of FI on 2024-09-02")
    assert doubt_about("FI", Decimal("25.5"), **days) == ""
