"""A backfill by dates: which sales those days are about.

The shop lists its orders. Svea has no such list: its payout reports name the checkout id of every row,
and our own inbox knows the sales that we were told of. Together they are what can be known.
"""

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.sync_worker.workshop import Workshop
from shared.clients.magento.client import MagentoClient
from shared.clients.svea.client import SveaClient
from shared.domain.errors import ConnectionRevoked, ForeignOrder, RefusedBySvea, UnknownCheckout
from shared.domain.sale import shop_key
from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, Run, RunItem, Wake

PAID_OUT_WITHIN = timedelta(days=7)  # a sale stands in the report of a later day


async def expand_dates(shop: Workshop, run: Run) -> None:
    """Turn a run over dates into items; unless it is a preview, each becomes an event of its sale."""
    if run.total or "from" not in run.request:
        return
    found = await _sales_of(shop, run)
    items = [
        RunItem(key, "new", f"market {market}" if market else "known already", _id(run, key))
        for key, market in found.items()
    ]
    await shop.ledger.runs.add_items(run.id, items)
    if not items:
        await shop.ledger.runs.finish(run.id)
    if not run.request.get("preview"):
        events = [_event(run, key, market) for key, market in found.items()]
        accepted = await shop.ledger.inbox.accept(events)
        await shop.queue.wake([one.subject for one in accepted if isinstance(one.subject, Wake)])


async def _sales_of(shop: Workshop, run: Run) -> dict[str, str | None]:
    """Checkout ids by market, oldest day first."""
    first, last = date.fromisoformat(run.request["from"]), date.fromisoformat(run.request["to"])
    found: dict[str, str | None] = {}
    kit = await shop.kit(run.connection)
    for subject in await shop.ledger.subjects.told_of_between(
        run.connection, "sale", first, last, zone=kit.settings.zone
    ):
        found.setdefault(subject.key, subject.market)
    today = shop.clock().astimezone(kit.settings.zone).date()
    if kit.magento is not None:
        async for key in _ordered(kit.magento, first, last, kit.settings.zone):
            found.setdefault(key, None)
    day = first
    while day <= min(last + PAID_OUT_WITHIN, today):
        for market, client in kit.svea.items():
            for checkout_id in await _settled(client, day):
                found.setdefault(str(checkout_id), market)
        day += timedelta(days=1)
    return found


async def _ordered(client: MagentoClient, first: date, last: date, zone: ZoneInfo) -> AsyncIterator[str]:
    """By when they were made; an order is never changed before that."""
    async for order in client.orders(since=datetime.combine(first, time.min, zone)):
        if order.created_at is None or not first <= order.created_at.astimezone(zone).date() <= last:
            continue
        yield str(order.svea_order_id) if order.svea_order_id is not None else shop_key(order.entity_id)


async def _settled(client: SveaClient, on: date) -> tuple[int, ...]:
    """A merchant without reports has none to read: its sales are those that we were told of."""
    try:
        return await client.settled_checkout_ids(on)
    except (ConnectionRevoked, ForeignOrder, UnknownCheckout, RefusedBySvea):
        return ()


def _id(run: Run, key: str) -> str:
    return subject_id(run.connection, "sale", key)


def _event(run: Run, key: str, market: str | None) -> IncomingEvent:
    return IncomingEvent(
        connection=run.connection,
        source="backfill",
        name="backfill",
        dedupe_key=f"{run.id}:{key}",
        subject_kind="sale",
        subject_key=key,
        market=market,
        lane="bulk",
        attributes={"run_id": run.id},
    )
