"""What Fortnox itself said of the clearing accounts and of open invoices, beside what we made of them."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self


@dataclass(frozen=True)
class AccountSeen:
    """One financial year of one account in SEK: what Fortnox says it moved, and what our documents moved."""

    account: int
    first: date
    last: date
    moved: Decimal
    ours: Decimal

    @property
    def difference(self) -> Decimal:
        """What somebody else booked on it."""
        return self.moved - self.ours


@dataclass(frozen=True)
class InvoiceSeen:
    """A document of ours whose open amount is another in Fortnox: somebody paid it, or removed a payment."""

    number: str
    sale_id: str
    currency: str
    open_by_us: Decimal
    open_in_fortnox: Decimal


@dataclass(frozen=True)
class BooksSeen:
    """``more`` invoices differ and are not listed."""

    seen_at: datetime
    accounts: tuple[AccountSeen, ...]
    invoices: tuple[InvoiceSeen, ...]
    more: int = 0

    def to_text(self) -> str:
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_text(cls, text: str) -> Self:
        kept: dict[str, Any] = json.loads(text)
        return cls(
            seen_at=datetime.fromisoformat(kept["seen_at"]),
            accounts=tuple(_account(one) for one in kept["accounts"]),
            invoices=tuple(_invoice(one) for one in kept["invoices"]),
            more=kept["more"],
        )


def _account(kept: dict[str, Any]) -> AccountSeen:
    return AccountSeen(
        account=kept["account"],
        first=date.fromisoformat(kept["first"]),
        last=date.fromisoformat(kept["last"]),
        moved=Decimal(kept["moved"]),
        ours=Decimal(kept["ours"]),
    )


def _invoice(kept: dict[str, Any]) -> InvoiceSeen:
    amounts = {name: Decimal(kept[name]) for name in ("open_by_us", "open_in_fortnox")}
    return InvoiceSeen(**kept | amounts)
