"""One purchase under all its names, as its sources tell it, before anything is booked."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.domain.items import SoldRow
from shared.domain.money import Money, must_add_up, total
from shared.domain.parties import Buyer

SaleStatus = Literal["not_final", "pending", "open", "delivered", "cancelled"]


@dataclass(frozen=True)
class SoldCredit:
    """Money given back on a delivery. ``rows`` have negative totals; empty when only an amount is known."""

    amount: Money
    rows: tuple[SoldRow, ...] = ()

    def __post_init__(self) -> None:
        if self.rows:
            must_add_up("credit", parts=[-row.total for row in self.rows], to=self.amount)

    @property
    def fingerprint(self) -> str:
        """Tells two credits apart as far as Svea lets us: it gives them no id."""
        parts = [f"{row.article}*{row.quantity:f}={row.total.amount}@{row.rate:f}" for row in self.rows]
        return f"{self.amount.amount}|{';'.join(parts)}"


@dataclass(frozen=True)
class SoldDelivery:
    """What was shipped and captured at one time; ``on`` is the Stockholm date."""

    id: int
    on: date
    rows: tuple[SoldRow, ...]
    amount: Money
    credits: tuple[SoldCredit, ...] = ()
    credited: Money | None = None

    def __post_init__(self) -> None:
        must_add_up(f"delivery {self.id}", parts=[row.total for row in self.rows], to=self.amount)


@dataclass(frozen=True)
class Sale:
    """The state of a sale. ``remaining`` are the rows not delivered and not cancelled."""

    checkout_id: int
    order_number: str
    status: SaleStatus
    ordered_on: date
    currency: str
    buyer: Buyer
    remaining: tuple[SoldRow, ...]
    deliveries: tuple[SoldDelivery, ...]
    ordered: Money
    payment_type: str = ""
    why: str = ""

    @property
    def remaining_total(self) -> Money:
        return total((row.total for row in self.remaining), self.currency)
