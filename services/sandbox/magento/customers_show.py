"""A customer, an address and a group as REST shows them (recorded from 2.4.7-p3)."""

from __future__ import annotations

from typing import Any

from services.sandbox.magento.catalogue_taxes import Taxes
from services.sandbox.magento.customers import Address, Customer, Group
from services.sandbox.magento.shop_pages import ShopPages

Json = dict[str, Any]

PLAIN = ("street", "company", "telephone", "fax", "postcode", "city", "firstname", "lastname", "middlename")
NO_REGION: Json = {"region_code": None, "region": None, "region_id": 0}


def show_customer(customer: Customer, pages: ShopPages) -> Json:
    """Fields without a value are left out."""
    values = customer.values
    defaults = {
        "default_billing": _text(customer.default_billing),
        "default_shipping": _text(customer.default_shipping),
    }
    shown = {
        "id": customer.customer_id,
        "group_id": values["group_id"],
        **defaults,
        "confirmation": values.get("confirmation"),
        "created_at": customer.created_at,
        "updated_at": customer.updated_at,
        "created_in": pages.view(values["store_id"]).name,
        **{name: values.get(name) for name in ("dob", "email", "firstname", "lastname", "middlename")},
        **{name: values.get(name) for name in ("prefix", "suffix", "gender")},
        **{name: values.get(name) for name in ("store_id", "taxvat", "website_id")},
    }
    shown = {name: value for name, value in shown.items() if value is not None}
    shown["addresses"] = [show_address(address, customer) for address in customer.addresses]
    shown["disable_auto_group_change"] = values["disable_auto_group_change"]
    shown["extension_attributes"] = {"is_subscribed": customer.is_subscribed}
    if customer.custom:
        shown["custom_attributes"] = [
            {"attribute_code": code, "value": value} for code, value in customer.custom.items()
        ]
    return shown


def show_address(address: Address, customer: Customer) -> Json:
    """`default_billing` and `default_shipping` stand there only where they are true."""
    values = address.values
    shown: Json = {
        "id": address.address_id,
        "customer_id": customer.customer_id,
        "region": _region(values),
        "region_id": values.get("region_id") or None,
        "country_id": values.get("country_id"),
        **{name: values.get(name) for name in PLAIN},
        **{name: values.get(name) for name in ("prefix", "suffix", "vat_id")},
        "default_shipping": address.address_id == customer.default_shipping or None,
        "default_billing": address.address_id == customer.default_billing or None,
    }
    return {name: value for name, value in shown.items() if value not in (None, "")}


def show_group(group: Group, taxes: Taxes) -> Json:
    return {
        "id": group.group_id,
        "code": group.code,
        "tax_class_id": group.tax_class_id,
        "tax_class_name": taxes.classes[group.tax_class_id].name,
    }


def _region(values: Json) -> Json:
    region = values.get("region")
    if isinstance(region, dict):
        return NO_REGION | {name: value for name, value in region.items() if name in NO_REGION}
    return NO_REGION | ({"region_id": values["region_id"]} if values.get("region_id") else {})


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
