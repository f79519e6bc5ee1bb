"""Which pieces of which SKUs an order's rows stand for in the warehouse."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from services.sandbox.magento.amounts import amount
from services.sandbox.magento.documents import Quantities
from services.sandbox.magento.order import Fields, Order


def ordered(order: Order) -> dict[int, Decimal]:
    """Everything, per row."""
    return {int(one["item_id"]): amount(one, "qty_ordered") for one in order.items}


def physical(order: Order, rows: Quantities) -> dict[str, Decimal]:
    """Pieces per SKU of the goods that can lie on a shelf: variants and parts, not what they hang below."""
    return _pieces(order, rows, virtual_goods=False)


def virtual(order: Order, rows: Quantities) -> dict[str, Decimal]:
    return _pieces(order, rows, virtual_goods=True)


def _pieces(order: Order, rows: Quantities, *, virtual_goods: bool) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for item_id, quantity in rows.items():
        item = order.item(item_id)
        if item is None or _is_counted_with_its_parent(order, item, rows):
            continue
        for part, times in _parts(order, item):
            if bool(part.get("is_virtual")) is virtual_goods:
                found[str(part["sku"])] += quantity * times
    return dict(found)


def _is_counted_with_its_parent(order: Order, item: Fields, rows: Quantities) -> bool:
    parent = order.parent(item)
    return parent is not None and parent["item_id"] in rows


def _parts(order: Order, item: Fields) -> list[tuple[Fields, Decimal]]:
    children = order.children(item)
    if not children:
        return [(item, Decimal(1))]
    return [(one, amount(one, "qty_ordered") / amount(item, "qty_ordered")) for one in children]
