"""What open orders of the shop hold, by SKU: the part of the stock that both sides would take off.

All open orders are read once, and after that what changed: orders by ``updated_at``, and shipments, since
a partial one does not move it. What Fortnox knows of them is in our own links. The answer is made before
Fortnox is asked for quantities: an order that is booked in between is then counted as held once too often
and not once too seldom.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.clients.magento.client import MagentoClient
from shared.clients.magento.client_stock import OPEN_STATES
from shared.clients.magento.wire_stock import OrderGoods
from shared.domain.catalogue import article_number
from shared.domain.sale import shop_key
from shared.domain.stock import Held
from shared.ledger.ids import subject_id
from shared.ledger.ledger import Ledger
from shared.ledger.stock import BookedSale

OVERLAP = timedelta(minutes=2)
NOW = timedelta(0)
NEVER_BOOKED = ("skipped", "rejected")  # nothing that Fortnox' stock is taken off for
Holdings = Mapping[str, Held]
"""By SKU in lower case."""


@dataclass
class OpenOrders:
    """Of one shop, shared by the runs of a process."""

    connection: str
    ledger: Ledger
    clock: Callable[[], datetime]
    _orders: dict[int, OrderGoods] = field(default_factory=dict)
    _booked: dict[int, BookedSale] = field(default_factory=dict)  # for good, unless the order changes
    _read_at: datetime | None = None
    _holdings: Holdings = field(default_factory=dict)
    _begun: int = 0
    _ended: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def holdings(self, client: MagentoClient, *, fresh_for: timedelta = NOW) -> Holdings:
        """As of now, or of ``fresh_for`` ago; who waits shares what is read meanwhile. Raises Unavailable."""
        asked = self._begun
        async with self._turn:
            now = self.clock()
            old = self._read_at is None or now - self._read_at >= fresh_for
            if old and self._ended <= asked:  # a read that began before we asked would not do
                self._begun = number = self._begun + 1
                await self._read(client, self._read_at)
                self._holdings = await self._weighed()
                self._read_at, self._ended = now, number
            return self._holdings

    async def _read(self, client: MagentoClient, since: datetime | None) -> None:
        if since is None:
            found = {order.entity_id: order async for order in client.open_orders()}
            sent = await self.ledger.sales_stock.unsettled_orders(self.connection)
            for order in await client.goods_of(sent - found.keys()):
                found[order.entity_id] = order
            self._orders = found
            self._booked = {}
            return
        changed, shipped = await asyncio.gather(
            _changed_orders(client, since - OVERLAP), _shipped_orders(client, since - OVERLAP)
        )
        for order in await client.goods_of(shipped - changed.keys()):
            changed[order.entity_id] = order
        self._orders |= changed
        for order_id in changed:
            self._booked.pop(order_id, None)

    async def _weighed(self) -> Holdings:
        """Every order's pieces, by what Fortnox knows of it. Orders that hold nothing more are let go."""
        on_their_way = await self._look_up([one for one in self._orders.values() if not self._is_known(one)])
        found: defaultdict[str, Held] = defaultdict(Held)
        for order in list(self._orders.values()):
            known = self._booked.get(order.entity_id)
            will_be_booked = order.entity_id in on_their_way
            is_settled = not will_be_booked if known is None else not known.unsure
            if order.state not in OPEN_STATES and is_settled:
                del self._orders[order.entity_id]
                self._booked.pop(order.entity_id, None)
                continue
            for sku, held in held_by(order, known, will_be_booked=will_be_booked):
                found[sku.lower()] += held
        return dict(found)

    def _is_known(self, order: OrderGoods) -> bool:
        known = self._booked.get(order.entity_id)
        return known is not None and not known.unsure

    async def _look_up(self, orders: Sequence[OrderGoods]) -> set[int]:
        """Learn what Fortnox knows of these orders; those that it does not know and will hear of."""
        sales = await _sales_of(orders, self.connection, self.ledger)
        booked = await self.ledger.sales_stock.booked(self.connection, set(sales.values()))
        self._booked |= {order: booked[sale] for order, sale in sales.items() if sale in booked}
        strangers = {order: sale for order, sale in sales.items() if sale not in booked}
        states = await self.ledger.sales_stock.states(set(strangers.values()))
        return {
            order
            for order, sale in strangers.items()
            if states.get(sale) is not None and states[sale] not in NEVER_BOOKED
        }


async def _changed_orders(client: MagentoClient, since: datetime) -> dict[int, OrderGoods]:
    return {order.entity_id: order async for order in client.orders_changed(since)}


async def _shipped_orders(client: MagentoClient, since: datetime) -> set[int]:
    return {shipment.order_id async for shipment in client.shipments(since=since)}


def held_by(order: OrderGoods, known: BookedSale | None, *, will_be_booked: bool) -> list[tuple[str, Held]]:
    """A row that Fortnox' documents do not name (the parts of a bundle with a price of its own, or what was
    sold as text) is reserved by the shop alone."""
    if known is None or known.unsure:
        gone = known is not None or will_be_booked
        return [
            (one.sku, Held(waiting=one.unshipped, gone=min(one.shipped, one.wanted) if gone else Held().gone))
            for one in order.goods
        ]
    return [
        (one.sku, Held(reserved=one.unshipped))
        if article_number(one.sku) in known.articles
        else (one.sku, Held(waiting=one.unshipped))
        for one in order.goods
    ]


async def _sales_of(orders: Collection[OrderGoods], connection: str, ledger: Ledger) -> dict[int, str]:
    """Subject id of the sale by order: the one it was joined with, or its own."""
    keys = {order.entity_id: shop_key(order.entity_id) for order in orders}
    joined = await ledger.aliases.resolve_many(connection, "sale", list(keys.values()))
    return {order: joined.get(key) or subject_id(connection, "sale", key) for order, key in keys.items()}
