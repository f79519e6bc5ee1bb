"""What a sale's plan is made from: the sale, what is booked already, and the merchant's settings."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.sync_worker.booked import Booked as Booked
from services.sync_worker.booked import Books as Books
from services.sync_worker.booked import ChosenDay as ChosenDay
from shared.domain.exchange import ExchangeRate
from shared.domain.sale import Sale
from shared.domain.vat_numbers import Registered
from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class Elsewhere:
    """The purchase has another key: its money comes through Svea, or a person gave its order number."""

    key: str
    why: str


@dataclass(frozen=True)
class ObservedSale:
    """``rate`` is SEK per unit of the sale's currency; ``refund_days`` are dates of refund events.

    ``credited_before`` are the references of credit invoices that are older than ``documents.wait``.
    """

    sale: Sale
    settings: ConnectionDeclaration
    today: date
    booked: tuple[Booked, ...] = ()
    books: Books = field(default_factory=Books)
    rate: Decimal | None = None
    rated: ExchangeRate | None = None  # who says that rate
    refund_days: tuple[date, ...] = ()
    credited_before: frozenset[str] = frozenset()
    vies: Registered | None = None  # what VIES says of the buyer's VAT number, where that matters
    customer: str = ""  # our reference of the buyer, when that is not what this sale would call it
    chosen_day: ChosenDay | None = None  # read only where a day of its own is closed

    def document(self, kind: str, ref: str) -> Booked | None:
        return next((found for found in self.booked if (found.kind, found.ref) == (kind, ref)), None)

    @property
    def refused_articles(self) -> frozenset[str]:
        """Article numbers that Fortnox would not create: sold as text rows instead."""
        refused = (found for found in self.of_kind("article") if found.state == "refused")
        return frozenset(
            str(found.draft.get("number")) for found in refused if found.refused_as == "refused_by_fortnox"
        )

    def of_kind(self, kind: str) -> tuple[Booked, ...]:
        return tuple(found for found in self.booked if found.kind == kind)
