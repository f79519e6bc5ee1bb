"""The days that people chose for documents whose own day is closed, one per subject."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select, update

from shared.ledger.database import Database
from shared.ledger.models import booking_day as table
from shared.ledger.models_payouts import payout

column = table.c


@dataclass(frozen=True)
class BookingDay:
    """``day`` is where documents go whose own day is closed; who chose it, and why."""

    subject_id: str
    day: date
    reason: str
    chosen_by: str
    chosen_at: datetime


class BookingDays:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def choose(self, subject_id: str, day: date, *, reason: str, chosen_by: str) -> BookingDay:
        """In the place of what was chosen before."""
        chosen = BookingDay(subject_id, day, reason, chosen_by, self._clock())

        def work(connection: Connection) -> None:
            _forget(connection, subject_id)
            connection.execute(insert(table).values(**vars(chosen)))
            _tell_payout(connection, subject_id, day)

        await self._database.write(work)
        return chosen

    async def undo(self, subject_id: str) -> bool:
        """False when nothing was chosen."""

        def work(connection: Connection) -> bool:
            _tell_payout(connection, subject_id, None)
            return _forget(connection, subject_id)

        return await self._database.write(work)

    async def of(self, subject_id: str) -> BookingDay | None:
        statement = select(table).where(column.subject_id == subject_id)
        row = await self._database.read(lambda connection: connection.execute(statement).first())
        return None if row is None else BookingDay(**row._mapping)


def _forget(connection: Connection, subject_id: str) -> bool:
    return connection.execute(delete(table).where(column.subject_id == subject_id)).rowcount == 1


def _tell_payout(connection: Connection, subject_id: str, day: date | None) -> None:
    """A payout has the day among its own facts, where its lists show it; other subjects are none."""
    connection.execute(update(payout).where(payout.c.subject_id == subject_id).values(chosen_on=day))
