"""A delivery -> one booked invoice, made from the delivery's own order.

Its day is that of the delivery, or the one that a person chose where that is closed.
"""

from dataclasses import replace

from services.sync_worker.flows.sale.observed import ObservedSale
from services.sync_worker.flows.sale.plan_days import booking_day
from shared.domain.documents import InvoiceDraft, OrderDraft, rate_from, rows_from
from shared.domain.errors import ChangedAfterBooking
from shared.domain.money import Money
from shared.domain.sale import SoldDelivery


def invoice_draft(seen: ObservedSale, delivery: SoldDelivery, order: OrderDraft) -> InvoiceDraft:
    ref = seen.sale.reference.delivery(delivery.id)
    draft = InvoiceDraft(
        ref=ref,
        customer=order.customer,
        rows=order.rows,
        total=order.total,
        checkout_id=order.checkout_id,
        order_number=order.order_number,
        name=order.name,
        billing=order.billing,
        delivery=order.delivery,
        rate=seen.rate,
        order_number_field=order.order_number_field,
        your_reference=order.your_reference,
        order=order.ref,
        dated=booking_day(seen, "invoice", ref, own=delivery.on, amount=order.total),
        reference=seen.settings.invoice_reference,
    )
    found = seen.document("invoice", ref)
    if found is None or found.state != "final":
        return draft
    _must_be_unchanged(ref, booked=found.total, now=draft.total)
    return replace(draft, rows=rows_from(found.draft, draft.currency), rate=rate_from(found.draft))


def _must_be_unchanged(ref: str, *, booked: Money | None, now: Money) -> None:
    if booked is not None and booked != now:
        raise ChangedAfterBooking(
            f"{ref} was booked with {booked} and is now {now}, a difference of {now - booked}",
            facts={"document": ref, "booked": str(booked), "now": str(now)},
        )
