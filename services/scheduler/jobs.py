"""What each job of the timetable does: it leaves events in the inbox, and calls no other system."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent, StoredConnection, Subject, Wake
from shared.settings.service import ServiceSettings

OPEN_FOR = timedelta(minutes=10)  # a sale looked at less than this ago is left alone
RECENT = timedelta(days=120)  # Svea lets a delivery be credited for months
BATCH = 500


@dataclass(frozen=True)
class Tick:
    """One run of one job for one connection."""

    connection: StoredConnection
    slot: datetime
    now: datetime
    ledger: Ledger
    service: ServiceSettings


async def open_sales(tick: Tick) -> list[Wake]:
    """Sales whose order is not fully delivered: their next webhook may have been lost."""
    return await _look_again(tick, states=("done", "waiting"), unseen_for=OPEN_FOR, only_open=True)


async def recent_sales(tick: Tick) -> list[Wake]:
    """Every sale that moved lately, whatever its state says."""
    return await _look_again(tick, states=("done", "skipped"), unseen_for=timedelta(hours=5), only_open=False)


async def mask_payloads(tick: Tick) -> list[Wake]:
    before = tick.now - tick.service.keep_payloads
    while await tick.ledger.inbox.mask_before(before, BATCH):
        pass
    while await tick.ledger.audit.mask_before(before, BATCH):
        pass
    return []


async def _look_again(
    tick: Tick, *, states: tuple[str, ...], unseen_for: timedelta, only_open: bool
) -> list[Wake]:
    name = tick.connection.name
    subjects = await tick.ledger.subjects.to_reread(
        name, "sale", states, not_looked_at_since=tick.now - unseen_for, limit=BATCH
    )
    wanted = [
        one for one in subjects if one.updated_at > tick.now - RECENT and (_is_open(one) or not only_open)
    ]
    events = [_event(tick, subject) for subject in wanted]
    accepted = await tick.ledger.inbox.accept(events)
    return [one.subject for one in accepted if one.subject is not None]


def _is_open(subject: Subject) -> bool:
    return subject.state == "waiting" or bool(subject.summary.get("open"))


def _event(tick: Tick, subject: Subject) -> IncomingEvent:
    return IncomingEvent(
        connection=tick.connection.name,
        source="sweep",
        name="look_again",
        dedupe_key=f"{tick.slot:%Y-%m-%dT%H:%M}|{subject.kind}|{subject.key}",
        subject_kind=subject.kind,
        subject_key=subject.key,
        market=subject.market,
        lane="settle",
    )


def chore(kind: str) -> Callable[[Tick], Awaitable[list[Wake]]]:
    """A chore of the connection as a whole: its subject is the connection."""

    async def do(tick: Tick) -> list[Wake]:
        event = IncomingEvent(
            connection=tick.connection.name,
            source="schedule",
            name=kind,
            dedupe_key=f"{kind}|{tick.slot:%Y-%m-%dT%H:%M}",
            subject_kind=kind,
            subject_key=tick.connection.name,
            lane="bulk",
        )
        return [one.subject for one in await tick.ledger.inbox.accept([event]) if one.subject is not None]

    return do


def shop_chore(kind: str) -> Callable[[Tick], Awaitable[list[Wake]]]:
    """A chore that only a connection with a shop has."""
    do = chore(kind)

    async def do_if_there_is_a_shop(tick: Tick) -> list[Wake]:
        return await do(tick) if tick.connection.declaration.magento is not None else []

    return do_if_there_is_a_shop


JOBS: dict[str, Callable[[Tick], Awaitable[list[Wake]]]] = {
    "svea_open_sales": open_sales,
    "svea_recent_sales": recent_sales,
    "shop_orders": shop_chore("shop_orders"),
    "shop_documents": shop_chore("shop_documents"),
    "shop_documents_full": shop_chore("shop_documents_full"),
    "customer_register": chore("customer_register"),
    "customers": shop_chore("customers"),
    "customers_full": shop_chore("customers_full"),
    "products": shop_chore("products"),
    "products_full": shop_chore("products_full"),
    "prices": shop_chore("prices"),
    "currency_rates": shop_chore("currency_rates"),
    "stock": shop_chore("stock_sweep"),
    "stock_full": shop_chore("stock_full"),
    "payouts": chore("payouts"),
    "preflight": chore("preflight"),
    "svea_subscriptions": chore("svea_subscriptions"),
    "tie_out": chore("tie_out"),
    "completeness": chore("completeness"),
    "mask_old_payloads": mask_payloads,
}
