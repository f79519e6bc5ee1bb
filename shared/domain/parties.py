"""Who buys, and where it goes."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

PartyKind = Literal["private", "company"]
VatType = Literal["SEVAT", "SEREVERSEDVAT", "EUREVERSEDVAT", "EUVAT", "EXPORT"]


@dataclass(frozen=True)
class Address:
    """A postal address; ``country`` is ISO 3166-1 alpha-2, upper case, or empty when unknown."""

    name: str
    street: str = ""
    street2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True)
class Buyer:
    """The buyer of a sale; ``delivery`` is None when it is the billing address."""

    kind: PartyKind
    name: str
    email: str
    phone: str
    organisation_number: str
    billing: Address
    delivery: Address | None = None
    vat_number: str = ""
    reference: str = ""

    @property
    def destination(self) -> Address:
        """Where the goods go: that decides VAT."""
        return self.delivery or self.billing


def natural_name(full_name: str, *, kind: PartyKind) -> str:
    """Svea writes persons as "Lastname, Firstname"; a company's comma belongs to its name."""
    name = " ".join(full_name.split())
    if kind == "private" and name.count(",") == 1:
        last, first = (part.strip() for part in name.split(","))
        if last and first:
            return f"{first} {last}"
    return name


def same_text(left: str, right: str) -> bool:
    """Equal but for case, accents' encoding and spacing."""
    return folded(left) == folded(right)


def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
