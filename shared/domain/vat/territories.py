"""Where an address lies for VAT: inside the EU VAT area or outside it, and under whose rules.

A country's border is not that of its VAT: some parts of member states are outside the area, and some
places that are no member states are inside. They are told by country code or by post code.
Sources: Council Directive 2006/112/EC articles 5 to 7 (what belongs to whom), and article 8 with annex of
the protocol on Ireland/Northern Ireland (goods there are under EU rules, with the prefix XI).
"""

import unicodedata
from dataclasses import dataclass
from typing import Literal

from shared.domain.parties import Address

Supply = Literal["goods", "services"]

EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)

# Other names of countries: VAT numbers say EL and XI, some shops UK.
SAME_COUNTRY = {"EL": "GR", "UK": "GB", "XI": "GB"}

# Country codes of places that are treated as a part of another country (article 7).
TREATED_AS = {"MC": ("FR", "Monaco"), "IM": ("GB", "the Isle of Man")}

# Country codes of parts of member states that are outside the area.
CODES_OUTSIDE = {
    "AX": ("FI", "Åland"),
    "IC": ("ES", "the Canary Islands"),
    "EA": ("ES", "Ceuta and Melilla"),
    "GP": ("FR", "Guadeloupe"),
    "MQ": ("FR", "Martinique"),
    "GF": ("FR", "French Guiana"),
    "RE": ("FR", "Réunion"),
    "YT": ("FR", "Mayotte"),
    "BL": ("FR", "Saint-Barthélemy"),
    "MF": ("FR", "Saint-Martin"),
    "PM": ("FR", "Saint-Pierre-et-Miquelon"),
}

# The same parts and some more by the beginning of their post codes, without blanks and letters.
CODES_BY_POST: dict[str, tuple[tuple[str, str], ...]] = {
    "FI": (("22", "Åland"),),
    "ES": (("35", "the Canary Islands"), ("38", "the Canary Islands"), ("51", "Ceuta"), ("52", "Melilla")),
    "DE": (("27498", "Heligoland"), ("78266", "Büsingen")),
    "IT": (("23041", "Livigno"), ("22061", "Campione d'Italia")),
    "GR": (("63086", "Mount Athos"), ("63087", "Mount Athos")),
    "FR": (
        ("971", "Guadeloupe"),
        ("972", "Martinique"),
        ("973", "French Guiana"),
        ("974", "Réunion"),
        ("975", "Saint-Pierre-et-Miquelon"),
        ("976", "Mayotte"),
        ("977", "Saint-Barthélemy"),
        ("978", "Saint-Martin"),
    ),
}


@dataclass(frozen=True)
class Territory:
    """``country`` is whose rules apply (ISO, ``XI`` for goods in Northern Ireland), empty when unknown.

    ``part`` names a part of a country with rules of its own.
    """

    country: str
    inside: bool
    part: str = ""

    @property
    def name(self) -> str:
        return f"{self.part} ({self.country})" if self.part else self.country


def territory_of(address: Address, supply: Supply = "goods") -> Territory:
    told = address.country.upper()
    if told in CODES_OUTSIDE:
        country, part = CODES_OUTSIDE[told]
        return Territory(country, inside=False, part=part)
    country, part = TREATED_AS.get(told, (SAME_COUNTRY.get(told, told), ""))
    if country == "GB":
        return _british(told, address.postal_code, part, supply)
    if country not in EU:
        return Territory(country, inside=False)
    outside = _outside(country, address.postal_code)
    return Territory(country, inside=not outside, part=outside or part)


def in_eu_vat_area(address: Address, supply: Supply = "goods") -> bool:
    return territory_of(address, supply).inside


def _british(told: str, postal_code: str, part: str, supply: Supply) -> Territory:
    """Northern Ireland is told by its post code, which begins with BT; only its goods are under EU rules."""
    northern = told == "XI" or _plain(postal_code).removeprefix("GB").removeprefix("UK").startswith("BT")
    if not northern or part:
        return Territory("GB", inside=False, part=part)
    if supply == "services":
        return Territory("GB", inside=False, part="Northern Ireland")
    return Territory("XI", inside=True, part="Northern Ireland")


def _outside(country: str, postal_code: str) -> str:
    """The part outside the area that a post code lies in, or nothing."""
    digits = "".join(one for one in _plain(postal_code) if one.isdigit())
    found = (part for start, part in CODES_BY_POST.get(country, ()) if digits.startswith(start))
    return next(found, "")


def _plain(postal_code: str) -> str:
    """People write "22 100", "FI-22100" and "AX-22100" for one place."""
    text = unicodedata.normalize("NFKC", postal_code).upper()
    return "".join(one for one in text if one.isalnum())
