"""Which treatment explains what was charged.

What was charged decides; the country explains it and never overrides it. Every decision says why in one
sentence, which is kept with the sale.
Sources: Skatteverket on distance sales and OSS, on sales to businesses in other EU countries (goods box 35,
services box 39) and on export (boxes 36 and 40); the Norwegian Tax Administration on VOEC.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from shared.domain.errors import MissingMapping, NotRegistered, VatNumberUnfit
from shared.domain.parties import Address
from shared.domain.vat.rates import rates_on, said_of
from shared.domain.vat.registrations import Registrations
from shared.domain.vat.territories import Supply, Territory, territory_of
from shared.domain.vat_numbers import VatNumber

ACCOUNT_COLUMNS = ("goods", "services", "freight", "fee", "vat_code", "vat_account")
Treatment = Literal["domestic", "oss", "eu_consumer", "eu_business", "export", "voec"]


@dataclass(frozen=True)
class Circumstances:
    """What decides a treatment: where it goes, who buys, when, and what the merchant is registered for.

    ``days`` are the day of the delivery and, where it is another, that of the purchase: what was charged
    is explained when either day explains it. ``has_line`` tells of lines for that very country.
    """

    destination: Address
    home: str
    vat_number: VatNumber
    has_line: Callable[[Treatment, str, Decimal], bool]
    registrations: Registrations
    days: tuple[date, ...]

    @property
    def day(self) -> date:
        return self.days[0]


@dataclass(frozen=True)
class Treated:
    """A treatment with the country whose VAT it is about, and the sentence that explains it."""

    treatment: Treatment
    country: str
    why: str
    supply: Supply = "goods"


def treatment_of(rate: Decimal, seen: Circumstances, supply: Supply = "goods") -> Treated:
    """Which treatment explains this rate, in percent.

    Raises MissingMapping, NotRegistered or VatNumberUnfit when none does.
    """
    place = territory_of(seen.destination, supply)
    if place.country == "":
        return Treated("domestic", seen.home, f"no country is known, so taken as {seen.home}", supply)
    if place.country == seen.home and (place.inside or not place.part):
        return Treated("domestic", seen.home, f"delivered in {place.name}", supply)
    if not place.inside:
        return _outside_eu(rate, seen, place, supply)
    return _untaxed_in_eu(seen, place, supply) if rate == 0 else _taxed_in_eu(rate, seen, place, supply)


def _untaxed_in_eu(seen: Circumstances, place: Territory, supply: Supply) -> Treated:
    """A business pays the VAT itself; some countries also have a rate of 0 for consumers."""
    country, zero, number = place.country, Decimal(0), seen.vat_number
    if number.text and not number.fault:
        named = f"{number.text} ({number.confirmed})" if number.confirmed else number.text
        why = f"no VAT charged to a business in {place.name}, {named}: the buyer accounts for it"
        return Treated("eu_business", country, why, supply)
    if seen.has_line("oss", country, zero) and _registered("oss", seen, country):
        return Treated("oss", country, f"{country}'s rate of 0 % charged, mapped for OSS", supply)
    if number.text:
        raise VatNumberUnfit(
            f"no VAT was charged to {place.name}, but the VAT number {number.text} does not explain that: "
            f"{number.fault}",
            facts={"vat_number": number.text, "country": country, "fault": number.fault},
        )
    raise _missing("eu_business", place, zero, "no VAT was charged, but the buyer gave no VAT number")


def _taxed_in_eu(rate: Decimal, seen: Circumstances, place: Territory, supply: Supply) -> Treated:
    country = place.country
    mapped, ours = seen.has_line("oss", country, rate), rate in (rates_on(seen.home, seen.day) or ())
    if mapped and _registered("oss", seen, country):
        return Treated("oss", country, f"{place.name}'s rate of {rate:f} % charged, mapped for OSS", supply)
    if ours and (_unregistered_once(seen) or seen.has_line("eu_consumer", country, rate)):
        home = "Swedish" if seen.home == "SE" else f"{seen.home}'s"
        why = f"{home} {rate:f} % charged to a buyer in {place.name}"
        return Treated("eu_consumer", country, why, supply)
    if mapped:
        raise _not_registered("oss", rate, seen, place)
    why = "the rate is neither mapped for OSS nor Swedish below the threshold"
    raise _missing("oss", place, rate, f"{why}; {said_of(country, rate, seen.day)}")


def _outside_eu(rate: Decimal, seen: Circumstances, place: Territory, supply: Supply) -> Treated:
    country = place.country
    if rate == 0:
        why = f"no VAT charged, delivered outside the EU VAT area ({place.name})"
        return Treated("export", country, why, supply)
    if not seen.has_line("voec", country, rate):
        why = f"VAT was charged outside the EU and no line explains it ({place.name})"
        raise _missing("voec", place, rate, f"{why}; {said_of(country, rate, seen.day)}")
    if not _registered("voec", seen, country):
        raise _not_registered("voec", rate, seen, place)
    why = f"{place.name}'s rate of {rate:f} % charged, merchant registered there"
    return Treated("voec", country, why, supply)


def _registered(scheme: Literal["oss", "voec"], seen: Circumstances, country: str) -> bool:
    return any(seen.registrations.on(scheme, country, day) for day in seen.days)


def _unregistered_once(seen: Circumstances) -> bool:
    return any(not seen.registrations.on("oss", "", day) for day in seen.days)


def _not_registered(
    scheme: Literal["oss", "voec"], rate: Decimal, seen: Circumstances, place: Territory
) -> NotRegistered:
    period = seen.registrations.in_words(scheme, place.country)
    return NotRegistered(
        f"VAT {rate:f} % to {place.name} was charged on {seen.day}, and is mapped for {scheme.upper()}, but "
        f"the merchant is registered {period}",
        facts={
            "scheme": scheme,
            "country": place.country,
            "rate": f"{rate:f}",
            "day": seen.day.isoformat(),
            "registered": period,
        },
    )


def _missing(treatment: Treatment, place: Territory, rate: Decimal, why: str) -> MissingMapping:
    return missing_line(
        treatment, place.country, rate, "goods", message=f"VAT {rate:f} % to {place.name}: {why}"
    )


def missing_line(
    treatment: Treatment, country: str, rate: Decimal, column: str, *, message: str
) -> MissingMapping:
    """The refusal with the line to add; ``country`` is left out where a line holds for all of them."""
    one = f", country: {country}" if country else ""
    line = f"{{treatment: {treatment}{one}, rate: {rate:f}, {column}: ...}}"
    return MissingMapping(
        f"{message}; line to add to sales: {line}",
        facts={
            "treatment": treatment,
            "country": country,
            "rate": f"{rate:f}",
            "column": column,
            "line": line,
            "csv": _table_line(treatment, country, rate, column),
        },
    )


def _table_line(treatment: Treatment, country: str, rate: Decimal, column: str) -> str:
    """The same line for the mapping's table, whose first account is always needed."""
    accounts = ["..." if name in ("goods", column) else "" for name in ACCOUNT_COLUMNS]
    return ",".join((treatment, country, f"{rate:f}", *accounts))
