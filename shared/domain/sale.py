"""One purchase under all its names, as its sources tell it, before anything is booked."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from shared.domain.errors import SlussError
from shared.domain.items import SoldRow
from shared.domain.money import Money, must_add_up, total
from shared.domain.outcomes import Advice
from shared.domain.parties import Buyer
from shared.domain.references import SaleReference

SaleStatus = Literal["not_final", "pending", "open", "delivered", "cancelled"]


@dataclass(frozen=True)
class SoldCredit:
    """Money given back on a delivery. ``rows`` have negative totals; empty when only an amount is known.

    ``memo`` is the entity id of the shop's credit memo of the same refund, when there is one; ``on`` is
    its day. ``by_provider`` is False when the shop alone says so, and no money moved at Svea.
    """

    amount: Money
    rows: tuple[SoldRow, ...] = ()
    memo: int | None = None
    on: date | None = None
    by_provider: bool = True
    told_as: str = ""  # the fingerprint that Svea's own credit had before the shop's rows replaced its

    def __post_init__(self) -> None:
        if self.rows:
            must_add_up("credit", parts=[-row.total for row in self.rows], to=self.amount)

    @property
    def fingerprint(self) -> str:
        """Tells two credits apart as far as the source lets us: Svea gives them no id."""
        if self.told_as:
            return self.told_as
        parts = [f"{row.article}*{row.quantity:f}={row.total.amount}@{row.rate:f}" for row in self.rows]
        return f"{self.amount.amount}|{';'.join(parts)}"

    @property
    def names(self) -> tuple[str, ...]:
        """What a credit invoice may have recorded of this refund; the first is what a new one records."""
        memo = () if self.memo is None else (f"memo|{self.memo}",)
        return memo if not self.by_provider and memo else (self.fingerprint, *memo)


@dataclass(frozen=True)
class SoldDelivery:
    """What was shipped and captured at one time; ``on`` is the Stockholm date.

    ``credited`` is what the payment provider says is given back of it in all.
    """

    id: int
    on: date
    rows: tuple[SoldRow, ...]
    amount: Money
    credits: tuple[SoldCredit, ...] = ()
    credited: Money | None = None
    invoice_number: int | None = None  # Svea's own, where the buyer pays Svea's invoice

    def __post_init__(self) -> None:
        must_add_up(f"delivery {self.id}", parts=[row.total for row in self.rows], to=self.amount)


@dataclass(frozen=True)
class PaidAtOnce:
    """The invoice of such a sale is paid the day it is made: to an account, by a mode of payment."""

    account: int
    mode_of_payment: str | None


@dataclass(frozen=True)
class Sale:
    """The state of a sale. ``remaining`` are the rows not delivered and not cancelled.

    ``checkout_id`` is Svea's, ``shop_order`` the entity id in the shop; one of them may be missing.
    ``hold`` says why a part of it is not planned yet, although the rest is.
    """

    checkout_id: int | None
    order_number: str
    status: SaleStatus
    ordered_on: date
    currency: str
    buyer: Buyer
    remaining: tuple[SoldRow, ...]
    deliveries: tuple[SoldDelivery, ...]
    ordered: Money
    ordered_at: datetime | None = None
    payment_type: str = ""
    why: str = ""
    shop_order: int | None = None
    shop_creditable: Money | None = None  # invoiced and not refunded there; None in another base currency
    invoiced: bool = True  # False: an order is booked, and never an invoice
    paid: PaidAtOnce | None = None
    terms_of_payment: str | None = None
    advice: tuple[Advice, ...] = ()
    explanations: tuple[str, ...] = ()
    hold: SlussError | None = None
    shop_rate: Decimal | None = None  # SEK for one unit of the currency, by the shop

    @property
    def remaining_total(self) -> Money:
        return total((row.total for row in self.remaining), self.currency)

    @property
    def reference(self) -> SaleReference:
        """The root of its documents' references: Svea's checkout when it has one, else the shop's order."""
        if self.checkout_id is not None:
            return SaleReference.of_checkout(self.checkout_id)
        if self.shop_order is None:
            raise ValueError("a sale has a checkout or a shop order")
        return SaleReference.of_shop_order(self.shop_order)

    @property
    def name(self) -> str:
        return (
            f"Svea order {self.checkout_id}" if self.checkout_id is not None else f"order {self.order_number}"
        )

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """The other names that people and events know it by."""
        number = (("order_number", self.order_number),) if self.order_number else ()
        invoices = tuple(
            ("svea_invoice", str(one.invoice_number)) for one in self.deliveries if one.invoice_number
        )
        joined = self.checkout_id is not None and self.shop_order is not None
        order = (("sale", shop_key(self.shop_order or 0)),) if joined else ()
        return (*number, *order, *invoices)


def shop_key(entity_id: int) -> str:
    """The key of a subject that is known by its order in the shop: ``M1007``."""
    return f"M{entity_id}"


def shop_order_of(key: str) -> int | None:
    """The shop's entity id in a subject's key; None when the key is a checkout id."""
    digits = key[1:]
    return int(digits) if key[:1] == "M" and digits.isascii() and digits.isdigit() else None
