"""VAT numbers of the EU: whether one can be what it says, by its form alone.

The forms are python-stdnum's. A wrong length or character is a fault; a wrong check digit is a doubt, since
some countries give out numbers without one, and only VIES knows which exist.
"""

from dataclasses import dataclass
from datetime import date

from stdnum.eu import vat
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidLength, ValidationError

from shared.domain.vat.territories import EU

NORTHERN_IRELAND = "XI"


@dataclass(frozen=True)
class VatNumber:
    """``text`` is compact, with its prefix (Greece's is EL). Without a fault it may explain 0 %.

    ``confirmed`` says who knows that it is valid, and on which day it was asked.
    """

    text: str
    fault: str = ""
    doubt: str = ""
    confirmed: str = ""

    @property
    def prefix(self) -> str:
        return self.text[:2]


@dataclass(frozen=True)
class Registered:
    """What VIES said of a number on a day; ``consultation`` is its own number of the answer."""

    valid: bool
    on: date
    consultation: str = ""


def with_register(number: VatNumber, said: Registered | None, *, must_be_valid: bool) -> VatNumber:
    """What the register says is stronger than a check digit; a fault of form stays one."""
    if said is None or number.fault:
        return number
    if said.valid:
        consultation = f", consultation {said.consultation}" if said.consultation else ""
        return VatNumber(number.text, confirmed=f"valid in VIES on {said.on}{consultation}")
    words = f"VIES said on {said.on} that it is not valid"
    return VatNumber(number.text, fault=words) if must_be_valid else VatNumber(number.text, doubt=words)


def read_vat_number(told: str, *, country: str, home: str) -> VatNumber:
    """What a buyer in ``country`` gave; a number without prefix is taken as one of that country.

    The seller's own country is a fault: within one country there is no reverse charge.
    """
    text = "".join(one for one in told if one.isalnum()).upper()
    if not text:
        return VatNumber("")
    if not text[:2].isalpha():  # of Spain and Austria some begin with one letter
        text = _prefix(country) + text
    if text[:2] == "GR":
        text = f"EL{text[2:]}"
    if text[:2] == _prefix(home):
        return VatNumber(text, fault=f"it is one of {home}, as the seller is")
    if not _is_of_the_union(text[:2]):
        return VatNumber(text, fault=f"{text[:2]} is no country of the EU")
    return _formed(text)


def _formed(text: str) -> VatNumber:
    try:
        return VatNumber(_with_prefix(vat.validate(text), text[:2]))
    except InvalidChecksum:
        return VatNumber(text, doubt="its check digit is not right")
    except InvalidLength:
        return VatNumber(text, fault=f"{len(text) - 2} characters after {text[:2]} are too many or too few")
    except (InvalidComponent, ValidationError):
        return VatNumber(text, fault=f"a number of {text[:2]} has another form")


def _with_prefix(validated: str, prefix: str) -> str:
    return f"{prefix}{validated[2:]}"


def _prefix(country: str) -> str:
    return "EL" if country == "GR" else country


def _is_of_the_union(prefix: str) -> bool:
    return prefix in (NORTHERN_IRELAND, "EL") or (prefix in EU and prefix != "GR")
