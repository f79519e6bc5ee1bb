"""A payout: Svea's group as it was kept, the documents that its rows are about, and what the books allow."""

import json
from datetime import date
from decimal import Decimal
from functools import partial

from services.sync_worker.booked import Books, to_booked
from services.sync_worker.context import FlowContext
from services.sync_worker.flows.payout.matching import Matching
from services.sync_worker.flows.payout.observed import CarriedDebts, ObservedPayout
from services.sync_worker.flows.payout.plan import carried_sek, outcomes
from shared.clients.svea.wire_reports import to_payout
from shared.domain.errors import UnknownPayout
from shared.domain.payouts import Payout
from shared.ledger.payouts import NOT_MADE, PayoutRecord
from shared.ledger.records import Subject
from shared.settings.connections import Market

BOOK_CURRENCY = "SEK"
SIX_PLACES = Decimal("0.000001")


async def read(subject: Subject, ctx: FlowContext) -> ObservedPayout:
    """Everything the plan needs; writes nothing, and asks Fortnox only about rows that we know nothing of."""
    stored = await ctx.ledger.payouts.get(subject.id)
    if stored is None:
        raise UnknownPayout(f"no report of Svea's names payout {subject.key}")
    market = _market(stored, ctx)
    payout, changed = _as_begun(stored)
    removed = await ctx.ledger.payouts.removed(subject.id)
    matching = Matching(ctx, payout, await ctx.ledger.payouts.chosen(subject.id), removed)
    await matching.look()
    return ObservedPayout(
        payout=payout,
        settings=ctx.settings,
        market=market,
        today=ctx.today,
        targets=matching.targets,
        booked=tuple(to_booked(link) for link in ctx.links),
        books=await _books(stored.chosen_on or payout.on, ctx),
        rate=_rate_begun(ctx) or _rate(payout, await ctx.facts.rate(payout.currency)),
        debts=await _debts(stored, payout, ctx),
        changed=changed,
        chosen_on=stored.chosen_on,
        report=json.dumps(stored.booked_report or stored.report, ensure_ascii=False, indent=1).encode(),
        is_booked=stored.closing_sek is not None,
        removed=removed,
        why_not=matching.why_not,
    )


def _market(stored: PayoutRecord, ctx: FlowContext) -> Market:
    market = ctx.settings.market(stored.market)
    if market is None:
        raise UnknownPayout(f"the connection has no market {stored.market} any more")
    return market


def _as_begun(stored: PayoutRecord) -> tuple[Payout, Payout | None]:
    """As its booking began, and what Svea says now if that is something else.

    Thousands of rows are not read twice to see that they are the same.
    """
    now = partial(to_payout, market=stored.market, asked=stored.dated)
    if stored.booked_report is None or stored.booked_report == stored.report:
        return now(stored.report), None
    return now(stored.booked_report), now(stored.report)


async def _debts(stored: PayoutRecord, payout: Payout, ctx: FlowContext) -> CarriedDebts:
    """In SEK a debt is the same whenever it is paid off; in another currency its rate has moved."""
    if payout.currency == BOOK_CURRENCY or not (payout.opening_debt or payout.closing_debt):
        return CarriedDebts()
    chart = await ctx.facts.chart()
    opening, closing = stored.opening_sek, stored.closing_sek
    if closing is None:
        beside = await ctx.ledger.payouts.debts_beside(stored)
        opening, closing = beside.opening_sek, beside.closing_sek
    return CarriedDebts(opening, closing, chart.exchange_gain, chart.exchange_loss)


def _rate_begun(ctx: FlowContext) -> Decimal | None:
    """The rate that its booking began at: what follows on another day is turned at the same."""
    begun = (link for link in ctx.links if link.kind in ("payment", "voucher") and link.state not in NOT_MADE)
    return next((Decimal(link.draft["rate"]) for link in begun if link.draft.get("rate")), None)


def _rate(payout: Payout, fortnox: Decimal | None) -> Decimal | None:
    """SEK per unit: Svea's own when it paid out in SEK, else Fortnox' of the day; None for SEK.

    Which way round Svea prints its rate is not documented: the way that is nearer to Fortnox' rate.
    """
    said = next(
        (row.exchange_rate for row in payout.money_rows if row.destination_currency == BOOK_CURRENCY), None
    )
    if fortnox is None or not said:
        return fortnox
    ways = (said, (1 / said).quantize(SIX_PLACES))
    return min(ways, key=lambda rate: abs(rate - fortnox))


async def _books(day: date, ctx: FlowContext) -> Books:
    there = await ctx.facts.has_year(day)
    return Books(
        locked_until=await ctx.facts.locked_until(), without_year=frozenset() if there else frozenset({day})
    )


async def note(subject: Subject, seen: ObservedPayout, ctx: FlowContext) -> None:
    """After it was booked: each row's state and sentence, and the report as it was booked."""
    told = [(one.key, one.state, one.why, one.documents) for one in outcomes(seen)]
    await ctx.ledger.payouts.note(subject.id, told)
    await ctx.ledger.payouts.booked(subject.id, *carried_sek(seen))
