"""Invoices and credit invoices that the shop has to hear of: told by the sale that booked them, or swept.

Whether a payment moves an invoice's time of change is not known, so what was paid lately is asked for
by its day as well; and at night everything of the last weeks is, since nothing says that a list is whole.
"""

import re
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime, timedelta

from services.sync_worker.booking import BookingEngine
from services.sync_worker.context import FlowContext
from services.sync_worker.shop_documents_since import (
    CREDITS_SINCE,
    INVOICES_SINCE,
    note_switches,
    told_from,
)
from services.sync_worker.workshop import Workshop
from shared.clients.fortnox.wire import FortnoxInvoiceHead
from shared.domain.documents import InvoiceDraft, Plan
from shared.domain.outcomes import Done, Skipped
from shared.domain.sale import shop_order_of
from shared.ledger.records import IncomingEvent, Link, Subject

KIND = "shop_document"
CURSOR = "shop_documents.seen_at"
OVERLAP = timedelta(minutes=15)
FIRST_LOOK = timedelta(days=1)
PAID_LATELY = timedelta(days=1)
PAID_BEFORE = timedelta(days=30)
DATED_BEFORE = timedelta(days=90)
PER_BATCH = 200
OUR_CREDIT = re.compile(r"-C\d+$")
NOTHING_TO_TELL = "the connection has no shop that hears of invoices or credit invoices"


# ── told by a sale ────────────────────────────────────────────────────────────────────────────────


async def tell_the_shop(
    shop: Workshop, subject: Subject, plan: Plan, ctx: FlowContext, engine: BookingEngine
) -> None:
    """Invoices that this run of a sale has booked, and those of a sale that only now has its order there."""
    names = [value for kind, value in plan.names if kind == "sale"]
    in_shop = next((name for name in (subject.key, *names) if shop_order_of(name) is not None), None)
    if in_shop is None or ctx.settings.magento is None or not ctx.settings.sync.shop_invoices:
        return
    final = {(link.kind, link.reference) for link in ctx.links if link.state == "final"}
    just_joined = ["sale", in_shop] not in [list(name) for name in subject.summary.get("names") or ()]
    events = []
    for draft in plan.drafts:
        if not isinstance(draft, InvoiceDraft):
            continue
        number = engine.number_of(draft.kind, draft.ref)
        if draft.key not in final:
            events.append(_event(subject.connection, number, "invoice_booked", f"invoice|{number}"))
        elif just_joined and in_shop != subject.key:
            events.append(_event(subject.connection, number, "joined", f"joined|{number}|{in_shop}"))
    await _accept(shop, events)


# ── swept ─────────────────────────────────────────────────────────────────────────────────────────


async def changed_documents(shop: Workshop, subject: Subject) -> Done | Skipped:
    """What changed in Fortnox since the last look, and what was paid since yesterday."""
    async with shop.context(subject) as ctx:
        await note_switches(ctx)
        if not _has_ears(ctx):
            return Skipped(NOTHING_TO_TELL)
        began = shop.clock()
        seen_at = await shop.ledger.cursors.get(subject.connection, CURSOR)
        since = datetime.fromisoformat(seen_at) - OVERLAP if seen_at else began - FIRST_LOOK
        told = await _tell(shop, ctx, ctx.fortnox.invoices_changed_since(since))
        told += await _tell(shop, ctx, ctx.fortnox.invoices_paid_since(ctx.today - PAID_LATELY))
        await shop.ledger.cursors.set(subject.connection, CURSOR, began.isoformat())
    return Done(notes=(f"{told} invoices and credit invoices to tell the shop of",))


async def all_documents(shop: Workshop, subject: Subject) -> Done | Skipped:
    """Everything dated in the last 90 days, and what was paid in the last 30."""
    async with shop.context(subject) as ctx:
        await note_switches(ctx)
        if not _has_ears(ctx):
            return Skipped(NOTHING_TO_TELL)
        told = await _tell(shop, ctx, ctx.fortnox.invoices_dated_since(ctx.today - DATED_BEFORE))
        told += await _tell(shop, ctx, ctx.fortnox.invoices_paid_since(ctx.today - PAID_BEFORE))
    return Done(notes=(f"{told} invoices and credit invoices to tell the shop of",))


def _has_ears(ctx: FlowContext) -> bool:
    return ctx.magento is not None and (ctx.settings.sync.shop_invoices or ctx.settings.sync.credit_notes)


async def _tell(shop: Workshop, ctx: FlowContext, heads: AsyncIterator[FortnoxInvoiceHead]) -> int:
    """A page's worth at a time; what was told before is a duplicate to the inbox, and wakes nobody."""
    told = 0
    batch: list[FortnoxInvoiceHead] = []
    invoices, credits = await told_from(ctx, INVOICES_SINCE), await told_from(ctx, CREDITS_SINCE)
    async for head in heads:
        since = credits if head.total < 0 else invoices
        is_new = head.invoice_date is None or head.invoice_date >= since
        if head.booked and not head.cancelled and head.total and is_new:
            batch.append(head)
        if len(batch) == PER_BATCH:
            told += await _accept(shop, await _events(ctx, batch))
            batch = []
    return told + await _accept(shop, await _events(ctx, batch))


async def _events(ctx: FlowContext, heads: Sequence[FortnoxInvoiceHead]) -> list[IncomingEvent]:
    """Our own invoices, those that people made of our orders, and credit invoices that are not ours."""
    if not heads:
        return []
    links, name = ctx.ledger.links, ctx.settings.name
    ours = await links.numbered(name, "fortnox", {head.number for head in heads})
    orders = {("order", head.external_reference1) for head in heads if head.external_reference1}
    ordered = {link.reference for link in await links.named(name, "fortnox", orders)} if orders else set()
    return [
        _event(name, head.number, what, key)
        for head in heads
        for what, key in _news(head, _kinds(ours, head.number), ordered, ctx)
    ]


def _kinds(links: Iterable[Link], number: str) -> set[str]:
    return {link.kind for link in links if link.number == number}


def _news(
    head: FortnoxInvoiceHead, kinds: Collection[str], ordered: Collection[str], ctx: FlowContext
) -> Iterable[tuple[str, str]]:
    """What there is to tell of it, each with the name under which it is told once."""
    if head.total < 0:
        is_ours = "credit_invoice" in kinds or OUR_CREDIT.search(head.external_reference1)
        if ctx.settings.sync.credit_notes and not is_ours:
            yield "credit_booked", f"credit|{head.number}"
    elif ctx.settings.sync.shop_invoices and ("invoice" in kinds or head.external_reference1 in ordered):
        yield "invoice_booked", f"invoice|{head.number}"
        if head.balance == 0:
            yield "invoice_paid", f"paid|{head.number}|{head.final_pay_date}"


def _event(connection: str, number: str, name: str, key: str) -> IncomingEvent:
    return IncomingEvent(
        connection=connection,
        source="sweep",
        name=name,
        dedupe_key=f"{KIND}|{key}",
        subject_kind=KIND,
        subject_key=number,
        lane="settle",
    )


async def _accept(shop: Workshop, events: Sequence[IncomingEvent]) -> int:
    if not events:
        return 0
    accepted = await shop.ledger.inbox.accept(events)
    wakes = [one.subject for one in accepted if one.subject is not None]
    await shop.queue.wake(wakes)
    return len(wakes)
