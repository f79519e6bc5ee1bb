"""What the books allow for a sale: open days, and the day that a person chose where its own is closed."""

from collections.abc import Iterable, Sequence
from datetime import date

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.sale.observed import Booked, Books, ChosenDay
from shared.domain.sale import Sale


async def books_for(
    sale: Sale, booked: Sequence[Booked], refunds: Sequence[date], ctx: FlowContext
) -> tuple[Books, ChosenDay | None]:
    """Asked only when something with a ledger effect may have to be booked."""
    days = _days(sale, booked)
    if not days or not _has_to_book(sale, booked):
        return Books(), None
    days.update(refunds, [ctx.today])
    books = await _books_on(days, ctx)
    if not any(books.is_closed(day) for day in days):
        return books, None
    chosen = await ctx.ledger.booking_days.of(ctx.subject.id)
    if chosen is None:
        return books, None
    why = f"chosen by {chosen.chosen_by}: {chosen.reason}"
    return await _books_on({*days, chosen.day}, ctx), ChosenDay(chosen.day, why)


def _has_to_book(sale: Sale, booked: Sequence[Booked]) -> bool:
    final = {one.ref for one in booked if one.kind == "invoice" and one.state == "final"}
    gives_back = any(one.credited or one.credits for one in sale.deliveries)
    return len(final) < len(sale.deliveries) or gives_back


def _days(sale: Sale, booked: Sequence[Booked]) -> set[date]:
    """Of deliveries and refunds, and of documents that are begun."""
    days = {delivery.on for delivery in sale.deliveries}
    days.update(credit.on for one in sale.deliveries for credit in one.credits if credit.on is not None)
    if days:
        days.update(one.dated for one in booked if one.dated is not None and one.state != "final")
    return days


async def _books_on(days: Iterable[date], ctx: FlowContext) -> Books:
    years = {on: await ctx.facts.year(on) for on in sorted(days)}
    return Books(
        locked_until=await ctx.facts.locked_until(),
        without_year=frozenset(on for on, year in years.items() if year is None),
        by_cash=frozenset(on for on, year in years.items() if year and year.accounting_method == "CASH"),
    )
