"""A placed order as the database has it: columns, rows, addresses, payment, and what came of it since.

Rows keep what Magento stores. What REST makes of them is `show_orders.py`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.sandbox.magento.amounts import ZERO, amount

Fields = dict[str, Any]
BUNDLE = "bundle"


@dataclass
class Order:
    """`hidden`: columns of the table that REST never shows (they can be filtered by)."""

    fields: Fields
    items: list[Fields]
    billing: Fields
    shipping: Fields | None
    payment: Fields
    extension: Fields
    shipping_method: str = ""
    shipping_extra: Fields = field(default_factory=dict)
    """What the freight's totals carry beside the order's own columns."""
    histories: list[Fields] = field(default_factory=list)
    hidden: Fields = field(default_factory=dict)

    @property
    def entity_id(self) -> int:
        return int(self.fields["entity_id"])

    @property
    def store_id(self) -> int:
        return int(self.fields["store_id"])

    @property
    def state(self) -> str:
        return str(self.fields.get("state", ""))

    @property
    def is_virtual(self) -> bool:
        return bool(self.fields.get("is_virtual"))

    def move_to(self, state: str, status: str) -> None:
        self.fields["state"], self.fields["status"] = state, status

    def item(self, item_id: int) -> Fields | None:
        return next((one for one in self.items if one["item_id"] == item_id), None)

    def children(self, item: Fields) -> list[Fields]:
        return [one for one in self.items if one.get("parent_item_id") == item["item_id"]]

    def parent(self, item: Fields) -> Fields | None:
        return self.item(item["parent_item_id"]) if item.get("parent_item_id") else None

    def carries_money(self, item: Fields) -> bool:
        """Not the parent of a dynamic bundle, and not what lies below anything else."""
        parent = self.parent(item)
        if parent is not None:
            return self.is_dynamic(parent)
        return not self.is_dynamic(item)

    def is_dynamic(self, item: Fields) -> bool:
        """A bundle whose parts have prices of their own."""
        if item["product_type"] != BUNDLE:
            return False
        return any(amount(one, "price_incl_tax") or amount(one, "price") for one in self.children(item))

    def is_shipped_itself(self, item: Fields) -> bool:
        """Parents ship, and their parts with them."""
        return not item.get("parent_item_id") and not item.get("is_virtual")

    def money_items(self) -> Iterator[Fields]:
        return (one for one in self.items if self.carries_money(one))


def open_to_invoice(item: Fields) -> Decimal:
    done = amount(item, "qty_invoiced") + amount(item, "qty_canceled")
    return max(amount(item, "qty_ordered") - done, ZERO)


def open_to_ship(item: Fields) -> Decimal:
    done = max(amount(item, "qty_shipped"), amount(item, "qty_refunded")) + amount(item, "qty_canceled")
    return max(amount(item, "qty_ordered") - done, ZERO)


def open_to_refund(item: Fields) -> Decimal:
    return max(amount(item, "qty_invoiced") - amount(item, "qty_refunded"), ZERO)


def may_invoice(order: Order) -> bool:
    if order.state in ("canceled", "complete", "closed", "holded", "payment_review"):
        return False
    return any(open_to_invoice(one) > 0 for one in order.money_items())


def may_ship(order: Order) -> bool:
    if order.is_virtual or order.state in ("canceled", "holded", "payment_review"):
        return False
    return any(order.is_shipped_itself(one) and open_to_ship(one) > 0 for one in order.items)


def may_refund(order: Order) -> bool:
    left = amount(order.fields, "total_paid") - amount(order.fields, "total_refunded")
    return order.state not in ("canceled", "holded", "payment_review", "closed") and left > 0


def settle_state(order: Order) -> bool:
    """What saving an order makes of its state (Magento's `Order\\Handler\\State`); True when it moved."""
    before = order.state
    if before == "new" and amount(order.fields, "total_invoiced") + _shipped(order) > 0:
        order.move_to("processing", "processing")
    is_running = order.state in ("processing", "complete")
    if is_running and not may_invoice(order):
        was_refunded = amount(order.fields, "total_refunded") > 0
        if was_refunded and not may_refund(order) and not may_ship(order) and not order.is_virtual:
            order.move_to("closed", "closed")
        elif order.state == "processing" and not may_ship(order):
            order.move_to("complete", "complete")
    return order.state != before


def _shipped(order: Order) -> Decimal:
    return sum((amount(one, "qty_shipped") for one in order.items), ZERO)
