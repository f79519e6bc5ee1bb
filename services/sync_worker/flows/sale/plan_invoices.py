"""A delivery -> one booked invoice, dated the delivery day, made from the delivery's own order."""

from dataclasses import replace

from services.sync_worker.flows.sale.observed import ObservedSale
from shared.domain.documents import CreditDraft, InvoiceDraft, OrderDraft, rate_from, rows_from
from shared.domain.errors import ChangedAfterBooking, MissingFinancialYear, PeriodLocked
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
        dated=delivery.on,
        reference=seen.settings.invoice_reference,
    )
    found = seen.document("invoice", ref)
    if found is None or found.state != "final":
        return draft
    _must_be_unchanged(ref, booked=found.total, now=draft.total)
    return replace(draft, rows=rows_from(found.draft, draft.currency), rate=rate_from(found.draft))


def must_be_bookable(seen: ObservedSale, document: InvoiceDraft | CreditDraft) -> None:
    """A document that is not final yet may not be dated where the books are closed."""
    ref, total, dated_on = document.ref, document.total, document.dated
    found = seen.document(document.kind, ref)
    if found is not None and found.state == "final":
        return
    facts = {"document": ref, "date": str(dated_on), "amount": str(total)}
    locked = seen.books.locked_until
    if locked is not None and dated_on <= locked:
        raise PeriodLocked(
            f"{ref} of {total} is dated {dated_on}, but the books are locked up to {locked}",
            facts={**facts, "locked_until": locked.isoformat()},
        )
    if dated_on in seen.books.without_year:
        raise MissingFinancialYear(
            f"{ref} of {total} is dated {dated_on}: no such financial year", facts=facts
        )


def _must_be_unchanged(ref: str, *, booked: Money | None, now: Money) -> None:
    if booked is not None and booked != now:
        raise ChangedAfterBooking(
            f"{ref} was booked with {booked} and is now {now}, a difference of {now - booked}",
            facts={"document": ref, "booked": str(booked), "now": str(now)},
        )
