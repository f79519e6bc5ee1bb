"""What a payout's plan is made from: Svea's group, the documents that its rows are about, the books."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

from services.sync_worker.booked import Booked, Books
from shared.domain.money import Money
from shared.domain.payouts import Payout
from shared.settings.connections import ConnectionDeclaration, Market


@dataclass(frozen=True)
class Target:
    """An invoice or a credit invoice that a row pays. ``total`` is negative for a credit invoice.

    ``ref`` is ours, empty for a document that somebody else made; ``paid`` is what has been taken off
    before this payout. ``how`` says what it was found by.
    """

    kind: Literal["invoice", "credit_invoice"]
    ref: str
    number: str
    dated: date
    total: Money
    paid: Money
    claim_rate: Decimal | None
    how: str

    @property
    def open(self) -> Money:
        return self.total - self.paid


@dataclass(frozen=True)
class CarriedDebts:
    """What debts stand for on clearing, in SEK, where they are in another currency: zero or more.

    ``opening`` is what the payout before left there, ``closing`` what the one after has taken as its own;
    None where that one is not booked. ``gain`` and ``loss`` are the accounts of exchange differences.
    """

    opening: Decimal | None = None
    closing: Decimal | None = None
    gain: int = 3960
    loss: int = 7960


@dataclass(frozen=True)
class ObservedPayout:
    """``targets`` by row key; ``rate`` is SEK per unit of the payout's currency on its day.

    ``payout`` is what is booked, or was begun to be; ``changed`` is what Svea's report says since then,
    if it says something else. ``chosen_on`` is the day that a person chose instead of a locked one.
    """

    payout: Payout
    settings: ConnectionDeclaration
    market: Market
    today: date
    targets: Mapping[str, tuple[Target, ...]]
    booked: tuple[Booked, ...] = ()
    books: Books = field(default_factory=Books)
    rate: Decimal | None = None
    debts: CarriedDebts = field(default_factory=CarriedDebts)
    changed: Payout | None = None
    chosen_on: date | None = None
    report: bytes = b""  # as Svea sent it, for the voucher that it explains
    is_booked: bool = False  # to its end, with a voucher if it needed one
    removed: frozenset[str] = frozenset()  # numbers of payments that a person says are gone
    why_not: Mapping[str, str] = field(default_factory=dict)  # row key -> why no document was found

    def document(self, kind: str, ref: str) -> Booked | None:
        return self._by_name.get((kind, ref))

    def payments_of(self, row_key: str) -> tuple[Booked, ...]:
        """What was made of a row, in every generation."""
        return self._payments.get(row_key, ())

    @cached_property
    def _payments(self) -> dict[str, tuple[Booked, ...]]:
        found: dict[str, tuple[Booked, ...]] = {}
        for one in self.booked:
            if one.kind == "payment":
                key = str(one.draft.get("entry") or "")
                found[key] = (*found.get(key, ()), one)
        return found

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Booked]:
        return {(found.kind, found.ref): found for found in self.booked}

    @property
    def reference(self) -> str:
        """The root of its documents' references: ``Pse-79021-20260204-SEK``."""
        payout = self.payout
        return f"P{payout.market}-{payout.client_id}-{payout.on:%Y%m%d}-{payout.currency}"

    @property
    def dated(self) -> date:
        return self.chosen_on or self.payout.on


@dataclass(frozen=True)
class RowOutcome:
    """What becomes of one row, with the sentence that a person reads."""

    key: str
    state: Literal["matched", "parked", "settled", "differs", "waiting"]
    why: str
    documents: tuple[str, ...] = ()
