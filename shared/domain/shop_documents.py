"""What we make in the shop, and how we find it again there: by a mark in a comment."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from shared.domain.documents import Draft, to_plain
from shared.domain.errors import NeedsAttention
from shared.domain.money import Money

MARK_OF_FORTNOX = re.compile(r"\[F(\d+)\]")


class ShopInvoiceUnmatched(NeedsAttention):
    """Rows of an invoice are none of the order's, so nobody knows what to invoice in the shop."""

    code = "shop_invoice_unmatched"
    cure = "Make the invoice in Magento by hand; Sluss sees it and goes on by itself."


class CreditUnmatched(NeedsAttention):
    """A credit invoice that a person made cannot be told to be of an order in the shop."""

    code = "credit_unmatched"
    cure = "Make the credit memo in Magento by hand if there should be one, then ignore this document."


class CreditExceedsOrder(NeedsAttention):
    """The shop's order has less left to give back than the credit invoice gives back."""

    code = "credit_exceeds_order"
    cure = "Compare the order's invoices and credit memos in Magento with the credit invoice, then retry."


class ShopDocumentDiffers(NeedsAttention):
    """What the shop made is not of the amount that was asked for; it cannot be taken back there."""

    code = "shop_document_differs"
    cure = "Put the difference right in Magento with one more credit memo, then ignore this document."


class OrderWithoutStatus(NeedsAttention):
    """The order has no status, and a comment would have to send one."""

    code = "order_without_status"
    cure = "Give the order a status in Magento again, then retry."


# ── marks ─────────────────────────────────────────────────────────────────────────────────────────


def fortnox_reference(number: str) -> str:
    """Our name for what the shop has of one of Fortnox' invoices."""
    return f"F{number}"


def mark(reference: str) -> str:
    """What stands in the comment of a document, so that it is known for ours whatever happens to us."""
    return f"[{reference}]"


def fortnox_number_in(comments: Iterable[str]) -> str | None:
    """The number of the Fortnox invoice that a document in the shop was made of, if we made it of one."""
    found = (MARK_OF_FORTNOX.search(comment) for comment in comments)
    return next((one[1] for one in found if one), None)


# ── drafts ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ShopDraft(Draft):
    """Something of one order in the shop. Quantities are pieces by order item."""

    system: ClassVar[str] = "magento"

    order_id: int

    def material(self) -> Mapping[str, Any]:
        plain: dict[str, Any] = to_plain(self)
        return plain


@dataclass(frozen=True)
class ShopRefundDraft(ShopDraft):
    """An offline credit memo of an order: its money has been given back already.

    ``amount`` is in the order's currency, the other amounts in the shop's base currency. ``quantities``
    are given back at their full price. ``freight`` is as the shop takes it (None: all that is left);
    what the rest does not come to is an adjustment, or a fee when it is less. ``tolerance`` is what
    Magento's own rounding may leave, in the order's currency.
    """

    kind: ClassVar[str] = "shop_refund"

    amount: Money
    quantities: tuple[tuple[int, Decimal], ...]
    adjustment: Decimal
    fee: Decimal
    return_to_stock: bool
    freight: Decimal | None = Decimal(0)
    text: str = "Återbetalning hos Svea"
    tolerance: Decimal = Decimal(0)

    @property
    def total(self) -> Money:
        return self.amount

    @classmethod
    def from_plain(cls, ref: str, plain: Mapping[str, Any]) -> "ShopRefundDraft":
        """As it was stored with our link."""
        amount = plain["amount"]
        freight = plain.get("freight", "0")
        return cls(
            ref=ref,
            order_id=int(plain["order_id"]),
            amount=Money(Decimal(amount["amount"]), amount["currency"]),
            quantities=_quantities(plain),
            adjustment=Decimal(plain["adjustment"]),
            fee=Decimal(plain["fee"]),
            return_to_stock=bool(plain["return_to_stock"]),
            freight=None if freight is None else Decimal(freight),
            text=plain.get("text", cls.text),
            tolerance=Decimal(plain.get("tolerance", "0")),
        )


@dataclass(frozen=True)
class ShopInvoiceDraft(ShopDraft):
    """An invoice in the shop of what is invoiced in Fortnox. The money is taken elsewhere: never here.

    ``amount`` is what Fortnox' invoice comes to; the shop's may be another, since it puts the freight of
    the whole order on the first.
    """

    kind: ClassVar[str] = "shop_invoice"

    amount: Money
    quantities: tuple[tuple[int, Decimal], ...]
    text: str
    visible: bool
    notify: bool

    @classmethod
    def from_plain(cls, ref: str, plain: Mapping[str, Any]) -> "ShopInvoiceDraft":
        """As it was stored with our link."""
        amount = plain["amount"]
        return cls(
            ref=ref,
            order_id=int(plain["order_id"]),
            amount=Money(Decimal(amount["amount"]), amount["currency"]),
            quantities=_quantities(plain),
            text=plain["text"],
            visible=bool(plain["visible"]),
            notify=bool(plain["notify"]),
        )


@dataclass(frozen=True)
class ShopCommentDraft(ShopDraft):
    """A comment on an order. ``statuses`` are pairs of state and status: the order gets the one of its
    state, and keeps its own where there is none."""

    kind: ClassVar[str] = "shop_comment"

    text: str
    visible: bool
    notify: bool
    statuses: tuple[tuple[str, str], ...] = ()


def _quantities(plain: Mapping[str, Any]) -> tuple[tuple[int, Decimal], ...]:
    return tuple((int(item), Decimal(quantity)) for item, quantity in plain["quantities"])
