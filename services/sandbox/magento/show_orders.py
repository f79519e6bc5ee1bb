"""Orders as REST shows them, and back: four fields of every row are not what is stored.

`ChangeOutputArray` of 2.4.7 (magento-measured 1.1) takes the discount off `row_total` and rebuilds
`row_total_incl_tax`, in both currencies; what falls below zero becomes zero. NULL fields are left out.
"""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

from services.sandbox.magento.amounts import BASE_SHIPPING_COMPENSATION, SETS, ZERO, amount
from services.sandbox.magento.order import Fields, Order

SHIPPING_TOTALS = (
    "base_shipping_amount",
    "base_shipping_discount_amount",
    BASE_SHIPPING_COMPENSATION,
    "base_shipping_incl_tax",
    "base_shipping_invoiced",
    "base_shipping_refunded",
    "base_shipping_tax_amount",
    "base_shipping_tax_refunded",
    "shipping_amount",
    "shipping_discount_amount",
    "shipping_discount_tax_compensation_amount",
    "shipping_incl_tax",
    "shipping_invoiced",
    "shipping_refunded",
    "shipping_tax_amount",
    "shipping_tax_refunded",
)
WEEE = {"": "weee_tax_applied_row_amount", "base_": "base_weee_tax_applied_amount"}
"""Per currency set; that the base set takes the amount of one piece is Magento's mistake (magento.md 3.4)."""


def show_order(order: Order) -> Fields:
    items = [show_item(order, one) for one in order.items]
    shown = _present(order.fields) | {
        "items": items,
        "billing_address": order.billing | {"parent_id": order.entity_id},
        "payment": order.payment,
        "status_histories": order.histories,
        "extension_attributes": {"shipping_assignments": [_assignment(order, items)]} | order.extension,
    }
    return deepcopy(shown)


def show_item(order: Order, item: Fields) -> Fields:
    shown = shown_row(item)
    parent = order.parent(item)
    if parent is not None:
        shown["parent_item"] = shown_row(parent)
    return shown


def shown_row(item: Fields) -> Fields:
    """A stored row with its four fields changed."""
    shown = _present(item)
    for prefix in SETS:
        discount = amount(item, f"{prefix}discount_amount")
        shown[f"{prefix}row_total"] = max(amount(item, f"{prefix}row_total") - discount, ZERO)
        shown[f"{prefix}row_total_incl_tax"] = max(_gross(item, prefix) - discount, ZERO)
    return shown


def _gross(item: Fields, prefix: str) -> Decimal:
    names = ("row_total", "tax_amount", "discount_tax_compensation_amount")
    parts = sum((amount(item, f"{prefix}{name}") for name in names), ZERO)
    return parts + amount(item, WEEE[prefix])


def stored_row(shown: Fields) -> Fields:
    """The stored row behind one that REST showed: the way back of `shown_row`."""
    item = {name: value for name, value in shown.items() if name != "parent_item"}
    for prefix in SETS:
        gross = amount(shown, f"{prefix}row_total_incl_tax") + amount(shown, f"{prefix}discount_amount")
        names = ("tax_amount", "discount_tax_compensation_amount")
        taken = sum((amount(shown, f"{prefix}{name}") for name in names), ZERO)
        item[f"{prefix}row_total"] = gross - taken - amount(shown, WEEE[prefix])
        if f"{prefix}price_incl_tax" in shown:
            item[f"{prefix}row_total_incl_tax"] = gross - amount(shown, WEEE[prefix])
        else:
            item.pop(f"{prefix}row_total_incl_tax", None)
    return item


def read_order(shown: Fields) -> Order:
    """An order as REST once showed it, as the database must have had it."""
    extension = deepcopy(shown["extension_attributes"])
    assignment = extension.pop("shipping_assignments")[0]["shipping"]
    parts = ("items", "billing_address", "payment", "status_histories", "extension_attributes")
    fields = deepcopy({name: value for name, value in shown.items() if name not in parts})
    return Order(
        fields=fields | {name: value for name, value in assignment["total"].items() if name not in fields},
        items=[deepcopy(stored_row(one)) for one in shown["items"]],
        billing=deepcopy(shown["billing_address"]),
        shipping=deepcopy(assignment.get("address")),
        payment=deepcopy(shown["payment"]),
        extension=extension,
        shipping_method=assignment.get("method", ""),
        histories=deepcopy(shown.get("status_histories", [])),
        hidden={"svea_order_id": _svea_order_id(extension)},
    )


def _svea_order_id(extension: Fields) -> int | None:
    told = {one["key"]: one["value"] for one in extension.get("payment_additional_info", [])}
    known = str(told.get("svea_order_id", ""))
    return int(known) if known.isdigit() else None


def _assignment(order: Order, items: list[Fields]) -> Fields:
    """Virtual orders have one too, without address and method."""
    shipping: dict[str, Any] = {}
    if order.shipping is not None:
        shipping = {
            "address": order.shipping | {"parent_id": order.entity_id},
            "method": order.shipping_method,
        }
    found = {name: order.fields[name] for name in SHIPPING_TOTALS if order.fields.get(name) is not None}
    return {"shipping": shipping | {"total": found}, "items": items}


def _present(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}
