"""Vouchers that we make by hand's stead: what no invoice and no payment can say."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

from shared.domain.documents import NOT_KEPT, Draft
from shared.domain.errors import Unbalanced

MAX_TEXT = 200  # a voucher's description
MAX_ROW_TEXT = 100  # a row's transaction information
# Nobody has published how many rows a voucher may have; other documents of Fortnox may have 500.
MAX_VOUCHER_ROWS = 500


@dataclass(frozen=True)
class VoucherRow:
    """One line in SEK: debit is positive, credit is negative."""

    account: int
    amount: Decimal
    text: str = ""

    @property
    def debit(self) -> Decimal:
        return max(self.amount, Decimal(0))

    @property
    def credit(self) -> Decimal:
        return max(-self.amount, Decimal(0))


def gathered(rows: tuple[VoucherRow, ...], at_most: int = MAX_VOUCHER_ROWS) -> tuple[VoucherRow, ...]:
    """Rows that fit a voucher: too many of one account and side become one row with their sum.

    The largest groups go first, and no more than needed; what each account is debited and credited
    stays the same to the öre.
    """
    groups: dict[tuple[int, bool], list[VoucherRow]] = {}
    for row in rows:
        groups.setdefault((row.account, row.amount > 0), []).append(row)
    left = len(rows)
    for key, group in sorted(groups.items(), key=lambda found: -len(found[1])):
        if left <= at_most:
            break
        left -= len(group) - 1
        groups[key] = [_summed(group)]
    return rows if left == len(rows) else tuple(row for group in groups.values() for row in group)


def _summed(rows: list[VoucherRow]) -> VoucherRow:
    total = sum((row.amount for row in rows), Decimal(0))
    return VoucherRow(rows[0].account, total, f"{len(rows)} rader, se rapporten")


@dataclass(frozen=True)
class VoucherDraft(Draft):
    """A voucher in a manual series. Raises Unbalanced when debit and credit differ, by how much."""

    kind: ClassVar[str] = "voucher"

    series: str
    dated: date
    text: str
    rows: tuple[VoucherRow, ...]
    entry: str = ""  # what it books, such as one payout
    rate: Decimal | None = None  # SEK per unit of the currency that its rows were in, if it was another

    def __post_init__(self) -> None:
        super().__post_init__()
        off = sum((row.amount for row in self.rows), Decimal(0))
        if off:
            raise Unbalanced(
                f"{self.ref}: debit and credit differ by {off}", facts={"difference": f"{off:f}"}
            )
        if len(self.rows) < 2:
            raise Unbalanced(f"{self.ref}: a voucher has two rows at least")


@dataclass(frozen=True)
class AttachmentDraft(Draft):
    """A file that explains a voucher; ``digest`` is the SHA-256 of its content in hexadecimal."""

    kind: ClassVar[str] = "attachment"

    voucher: str
    filename: str
    content: bytes = field(repr=False, metadata=NOT_KEPT)
    digest: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        found = sha256(self.content).hexdigest()
        if self.digest not in ("", found):
            raise ValueError(f"{self.ref}: the content is not the one of its digest")
        object.__setattr__(self, "digest", found)
