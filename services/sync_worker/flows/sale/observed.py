"""What a sale's plan is made from: the sale, what is booked already, and the merchant's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from shared.domain.money import Money
from shared.domain.sale import Sale
from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class Booked:
    """A document that we have made or begun: our link, without the database."""

    kind: str
    ref: str
    number: str | None
    state: str
    draft: Mapping[str, Any]
    dated: date | None
    total: Money | None
    parent: str | None
    refused_as: str | None = None  # problem code, when the other system said no

    @property
    def exists(self) -> bool:
        return self.number is not None and self.state != "cancelled"


@dataclass(frozen=True)
class Books:
    """What Fortnox lets us book: up to when it is locked, and which of our dates have no year."""

    locked_until: date | None = None
    without_year: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Elsewhere:
    """The purchase has another key: its money comes through Svea, or a person gave its order number."""

    key: str
    why: str


@dataclass(frozen=True)
class ObservedSale:
    """``rate`` is SEK per unit of the sale's currency; ``refund_days`` are dates of refund events."""

    sale: Sale
    settings: ConnectionDeclaration
    today: date
    booked: tuple[Booked, ...] = ()
    books: Books = Books()
    rate: Decimal | None = None
    refund_days: tuple[date, ...] = ()
    customer: str = ""  # our reference of the buyer, when that is not what this sale would call it

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
