"""Shipments: which rows can still be sent, and from where."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from services.sandbox.magento.amounts import ZERO, add, amount
from services.sandbox.magento.documents import Document, Quantities, head, item_head, numbered
from services.sandbox.magento.numbers import Numbers
from services.sandbox.magento.order import Fields, Order, may_ship, open_to_ship
from services.sandbox.magento.refusals import validation_failed

WITHOUT_PRODUCTS = "You can't create a shipment without products."
NOT_ALLOWED = "The order does not allow a shipment to be created."
SHIPMENT_FIELDS = ("billing_address_id", "shipping_address_id", "store_id")
DEFAULT_SOURCE = "default"


def make_shipment(
    order: Order,
    wanted: Quantities,
    numbers: Numbers,
    now: str,
    *,
    source: str = DEFAULT_SOURCE,
    tracks: list[Fields] | None = None,
) -> Document:
    """The shipment, told to neither the order nor the stock yet."""
    rows = [(item, _quantity(item, wanted)) for item in order.items if order.is_shipped_itself(item)]
    rows = [(item, quantity) for item, quantity in rows if quantity > 0]
    _must_be_allowed(order, rows)
    known = head(order, now)
    names = (*SHIPMENT_FIELDS, "created_at", "order_id", "updated_at")
    fields: dict[str, Any] = {name: known[name] for name in names if name in known}
    fields |= {"packages": [], "total_qty": sum((quantity for _, quantity in rows), ZERO)}
    fields["extension_attributes"] = {"source_code": source}
    shipment = numbered(Document(fields, [_item(*one) for one in rows]), "shipment", numbers)
    fields["tracks"] = [_track(one, order, shipment.entity_id, numbers, now) for one in tracks or []]
    return shipment


def register_shipment(order: Order, shipment: Document) -> None:
    for row in shipment.items:
        item = order.item(row["order_item_id"])
        assert item is not None
        add(item, "qty_shipped", row["qty"])


def _quantity(item: Fields, wanted: Quantities) -> Decimal:
    left = open_to_ship(item)
    quantity = wanted.get(item["item_id"], ZERO) if wanted else left
    if quantity > left > 0:
        text = 'The quantity to ship must not be greater than the unshipped quantity for product SKU "{}".'
        raise validation_failed("Shipment", text.format(item["sku"]))
    return min(quantity, left)


def _must_be_allowed(order: Order, rows: list[tuple[Fields, Decimal]]) -> None:
    if order.state in ("payment_review", "holded", "canceled"):
        text = f"A shipment cannot be created when an order has a status of {order.fields['status']}"
        raise validation_failed("Shipment", text)
    reasons = [] if may_ship(order) else [NOT_ALLOWED]
    if not rows:
        reasons.append(WITHOUT_PRODUCTS)
    if reasons:
        raise validation_failed("Shipment", *reasons)


def _item(item: Fields, quantity: Decimal) -> Fields:
    return item_head(item, quantity) | {"price": amount(item, "price"), "weight": amount(item, "weight")}


def _track(sent: Fields, order: Order, parent_id: int, numbers: Numbers, now: str) -> Fields:
    return {
        "order_id": order.entity_id,
        "created_at": now,
        "entity_id": numbers.next_id("shipment_track"),
        "parent_id": parent_id,
        "updated_at": now,
        "weight": None,
        "qty": None,
        "description": None,
        "track_number": sent.get("track_number"),
        "title": sent.get("title"),
        "carrier_code": sent.get("carrier_code"),
    }
