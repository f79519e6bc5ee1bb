"""Where the merchant is registered for other countries' VAT, and since when."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from shared.domain.vat.registrations import Registration, Registrations, Scheme
from shared.settings.mapping import COUNTRY, SalesLine
from shared.settings.section import Section

SCHEMES: tuple[Scheme, ...] = ("oss", "voec")


class RegistrationLine(Section):
    scheme: Scheme = Field(
        description="`oss` for the VAT of all EU countries, `voec` for that of a country outside."
    )
    country: str | None = Field(
        None, description="Country of a `voec` registration; without one it holds for all of them."
    )
    begins: date | None = Field(None, description="First day of the registration; none: since ever.")
    ends: date | None = Field(None, description="Last day of the registration; none: until further notice.")

    number: str = Field(
        "", max_length=20, description="VAT number that its returns are filed under; shown on the OSS list."
    )

    @field_validator("country")
    @classmethod
    def _code(cls, value: str | None) -> str | None:
        if value is not None and not COUNTRY.match(value.strip().upper()):
            raise ValueError(f"{value} is no country code; two letters, such as NO")
        return None if value is None else value.strip().upper()

    @model_validator(mode="after")
    def _no_contradictions(self) -> Self:
        if self.begins is not None and self.ends is not None and self.ends < self.begins:
            raise ValueError(f"it ends on {self.ends}, before it begins on {self.begins}")
        if self.scheme == "oss" and self.country is not None:
            raise ValueError("oss is one registration for all countries; leave country out")
        return self


class VatNumberSettings(Section):
    vies: Literal["off", "advise", "require"] = Field(
        "advise",
        description="Whether VIES is asked of the VAT number of a sale without VAT: not at all; and told if "
        "it is not valid; or such a sale waits for an answer, and stops if it is not valid.",
    )
    api_url: str = Field(
        "https://ec.europa.eu/taxation_customs/vies/rest-api", description="Base of VIES' REST API."
    )
    own_number: str = Field(
        "", description="The merchant's own VAT number: with it VIES gives each answer a number, as evidence."
    )

    @field_validator("own_number")
    @classmethod
    def _compact(cls, value: str) -> str:
        number = "".join(one for one in value if one.isalnum()).upper()
        if number and not (number[:2].isalpha() and number[2:]):
            raise ValueError("a VAT number begins with its country, such as SE556677889901")
        return number


def registrations_of(declared: Iterable[RegistrationLine], sales: Iterable[SalesLine]) -> Registrations:
    """The declared ones; a scheme without any is taken to hold as soon as a line of `sales` is for it."""
    lines = [
        Registration(one.scheme, one.country or "", one.begins, one.ends, one.number) for one in declared
    ]
    mapped = {line.treatment for line in sales}
    return Registrations(tuple(lines), frozenset(scheme for scheme in SCHEMES if scheme in mapped))
