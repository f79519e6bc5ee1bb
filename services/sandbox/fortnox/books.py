"""Double-entry books: vouchers that balance, and what they sum to by account."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.sandbox.fortnox.amounts import ZERO, ore
from services.sandbox.fortnox.refusals import Unbalanced


@dataclass(frozen=True)
class VoucherRow:
    """One line of a voucher in SEK; one of debit and credit is zero."""

    account: int
    debit: Decimal
    credit: Decimal
    description: str = ""
    transaction_information: str = ""
    cost_center: str = ""
    project: str = ""
    quantity: Decimal = ZERO


@dataclass(frozen=True)
class Voucher:
    """A booked voucher. Series, number and financial year name it; it never changes."""

    series: str
    number: int
    year: int
    date: date
    description: str
    rows: tuple[VoucherRow, ...]
    created: datetime
    comments: str = ""
    reference_type: str = "MANUAL"
    reference_number: str = ""
    cost_center: str = ""
    project: str = ""

    def __post_init__(self) -> None:
        debit = sum((row.debit for row in self.rows), ZERO)
        credit = sum((row.credit for row in self.rows), ZERO)
        if debit != credit:
            raise Unbalanced(f"voucher {self.series}{self.number}: debit {debit}, credit {credit}")


def signed_row(account: int, amount: Decimal, description: str = "", information: str = "") -> VoucherRow:
    """A line from a signed amount, debit positive, rounded to the öre."""
    amount = ore(amount)
    return VoucherRow(account, max(amount, ZERO), max(-amount, ZERO), description, information)


class Books:
    """All vouchers of a company, in the order they were booked."""

    def __init__(self) -> None:
        self.vouchers: list[Voucher] = []
        self._last: dict[tuple[str, int], int] = {}

    def add(self, voucher: Voucher) -> Voucher:
        """Book it."""
        self.vouchers.append(voucher)
        self._last[voucher.series, voucher.year] = voucher.number
        return voucher

    def next_number(self, series: str, year: int) -> int:
        """The number that the next voucher of the series and year gets."""
        return 1 + self._last.get((series, year), 0)

    def balance(self, account: int) -> Decimal:
        """Debit less credit of one account over all time."""
        return self.by_account().get(account, ZERO)

    def by_account(self, from_date: date | None = None, to_date: date | None = None) -> dict[int, Decimal]:
        """Debit less credit per account, both dates included; an account once touched stays listed."""
        sums: defaultdict[int, Decimal] = defaultdict(Decimal)
        for voucher in self.vouchers:
            if (from_date or date.min) <= voucher.date <= (to_date or date.max):
                for row in voucher.rows:
                    sums[row.account] += row.debit - row.credit
        return dict(sorted(sums.items()))
