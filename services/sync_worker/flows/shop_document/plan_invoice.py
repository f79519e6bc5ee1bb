"""A booked invoice -> the order's invoice in the shop, and comments that the buyer can read.

The shop's invoice is made of what no invoice there has yet: one that was made in the shop, by a person
or by an online capture, is the same delivery and is not made again.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from services.sync_worker.flows.shop_document.matching import matched
from services.sync_worker.flows.shop_document.observed import Invoiced, ObservedInvoice, begun
from shared.clients.magento.wire_sales import Order, OrderItem, ShopInvoice
from shared.domain.documents import Draft, Plan
from shared.domain.errors import NotYet
from shared.domain.money import Money, to_cents
from shared.domain.outcomes import Advice
from shared.domain.shop_documents import (
    ShopCommentDraft,
    ShopInvoiceDraft,
    ShopInvoiceUnmatched,
    fortnox_number_in,
    mark,
)
from shared.settings.shop_documents import State

ZERO = Decimal(0)
CANCELLED_INVOICE = 3
WAITING_STATES = ("holded", "payment_review")
LOOK_AGAIN = timedelta(minutes=30)
TOLD, PAID = "N", "P"  # ends of the comments' references


def invoice_plan(seen: ObservedInvoice) -> Plan:
    """Raises NotYet while the order is held in the shop, or may be invoiced there; ShopInvoiceUnmatched."""
    advice: list[Advice] = []
    drafts: list[Draft] = []
    if seen.order is not None:
        must_not_be_held(seen.order)
        drafts += _shop_invoice(seen, seen.order)
        advice += _contradiction(seen, seen.order)
    drafts += _comment(seen, TOLD, seen.settings.invoice_comment, seen.settings.invoiced_status)
    if seen.is_paid:
        drafts += _comment(seen, PAID, seen.settings.paid_comment, seen.settings.paid_status)
    return Plan(drafts=tuple(drafts), advice=tuple(advice), explanations=_explained(seen, drafts))


def must_not_be_held(order: Order) -> None:
    """A person in the shop looks at it: until then nothing may be made of it."""
    if order.state in WAITING_STATES:
        raise NotYet(f"order {order.increment_id} is {order.status} in the shop", retry_after=LOOK_AGAIN)


def _contradiction(seen: ObservedInvoice, order: Order) -> list[Advice]:
    if order.state != "canceled":
        return []
    text = f"order {order.increment_id} is cancelled in the shop, but invoice {seen.invoice.number} is booked"
    return [Advice("shop_order_cancelled", text, {"order": order.increment_id})]


def _explained(seen: ObservedInvoice, drafts: Iterable[Draft]) -> tuple[str, ...]:
    makes_one = any(isinstance(draft, ShopInvoiceDraft) for draft in drafts)
    if seen.order is None or makes_one or not seen.settings.make_invoice:
        return ()
    return (f"the shop needs no more invoice of order {seen.order.increment_id}",)


# ── the shop's invoice ────────────────────────────────────────────────────────────────────────────


def _shop_invoice(seen: ObservedInvoice, order: Order) -> list[Draft]:
    known = begun(seen.booked, ShopInvoiceDraft.kind, seen.ref)
    if known is not None:  # as it was meant then: a run that ended too soon may have made it
        return [ShopInvoiceDraft.from_plain(seen.ref, known.draft)]
    if not seen.settings.make_invoice:
        return []
    quantities = _not_yet_invoiced(seen, order)
    if not any(quantities.values()):
        return []
    if seen.wait > timedelta(0):
        text = f"the shop may be about to make an invoice of order {order.increment_id} itself"
        raise NotYet(text, retry_after=seen.wait)
    return [
        ShopInvoiceDraft(
            ref=seen.ref,
            order_id=order.entity_id,
            amount=seen.amount,
            quantities=tuple(sorted(quantities.items())),
            text=f"Faktura {seen.invoice.number} {mark(seen.ref)}",
            visible=seen.settings.visible,
            notify=seen.settings.notify,
        )
    ]


def _not_yet_invoiced(seen: ObservedInvoice, order: Order) -> dict[int, Decimal]:
    """Pieces of this invoice that no invoice in the shop has."""
    there = [one for one in seen.shop_invoices if one.state != CANCELLED_INVOICE]
    if any(_is_of(one, seen.this, seen) for one in there):
        return {}
    open_ = {item.item_id: _open(item) for item in order.money_items}
    if seen.amount == Money(order.grand_total, order.currency):
        return {item: pieces for item, pieces in open_.items() if pieces}
    own = _quantities(seen.this, order, must_match=any(open_.values()))
    free = _free_pieces(seen, order, there)
    found = {item: pieces - min(pieces, free.get(item, ZERO)) for item, pieces in own.items()}
    return {item: min(pieces, open_[item]) for item, pieces in found.items() if min(pieces, open_[item])}


def _free_pieces(seen: ObservedInvoice, order: Order, there: list[ShopInvoice]) -> dict[int, Decimal]:
    """What was invoiced in the shop and belongs to no other invoice of the sale; earlier ones come first.

    One that has an invoice of its own of fewer pieces than it is of has taken the rest from here.
    """
    made: dict[str | None, dict[int, Decimal]] = {}
    for invoice in there:
        pieces = made.setdefault(_number_of(invoice, seen), {})
        for row in invoice.items:
            pieces[row.order_item_id] = pieces.get(row.order_item_id, ZERO) + row.quantity
    free = made.get(None, {})
    for other in (one for one in seen.others if one.number in made or _before(one, seen.this)):
        own = made.get(other.number, {})
        for item_id, wanted in _quantities(other, order, must_match=False).items():
            taken = max(wanted - own.get(item_id, ZERO), ZERO)
            free[item_id] = max(free.get(item_id, ZERO) - taken, ZERO)
    return free


def _number_of(invoice: ShopInvoice, seen: ObservedInvoice) -> str | None:
    """Which of Fortnox' invoices the shop's is made of, if that can be said; else it is free."""
    marked = fortnox_number_in(invoice.comments)
    if marked is not None:
        return marked
    return next((one.number for one in seen.others if _is_of(invoice, one, seen)), None)


def _is_of(invoice: ShopInvoice, invoiced: Invoiced, seen: ObservedInvoice) -> bool:
    """By our mark, or by the delivery that both name."""
    marked = fortnox_number_in(invoice.comments)
    if marked is not None or not invoiced.delivery:
        return marked == invoiced.number
    named = str(invoice.entity_id) if seen.delivered_by_shop_invoice else invoice.transaction_id
    return named == invoiced.delivery


def _quantities(invoiced: Invoiced, order: Order, *, must_match: bool) -> dict[int, Decimal]:
    found = matched(invoiced.parts, order, lambda item: item.quantity)
    if found.strangers and must_match:
        names = ", ".join(
            f"{part.quantity.normalize():f} x {part.article or part.text}" for part in found.strangers
        )
        raise ShopInvoiceUnmatched(
            f"invoice {invoiced.number} has rows that are not in order {order.increment_id}: {names}",
            facts={"invoice": invoiced.number, "order": order.increment_id, "rows": names},
        )
    return found.by_item()


def _open(item: OrderItem) -> Decimal:
    return max(item.quantity - item.quantity_invoiced - item.quantity_canceled, ZERO)


def _before(one: Invoiced, other: Invoiced) -> bool:
    return _rank(one.number) < _rank(other.number)


def _rank(number: str) -> tuple[int, str]:
    return len(number), number


# ── comments ──────────────────────────────────────────────────────────────────────────────────────


def _comment(
    seen: ObservedInvoice, end: str, words: str | None, statuses: Mapping[State, str]
) -> list[ShopCommentDraft]:
    if words is None:
        return []
    ref = f"{seen.ref}-{end}"
    text = [_filled(words, seen)]
    if end == TOLD and seen.settings.pdf_link is not None:
        text.append(_filled(seen.settings.pdf_link, seen))
    return [
        ShopCommentDraft(
            ref=ref,
            order_id=seen.order_id,
            text=" ".join([*text, mark(ref)]),
            visible=seen.settings.visible,
            notify=seen.settings.notify,
            statuses=tuple(sorted(statuses.items())),
        )
    ]


def _filled(words: str, seen: ObservedInvoice) -> str:
    invoice = seen.invoice
    return words.format(
        number=invoice.number,
        order=invoice.your_order_number or "-",
        date=_day(invoice.invoice_date),
        due=_day(invoice.due_date),
        ocr=invoice.ocr or "-",
        amount=_in_words(seen.amount),
        paid=_day(invoice.final_pay_date),
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else "-"


def _in_words(amount: Money) -> str:
    """As it is written in Sweden: ``1 234,50 SEK``."""
    number = f"{to_cents(amount.amount):,.2f}".replace(",", " ").replace(".", ",")
    return f"{number} {amount.currency}"
