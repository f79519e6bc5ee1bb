"""A payout: Svea's group as it was kept, the documents that its rows are about, and what the books allow."""

import json
from datetime import date
from decimal import Decimal

from services.sync_worker.booked import Books, to_booked
from services.sync_worker.context import FlowContext
from services.sync_worker.flows.payout.matching import Matching
from services.sync_worker.flows.payout.observed import ObservedPayout
from services.sync_worker.flows.payout.plan import outcomes
from shared.clients.svea.wire_reports import to_payout
from shared.domain.errors import UnknownPayout
from shared.domain.payouts import Payout
from shared.ledger.payouts import PayoutRecord
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
    payout = to_payout(stored.report, market=stored.market, asked=stored.dated)
    before = _before(stored)
    booked = tuple(to_booked(link) for link in ctx.links)
    matching = Matching(ctx, payout, await ctx.ledger.payouts.chosen(subject.id))
    await matching.look()
    return ObservedPayout(
        payout=payout,
        settings=ctx.settings,
        market=market,
        today=ctx.today,
        targets=matching.targets,
        booked=booked,
        books=await _books(stored.chosen_on or payout.on, ctx),
        rate=_rate(payout, await ctx.facts.rate(payout.currency)),
        before=before,
        chosen_on=stored.chosen_on,
        report=json.dumps(stored.report, ensure_ascii=False, indent=1).encode(),
        why_not=matching.why_not,
    )


def _market(stored: PayoutRecord, ctx: FlowContext) -> Market:
    market = ctx.settings.market(stored.market)
    if market is None:
        raise UnknownPayout(f"the connection has no market {stored.market} any more")
    return market


def _before(stored: PayoutRecord) -> Payout | None:
    """None also when it says what it said then: thousands of rows are not read twice to see that."""
    if stored.booked_report is None or stored.booked_report == stored.report:
        return None
    return to_payout(stored.booked_report, market=stored.market, asked=stored.dated)


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
    await ctx.ledger.payouts.booked(subject.id)
