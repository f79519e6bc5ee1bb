"""What Fortnox knows of orders of the shop: asked many at once, for the stock that they hold."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import and_, or_, select

from shared.domain.sale import shop_order_of
from shared.ledger.database import Database
from shared.ledger.models import alias, link, subject
from shared.ledger.statements import all_of

SUBJECTS_PER_QUESTION = 200
DOCUMENTS = ("order", "invoice")
ON_ITS_WAY = ("due", "running", "waiting", "needs_attention")
MOST_ON_THEIR_WAY = 1000


@dataclass(frozen=True)
class BookedSale:
    """``articles`` are the numbers that its orders and invoices in Fortnox name; ``unsure`` while an invoice
    exists and is not booked: nobody has told when its goods leave Fortnox' stock."""

    articles: frozenset[str] = field(default_factory=frozenset)
    unsure: bool = False


class SalesStock:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def booked(self, connection: str, subjects: Collection[str]) -> dict[str, BookedSale]:
        """By subject id, of the sales that have an order or an invoice in Fortnox."""
        found: dict[str, BookedSale] = {}
        column = link.c
        for part in _parts(subjects):
            statement = select(column.subject_id, column.kind, column.state, column.draft).where(
                column.connection == connection,
                column.system == "fortnox",
                column.kind.in_(DOCUMENTS),
                column.subject_id.in_(part),
                column.number.is_not(None),
                column.state != "cancelled",
            )
            for row in await self._database.read(partial(all_of, statement=statement)):
                before = found.get(row.subject_id, BookedSale())
                unsure = row.kind == "invoice" and row.state != "final"
                found[row.subject_id] = BookedSale(
                    before.articles | _articles(row.draft), before.unsure or unsure
                )
        return found

    async def unsettled_orders(self, connection: str) -> set[int]:
        """Entity ids of orders of the shop whose sale is on its way: the shop may have sent them already."""
        on_their_way = and_(
            subject.c.connection == connection,
            subject.c.kind == "sale",
            subject.c.state.in_(ON_ITS_WAY),
        )
        own = select(subject.c.key).where(on_their_way).limit(MOST_ON_THEIR_WAY)
        joined = (
            select(alias.c.value)
            .join(subject, subject.c.id == alias.c.subject_id)
            .where(alias.c.connection == connection, alias.c.name == "sale", on_their_way)
            .limit(MOST_ON_THEIR_WAY)
        )
        keys = [
            str(row[0])
            for statement in (own, joined)
            for row in await self._database.read(partial(all_of, statement=statement))
        ]
        return {order for key in keys if (order := shop_order_of(key)) is not None}

    async def states(self, subjects: Collection[str]) -> dict[str, str]:
        """State by subject id, of those that there are."""
        found: dict[str, str] = {}
        for part in _parts(subjects):
            statement = select(subject.c.id, subject.c.state).where(subject.c.id.in_(part))
            rows = await self._database.read(partial(all_of, statement=statement))
            found |= {row.id: row.state for row in rows}
        return found

    async def looked_at_since(self, subjects: Collection[str], instant: datetime) -> set[str]:
        """Those that are running, or have run since."""
        found: set[str] = set()
        for part in _parts(subjects):
            since = or_(subject.c.looked_at > instant, subject.c.state == "running")
            statement = select(subject.c.id).where(subject.c.id.in_(part), since)
            rows = await self._database.read(partial(all_of, statement=statement))
            found |= {row.id for row in rows}
        return found


def _parts(subjects: Collection[str]) -> Sequence[list[str]]:
    wanted = sorted(set(subjects))
    starts = range(0, len(wanted), SUBJECTS_PER_QUESTION)
    return [wanted[start : start + SUBJECTS_PER_QUESTION] for start in starts]


def _articles(draft: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(row["article"]) for row in draft.get("rows", ()) if row.get("article"))
