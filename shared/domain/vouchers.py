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


@dataclass(frozen=True)
class VoucherDraft(Draft):
    """A voucher in a manual series. Raises Unbalanced when debit and credit differ, by how much."""

    kind: ClassVar[str] = "voucher"

    series: str
    dated: date
    text: str
    rows: tuple[VoucherRow, ...]
    entry: str = ""  # what it books, such as one payout

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
