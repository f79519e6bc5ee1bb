"""A credit invoice that a person made in Fortnox -> an offline credit memo of the same amount.

Pieces come back at the price they were sold for; freight as freight when all that is left of it comes
back, or when it is known how the shop takes it; everything else is an adjustment. The shop's own
arithmetic is followed, so that what remains to adjust is known before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.sync_worker.flows.shop_document.matching import Pieces, matched, piece_price
from services.sync_worker.flows.shop_document.observed import ObservedCredit, begun
from services.sync_worker.flows.shop_document.plan_invoice import CANCELLED_INVOICE, must_not_be_held
from shared.clients.magento.wire_sales import CreditMemo, Order, OrderItem, ShopInvoice
from shared.domain.documents import Plan
from shared.domain.money import CENT, Money, to_cents
from shared.domain.shop_documents import (
    CreditExceedsOrder,
    CreditUnmatched,
    ShopRefundDraft,
    fortnox_number_in,
)

ZERO = Decimal(0)
CANCELLED_MEMO = 3
MEANS_OF_PAYMENT = ("gift_card", "store_credit")  # what they paid, the shop gives back to them


def memo_plan(seen: ObservedCredit) -> Plan:
    """Raises NotYet while the order is held, CreditUnmatched, CreditExceedsOrder."""
    known = begun(seen.booked, ShopRefundDraft.kind, seen.ref)
    if known is not None:  # as it was meant then: a run that ended too soon may have made it
        return Plan(drafts=(ShopRefundDraft.from_plain(seen.ref, known.draft),))
    if (there := _made_by_hand(seen)) is not None:
        return Plan(
            explanations=(f"credit memo {there} of the shop names credit invoice {seen.credit.number}",)
        )
    must_not_be_held(seen.order)
    _must_fit(seen)
    draft = _draft(seen)
    return Plan(drafts=(draft,), explanations=_explained(seen, draft))


def _made_by_hand(seen: ObservedCredit) -> str | None:
    """A person has written our mark into the comment of a memo."""
    marked = (memo for memo in seen.memos if fortnox_number_in(memo.comments) == seen.credit.number)
    return next((memo.increment_id for memo in marked), None)


def _must_fit(seen: ObservedCredit) -> None:
    order, amount = seen.order, seen.amount
    facts = {"credit": seen.credit.number, "order": order.increment_id, "amount": str(amount)}
    if amount.currency != order.currency:
        raise CreditUnmatched(
            f"credit invoice {seen.credit.number} is in {amount.currency}, order {order.increment_id} in "
            f"{order.currency}",
            facts=facts,
        )
    left = _left(order)
    if left.amount <= 0 or _rounding(order) < amount - left:
        raise CreditExceedsOrder(
            f"credit invoice {seen.credit.number} gives back {amount}, but the shop has {left} left of order "
            f"{order.increment_id}",
            facts={**facts, "left": str(left)},
        )


def _left(order: Order) -> Money:
    """What the shop would give back at most."""
    return Money(order.total_paid - order.total_refunded, order.currency)


def _rounding(order: Order) -> Money:
    """By how little the shop's total may be less than the invoice's: an öre a row."""
    return Money(CENT * max(len(order.money_items), 2), order.currency)


def _draft(seen: ObservedCredit) -> ShopRefundDraft:
    order = seen.order
    amount = min(seen.amount, _left(order))
    pieces = _pieces(seen)
    freight = _freight(seen)
    worth = sum((_worth(one, seen) for one in pieces), ZERO)
    fee = _svea_fee(order) if seen.paid_through_svea else ZERO
    means = sum((part.total for part in seen.parts if part.kind in MEANS_OF_PAYMENT), ZERO)
    rest = amount.amount - means - worth - freight.worth - fee
    in_base = to_cents(rest / order.base_to_order_rate)
    return ShopRefundDraft(
        ref=seen.ref,
        order_id=order.entity_id,
        amount=amount,
        quantities=tuple((one.item.item_id, one.quantity) for one in pieces) or _no_pieces(order),
        adjustment=max(in_base, ZERO),
        fee=max(-in_base, ZERO),
        return_to_stock=seen.settings.return_to_stock,
        freight=freight.asked,
        text=f"Kreditfaktura {seen.credit.number} av faktura {seen.original}",
        tolerance=_tolerance(order, len(pieces)),
    )


def _svea_fee(order: Order) -> Decimal:
    """What Svea's module adds to the total of an order, and again to every credit memo of it."""
    parts = (
        order.subtotal
        + order.shipping_amount
        + order.tax_amount
        + order.discount_amount
        + order.compensation
        + order.shipping_compensation
        + sum((item.weee_row_amount for item in order.money_items), ZERO)
        - order.gift_cards_amount
        - order.customer_balance_amount
        - order.reward_amount
    )
    beyond = order.grand_total - parts
    return beyond if beyond > CENT * max(len(order.money_items), 2) else ZERO


def _no_pieces(order: Order) -> tuple[tuple[int, Decimal], ...]:
    """Magento wants a line named, or gives back everything: the first, with no piece of it."""
    return tuple((item.item_id, ZERO) for item in order.money_items[:1])


def _tolerance(order: Order, rows: int) -> Decimal:
    """An öre per row of the shop's own rounding; and where an öre of the base currency is worth more than
    one of the order's, half of that."""
    step = order.base_to_order_rate * CENT / 2 if order.base_to_order_rate > 1 else ZERO
    return to_cents(rows * CENT + step)


def _explained(seen: ObservedCredit, draft: ShopRefundDraft) -> tuple[str, ...]:
    found = [f"credit invoice {seen.credit.number} of {seen.amount} credits invoice {seen.original}"]
    if draft.adjustment or draft.fee:
        amount = draft.adjustment - draft.fee
        found.append(f"{amount:.2f} {seen.order.base_currency} of it is an adjustment: no pieces come to it")
    return tuple(found)


# ── pieces ────────────────────────────────────────────────────────────────────────────────────────


def _pieces(seen: ObservedCredit) -> list[Pieces]:
    """Whole pieces at the price they were sold for; a lower price is a reduction, and nothing came back."""
    found = matched(seen.parts, seen.order, lambda item: item.quantity_invoiced - item.quantity_refunded)
    whole: dict[int, Pieces] = {}
    for one in found.pieces:
        is_whole = one.quantity == one.quantity.to_integral_value()
        if is_whole and abs(one.total - piece_price(one.item) * one.quantity) <= CENT * one.quantity:
            more = whole.get(one.item.item_id, Pieces(one.item, ZERO, ZERO))
            whole[one.item.item_id] = Pieces(one.item, more.quantity + one.quantity, more.total + one.total)
    return [whole[item_id] for item_id in sorted(whole)]


def _worth(one: Pieces, seen: ObservedCredit) -> Decimal:
    """What the shop gives back for them: their share of what is left, and the last take the remainder."""
    item = one.item
    left = item.quantity_invoiced - item.quantity_refunded
    invoiced = item.row_total_incl_tax
    if item.quantity_invoiced < item.quantity:
        invoiced = _sum_of(item, (one for one in seen.shop_invoices if one.state != CANCELLED_INVOICE))
    worth = invoiced - _sum_of(item, (memo for memo in seen.memos if memo.state != CANCELLED_MEMO))
    return worth if one.quantity == left else to_cents(worth * one.quantity / left)


def _sum_of(item: OrderItem, documents: Iterable[CreditMemo | ShopInvoice]) -> Decimal:
    rows = (row for document in documents for row in document.items)
    return sum((row.gross for row in rows if row.order_item_id == item.item_id and row.has_money), ZERO)


# ── freight ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Freight:
    """``asked`` as the shop takes it, in its base currency (None: all that is left); ``worth`` as the buyer
    gets it, in the order's."""

    asked: Decimal | None
    worth: Decimal


NONE = Freight(ZERO, ZERO)


def _freight(seen: ObservedCredit) -> Freight:
    wanted = sum((part.total for part in seen.parts if part.kind == "freight"), ZERO)
    order = seen.order
    if wanted <= 0 or not order.shipping_amount:
        return NONE
    left = freight_left(order, seen.memos)
    if wanted == left:
        return Freight(None, wanted)
    if seen.ships_with_vat is None or order.currency != order.base_currency or left is None or wanted > left:
        return NONE
    return _part_of_freight(order, wanted, with_vat=seen.ships_with_vat)


def freight_left(order: Order, memos: Sequence[CreditMemo]) -> Decimal | None:
    """With VAT, after its discount; None where a discounted freight was given back in part before."""
    whole = (
        order.shipping_amount
        + order.shipping_tax_amount
        + order.shipping_compensation
        - order.shipping_discount_amount
    )
    before = sum((memo.shipping_amount + memo.shipping_tax_amount for memo in memos), ZERO)
    if before and order.shipping_discount_amount:
        return None
    return whole - before


def _part_of_freight(order: Order, wanted: Decimal, *, with_vat: bool) -> Freight:
    """A part as freight, if the shop's own rounding comes to it; a discount makes it unsure."""
    if order.shipping_discount_amount:
        return NONE
    net = to_cents(wanted * order.shipping_amount / order.shipping_incl_tax)
    asked = wanted if with_vat else net
    ratio = asked / (order.shipping_incl_tax if with_vat else order.shipping_amount)
    made = to_cents(order.shipping_amount * ratio) + to_cents(order.shipping_tax_amount * ratio)
    return Freight(asked, wanted) if made == wanted else NONE
