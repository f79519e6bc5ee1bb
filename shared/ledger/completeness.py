"""Which sales a check for completeness has to look at: told of, booked, or paid out lately."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, union

from shared.ledger.database import Database
from shared.ledger.ids import first_of
from shared.ledger.models import event, link, subject
from shared.ledger.models_payouts import payout, payout_row

TOLD_BY_OTHERS = ("svea", "svea_push", "magento", "backfill")  # our own sweeps say nothing new
DOCUMENTS = ("invoice", "credit_invoice")


@dataclass(frozen=True)
class PaidSale:
    """A checkout that Svea has settled."""

    checkout_id: str
    market: str
    dated: date


class Completeness:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def sales(self, connection: str, since: datetime) -> list[str]:
        """Keys of sales that somebody told of since then, or that have a document dated since."""
        told = (
            select(subject.c.key)
            .join(event, event.c.subject_id == subject.c.id)
            .where(
                event.c.connection == connection,
                event.c.id >= first_of(since),
                event.c.source.in_(TOLD_BY_OTHERS),
                subject.c.kind == "sale",
            )
        )
        booked = (
            select(subject.c.key)
            .join(link, link.c.subject_id == subject.c.id)
            .where(
                link.c.connection == connection,
                link.c.kind.in_(DOCUMENTS),
                link.c.dated >= since.date(),
                subject.c.kind == "sale",
            )
        )
        return [row.key for row in await self._all(union(told, booked))]

    async def paid(self, connection: str, first: date) -> list[PaidSale]:
        """Every checkout of the payouts since that day, each once."""
        statement = (
            select(payout_row.c.checkout_id, payout.c.market, payout.c.dated)
            .join(payout, payout.c.subject_id == payout_row.c.payout_id)
            .where(
                payout.c.connection == connection,
                payout.c.dated >= first,
                payout_row.c.checkout_id.is_not(None),
            )
            .order_by(payout.c.dated)
        )
        found = {row.checkout_id: PaidSale(*row) for row in await self._all(statement)}
        return list(found.values())

    async def _all(self, statement: Any) -> list[Any]:
        return await self._database.read(lambda found: list(found.execute(statement).all()))
