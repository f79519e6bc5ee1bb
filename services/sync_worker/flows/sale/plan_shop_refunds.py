"""A refund that was made at Svea only -> an offline credit memo in the shop, if the merchant wants one."""

from collections.abc import Sequence
from decimal import Decimal

from services.sync_worker.flows.sale.observed import ObservedSale
from services.sync_worker.flows.sale.plan_credits import matched_credits
from shared.domain.documents import CreditDraft
from shared.domain.errors import NotYet
from shared.domain.money import CENT, Money
from shared.domain.sale import SoldCredit, SoldDelivery
from shared.domain.shop_documents import ShopRefundDraft


def shop_refund_drafts(
    seen: ObservedSale, credits: Sequence[CreditDraft]
) -> tuple[list[ShopRefundDraft], NotYet | None]:
    """None for refunds that have a memo, nor where the shop has not invoiced enough to take one back.

    And what is waited for: a refund made in the shop is at Svea before the shop has stored its memo.
    """
    shop = seen.settings.magento
    sale = seen.sale
    if shop is None or not shop.refunds.to_shop or sale.shop_order is None or sale.shop_creditable is None:
        return [], None
    left, wait = sale.shop_creditable, shop.documents.wait
    drafts = []
    waits: NotYet | None = None
    for delivery in sale.deliveries:
        for credit, draft in matched_credits(delivery, sale.reference.delivery(delivery.id), credits):
            ref = f"{draft.ref}-M"
            if not _is_begun(seen, ref):
                if credit.memo is not None or not credit.by_provider or left < credit.amount:
                    continue
                left = left - credit.amount
                if wait and draft.ref not in seen.credited_before:
                    text = f"the shop may be about to store its credit memo of {credit.amount}"
                    waits = NotYet(text, retry_after=wait)
                    continue
            drafts.append(_draft(seen, delivery, credit, ref, sale.shop_order))
    return drafts, waits


def _is_begun(seen: ObservedSale, ref: str) -> bool:
    """Made by a run that ended before it was read back: the memo that is seen now is this very one."""
    found = seen.document("shop_refund", ref)
    return found is not None and found.number is not None and found.state != "final"


def _draft(
    seen: ObservedSale, delivery: SoldDelivery, credit: SoldCredit, ref: str, order_id: int
) -> ShopRefundDraft:
    pieces = _whole_pieces(delivery, credit)
    worth = sum((amount for _, _, amount in pieces), Decimal(0))
    rest = credit.amount.amount - worth
    quantities = tuple((item, quantity) for item, quantity, _ in pieces) or _no_pieces(delivery)
    shop = seen.settings.magento
    return ShopRefundDraft(
        ref=ref,
        order_id=order_id,
        amount=credit.amount,
        quantities=quantities,
        adjustment=max(rest, Decimal(0)),
        fee=max(-rest, Decimal(0)),
        return_to_stock=shop is not None and shop.refunds.return_to_stock,
    )


def _whole_pieces(delivery: SoldDelivery, credit: SoldCredit) -> list[tuple[int, Decimal, Decimal]]:
    """(order item, pieces, their price) of rows that come back at the price they were sold for.

    A row whose price does not divide by its pieces is given back as money, since Magento would round.
    """
    sold = {row.line: row for row in delivery.rows if row.line.isdigit() and row.kind == "goods"}
    found = []
    for row in credit.rows:
        whole = sold.get(row.line)
        if whole is None or row.kind != "goods":
            continue
        price = whole.total.amount * -row.quantity / whole.quantity
        if price == price.quantize(CENT) and Money(price, row.total.currency) == -row.total:
            found.append((int(row.line), -row.quantity, price))
    return found


def _no_pieces(delivery: SoldDelivery) -> tuple[tuple[int, Decimal], ...]:
    """Magento wants a line named, or gives back everything: the first, with no piece of it."""
    return tuple((int(row.line), Decimal(0)) for row in delivery.rows if row.line.isdigit())[:1]
