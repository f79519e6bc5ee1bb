"""What Fortnox itself said of VAT: its accounts, what moved on them, and what is not as our documents say.

Amounts are SEK; what is credited is positive, as sales and output VAT are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

ZERO = Decimal("0.00")
STANDARD_VAT_ACCOUNTS = {"MP1": 2611, "MP2": 2621, "MP3": 2631}
RATE_CODES = {Decimal(25): "MP1", Decimal(12): "MP2", Decimal(6): "MP3"}

DifferenceKind = Literal["by_hand", "by_others", "differs", "missing", "unfinished", "more", "not_read_yet"]


@dataclass(frozen=True)
class VatAccount:
    """VAT is reported by it. ``code`` is its own VAT code, ``takes`` are the codes whose VAT it gets."""

    number: int
    code: str | None
    takes: tuple[str, ...] = ()
    is_input: bool = False


@dataclass(frozen=True)
class Difference:
    """``amount``: what Fortnox has on the account less what our document says.

    ``number``, ``reference`` and ``sale_id`` are those of our document, empty where there is none.
    """

    kind: DifferenceKind
    dated: date
    account: int
    amount: Decimal
    voucher: str = ""
    text: str = ""
    document: str = ""
    number: str = ""
    reference: str = ""
    sale_id: str = ""


@dataclass(frozen=True)
class VatSeen:
    """One financial year. ``moved`` is by day and account."""

    first: date
    last: date
    seen_at: datetime
    accounts: tuple[VatAccount, ...] = ()
    moved: Mapping[tuple[date, int], Decimal] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()

    def moved_between(self, first: date, last: date) -> dict[int, Decimal]:
        sums: dict[int, Decimal] = {}
        for (day, account), amount in self.moved.items():
            if first <= day <= last:
                sums[account] = sums.get(account, ZERO) + amount
        return sums


@dataclass(frozen=True)
class VatAccounts:
    """Where Fortnox posts the VAT of a code: the merchant's word, then Fortnox', then the standard."""

    declared: Mapping[str, int]
    predefined: Mapping[str, int]

    @classmethod
    def of(cls, declared: Mapping[str, int], seen: Iterable[VatSeen]) -> "VatAccounts":
        newest = max(seen, key=lambda one: one.first, default=None)
        accounts = () if newest is None else newest.accounts
        return cls(declared, {code: account.number for account in accounts for code in account.takes})

    def __call__(self, code: str | None, rate: Decimal) -> int:
        """0 when nobody has said."""
        used = code or RATE_CODES.get(rate, "")
        found = self.declared.get(used) or self.predefined.get(used) or STANDARD_VAT_ACCOUNTS.get(used)
        return found or 0
