"""The nightly look at what Fortnox itself says of the clearing accounts and of our open invoices.

The tie-out is made of our own documents and Svea's reports, which the gateway reads from the ledger.
That Fortnox says the same can only be asked over there, so a worker asks and the answer is kept.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.sync_worker.context import FlowContext
from services.sync_worker.workshop import Workshop
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire_company import FinancialYear
from shared.domain.books_seen import AccountSeen, BooksSeen, InvoiceSeen
from shared.domain.errors import NotYet
from shared.domain.outcomes import Done, Skipped
from shared.domain.tie_out import TieOut
from shared.ledger.records import Subject
from shared.ledger.tie_out import BOOKS_SEEN

LISTED = 200  # invoices that differ; the rest is counted
CALM_TRIES = 3
BUSY_FOR = timedelta(minutes=15)
ZERO = Decimal("0.00")


async def tie_out(shop: Workshop, subject: Subject) -> Done | Skipped:
    """Fortnox' balances beside ours, kept until the next night."""
    async with shop.context(subject) as ctx:
        if not ctx.settings.markets:
            return Skipped("the connection has no market, so no clearing account")
        year = await ctx.fortnox.financial_year(ctx.today)
        if year is None:
            return Skipped(f"Fortnox has no financial year for {ctx.today}")
        seen = await _in_a_calm_moment(shop, ctx, year)
        await shop.ledger.cursors.set(subject.connection, BOOKS_SEEN, seen.to_text())
    notes = [_told(one) for one in seen.accounts]
    differing = len(seen.invoices) + seen.more
    return Done(notes=(*notes, f"{differing} invoices are open with another amount in Fortnox"))


def _told(one: AccountSeen) -> str:
    if not one.difference:
        return f"{one.account}: {one.moved:.2f} SEK, as by our documents"
    return f"{one.account}: {one.moved:.2f} SEK, by our documents {one.ours:.2f}"


async def _in_a_calm_moment(shop: Workshop, ctx: FlowContext, year: FinancialYear) -> BooksSeen:
    """While nothing is booked, or the two sides would be of different moments."""
    ours = await Ours.of(shop, ctx, year)
    for _ in range(CALM_TRIES):
        seen = await _seen(shop, ctx, year, ours)
        since = await Ours.of(shop, ctx, year)
        if since == ours:
            return seen
        ours = since
    raise NotYet("documents are being booked all the time", retry_after=BUSY_FOR)


@dataclass(frozen=True)
class Ours:
    """What is open and what stands on clearing by our documents."""

    in_year: TieOut
    ever: TieOut

    @classmethod
    async def of(cls, shop: Workshop, ctx: FlowContext, year: FinancialYear) -> "Ours":
        on = shop.ledger.tie_outs.on
        in_year = await on(ctx.settings, year.to_date, first=year.from_date)
        return cls(in_year, await on(ctx.settings, date.max))


async def _seen(shop: Workshop, ctx: FlowContext, year: FinancialYear, ours: Ours) -> BooksSeen:
    accounts = []
    for account, moved_by_us in ours.in_year.clearing.items():
        balance = await ctx.fortnox.balance(account, year.id)
        moved = balance.moved if balance is not None else ZERO
        accounts.append(AccountSeen(account, year.from_date, year.to_date, moved, moved_by_us))
    invoices = await _invoices(shop, ctx, ours.ever)
    return BooksSeen(
        seen_at=shop.clock(),
        accounts=tuple(accounts),
        invoices=tuple(invoices[:LISTED]),
        more=max(len(invoices) - LISTED, 0),
    )


async def _invoices(shop: Workshop, ctx: FlowContext, ours: TieOut) -> list[InvoiceSeen]:
    """Those that are open by us and not there, or by another amount; then those that are open there only."""
    there = {head.number: head async for head in ctx.fortnox.unpaid_invoices()}
    found, asked = [], 0
    for item in ours.items:
        number, head = item.claim.number, there.pop(item.claim.number, None)
        if head is None and asked == LISTED:
            continue
        asked += head is None
        left = head.balance if head is not None else await _left(ctx.fortnox, number)
        if left != item.open.amount:
            found.append(InvoiceSeen(number, item.claim.sale_id, item.open.currency, item.open.amount, left))
    known = await shop.ledger.payout_lists.sale_documents(ctx.settings.name, there)
    for number, document in known.items():
        if await _is_over_svea(shop, document.sale_id):
            head = there[number]
            found.append(InvoiceSeen(number, document.sale_id, head.currency, ZERO, head.balance))
    return found


async def _is_over_svea(shop: Workshop, sale_id: str) -> bool:
    """A sale of the shop that was paid elsewhere has another key than Svea's number."""
    sale = await shop.ledger.subjects.get(sale_id)
    return sale is not None and sale.key.isdecimal()


async def _left(client: FortnoxClient, number: str) -> Decimal:
    """Of one that is not in the list: it is paid, or a credit invoice where the list has none of these."""
    try:
        return (await client.invoice(number)).balance
    except NotFound:
        return ZERO
