"""A sale: what Svea says of it now, what is booked of it, and what the books allow."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from services.sync_worker.booked import to_booked
from services.sync_worker.context import FlowContext
from services.sync_worker.flows.sale.from_svea import SveaOrder, not_final, to_sale
from services.sync_worker.flows.sale.observed import Booked, Elsewhere, ObservedSale
from services.sync_worker.flows.sale.plan_order import buyer_references
from services.sync_worker.flows.sale.read_books import books_for
from services.sync_worker.flows.sale.read_shop import numbered_sale, shop_sale, with_shop
from services.sync_worker.flows.sale.read_vies import vies_of
from shared.clients.svea.client import SveaClient
from shared.clients.svea.wire import AdminOrder, CheckoutOrder
from shared.domain.errors import ForeignOrder, NeedsAttention, NotYet, UnknownCheckout
from shared.domain.exchange import ExchangeRate
from shared.domain.sale import Sale, shop_order_of
from shared.ledger.records import StoredEvent, Subject
from shared.settings.connections import Market

ORDER_NUMBER = "order_number:"  # a key that a person gave and no alias knows
APPEARS_WITHIN = timedelta(minutes=10)  # an event may be faster than Svea's own order
LOOK_AGAIN = timedelta(seconds=10)


async def read(subject: Subject, ctx: FlowContext) -> ObservedSale | Elsewhere:
    """Everything the plan needs; writes nothing. Raises Retryable when a system cannot be reached."""
    booked = tuple(to_booked(link) for link in ctx.links)
    if subject.key.startswith(ORDER_NUMBER):
        return await numbered_sale(subject.key.removeprefix(ORDER_NUMBER), ctx)
    entity_id = shop_order_of(subject.key)
    if entity_id is None:
        credits = [found for found in booked if found.kind == "credit_invoice"]
        sale = await with_shop(await _sale(subject, ctx), subject, ctx, credits)
    else:
        found = await shop_sale(entity_id, subject, ctx)
        if isinstance(found, Elsewhere):
            return found
        sale = found
    days = await _refund_days(sale, subject, ctx)
    books, chosen_day = await books_for(sale, booked, days, ctx)
    rate = await _rate(sale, booked, ctx)
    return ObservedSale(
        sale=sale,
        settings=ctx.settings,
        today=ctx.today,
        booked=booked,
        books=books,
        rate=rate.sek if rate else None,
        rated=rate,
        refund_days=days,
        credited_before=_credited_before(ctx),
        vies=await vies_of(sale, ctx, booked) if _books_something(sale) else None,
        customer=await _customer(sale, booked, ctx),
        chosen_day=chosen_day,
    )


def _credited_before(ctx: FlowContext) -> frozenset[str]:
    shop, now = ctx.settings.magento, ctx.clock()
    return frozenset(
        link.reference
        for link in ctx.links
        if shop is not None and link.kind == "credit_invoice" and link.created_at is not None
        if now - link.created_at >= shop.documents.wait
    )


async def _rate(sale: Sale, booked: Sequence[Booked], ctx: FlowContext) -> ExchangeRate | None:
    """Not asked for once all is booked: what is booked keeps its rate, whatever becomes of the currency."""
    final = {one.ref for one in booked if one.kind == "invoice" and one.state == "final"}
    all_booked = bool(sale.deliveries) and len(final) >= len(sale.deliveries) and not sale.remaining
    if all_booked or not _books_something(sale):
        return None
    return await ctx.facts.exchange_rate(sale.currency, by_shop=sale.shop_rate)


async def _customer(sale: Sale, booked: Sequence[Booked], ctx: FlowContext) -> str:
    """Whom its order names; else who goes by the buyer's name by now, such as an account in the shop."""
    ordered = next((one.draft["customer"] for one in booked if one.kind == "order"), None)
    if ordered is not None or not _books_something(sale):
        return str(ordered or "")
    return await ctx.ledger.customers.reference_for(ctx.settings.name, buyer_references(sale.buyer))


async def _sale(subject: Subject, ctx: FlowContext) -> Sale:
    """From the key set that the order belongs to; Svea tells by 403 that it is another's."""
    problems: list[NeedsAttention] = []
    for market in _by_likelihood(ctx.settings.markets, subject.market):
        found = await _at_market(int(subject.key), market, ctx, problems)
        if found is not None:
            return found
    if any(isinstance(problem, ForeignOrder) for problem in problems):
        raise ForeignOrder(
            f"Svea order {subject.key} belongs to none of the merchants of this connection",
            facts={"checkout_id": subject.key, "asked": ", ".join(m.name for m in ctx.settings.markets)},
        )
    await _may_appear(subject, ctx)
    raise UnknownCheckout(f"Svea has no order {subject.key}", facts={"checkout_id": subject.key})


def _by_likelihood(markets: Sequence[Market], told: str | None) -> list[Market]:
    return sorted(markets, key=lambda market: market.name != told)


async def _at_market(
    checkout_id: int, market: Market, ctx: FlowContext, problems: list[NeedsAttention]
) -> Sale | None:
    client = ctx.svea[market.name]
    admin, checkout = await asyncio.gather(
        _admin_order(client, checkout_id, problems), _checkout_order(client, checkout_id, problems)
    )
    if admin is not None:
        return to_sale(SveaOrder(admin, checkout, market), ctx.settings)
    if checkout is None:
        return None
    if checkout.status.casefold() == "final":
        raise NotYet(f"Svea's order {checkout_id} is confirmed but not there yet", retry_after=LOOK_AGAIN)
    return not_final(checkout, market, ctx.today)


async def _admin_order(
    client: SveaClient, checkout_id: int, problems: list[NeedsAttention]
) -> AdminOrder | None:
    try:
        return await client.order(checkout_id)
    except (ForeignOrder, UnknownCheckout) as problem:
        problems.append(problem)
        return None


async def _checkout_order(
    client: SveaClient, checkout_id: int, problems: list[NeedsAttention]
) -> CheckoutOrder | None:
    """Old checkouts are gone, so this one's absence alone is no problem."""
    try:
        return await client.checkout_order(checkout_id)
    except (ForeignOrder, UnknownCheckout):
        return None


async def _may_appear(subject: Subject, ctx: FlowContext) -> None:
    """An order that Svea itself told us of will be there soon; one that a person named will not."""
    if ctx.clock() - subject.created_at > APPEARS_WITHIN:
        return
    events = await ctx.ledger.inbox.for_subject(subject.id)
    if any(event.source in ("svea", "svea_push") for event in events):
        raise NotYet(f"Svea's order {subject.key} is not there yet", retry_after=LOOK_AGAIN)


async def _refund_days(sale: Sale, subject: Subject, ctx: FlowContext) -> tuple[date, ...]:
    """Asked only when something was given back."""
    if not any(delivery.credited for delivery in sale.deliveries):
        return ()
    return refund_days(await ctx.ledger.inbox.for_subject(subject.id), ctx)


def refund_days(events: Iterable[StoredEvent], ctx: FlowContext) -> tuple[date, ...]:
    """The days of the refunds that Svea told us of, oldest first: its credits themselves have no date."""
    days: dict[str, date] = {}
    for event in events:
        if event.source == "svea" and event.name == "CheckoutOrder.CreditSucceeded":
            at = event.occurred_at or event.received_at
            credit = str(event.attributes.get("credit_id") or event.id)
            days.setdefault(credit, at.astimezone(ctx.settings.zone).date())
    return tuple(sorted(days.values()))


def _books_something(sale: Sale) -> bool:
    return sale.status not in ("not_final", "pending")
