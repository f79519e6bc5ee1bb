"""What the shop says of a sale: its order, and those of its documents that a plan needs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.sale.from_shop import ShopOrder, to_shop_sale
from services.sync_worker.flows.sale.joined import joined
from services.sync_worker.flows.sale.observed import Booked, Elsewhere
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.wire_sales import Order
from shared.domain.errors import NotYet, ShopOrderMissing, UnknownCheckout, UnknownShopOrder
from shared.domain.outcomes import Advice
from shared.domain.sale import Sale, shop_key, shop_order_of
from shared.ledger.records import Subject
from shared.settings.magento import MagentoSettings

LOOK_AGAIN = timedelta(seconds=30)
APPEARS_WITHIN = timedelta(minutes=2)  # a notice may be faster than the shop's own commit or replica
SUFFIX = re.compile(r"-\d+$")


# ── a sale that Svea told us of ───────────────────────────────────────────────────────────────────


async def with_shop(svea: Sale, subject: Subject, ctx: FlowContext, booked: Sequence[Booked]) -> Sale:
    """The sale with what the shop knows of it; raises NotYet while its order may still come."""
    if ctx.magento is None or ctx.settings.magento is None or svea.status == "not_final":
        return svea
    order = await _order_of(svea, subject, ctx.magento, ctx.settings.magento)
    if order is None:
        return _without(svea, ctx, ctx.settings.magento)
    found = ShopOrder(
        order,
        invoices=await ctx.magento.invoices_of(order.entity_id) if _needs_invoices(svea, order) else (),
        memos=await ctx.magento.credit_memos_of(order.entity_id) if order.total_refunded else (),
    )
    return joined(svea, found, ctx.settings, booked=booked)


def _needs_invoices(svea: Sale, order: Order) -> bool:
    """A delivery of everything has the order's own rows."""
    whole = len(svea.deliveries) == 1 and svea.deliveries[0].amount == svea.ordered
    return bool(svea.deliveries) and not whole and bool(order.total_invoiced)


async def _order_of(
    svea: Sale, subject: Subject, client: MagentoClient, shop: MagentoSettings
) -> Order | None:
    """By what we know already, by its number, and last by Svea's column where the shop has it."""
    known = _known_order(subject)
    if known is not None:
        return await client.order(known)
    assert svea.checkout_id is not None
    number = svea.order_number
    if number:
        numbers = tuple(dict.fromkeys((number, SUFFIX.sub("", number))))
        found = _same_purchase(svea, await client.orders_numbered(numbers), shop)
        if found is not None:
            return found
    return _same_purchase(svea, await client.orders_of_checkout(svea.checkout_id), shop)


def _known_order(subject: Subject) -> int | None:
    names = subject.summary.get("names") or ()
    return next((shop_order_of(value) for kind, value in names if kind == "sale"), None)


def _same_purchase(svea: Sale, orders: Iterable[Order], shop: MagentoSettings) -> Order | None:
    """Svea's own number decides. Without it the order number does, and a suffix is dropped only when the
    totals agree: Svea's module adds one to a second session, Magento to an edited order."""
    candidates = list(orders)
    for order in candidates:
        if order.svea_order_id == svea.checkout_id:
            return order
    unnamed = [
        order for order in candidates if order.svea_order_id is None and shop.is_svea(order.payment_method)
    ]
    for order in unnamed:
        if order.increment_id == svea.order_number:
            return order
    return next((order for order in unnamed if order.grand_total == svea.ordered.amount), None)


def _without(svea: Sale, ctx: FlowContext, shop: MagentoSettings) -> Sale:
    ordered_at = svea.ordered_at or ctx.clock()
    if ctx.clock() - ordered_at < shop.order_wait:
        raise NotYet(f"the shop does not show the order of {svea.name} yet", retry_after=LOOK_AGAIN)
    text = f"the shop has no order of {svea.name} ({svea.order_number or 'no order number'})"
    facts = {"checkout_id": str(svea.checkout_id), "order_number": svea.order_number}
    if shop.without_order == "hold":
        raise ShopOrderMissing(text, facts=facts)
    advice = Advice("shop_order_missing", f"{text}; Svea's rows are booked", facts)
    return replace(svea, advice=(*svea.advice, advice))


# ── a sale that the shop told us of ───────────────────────────────────────────────────────────────


async def shop_sale(entity_id: int, subject: Subject, ctx: FlowContext) -> Sale | Elsewhere:
    """A sale paid outside Svea; or where its purchase is, when it was paid there."""
    if ctx.magento is None or ctx.settings.magento is None:
        raise UnknownShopOrder(f"order {entity_id} is of a shop, but this connection has none")
    shop = ctx.settings.magento
    order = await ctx.magento.order(entity_id)
    if order is None:
        if ctx.clock() - subject.created_at < APPEARS_WITHIN:
            raise NotYet(f"the shop does not show order {entity_id} yet", retry_after=LOOK_AGAIN)
        raise UnknownShopOrder(f"the shop has no order {entity_id}", facts={"entity_id": str(entity_id)})
    if order.svea_order_id is not None:
        return paid_through_svea(order, order.svea_order_id)
    if shop.is_svea(order.payment_method) and order.state != "canceled":
        return await _named_by_svea(order, ctx, shop)
    return to_shop_sale(await _with_documents(order, ctx.magento, shop), ctx.settings, shop)


def paid_through_svea(order: Order, checkout_id: int) -> Elsewhere:
    why = f"order {order.increment_id} was paid through Svea: it is sale {checkout_id}"
    return Elsewhere(str(checkout_id), why)


async def numbered_sale(number: str, ctx: FlowContext) -> Elsewhere:
    """The sale of an order number that a person gave. Raises UnknownShopOrder."""
    orders = () if ctx.magento is None else await ctx.magento.orders_numbered((number,))
    facts = {"order_number": number}
    if not orders:
        raise UnknownShopOrder(f"the shop has no order {number}", facts=facts)
    if len(orders) > 1:
        ids = ", ".join(str(order.entity_id) for order in orders)
        raise UnknownShopOrder(f"several orders have the number {number}: {ids}", facts=facts)
    (order,) = orders
    if order.svea_order_id is not None:
        return paid_through_svea(order, order.svea_order_id)
    return Elsewhere(shop_key(order.entity_id), f"order {number} is {order.entity_id} in the shop")


async def _named_by_svea(order: Order, ctx: FlowContext, shop: MagentoSettings) -> Elsewhere:
    """Its checkout is known once Svea has told us of an order with this number."""
    number = order.increment_id
    found = await ctx.ledger.aliases.resolve(ctx.settings.name, "order_number", number)
    subject = await ctx.ledger.subjects.get(found) if found else None
    if subject is not None and subject.key.isdigit():
        return paid_through_svea(order, int(subject.key))
    if order.created_at is not None and ctx.clock() - order.created_at < shop.order_wait:
        raise NotYet(
            f"order {number} was paid through Svea, and Svea has not told of it", retry_after=LOOK_AGAIN
        )
    raise UnknownCheckout(
        f"order {number} was paid through Svea ({order.payment_method}), but names no checkout",
        facts={"order_number": number, "entity_id": str(order.entity_id)},
    )


async def _with_documents(order: Order, client: MagentoClient, shop: MagentoSettings) -> ShopOrder:
    """Only what there is: the order's own totals say which documents were made."""
    by_shipment = shop.invoice_at == "shipment" and not order.is_virtual
    invoiced = any(item.quantity_invoiced for item in order.items)
    shipped = any(item.quantity_shipped for item in order.items)
    return ShopOrder(
        order,
        invoices=await client.invoices_of(order.entity_id) if invoiced and not by_shipment else (),
        shipments=await client.shipments_of(order.entity_id) if shipped and by_shipment else (),
        memos=await client.credit_memos_of(order.entity_id) if order.total_refunded else (),
    )
