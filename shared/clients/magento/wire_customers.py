"""What Magento says about customers and their groups. Guests are none: they stand on their orders only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.clients.fields import Fields
from shared.clients.magento.read_sales import UTC


@dataclass(frozen=True)
class CustomerAddress:
    address_id: int | None
    first_name: str
    last_name: str
    company: str
    street: tuple[str, ...]
    postcode: str
    city: str
    region: str
    region_id: int | None
    country: str
    phone: str
    vat_id: str
    is_billing: bool
    is_shipping: bool


@dataclass(frozen=True)
class Customer:
    """An e-mail address is unique within a website, not across. There is no organisation number in core:
    shops keep it in ``attributes`` (the custom ones, by code), in a VAT number or with the payment.
    ``updated_at`` does not move when only an address changes."""

    customer_id: int
    group_id: int
    website_id: int
    store_id: int
    email: str
    first_name: str
    last_name: str
    taxvat: str
    created_at: datetime | None
    updated_at: datetime | None
    addresses: tuple[CustomerAddress, ...]
    attributes: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def billing(self) -> CustomerAddress | None:
        return next((address for address in self.addresses if address.is_billing), None)

    @property
    def shipping(self) -> CustomerAddress | None:
        return next((address for address in self.addresses if address.is_shipping), None)


@dataclass(frozen=True)
class CustomerGroup:
    """0 is who is not logged in."""

    group_id: int
    code: str
    tax_class_id: int | None
    tax_class: str


def to_customer(customer: Fields) -> Customer:
    billing, shipping = customer.integer("default_billing"), customer.integer("default_shipping")
    return Customer(
        customer_id=customer.needed_integer("id"),
        group_id=customer.integer("group_id") or 0,
        website_id=customer.integer("website_id") or 0,
        store_id=customer.integer("store_id") or 0,
        email=customer.text("email"),
        first_name=customer.text("firstname"),
        last_name=customer.text("lastname"),
        taxvat=customer.text("taxvat"),
        created_at=customer.instant("created_at", zone=UTC),
        updated_at=customer.instant("updated_at", zone=UTC),
        addresses=tuple(_address(found, billing, shipping) for found in customer.each("addresses")),
        attributes={
            found.text("attribute_code"): found.text("value") for found in customer.each("custom_attributes")
        },
    )


def to_customer_group(group: Fields) -> CustomerGroup:
    return CustomerGroup(
        group_id=group.needed_integer("id"),
        code=group.text("code"),
        tax_class_id=group.integer("tax_class_id"),
        tax_class=group.text("tax_class_name"),
    )


def _address(found: Fields, billing: int | None, shipping: int | None) -> CustomerAddress:
    """The defaults are marked on the address when they are, and named on the customer."""
    number, region = found.integer("id"), found.fields("region")
    return CustomerAddress(
        address_id=number,
        first_name=found.text("firstname"),
        last_name=found.text("lastname"),
        company=found.text("company"),
        street=tuple(line for line in found.texts("street") if line),
        postcode=found.text("postcode"),
        city=found.text("city"),
        region=region.text("region") if region else "",
        region_id=(region.integer("region_id") if region else found.integer("region_id")) or None,
        country=found.text("country_id").upper(),
        phone=found.text("telephone"),
        vat_id=found.text("vat_id"),
        is_billing=found.flag("default_billing") or (number is not None and number == billing),
        is_shipping=found.flag("default_shipping") or (number is not None and number == shipping),
    )
