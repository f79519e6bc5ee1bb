"""A sale -> its customer, its articles and its orders.

Each order is invoiced once, so each delivery has an order of its own: the first delivery takes over
the original order, reduced to what was delivered, and a new order holds the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.sync_worker.flows.sale.observed import Booked, ObservedSale
from services.sync_worker.flows.sale.plan_rows import RowMapping, vat_number_of
from services.sync_worker.flows.sale.plan_texts import invoice_text
from services.sync_worker.flows.sale.plan_vat import vat_type_of
from shared.domain.customers import references_of
from shared.domain.documents import ArticleDraft, CustomerDraft, OrderDraft, rows_from
from shared.domain.items import Row, SoldRow
from shared.domain.money import total
from shared.domain.parties import Buyer
from shared.domain.references import order_slot
from shared.domain.sale import SoldDelivery


@dataclass(frozen=True)
class OrderSlots:
    """Which order each delivery takes, and which one holds the rest; stable once a slot is used."""

    of_delivery: dict[int, str]
    rest: str


def customer_draft(seen: ObservedSale, rows: Iterable[Row]) -> CustomerDraft:
    sale, settings = seen.sale, seen.settings
    buyer = sale.buyer
    return CustomerDraft(
        ref=customer_reference(seen),
        party=buyer.kind,
        name=buyer.name,
        email=buyer.email,
        phone=buyer.phone,
        organisation_number=buyer.organisation_number if buyer.kind == "company" else "",
        billing=buyer.billing,
        delivery=buyer.delivery,
        currency=sale.currency,
        vat_type=vat_type_of(rows),
        vat_number=_vat_number(seen),
        terms_of_payment=settings.customers.terms_of_payment,
        number=settings.customers.collective_number if _is_collective(seen) else None,
        revise=not seen.of_kind("order"),
    )


def _vat_number(seen: ObservedSale) -> str:
    """With its prefix, where it can be read; else as the buyer wrote it."""
    number = vat_number_of(seen)
    return seen.sale.buyer.vat_number if number.fault else number.text


def _is_collective(seen: ObservedSale) -> bool:
    return seen.settings.customers.guests == "collective" and seen.sale.buyer.kind == "private"


def customer_reference(seen: ObservedSale) -> str:
    if _is_collective(seen):
        return f"CUST-{seen.settings.customers.collective_number}"
    return seen.customer or buyer_references(seen.sale.buyer)[0]


def buyer_references(buyer: Buyer) -> tuple[str, ...]:
    """What a customer of ours is called who buys like this, the surest first."""
    return references_of(
        buyer.kind,
        name=buyer.name,
        email=buyer.email,
        organisation_number=buyer.organisation_number,
        vat_number=buyer.vat_number,
        postal_code=buyer.billing.postal_code,
    )


def article_drafts(rows: tuple[Row, ...], *, domestic: bool) -> list[ArticleDraft]:
    """Every article that the rows name, once; only a domestic account says what an article usually is."""
    drafts: dict[str, ArticleDraft] = {}
    for row in rows:
        if row.article is not None and row.article not in drafts:
            drafts[row.article] = ArticleDraft(
                ref=f"ART-{row.article}",
                number=row.article,
                description=row.text,
                rate=row.rate,
                unit=row.unit,
                account=row.account if domestic else None,
                service=row.treated is not None and row.treated.supply == "services",
            )
    return list(drafts.values())


def order_slots(seen: ObservedSale, deliveries: tuple[SoldDelivery, ...]) -> OrderSlots:
    """Deliveries that are booked keep their order; new ones take the next, in the order they were made."""
    reference = seen.sale.reference
    taken = {found.ref: found.parent for found in seen.of_kind("invoice") if found.parent}
    assigned = {
        delivery.id: taken[reference.delivery(delivery.id)]
        for delivery in deliveries
        if reference.delivery(delivery.id) in taken
    }
    used = [order_slot(order) for order in assigned.values()]
    next_slot = max(used, default=0) + 1
    for delivery in sorted(deliveries, key=lambda d: (d.on, d.id)):
        if delivery.id not in assigned:
            assigned[delivery.id] = reference.order(next_slot)
            next_slot += 1
    return OrderSlots(of_delivery=assigned, rest=reference.order(next_slot))


def order_draft(
    seen: ObservedSale,
    sold: tuple[SoldRow, ...],
    *,
    ref: str,
    customer: str,
    on: date | None = None,
    invoice: Booked | None = None,
    cancelled: bool = False,
) -> OrderDraft:
    """``on`` is the day of the delivery; None for the order of what is not delivered yet.

    ``invoice`` is the booked invoice of that delivery: it stays as it is, and its order with it.
    """
    sale = seen.sale
    whole = total((row.total for row in sold), sale.currency)
    booked = invoice is not None and invoice.state == "final" and invoice.total == whole
    rows = (
        rows_from(invoice.draft, sale.currency)
        if invoice is not None and booked
        else RowMapping.of(seen, on=on).rows(sold)
    )
    return OrderDraft(
        ref=ref,
        customer=customer,
        rows=rows,
        total=whole,
        checkout_id=sale.checkout_id,
        order_number=sale.order_number,
        name=sale.buyer.name,
        billing=sale.buyer.billing,
        delivery=sale.buyer.delivery,
        rate=seen.rate,
        order_number_field=seen.settings.order_number_field,
        your_reference=sale.buyer.reference,
        ordered_on=sale.ordered_on,
        cancelled=cancelled,
        remarks=invoice_text(seen, rows),
    )
