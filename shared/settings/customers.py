"""How buyers and the shop's accounts become customers, and which side decides what stands on a card."""

from typing import Literal, Self

from pydantic import Field, model_validator

from shared.domain.customers import Part
from shared.domain.parties import VatType
from shared.settings.section import Section, Text


class CustomerGroup(Section):
    """What a customer group of the shop means in Fortnox; what is left out is left as it is."""

    group: Text = Field(description="Name of the group in the shop, or its id.")
    price_list: str | None = Field(None, description="Price list of its customers.")
    terms_of_payment: str | None = Field(None, description="Terms of payment of its customers.")
    vat_type: VatType | None = Field(None, description="VAT type of its customers.")


class CustomerSettings(Section):
    guests: Literal["per_email", "collective"] = Field(
        "per_email", description="One Fortnox customer per e-mail address, or one for all private buyers."
    )
    collective_number: str | None = Field(None, description="Customer number of the collective customer.")
    terms_of_payment: str | None = Field(None, description="Terms of payment of customers that we create.")
    price_list: str | None = Field(None, description="Price list of customers that we create from accounts.")
    accounts: Literal["all", "buyers"] = Field(
        "all", description="Whether every account in the shop becomes a customer, or only those who bought."
    )
    groups: tuple[CustomerGroup, ...] = Field(
        (), description="Price list, terms and VAT type by customer group of the shop."
    )
    company: Literal["name", "number"] = Field(
        "name",
        description="What makes an account a company: a company name, or an organisation or VAT number.",
    )
    organisation_number_attribute: str | None = Field(
        None, description="The shop's own customer attribute that holds the organisation number."
    )
    customer_number_attribute: str | None = Field(
        None, description="The shop's own customer attribute that holds a Fortnox customer number."
    )
    owned_by_fortnox: tuple[Part, ...] = Field(
        (), description="Parts of the card that Fortnox decides; the shop is told."
    )
    both_ways: tuple[Part, ...] = Field(
        (), description="Parts of the card that may be changed on either side."
    )
    winner: Literal["magento", "fortnox"] = Field(
        "magento", description="Who is right when a part that goes both ways was changed on both sides."
    )

    @model_validator(mode="after")
    def _collective_has_a_number(self) -> Self:
        if self.guests == "collective" and not self.collective_number:
            raise ValueError("collective_number is needed when guests is collective")
        return self

    @model_validator(mode="after")
    def _one_owner_per_part(self) -> Self:
        twice = sorted(set(self.owned_by_fortnox) & set(self.both_ways))
        if twice:
            raise ValueError(f"{', '.join(twice)}: either owned_by_fortnox or both_ways, not both")
        names = [line.group.casefold() for line in self.groups]
        if len(names) != len(set(names)):
            raise ValueError("groups: two lines are for the same group")
        return self

    @property
    def goes_back(self) -> tuple[Part, ...]:
        """What Fortnox may change in the shop."""
        return (*self.owned_by_fortnox, *self.both_ways)

    def group(self, *names: str) -> CustomerGroup | None:
        """The line for the group with this name or id."""
        wanted = {name.casefold() for name in names if name}
        return next((line for line in self.groups if line.group.casefold() in wanted), None)
