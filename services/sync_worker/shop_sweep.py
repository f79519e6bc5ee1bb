"""Orders of the shop to look at, since a notice may be lost, or the shop may send none.

Three lists are read, since each misses what the others see: an order's ``updated_at`` does not move at a
partial shipment, and moves a while after its credit memo on a database that lags.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta

from services.sync_worker.context import FlowContext
from services.sync_worker.workshop import Workshop
from shared.clients.magento.client import MagentoClient
from shared.domain.outcomes import Done, Skipped
from shared.domain.sale import shop_key
from shared.ledger.records import IncomingEvent, Subject

OVERLAP = timedelta(minutes=15)  # seconds are the shop's resolution, and a row is seen when it is committed
CURSOR = "shop_orders.seen_at"
PER_BATCH = 200


async def changed_orders(shop: Workshop, subject: Subject) -> Done | Skipped:
    """Every order that was changed, invoiced, shipped or refunded since the last look becomes an event."""
    async with shop.context(subject) as ctx:
        if ctx.magento is None:
            return Skipped("the connection has no shop")
        began = shop.clock()
        seen_at = await shop.ledger.cursors.get(subject.connection, CURSOR)
        since = (datetime.fromisoformat(seen_at) if seen_at else began) - OVERLAP
        told = await _tell(shop, ctx, _changes(ctx.magento, since))
        await shop.ledger.cursors.set(subject.connection, CURSOR, began.isoformat())
    return Done(notes=(f"{told} orders to look at",))


async def _changes(client: MagentoClient, since: datetime) -> AsyncIterator[tuple[int, str]]:
    """Order ids with what makes this change another than the last one."""
    async for order in client.orders(since=since):
        yield order.entity_id, f"order|{order.entity_id}|{order.updated_at}|{order.state}|{order.status}"
    async for invoice in client.invoices(since=since):
        yield invoice.order_id, f"invoice|{invoice.entity_id}|{invoice.updated_at}"
    async for memo in client.credit_memos(since=since):
        yield memo.order_id, f"memo|{memo.entity_id}|{memo.updated_at}"
    async for shipment in client.shipments(since=since):
        yield shipment.order_id, f"shipment|{shipment.entity_id}|{shipment.created_at}"


async def _tell(shop: Workshop, ctx: FlowContext, changes: AsyncIterator[tuple[int, str]]) -> int:
    """A change that was told before is a duplicate to the inbox, and wakes nobody."""
    told = 0
    batch: dict[str, IncomingEvent] = {}
    async for entity_id, key in changes:
        batch[key] = IncomingEvent(
            connection=ctx.settings.name,
            source="sweep",
            name="shop_order_changed",
            dedupe_key=key,
            subject_kind="sale",
            subject_key=shop_key(entity_id),
            lane="settle",
        )
        if len(batch) == PER_BATCH:
            told += await _accept(shop, batch.values())
            batch = {}
    return told + await _accept(shop, batch.values())


async def _accept(shop: Workshop, events: Iterable[IncomingEvent]) -> int:
    accepted = await shop.ledger.inbox.accept(list(events))
    wakes = [one.subject for one in accepted if one.subject is not None]
    await shop.queue.wake(wakes)
    return len(wakes)
