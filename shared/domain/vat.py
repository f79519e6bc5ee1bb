"""VAT: the part inside a price, and which treatment explains what was charged.

Follow what was charged; the country explains it and never overrides it.
Sources: Council Directive 2006/112/EC articles 5-8 (territories outside the VAT area); Skatteverket on
OSS and distance sales; the rates of Sweden in mervärdesskattelagen (2023:200) chapter 9.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shared.domain.errors import MissingMapping
from shared.domain.money import Money, to_cents
from shared.domain.parties import Address

Treatment = Literal["domestic", "oss", "eu_consumer", "eu_business", "export", "voec"]

EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
SWEDISH_RATES = frozenset({Decimal(25), Decimal(12), Decimal(6)})

# Parts of EU countries that are outside the EU VAT area, by the beginning of their post codes.
OUTSIDE_VAT_AREA: dict[str, tuple[str, ...]] = {
    "FI": ("22",),  # Åland
    "ES": ("35", "38", "51", "52"),  # Canary Islands, Ceuta, Melilla
    "DE": ("27498", "78266"),  # Heligoland, Büsingen
    "IT": ("23041",),  # Livigno
    "GR": ("63086",),  # Mount Athos
    "FR": ("971", "972", "973", "974", "976"),  # overseas departments
}


def net_of(gross: Money, rate: Decimal) -> Money:
    """The net part of a VAT-inclusive amount, rounded to cents; rate in percent."""
    return Money(to_cents(gross.amount * 100 / (100 + rate)), gross.currency)


def vat_in(gross: Money, rate: Decimal) -> Money:
    return gross - net_of(gross, rate)


def in_eu_vat_area(address: Address) -> bool:
    if address.country not in EU:
        return False
    postal_code = address.postal_code.upper().removeprefix(f"{address.country}-").replace(" ", "")
    return not postal_code.startswith(OUTSIDE_VAT_AREA.get(address.country, ("\0",)))


@dataclass(frozen=True)
class Circumstances:
    """What decides a treatment: where it goes, who buys, and what the merchant is registered for."""

    destination: Address
    home: str
    is_company: bool
    vat_number: str
    has_line: Callable[[Treatment, str, Decimal], bool]
    oss_registered: bool


@dataclass(frozen=True)
class Treated:
    """A treatment with the sentence that explains it."""

    treatment: Treatment
    country: str
    why: str


def treatment_of(rate: Decimal, seen: Circumstances) -> Treated:
    """Which treatment explains this rate; raises MissingMapping when none does."""
    country = seen.destination.country
    if country in ("", seen.home) and not _outside_home(seen):
        return Treated("domestic", seen.home, f"delivered in {seen.home}")
    if in_eu_vat_area(seen.destination):
        return _within_eu(rate, seen, country)
    return _outside_eu(rate, seen, country)


def _outside_home(seen: Circumstances) -> bool:
    return seen.destination.country in EU and not in_eu_vat_area(seen.destination)


def _within_eu(rate: Decimal, seen: Circumstances, country: str) -> Treated:
    if rate == 0 and seen.vat_number:
        return Treated(
            "eu_business", country, f"no VAT charged to a business in {country}, {seen.vat_number}"
        )
    if rate == 0:
        raise _missing("eu_business", country, rate, "no VAT was charged, but the buyer gave no VAT number")
    if seen.has_line("oss", country, rate):
        return Treated("oss", country, f"{country}'s rate of {rate:f} % charged, mapped for OSS")
    if rate in SWEDISH_RATES and not seen.oss_registered:
        return Treated("eu_consumer", country, f"Swedish {rate:f} % charged to a buyer in {country}")
    raise _missing("oss", country, rate, "the rate is neither mapped for OSS nor Swedish below the threshold")


def _outside_eu(rate: Decimal, seen: Circumstances, country: str) -> Treated:
    if rate == 0:
        return Treated("export", country, f"no VAT charged, delivered outside the EU VAT area ({country})")
    if seen.has_line("voec", country, rate):
        return Treated("voec", country, f"{country}'s rate of {rate:f} % charged, merchant registered there")
    raise _missing("voec", country, rate, "VAT was charged outside the EU and no line explains it")


def _missing(treatment: str, country: str, rate: Decimal, why: str) -> MissingMapping:
    line = f"{{treatment: {treatment}, country: {country}, rate: {rate:f}, goods: ...}}"
    return MissingMapping(
        f"VAT {rate:f} % to {country}: {why}; line to add to sales: {line}",
        facts={"treatment": treatment, "country": country, "rate": f"{rate:f}", "line": line},
    )
