"""The ECB's files in all their forms, and which day a quarter takes."""

from datetime import date
from decimal import Decimal

import pytest

from shared.domain.ecb_rates import UnreadableRates, fits, of_quarter, read_csv
from shared.domain.quarters import Quarter

Q2 = Quarter(2026, 2)
TODAYS = "Date, USD, SEK, DKK, \n30 June 2026, 1.1720, 11.1480, 7.4604, \n"
HISTORY = (
    "Date,USD,SEK,DKK,RUB,\n"
    "2026-07-01,1.1800,11.2000,7.4605,N/A,\n"
    "2026-06-30,1.1720,11.1480,7.4604,N/A,\n"
    "2026-06-29,1.1700,11.1000,7.4603,N/A,\n"
)
PORTAL = (
    "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
    "EXR.D.SEK.EUR.SP00.A,D,SEK,EUR,SP00,A,2026-06-30,11.148,A\n"
    "EXR.D.DKK.EUR.SP00.A,D,DKK,EUR,SP00,A,2026-06-30,7.4604,A\n"
    "EXR.D.RUB.EUR.SP00.A,D,RUB,EUR,SP00,A,2026-06-30,NaN,M\n"
)


@pytest.mark.parametrize("text", [TODAYS, HISTORY, PORTAL, "\ufeff" + HISTORY.replace("\n", "\r\n")])
def test_the_quarters_last_day_is_taken_out_of_every_form(text: str) -> None:
    found = of_quarter(Q2, read_csv(text))

    assert found.day == date(2026, 6, 30)
    assert found.rates["SEK"] == Decimal("11.148")
    assert found.rates["DKK"] == Decimal("7.4604")
    assert "RUB" not in found.rates


def test_a_last_day_without_rates_takes_the_next_that_has_some() -> None:
    """Easter Sunday was the last day of the first quarter of 2024; Tuesday has rates."""
    text = "Date,SEK\n2024-04-03,11.5\n2024-04-02,11.4\n2024-03-28,11.3\n"

    found = of_quarter(Quarter(2024, 1), read_csv(text))

    assert (found.day, found.rates["SEK"]) == (date(2024, 4, 2), Decimal("11.4"))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", None, "empty"),
        ("Datum;SEK\n", 1, "neither"),
        ("Date,SEK\n2026-06-31,11\n", 2, "not a day"),
        ("Date,SEK\n2026-06-30,11\n2026-06-29,-1\n", 3, "not a rate"),
        ("Date,SEK\n2026-06-30,NaN\n", 2, "not a rate"),
        (PORTAL.replace(",D,DKK", ",M,DKK"), 3, "only daily"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int | None, says: str) -> None:
    with pytest.raises(UnreadableRates, match=says) as refused:
        read_csv(text)

    assert refused.value.line == line


def test_rates_of_another_day_are_refused() -> None:
    with pytest.raises(UnreadableRates, match="last day of 2026Q2"):
        of_quarter(Q2, read_csv("Date,SEK\n2026-06-29,11.1\n2026-07-15,11.3\n"))


def test_quarters() -> None:
    assert [str(Quarter.of(date(2026, month, 1))) for month in (1, 3, 4, 12)] == [
        "2026Q1",
        "2026Q1",
        "2026Q2",
        "2026Q4",
    ]
    assert (Q2.first, Q2.last, Q2.due) == (date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 31))
    assert Quarter(2025, 4).due == date(2026, 1, 31)
    assert Quarter.parse("2026-Q2") == Q2
    assert fits(Q2, date(2026, 7, 7))
    assert not fits(Q2, date(2026, 7, 8))
    for wrong in ("9999Q4", "2026Q5", "2026", "Q2", "0000Q1"):
        with pytest.raises(ValueError, match="not a quarter"):
            Quarter.parse(wrong)
