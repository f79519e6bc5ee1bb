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
    """What Fortnox lets us book: up to when it is locked, and which of our dates have no year."""

    locked_until: date | None = None
    without_year: frozenset[date] = frozenset()


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
