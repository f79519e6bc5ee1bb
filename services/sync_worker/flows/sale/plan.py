"""A sale -> its Fortnox order, an invoice per delivery, a credit invoice per refund.

Starts   a Svea webhook, the sweep over open sales, or a backfill of checkout ids.
Books    an order when Svea's order is final; a booked invoice per delivery, dated that day; a booked
         credit invoice per credit; a cancelled order when the rest will never be delivered.
Adds up  rows of each document sum to what Svea says; credits never exceed their invoice.
Repeats  safe: every document has a reference of its own, so a second run plans the same.
"""

from services.sync_worker.flows.sale.observed import Elsewhere, ObservedSale
from services.sync_worker.flows.sale.plan_credits import credit_drafts, new_credits
from services.sync_worker.flows.sale.plan_days import moved_days
from services.sync_worker.flows.sale.plan_invoices import invoice_draft, rate_advice, rate_explained
from services.sync_worker.flows.sale.plan_order import (
    OrderSlots,
    article_drafts,
    customer_draft,
    customer_reference,
    order_draft,
    order_slots,
)
from services.sync_worker.flows.sale.plan_payments import payment_drafts
from services.sync_worker.flows.sale.plan_rows import MEANS_OF_PAYMENT, RowMapping
from services.sync_worker.flows.sale.plan_shop_refunds import shop_refund_drafts
from services.sync_worker.flows.sale.plan_vat import explanations_of, vat_advice
from shared.domain.documents import ArticleDraft, CreditDraft, Draft, InvoiceDraft, OrderDraft, Plan
from shared.domain.errors import NotYet
from shared.domain.items import Row, SoldRow
from shared.domain.outcomes import Advice, Moved, Skipped
from shared.domain.sale import Sale, SoldDelivery


def plan(seen: ObservedSale | Elsewhere) -> Plan | Skipped | Moved:
    if isinstance(seen, Elsewhere):
        return Moved("sale", seen.key, seen.why)
    reason = nothing_to_book(seen)
    if reason is not None:
        return Skipped(reason)
    deliveries = _deliveries_to_book(seen)
    slots = order_slots(seen, deliveries)
    sold = tuple(row for delivery in deliveries for row in delivery.rows) + seen.sale.remaining
    who = customer_reference(seen)

    orders, invoices = _orders_and_invoices(seen, deliveries, slots, who)
    rest = _order_of_the_rest(seen, slots, who)
    rows = tuple(row for order in (*orders, *rest) for row in order.rows)
    customer = customer_draft(seen, rows)
    credits = _credits(seen, deliveries, invoices) if seen.settings.sync.refunds else []
    documents: list[InvoiceDraft | CreditDraft] = [*invoices, *credits]
    payments = payment_drafts(seen, documents)
    memos, waits = shop_refund_drafts(seen, credits)

    articles = _articles(seen, rows)
    in_order: list[Draft] = [customer, *articles] if sold else []
    for order in orders:
        in_order += [order, *(invoice for invoice in invoices if invoice.order == order.ref)]
    return Plan(
        drafts=(*in_order, *rest, *credits, *payments, *memos),
        advice=(
            *seen.sale.advice,
            *_advice(seen, sold),
            *vat_advice(seen, orders, deliveries),
            *rate_advice(seen, invoices),
        ),
        explanations=(
            *explanations_of(rows),
            *rate_explained(seen, invoices),
            *moved_days(seen, documents),
            *seen.sale.explanations,
        ),
        names=seen.sale.names,
        open=bool(rest) and seen.sale.status == "open" and seen.sale.invoiced,
        hold=seen.sale.hold or waits,
    )


def nothing_to_book(seen: ObservedSale) -> str | None:
    """Why there is nothing to do; raises NotYet while Svea still decides."""
    sale = seen.sale
    if sale.status == "not_final":
        return sale.why or "the checkout was never confirmed"
    if sale.status == "pending":
        raise NotYet(f"{sale.name} is not released yet: {sale.why or 'pending'}")
    if not seen.settings.sync.orders:
        return "orders are switched off for this connection"
    if _is_free(sale) and not seen.settings.book_zero_orders:
        return "the order's total is zero"
    return _nothing_left(seen)


def _is_free(sale: Sale) -> bool:
    """Nothing was charged; what a gift card or store credit paid was charged all the same."""
    rows = [row for delivery in sale.deliveries for row in delivery.rows] + list(sale.remaining)
    return sale.ordered.amount == 0 and not any(row.kind in MEANS_OF_PAYMENT and row.total for row in rows)


def _nothing_left(seen: ObservedSale) -> str | None:
    sale, start = seen.sale, seen.settings.active_from
    if sale.status == "cancelled" and not sale.deliveries and not seen.booked:
        return f"cancelled before anything was booked{': ' + sale.why if sale.why else ''}"
    if start is None or seen.booked:
        return None
    dates = [delivery.on for delivery in sale.deliveries] or [sale.ordered_on]
    if not sale.remaining or not sale.deliveries:
        return f"dated before {start}, from when sales are booked" if max(dates) < start else None
    return None


def _deliveries_to_book(seen: ObservedSale) -> tuple[SoldDelivery, ...]:
    start = seen.settings.active_from
    reference = seen.sale.reference
    return tuple(
        delivery
        for delivery in seen.sale.deliveries
        if (delivery.amount or any(row.total for row in delivery.rows) or _is_free(seen.sale))
        and (
            start is None or delivery.on >= start or seen.document("invoice", reference.delivery(delivery.id))
        )
    )


def _orders_and_invoices(
    seen: ObservedSale, deliveries: tuple[SoldDelivery, ...], slots: OrderSlots, customer: str
) -> tuple[list[OrderDraft], list[InvoiceDraft]]:
    orders = [
        order_draft(
            seen,
            delivery.rows,
            ref=slots.of_delivery[delivery.id],
            customer=customer,
            on=delivery.on,
            invoice=seen.document("invoice", seen.sale.reference.delivery(delivery.id)),
        )
        for delivery in deliveries
    ]
    if not seen.settings.sync.invoices or not seen.sale.invoiced:
        return orders, []
    return orders, [
        invoice_draft(seen, delivery, order) for delivery, order in zip(deliveries, orders, strict=True)
    ]


def _order_of_the_rest(seen: ObservedSale, slots: OrderSlots, customer: str) -> list[OrderDraft]:
    """The order that holds what is not delivered yet; cancelled once that will never be."""
    begun = seen.document("order", slots.rest)
    if seen.sale.remaining and seen.sale.status != "cancelled":
        return [order_draft(seen, seen.sale.remaining, ref=slots.rest, customer=customer)]
    if begun is None:
        return []
    return [order_draft(seen, (), ref=slots.rest, customer=customer, cancelled=True)]


def _credits(
    seen: ObservedSale, deliveries: tuple[SoldDelivery, ...], invoices: list[InvoiceDraft]
) -> list[CreditDraft]:
    """Refund events carry no delivery, so their days go to new credits in the order these are met."""
    drafts: list[CreditDraft] = []
    days = list(seen.refund_days[len(seen.of_kind("credit_invoice")) :])
    for delivery, invoice in zip(deliveries, invoices, strict=False):
        drafts += credit_drafts(seen, delivery, invoice, days)
        days = days[len(new_credits(seen, delivery, invoice.ref)) :]
    return drafts


def _articles(seen: ObservedSale, rows: tuple[Row, ...]) -> list[ArticleDraft]:
    domestic = seen.sale.buyer.destination.country in ("", seen.settings.company_country)
    return article_drafts(rows, domestic=domestic)


def _advice(seen: ObservedSale, sold: tuple[SoldRow, ...]) -> tuple[Advice, ...]:
    if seen.settings.articles != "create":
        return ()
    mapping = RowMapping.of(seen)
    goods = {row.article for row in sold if row.kind == "goods" and row.article}
    odd = sorted(one for one in goods if mapping.number_of(one) is None)
    return tuple(
        Advice(
            "article_not_accepted", f"article number {number!r} is not one Fortnox takes; sold as a text row"
        )
        for number in odd
    )
