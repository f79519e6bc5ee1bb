"""Payments of invoices: what reached an account, and what was written off on the way."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from shared.domain.documents import Draft
from shared.domain.errors import Unbalanced
from shared.domain.money import Money, to_cents

BOOK_CURRENCY = "SEK"


@dataclass(frozen=True)
class WriteOff:
    """A part of the claim that is cost and not money; in SEK, positive lowers the claim."""

    amount: Decimal
    account: int
    text: str = ""


@dataclass(frozen=True)
class PaymentDraft(Draft):
    """Takes ``amount`` and the write-offs off an invoice, or off a credit invoice when negative.

    ``amount`` is what reaches the account, in the document's currency; ``rate`` is SEK per unit on the
    payment day and ``claim_rate`` the one that the claim was booked at, both None in SEK. The document
    is ours by reference, or somebody else's by its ``number``.
    """

    kind: ClassVar[str] = "payment"

    document_kind: Literal["invoice", "credit_invoice"]
    document: str
    dated: date
    amount: Money
    account: int
    mode_of_payment: str | None
    write_offs: tuple[WriteOff, ...] = ()
    number: str | None = None
    rate: Decimal | None = None
    claim_rate: Decimal | None = None
    entry: str = ""  # what it books, such as one row of a payout
    cancelled: bool = False  # somebody has taken it away over there: it is made sure of, and forgotten

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.amount and not self.write_offs:
            raise Unbalanced(f"{self.ref}: a payment of nothing")
        if self.amount.currency != BOOK_CURRENCY and self.rate is None:
            raise ValueError(f"{self.ref} is in {self.amount.currency} and has no rate")

    @property
    def total(self) -> Money:
        """What the document is less by: the money and what was written off with it."""
        return self.taken_off

    @property
    def parent(self) -> str:
        return self.document

    @property
    def amount_sek(self) -> Decimal:
        return self.amount.amount if self.rate is None else to_cents(self.amount.amount * self.rate)

    @property
    def written_off(self) -> Decimal:
        return sum((one.amount for one in self.write_offs), Decimal(0))

    @property
    def taken_off(self) -> Money:
        """Off the document, in its own currency."""
        if self.rate is None:
            return Money(self.amount.amount + self.written_off, self.amount.currency)
        return Money(self.amount.amount + to_cents(self.written_off / self.rate), self.amount.currency)

    @property
    def claim_sek(self) -> Decimal:
        """Off the customer ledger, in SEK, at the rate that the claim has."""
        claim_rate = self.claim_rate or self.rate
        taken = self.taken_off.amount
        return taken if claim_rate is None else to_cents(taken * claim_rate)
