"""A payout: one group of Svea's report, row by row, and the sums that have to hold before it is booked.

Amounts are in the payout's currency. A row's ``paid`` is what it adds to the payout after its fees;
balance rows carry a debt from day to day and are no money.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from shared.domain.errors import Unbalanced
from shared.domain.money import Money, total

RowState = Literal["matched", "parked", "settled", "differs", "waiting"]
BALANCE_ROWS = ("OpeningBalanceDebt", "ClosingBalanceDebt")


@dataclass(frozen=True)
class Fee:
    """A cost is positive. ``kind`` is Svea's word: Admin, Credit, Kickback, Deposit, Dismissed, ..."""

    kind: str
    amount: Money
    vat: Money


@dataclass(frozen=True)
class PayoutRow:
    """One row. ``key`` names it across fetches; numbers that Svea leaves out, or prints as 0, are None."""

    key: str
    kind: str
    payment_type: str
    nominal: Money
    paid: Money
    fee: Money
    fee_vat: Money
    fees: tuple[Fee, ...] = ()
    checkout_id: int | None = None
    delivery_id: int | None = None
    invoice_number: int | None = None
    order_number: str = ""
    transaction_id: str = ""
    comment: str = ""
    destination_currency: str = ""
    exchange_rate: Decimal | None = None

    @property
    def is_balance(self) -> bool:
        return self.kind in BALANCE_ROWS

    @property
    def names(self) -> str:
        """What a person finds the row by."""
        if self.checkout_id is not None:
            return f"Svea order {self.checkout_id}"
        return self.order_number or self.comment or self.kind


@dataclass(frozen=True)
class Payout:
    """What one agreement pays on one day in one currency; ``paid`` is what reaches the bank account.

    ``opening_debt`` is zero or negative (owed from before), ``closing_debt`` zero or positive (carried on).
    """

    market: str
    client_id: str
    on: date
    rows: tuple[PayoutRow, ...]
    nominal: Money
    fee: Money
    fee_vat: Money
    paid_excluding: Money
    paid: Money
    opening_debt: Money
    closing_debt: Money

    @property
    def currency(self) -> str:
        return self.paid.currency

    @property
    def key(self) -> str:
        return f"{self.market}.{self.client_id}.{self.on.isoformat()}.{self.currency}"

    @property
    def money_rows(self) -> tuple[PayoutRow, ...]:
        return tuple(row for row in self.rows if not row.is_balance)

    @property
    def content_hash(self) -> str:
        """The same whatever the order of the rows."""
        rows = sorted(
            f"{row.key}|{row.paid.amount}|{row.fee.amount}|{row.fee_vat.amount}" for row in self.rows
        )
        whole = f"{self.key}|{self.paid.amount}|{self.closing_debt.amount}|{';'.join(rows)}"
        return hashlib.sha256(whole.encode()).hexdigest()


def must_hold(payout: Payout) -> None:
    """Raise Unbalanced, with both sums and the difference, unless every identity holds."""
    for row in payout.money_rows:
        _equal(f"row {row.names}: paid", row.paid, row.nominal - row.fee - row.fee_vat)
        if row.fees:
            _equal(f"row {row.names}: fee", row.fee, total((one.amount for one in row.fees), payout.currency))
            _equal(
                f"row {row.names}: fee VAT",
                row.fee_vat,
                total((one.vat for one in row.fees), payout.currency),
            )
    paid = _sum((row.paid for row in payout.money_rows), payout)
    _equal("payout before debts", payout.paid_excluding, payout.nominal - payout.fee - payout.fee_vat)
    _equal("rows", paid + payout.opening_debt + payout.closing_debt, payout.paid, says="paid")
    _equal("nominal of the rows", _sum((row.nominal for row in payout.money_rows), payout), payout.nominal)
    _equal("fees of the rows", _sum((row.fee for row in payout.money_rows), payout), payout.fee)
    _equal("fee VAT of the rows", _sum((row.fee_vat for row in payout.money_rows), payout), payout.fee_vat)
    if payout.opening_debt.amount > 0 or payout.closing_debt.amount < 0 or payout.paid.amount < 0:
        raise Unbalanced(
            f"payout {payout.key}: paid {payout.paid}, opening debt {payout.opening_debt}, closing debt "
            f"{payout.closing_debt}: a sign is not as it should be"
        )


def _sum(amounts: Iterable[Money], payout: Payout) -> Money:
    return total(amounts, payout.currency)


def _equal(what: str, left: Money, right: Money, *, says: str = "expected") -> None:
    if left == right:
        return
    off = right - left
    raise Unbalanced(
        f"{what} {left}, {says} {right}, difference {off}",
        facts={"sum": str(left), says: str(right), "difference": str(off)},
    )


def row_keys(rows: Sequence[tuple[str, str]]) -> list[str]:
    """A stable short name for each row: a hash of its identity, with a count among equal ones.

    Each row is its identity and what else it says, by which equal ones are counted: a report whose rows
    come in another order names them as before.
    """
    equal: dict[str, list[tuple[str, int]]] = {}
    for position, (identity, likeness) in enumerate(rows):
        equal.setdefault(identity, []).append((likeness, position))
    keys = [""] * len(rows)
    for identity, found in equal.items():
        digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
        for count, (_, position) in enumerate(sorted(found), start=1):
            keys[position] = f"{digest}-{count}"
    return keys
