"""Stock, call by call: what lies where, with inventory management and without, and what orders hold."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.clients.magento.calls import Calls, part
from shared.clients.magento.errors import NoRoute, NotFound, TooMany
from shared.clients.magento.search import Group, any_of, any_of_many, changed
from shared.clients.magento.wire_stock import (
    ORDER_FIELDS,
    OrderGoods,
    ProductKind,
    SourceItem,
    StockItem,
    to_order_goods,
    to_product_kind,
    to_source_item,
    to_stock_item,
)
from shared.clients.packing import MOST_VALUES, packed

ALL_STORES = "all"
ROWS_PER_CALL = 100
ORDERS_PER_PAGE = 100
IDS_PER_SEARCH = 100
OPEN_STATES = ("new", "pending_payment", "processing", "payment_review", "holded")
PRODUCT_FIELDS = "items[id,sku,type_id],total_count"


class StockCalls(Calls):
    # ── what lies where ───────────────────────────────────────────────────────────────────────────

    async def source_items(self, skus: Iterable[str]) -> tuple[SourceItem, ...] | None:
        """In all sources, of SKUs in any case; None when the shop has no inventory management."""
        groups = [group for some in packed(skus) for group in any_of_many("sku", some)]
        try:
            found = await asyncio.gather(*(self._source_items(group) for group in groups))
        except NoRoute:
            return None
        return tuple(item for some in found for item in some)

    async def _source_items(self, group: Group) -> tuple[SourceItem, ...]:
        return await self._all("/inventory/source-items", to_source_item, [group], size=MOST_VALUES)

    async def stock_item(self, sku: str) -> StockItem | None:
        """Of a shop without inventory management; None for a SKU that it does not have."""
        try:
            return to_stock_item(await self._get(f"/stockItems/{part(sku)}", of="stock item"))
        except NotFound:
            return None

    async def kinds_of(self, skus: Iterable[str]) -> tuple[ProductKind, ...]:
        """Of the SKUs that are products, in any case."""
        found: list[ProductKind] = []
        for some in packed(skus):
            for group in any_of_many("sku", some):
                walk = self._walk(
                    "/products",
                    to_product_kind,
                    [group],
                    shown_as="id",
                    size=MOST_VALUES,
                    fields=PRODUCT_FIELDS,
                )
                found += [kind async for kind in walk]
        return tuple(found)

    # ── what orders hold ──────────────────────────────────────────────────────────────────────────

    def open_orders(self) -> AsyncIterator[OrderGoods]:
        """Every order that is not complete, closed or canceled, with its pieces; flat in memory."""
        return self._orders([any_of("state", OPEN_STATES)])

    def orders_changed(self, since: datetime) -> AsyncIterator[OrderGoods]:
        """In any state. A partial shipment moves nothing here: ask ``shipments`` too."""
        return self._orders(changed(since))

    async def goods_of(self, order_ids: Collection[int]) -> tuple[OrderGoods, ...]:
        found: list[OrderGoods] = []
        wanted = sorted(order_ids)
        for start in range(0, len(wanted), IDS_PER_SEARCH):
            group = any_of("entity_id", wanted[start : start + IDS_PER_SEARCH])
            found += [order async for order in self._orders([group])]
        return tuple(found)

    def _orders(self, groups: Iterable[Group]) -> AsyncIterator[OrderGoods]:
        return self._walk("/orders", to_order_goods, groups, size=ORDERS_PER_PAGE, fields=ORDER_FIELDS)

    # ── writing: safe to repeat, quantities are absolute ──────────────────────────────────────────

    async def save_source_items(
        self, items: Sequence[Mapping[str, Any]], *, rows_per_call: int = ROWS_PER_CALL
    ) -> None:
        """Rows of ``{sku, source_code, quantity, status}``: absolute, all four needed.

        One bad row refuses its whole call, unknown SKUs and negative quantities are taken: check before.
        """
        left = [dict(item) for item in items]
        while left:
            size = min(rows_per_call, self._shop.most_per_list or rows_per_call)
            try:
                await self._call(
                    "POST",
                    "/inventory/source-items",
                    payload={"sourceItems": left[:size]},
                    store=ALL_STORES,
                    idempotent=True,
                )
            except TooMany as limit:
                if limit.maximum >= size:
                    raise
                self._shop.most_per_list = limit.maximum
                continue
            left = left[size:]

    async def save_stock_item(self, sku: str, stock_item: Mapping[str, Any]) -> None:
        """``{qty, is_in_stock}`` of a shop without inventory management. Raises NotFound."""
        await self._call(
            "PUT",
            f"/products/{part(sku)}/stockItems/1",  # the id is not looked at
            payload={"stockItem": dict(stock_item)},
            store=ALL_STORES,
            idempotent=True,
        )
