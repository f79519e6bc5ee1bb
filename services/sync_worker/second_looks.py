"""Sales of Svea that are read again, since a notice of theirs may have been lost."""

from collections.abc import Sequence
from datetime import timedelta

from services.sync_worker.workshop import Workshop
from shared.domain.outcomes import Done
from shared.ledger.records import IncomingEvent, Subject

OPEN_FOR = timedelta(minutes=10)  # a sale looked at less than this ago is left alone
RECENT_FOR = timedelta(hours=5)
RECENT = timedelta(days=120)  # Svea lets a delivery be credited for months
BATCH = 500


async def open_sales(shop: Workshop, subject: Subject) -> Done:
    """Sales whose order is not fully delivered: their next notice may have been lost."""
    found = await _unseen(shop, subject, ("done", "waiting"), OPEN_FOR)
    return await _look_again(shop, subject, [sale for sale in found if _is_open(sale)])


async def recent_sales(shop: Workshop, subject: Subject) -> Done:
    """Every sale that moved lately, whatever its state says."""
    found = await _unseen(shop, subject, ("done", "skipped"), RECENT_FOR)
    return await _look_again(shop, subject, found)


async def _unseen(
    shop: Workshop, subject: Subject, states: tuple[str, ...], unseen_for: timedelta
) -> list[Subject]:
    now = shop.clock()
    found = await shop.ledger.subjects.to_reread(
        subject.connection, "sale", states, not_looked_at_since=now - unseen_for, limit=BATCH
    )
    return [sale for sale in found if sale.updated_at > now - RECENT]


def _is_open(sale: Subject) -> bool:
    return sale.state == "waiting" or bool(sale.summary.get("open"))


async def _look_again(shop: Workshop, subject: Subject, sales: Sequence[Subject]) -> Done:
    events = [
        IncomingEvent(
            connection=subject.connection,
            source="sweep",
            name="look_again",
            dedupe_key=f"{subject.kind}|{subject.wanted}|{sale.kind}|{sale.key}",
            subject_kind=sale.kind,
            subject_key=sale.key,
            market=sale.market,
            lane="settle",
        )
        for sale in sales
    ]
    accepted = await shop.ledger.inbox.accept(events)
    await shop.queue.wake([one.subject for one in accepted if one.subject is not None])
    return Done(notes=(f"{len(sales)} sales to look at again",))
