"""Vouchers that we make by hand's stead: what no invoice and no payment can say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from shared.domain.documents import Draft, to_plain
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

    def material(self) -> Mapping[str, Any]:
        plain: dict[str, Any] = to_plain(self)
        return plain


@dataclass(frozen=True)
class AttachmentDraft(Draft):
    """A file that explains a voucher; ``content`` is not part of what is stored with our link."""

    kind: ClassVar[str] = "attachment"

    voucher: str
    filename: str
    content: bytes
    digest: str

    def material(self) -> Mapping[str, Any]:
        return {"ref": self.ref, "voucher": self.voucher, "filename": self.filename, "digest": self.digest}
