"""Customers with their addresses, and customer groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.sandbox.magento.catalogue import Tell
from services.sandbox.magento.catalogue_taxes import RETAIL_CUSTOMER
from services.sandbox.magento.shop_pages import ShopPages

Json = dict[str, Any]

TIMESTAMP = "%Y-%m-%d %H:%M:%S"
GENERAL = 1
VALUES = (
    "prefix",
    "firstname",
    "middlename",
    "lastname",
    "suffix",
    "email",
    "dob",
    "gender",
    "taxvat",
    "group_id",
    "store_id",
    "website_id",
    "disable_auto_group_change",
    "confirmation",
)
ADDRESS_VALUES = (
    "prefix",
    "firstname",
    "middlename",
    "lastname",
    "suffix",
    "company",
    "street",
    "city",
    "postcode",
    "country_id",
    "telephone",
    "fax",
    "vat_id",
    "region",
    "region_id",
)


@dataclass
class Address:
    address_id: int
    values: Json


@dataclass
class Customer:
    """`values` are by field name; custom attributes apart."""

    customer_id: int
    created_at: str
    updated_at: str
    values: Json
    addresses: list[Address] = field(default_factory=list)
    default_billing: int | None = None
    default_shipping: int | None = None
    is_subscribed: bool = False
    custom: dict[str, str] = field(default_factory=dict)

    def address(self, address_id: int | None) -> Address | None:
        return next((one for one in self.addresses if one.address_id == address_id), None)

    def column(self, name: str) -> Any:
        """What a filter or a sort sees; `billing_city` is the city of the default billing address."""
        match name:
            case "entity_id" | "id":
                return self.customer_id
            case "created_at" | "updated_at" | "default_billing" | "default_shipping":
                return getattr(self, name)
        if name.startswith("billing_"):
            billing = self.address(self.default_billing)
            return billing.values.get(name.removeprefix("billing_")) if billing else None
        return self.values.get(name, self.custom.get(name))


@dataclass
class Group:
    group_id: int
    code: str
    tax_class_id: int = RETAIL_CUSTOMER


class Groups:
    """Customer groups; 0 are those who are not logged in."""

    def __init__(self) -> None:
        names = ("NOT LOGGED IN", "General", "Wholesale", "Retailer")
        self.by_id = {number: Group(number, name) for number, name in enumerate(names)}

    def add(self, code: str, *, tax_class_id: int = RETAIL_CUSTOMER) -> int:
        """The id of the new group."""
        group_id = max(self.by_id) + 1
        self.by_id[group_id] = Group(group_id, code, tax_class_id)
        return group_id

    def code(self, group_id: int) -> str:
        return self.by_id[group_id].code

    def by_code(self, code: str) -> int | None:
        """In any case; None when there is none."""
        return next((one.group_id for one in self.by_id.values() if one.code.lower() == code.lower()), None)


class Customers:
    """The customers of one shop. An e-mail address is unique in its website."""

    def __init__(self, clock: Callable[[], datetime], pages: ShopPages, tell: Tell) -> None:
        self._clock = clock
        self._pages = pages
        self.tell = tell
        self.by_id: dict[int, Customer] = {}
        self.attributes: set[str] = set()
        """Codes of custom attributes that the shop has; others are dropped without a word."""
        self.being_created: set[tuple[int, str]] = set()
        """Those whose creation has begun: the database refuses a second one, and Magento answers 500."""
        self.create_seconds = 0.005
        """How long a creation takes, so that two can meet; the real one takes 0.6 s."""
        self._next_customer = 1
        self._next_address = 1

    def now(self) -> str:
        return self._clock().strftime(TIMESTAMP)

    def find(self, email: str, website_id: int) -> Customer | None:
        for customer in self.by_id.values():
            if (
                customer.values["email"].lower() == email.lower()
                and customer.values["website_id"] == website_id
            ):
                return customer
        return None

    # --- what people do ----------------------------------------------------------------------------------

    def add(
        self,
        email: str,
        firstname: str = "Anna",
        lastname: str = "Öberg",
        *,
        addresses: Iterable[Json] = (),
        custom: dict[str, str] | None = None,
        **values: Any,
    ) -> int:
        """The id of a new customer. `values` are REST's field names; the first address is both defaults
        unless some address says which it is.
        """
        if self.find(email, values.get("website_id", 1)) is not None:
            raise ValueError(f"there is a customer {email} already")
        self.attributes |= set(custom or ())
        listed = [dict(one) for one in addresses]
        if listed and not any("default_billing" in one or "default_shipping" in one for one in listed):
            listed[0] |= {"default_billing": True, "default_shipping": True}
        sent = {"email": email, "firstname": firstname, "lastname": lastname, "addresses": listed} | values
        customer = self.create(sent | {"custom_attributes": _listed(custom or {})})
        return customer.customer_id

    def change(self, customer_id: int, /, *, custom: dict[str, str] | None = None, **values: Any) -> None:
        """Save a customer: `updated_at` moves even when nothing differs. `addresses` is the whole list."""
        self.attributes |= set(custom or ())
        self.save(self.by_id[customer_id], values | {"custom_attributes": _listed(custom or {})})

    def delete(self, customer_id: int) -> None:
        customer = self.by_id.pop(customer_id)
        self._announce("customer.deleted", customer)

    # --- what a save does, by hand or by REST --------------------------------------------------------------

    def create(self, sent: Json) -> Customer:
        at = self.now()
        values: Json = {"group_id": GENERAL, "store_id": 1, "website_id": 1, "disable_auto_group_change": 0}
        customer = Customer(self._next_customer, at, at, values)
        self._next_customer += 1
        self._take(customer, sent)
        self.by_id[customer.customer_id] = customer
        self._announce("customer.created", customer)
        return customer

    def save(self, customer: Customer, sent: Json) -> None:
        """What is not sent stays; a list of addresses is the whole list."""
        self._take(customer, sent)
        customer.updated_at = self.now()
        self._announce("customer.updated", customer)

    def _take(self, customer: Customer, sent: Json) -> None:
        customer.values |= {name: sent[name] for name in VALUES if sent.get(name) is not None}
        if sent.get("addresses") is not None:
            customer.addresses = [self._address(customer, one) for one in sent["addresses"]]
        for name in ("default_billing", "default_shipping"):
            if sent.get(name):
                setattr(customer, name, int(sent[name]))
            if customer.address(getattr(customer, name)) is None:
                setattr(customer, name, None)
        for one in sent.get("custom_attributes") or ():
            if one["attribute_code"] in self.attributes:
                customer.custom[one["attribute_code"]] = str(one["value"])
        extension = sent.get("extension_attributes") or {}
        customer.is_subscribed = bool(extension.get("is_subscribed", customer.is_subscribed))

    def _address(self, customer: Customer, sent: Json) -> Address:
        address = customer.address(sent.get("id"))
        if address is None:
            address = Address(self._next_address, {})
            self._next_address += 1
        address.values |= {name: sent[name] for name in ADDRESS_VALUES if sent.get(name) is not None}
        for name in ("default_billing", "default_shipping"):
            if sent.get(name):
                setattr(customer, name, address.address_id)
            elif sent.get(name) is False and getattr(customer, name) == address.address_id:
                setattr(customer, name, None)
        if isinstance(address.values.get("region"), dict):
            region = address.values["region"]
            address.values["region_id"] = region.get("region_id") or address.values.get("region_id")
        return address

    def _announce(self, event: str, customer: Customer) -> None:
        entity = {"type": "customer", "id": customer.customer_id, "updated_at": customer.updated_at}
        self.tell(event, entity, customer.values["store_id"])


def _listed(custom: dict[str, str]) -> list[Json]:
    return [{"attribute_code": code, "value": value} for code, value in custom.items()]
