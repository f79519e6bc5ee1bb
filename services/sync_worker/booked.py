"""What is booked already and what the books allow, as every flow's plan sees it: without the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.domain.money import Money
from shared.ledger.records import Link


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
    """What Fortnox lets us book: up to when it is locked, and which of our dates have no year, or one that
    is kept by the cash method."""

    locked_until: date | None = None
    without_year: frozenset[date] = frozenset()
    by_cash: frozenset[date] = frozenset()

    def is_closed(self, day: date) -> bool:
        locked = self.locked_until is not None and day <= self.locked_until
        return locked or day in self.without_year or day in self.by_cash


@dataclass(frozen=True)
class ChosenDay:
    """Where a person wants what cannot be booked on its own day."""

    day: date
    why: str


def to_booked(link: Link) -> Booked:
    total = None if link.total is None or link.currency is None else Money(link.total, link.currency)
    return Booked(
        kind=link.kind,
        ref=link.reference,
        number=link.number,
        state=link.state,
        draft=link.draft,
        dated=link.dated,
        total=total,
        parent=link.parent,
        refused_as=link.problem_code,
    )
