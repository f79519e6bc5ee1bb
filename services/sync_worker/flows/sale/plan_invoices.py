"""A delivery -> one booked invoice, made from the delivery's own order.

Its day is that of the delivery, or the one that a person chose where that is closed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from services.sync_worker.flows.sale.observed import ObservedSale
from services.sync_worker.flows.sale.plan_days import booking_day
from shared.domain.documents import InvoiceDraft, OrderDraft, rate_from, rows_from
from shared.domain.errors import ChangedAfterBooking
from shared.domain.money import Money
from shared.domain.outcomes import Advice
from shared.domain.sale import SoldDelivery

RATES_HOLD_FOR = timedelta(days=7)


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
        remarks=order.remarks,
    )
    found = seen.document("invoice", ref)
    if found is None or found.state != "final":
        return draft
    _must_be_unchanged(ref, booked=found.total, now=draft.total)
    return replace(
        draft,
        rows=rows_from(found.draft, draft.currency),
        rate=rate_from(found.draft),
        remarks=str(found.draft.get("remarks", "")),
    )


def rate_explained(seen: ObservedSale, invoices: Sequence[InvoiceDraft]) -> tuple[str, ...]:
    """Whose rate it is, for as long as one of them is still to be booked."""
    return (seen.rated.why,) if seen.rated is not None and _to_book(seen, invoices) else ()


def rate_advice(seen: ObservedSale, invoices: Sequence[InvoiceDraft]) -> tuple[Advice, ...]:
    """Fortnox tells today's rate only, so a document of long ago has the rate of another day."""
    if seen.rated is None or seen.rated.rated_on is None:
        return ()
    rated_on = seen.rated.rated_on
    return tuple(
        Advice(
            "rate_of_another_day",
            f"{one.ref} of {one.dated} is booked at {seen.rated.why}",
            {"document": one.ref, "date": one.dated.isoformat(), "rated_on": rated_on.isoformat()},
        )
        for one in _to_book(seen, invoices)
        if abs(rated_on - one.dated) > RATES_HOLD_FOR
    )


def _to_book(seen: ObservedSale, invoices: Sequence[InvoiceDraft]) -> list[InvoiceDraft]:
    found = {one.ref: one.state for one in seen.of_kind("invoice")}
    return [one for one in invoices if found.get(one.ref) != "final"]


def _must_be_unchanged(ref: str, *, booked: Money | None, now: Money) -> None:
    if booked is not None and booked != now:
        raise ChangedAfterBooking(
            f"{ref} was booked with {booked} and is now {now}, a difference of {now - booked}",
            facts={"document": ref, "booked": str(booked), "now": str(now)},
        )
