"""What Magento says about stock: what lies where, and what its orders still hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.clients.fields import Fields

ONE = Decimal(1)
ORDER_FIELDS = (
    "items[entity_id,increment_id,state,items[item_id,parent_item_id,product_type,sku,is_virtual,"
    "qty_ordered,qty_canceled,qty_invoiced,qty_shipped,qty_refunded]],total_count"
)


@dataclass(frozen=True)
class SourceItem:
    """What lies in a source: physical stock, from which open orders are not taken off yet."""

    sku: str
    source_code: str
    quantity: Decimal
    in_stock: bool


@dataclass(frozen=True)
class StockItem:
    """What a shop without inventory management keeps: open orders are taken off already."""

    quantity: Decimal
    in_stock: bool


@dataclass(frozen=True)
class ShopGoods:
    """Pieces of one SKU in one order: variants and parts, never what they hang below."""

    sku: str
    wanted: Decimal
    shipped: Decimal
    unshipped: Decimal


@dataclass(frozen=True)
class OrderGoods:
    entity_id: int
    increment_id: str
    state: str
    goods: tuple[ShopGoods, ...]


@dataclass(frozen=True)
class ProductKind:
    """``kind`` is Magento's type: simple, virtual, configurable, ..."""

    product_id: int
    sku: str
    kind: str


def to_source_item(item: Fields) -> SourceItem:
    return SourceItem(
        sku=item.needed_text("sku"),
        source_code=item.needed_text("source_code"),
        quantity=item.amount("quantity"),
        in_stock=item.flag("status"),
    )


def to_stock_item(item: Fields) -> StockItem:
    return StockItem(quantity=item.amount("qty"), in_stock=item.flag("is_in_stock"))


def to_product_kind(product: Fields) -> ProductKind:
    return ProductKind(
        product_id=product.needed_integer("id"),
        sku=product.needed_text("sku"),
        kind=product.text("type_id"),
    )


def to_order_goods(order: Fields) -> OrderGoods:
    return OrderGoods(
        entity_id=order.needed_integer("entity_id"),
        increment_id=order.text("increment_id"),
        state=order.text("state"),
        goods=tuple(_goods(list(order.each("items")))),
    )


def _goods(items: list[Fields]) -> Iterator[ShopGoods]:
    """Leaves of the order. A shipment counts on the parent of a configurable, on the parent or on the parts
    of a bundle: whichever says more."""
    by_id = {item.integer("item_id"): item for item in items}
    parents = {item.integer("parent_item_id") for item in items} - {None}
    for item in items:
        if item.integer("item_id") in parents:
            continue
        parent = by_id.get(item.integer("parent_item_id"))
        ordered = item.amount("qty_ordered")

        def done(what: str, item: Fields = item, parent: Fields | None = parent) -> Decimal:
            """Pieces of this leaf, as told of itself or of what it hangs below."""
            own = item.amount(what)
            if parent is None or not parent.amount("qty_ordered"):
                return own
            share = item.amount("qty_ordered") / parent.amount("qty_ordered")
            return max(own, parent.amount(what) * share)

        # What is virtual is never shipped: its invoice takes it out.
        shipped = done("qty_invoiced" if item.flag("is_virtual") else "qty_shipped")
        wanted = ordered - done("qty_canceled")
        unshipped = max(wanted - max(shipped, done("qty_refunded")), Decimal(0))
        yield ShopGoods(item.needed_text("sku"), wanted=wanted, shipped=shipped, unshipped=unshipped)
