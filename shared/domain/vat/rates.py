"""Rates of VAT by country and day, for explaining what was charged; never for deciding it.

A rate that stands here wrongly, or not yet, stops nothing that the merchant has mapped.
Sources: the European Commission's Taxes in Europe Database as kept in ibericode/vat-rates, read in
November 2026; what it lacks is named at its line. Norway: merverdiavgiftsloven and the Storting's yearly
decision. Sweden: mervärdesskattelagen (2023:200) chapter 9, prop. 2025/26:55.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ALWAYS = date(2024, 1, 1)  # earlier rates are nobody's business here


def _since(*periods: tuple[date, str]) -> tuple[tuple[date, tuple[Decimal, ...]], ...]:
    """Newest first; the standard rate leads."""
    parsed = [(begins, tuple(Decimal(one) for one in rates.split())) for begins, rates in periods]
    return tuple(sorted(parsed, reverse=True))


RATES: Mapping[str, Sequence[tuple[date, tuple[Decimal, ...]]]] = {
    "AT": _since((ALWAYS, "20 13 10 19")),  # 19: Jungholz and Mittelberg
    "BE": _since((ALWAYS, "21 12 6")),
    "BG": _since((ALWAYS, "20 9")),
    "CY": _since((ALWAYS, "19 9 5 3")),
    "CZ": _since((ALWAYS, "21 12")),
    "DE": _since((ALWAYS, "19 7")),
    "DK": _since((ALWAYS, "25")),
    "EE": _since((ALWAYS, "22 9 5"), (date(2025, 1, 1), "22 13 9"), (date(2025, 7, 1), "24 13 9")),
    "ES": _since((ALWAYS, "21 10 4")),
    "FI": _since(
        (ALWAYS, "24 14 10"),
        (date(2024, 9, 1), "25.5 14 10"),
        (
            date(2026, 1, 1),
            "25.5 13.5 10",
        ),  # the Finnish Tax Administration's notice of the state budget 2026
    ),
    "FR": _since((ALWAYS, "20 10 5.5 2.1")),
    "GB": _since((ALWAYS, "20 5")),
    "GR": _since((ALWAYS, "24 13 6")),
    "HR": _since((ALWAYS, "25 13 5")),
    "HU": _since((ALWAYS, "27 18 5")),
    "IE": _since((ALWAYS, "23 13.5 9 4.8 0")),
    "IT": _since((ALWAYS, "22 10 5 4")),
    "LT": _since((ALWAYS, "21 9 5"), (date(2026, 1, 1), "21 12 5")),  # law XV-287
    "LU": _since((ALWAYS, "17 14 8 3")),
    "LV": _since((ALWAYS, "21 12 5")),
    "MT": _since((ALWAYS, "18 7 5")),
    "NL": _since((ALWAYS, "21 9")),
    "NO": _since((ALWAYS, "25 15 12")),
    "PL": _since((ALWAYS, "23 8 5")),
    "PT": _since((ALWAYS, "23 13 6 22 16")),  # 22 and 16: Madeira and the Azores
    "RO": _since((ALWAYS, "19 9 5"), (date(2025, 8, 1), "21 11")),  # law 141/2025
    "SE": _since((date(1996, 1, 1), "25 12 6")),
    "SI": _since((ALWAYS, "22 9.5 5")),
    "SK": _since((ALWAYS, "20 10"), (date(2025, 1, 1), "23 19 5")),
    "XI": _since((ALWAYS, "20 5")),
}


@dataclass(frozen=True)
class Scope:
    """What a rate is for, where that changes on a day although the rate itself stays."""

    country: str
    rate: Decimal
    what: str
    begins: date | None = None
    ends: date | None = None


SCOPES = (
    Scope("SE", Decimal(12), "food", ends=date(2026, 3, 31)),
    Scope("SE", Decimal(6), "food", begins=date(2026, 4, 1), ends=date(2027, 12, 31)),
    Scope("SE", Decimal(12), "food", begins=date(2028, 1, 1)),
)


def rates_on(country: str, day: date) -> tuple[Decimal, ...] | None:
    """The country's rates in percent, the standard one first; None where they are not known."""
    for begins, rates in RATES.get(country, ()):
        if begins <= day:
            return rates
    return None


def said_of(country: str, rate: Decimal, day: date) -> str:
    """Whether the rate is one of that country on that day, and whose else it could be."""
    known = rates_on(country, day)
    if known is None:
        return f"the rates of {country} on {day} are not known here"
    if rate in known:
        return f"{rate:f} % is a rate of {country}"
    own = ", ".join(f"{one:f}" for one in known)
    others = [other for other in RATES if rate in (rates_on(other, day) or ())]
    of_whom = f"; it is one of {', '.join(others)}" if others else ""
    return f"{rate:f} % is no rate of {country} on {day}, which has {own}{of_whom}"


def doubt_about(country: str, rate: Decimal, *, charged: date, delivered: date) -> str:
    """Why the rate may be the wrong one on the day of the delivery; empty when nothing speaks against it."""
    known = rates_on(country, delivered)
    if known is not None and rate and rate not in known:
        return said_of(country, rate, delivered)
    for scope in SCOPES:
        ended = scope.ends is not None and charged <= scope.ends < delivered
        if (scope.country, scope.rate) == (country, rate) and ended:
            return (
                f"{rate:f} % is for {scope.what} until {scope.ends} only, and this is delivered {delivered}"
            )
    return ""
