"""What Svea knows about one purchase. Amounts, quantities and percentages are integers x100, VAT included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from services.sandbox.svea.payment_types import PaymentFamily, admin_payment_type, family_of


def rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True)
class Row:
    article_number: str
    name: str
    unit_price: int
    quantity: int = 100
    vat_percent: int = 2500
    discount_percent: int = 0
    discount_amount: int = 0
    unit: str = "st"
    row_type: str = "Row"
    merchant_data: str | None = None
    temporary_reference: str | None = None
    row_id: int = 0
    cancelled: bool = False

    @property
    def amount(self) -> int:
        """Including VAT, after either discount, rounded half up (Svea's own rounding is not documented)."""
        gross = Decimal(self.unit_price) * self.quantity / 100
        gross = gross * (10000 - self.discount_percent) / 10000
        return rounded(gross) - self.discount_amount

    def split(self, quantity: int) -> tuple[Row, Row]:
        """(so many pieces, the rest); a discount on the whole row is shared, its rest stays with the rest."""
        share = rounded(Decimal(self.discount_amount) * quantity / self.quantity)
        part = replace(self, quantity=quantity, discount_amount=share)
        rest = replace(self, quantity=self.quantity - quantity, discount_amount=self.discount_amount - share)
        return part, rest


def total(rows: Iterable[Row]) -> int:
    return sum(row.amount for row in rows)


@dataclass(frozen=True)
class Credit:
    """`number` is only ever told in the webhook and the task; the order shows neither it nor `at`."""

    number: int
    amount: int
    rows: tuple[Row, ...] = ()
    at: datetime | None = None
    """None where only its order is known, as in the samples."""


@dataclass
class Delivery:
    number: int
    created: datetime
    rows: list[Row]
    amount: int
    invoice_id: int | None = None
    due: datetime | None = None
    status: str | None = None
    credits: list[Credit] = field(default_factory=list)

    @property
    def credited(self) -> int:
        return -sum(credit.amount for credit in self.credits)

    def left_of(self, row_id: int) -> int:
        """Quantity of a delivered row that is not credited yet."""
        delivered = sum(row.quantity for row in self.rows if row.row_id == row_id)
        return delivered + sum(
            row.quantity for credit in self.credits for row in credit.rows if row.row_id == row_id
        )


@dataclass(frozen=True)
class Address:
    full_name: str = ""
    first_name: str = ""
    last_name: str = ""
    street: str = ""
    street2: str | None = None
    street3: str | None = None
    co_address: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True)
class Customer:
    number: int | None = None
    national_id: str | None = None
    is_company: bool = False
    email: str | None = None
    phone: str | None = None
    reference: str | None = None


class BillingShape(StrEnum):
    """How a billing address is shown: svea.md 2.2 says it may be empty when equal to shipping."""

    FULL = "full"
    BLANK = "blank"
    NULL = "null"


@dataclass
class Order:
    checkout_id: int
    merchant_id: str
    client_order_number: str
    currency: str
    country: str
    locale: str
    rows: list[Row]
    created: datetime
    customer: Customer = Customer()
    shipping: Address | None = None
    billing: Address | None = None
    billing_shape: BillingShape = BillingShape.FULL
    payment_type: str | None = None
    wanted_payment_type: str = "INVOICE"
    merchant_settings: dict[str, Any] = field(default_factory=dict)
    merchant_data: str | None = None
    checkout_status: str = "Created"
    cart: list[Row] = field(default_factory=list)
    order_status: str = "Open"
    is_pending: bool = False
    system_message: str | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    order_amount: int = 0
    cancelled_amount: int = 0
    lowered_by: int = 0
    """Cancelled as an amount and not yet taken off a delivery."""
    expires: datetime | None = None
    next_row_id: int = 1
    svea_will_buy: bool | None = None

    @property
    def is_final(self) -> bool:
        return self.checkout_status == "Final"

    @property
    def admin_type(self) -> str | None:
        return None if self.payment_type is None else admin_payment_type(self.payment_type)

    @property
    def family(self) -> PaymentFamily:
        return family_of(self.admin_type)

    @property
    def open_rows(self) -> list[Row]:
        return [row for row in self.rows if not row.cancelled]

    @property
    def is_changeable(self) -> bool:
        return self.order_status == "Open" and not self.is_pending

    def delivery(self, number: int) -> Delivery | None:
        return next((delivery for delivery in self.deliveries if delivery.number == number), None)

    def numbered(self, rows: Iterable[Row]) -> list[Row]:
        """The rows with row ids of this order."""
        given = []
        for row in rows:
            given.append(replace(row, row_id=self.next_row_id))
            self.next_row_id += 1
        return given
