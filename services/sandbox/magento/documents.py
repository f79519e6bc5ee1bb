"""What invoices, credit memos and shipments have in common: their columns, comments and texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.sandbox.magento.amounts import ZERO, amount
from services.sandbox.magento.numbers import Numbers
from services.sandbox.magento.order import Fields, Order

Quantities = Mapping[int, Decimal]
"""Pieces per `order_item_id`; empty means everything that is left."""

OPEN, PAID, CANCELED = 1, 2, 3
"""States of an invoice; of a credit memo 2 means refunded."""


@dataclass
class Document:
    """Columns, rows and comments, as REST shows them. `hidden`: what only the shop knows."""

    fields: Fields
    items: list[Fields]
    comments: list[Fields] = field(default_factory=list)
    hidden: Fields = field(default_factory=dict)

    @property
    def entity_id(self) -> int:
        return int(self.fields["entity_id"])

    @property
    def order_id(self) -> int:
        return int(self.fields["order_id"])

    def show(self) -> Fields:
        return self.fields | {"items": self.items, "comments": self.comments}


@dataclass(frozen=True)
class Remark:
    """The comment that may come with a document; it is kept only when it is to be appended."""

    text: str = ""
    append: bool = False
    notify: bool = False
    on_front: int = 0


def head(order: Order, now: str) -> Fields:
    """What a document repeats from its order. Its own numbers come with `numbered`."""
    names = (
        "base_currency_code",
        "base_to_global_rate",
        "base_to_order_rate",
        "billing_address_id",
        "discount_description",
        "global_currency_code",
        "order_currency_code",
        "store_currency_code",
        "store_id",
        "store_to_base_rate",
        "store_to_order_rate",
    )
    found = {name: order.fields[name] for name in names if order.fields.get(name) is not None}
    if order.shipping is not None:
        found["shipping_address_id"] = order.shipping["entity_id"]
    return found | {
        "created_at": now,
        "order_id": order.entity_id,
        "updated_at": now,
    }


def numbered(document: Document, table: str, numbers: Numbers) -> Document:
    """With ids, once nothing can be refused any more: a refused document uses none up."""
    entity_id = numbers.next_id(table)
    document.fields["entity_id"] = entity_id
    document.fields["increment_id"] = numbers.increment_id(table, int(document.fields["store_id"]))
    for item in document.items:
        item["entity_id"] = numbers.next_id(f"{table}_item")
        item["parent_id"] = entity_id
    return document


def item_head(item: Fields, quantity: Decimal) -> Fields:
    return {
        "name": item["name"],
        "order_item_id": item["item_id"],
        "product_id": item["product_id"],
        "qty": quantity,
        "sku": item["sku"],
    }


def has_tax(item: Fields) -> bool:
    return bool(amount(item, "tax_amount") or amount(item, "discount_tax_compensation_amount"))


def sum_of(items: Iterable[Fields], name: str) -> Decimal:
    return sum((amount(one, name) for one in items), ZERO)


def dependent_quantity(order: Order, item: Fields, wanted: Quantities, everything: Decimal) -> Decimal:
    """Pieces of a row without money of its own: they follow the row that has it."""
    parent = order.parent(item)
    if not wanted:
        return everything
    if parent is not None and parent["item_id"] in wanted:
        return wanted[parent["item_id"]] * amount(item, "qty_ordered") / amount(parent, "qty_ordered")
    if parent is None and any(one["item_id"] in wanted for one in order.children(item)):
        return everything
    return ZERO


def pieces(document: Document) -> dict[int, Decimal]:
    """Per `order_item_id`."""
    return {int(one["order_item_id"]): Decimal(one["qty"]) for one in document.items}
