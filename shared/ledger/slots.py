"""One row per tick of a job, so that the same tick twice is one."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from shared.ledger.database import Database
from shared.ledger.models import slot as table
from shared.ledger.records import Slot
from shared.ledger.statements import insert_or_ignore

column = table.c
LEFT_BEHIND_AFTER = timedelta(minutes=1)  # a scheduler was killed between taking a tick and its event


class Slots:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def take(
        self, job: str, connection: str, slot: datetime, *, left_behind_after: timedelta = LEFT_BEHIND_AFTER
    ) -> bool:
        """True for exactly one caller; and again for one more, when nothing came of it for so long."""
        row = {"job": job, "connection": connection, "slot": slot, "taken_at": self._clock()}
        if await self._database.write(lambda found: insert_or_ignore(found, table, row)) == 1:
            return True
        statement = (
            update(table)
            .where(column.job == job, column.connection == connection, column.slot == slot)
            .where(column.result.is_(None), column.taken_at < self._clock() - left_behind_after)
            .values(taken_at=self._clock())
        )
        return await self._database.write(lambda found: found.execute(statement).rowcount) == 1

    async def record(self, job: str, connection: str, slot: datetime, result: str) -> None:
        statement = (
            update(table)
            .where(column.job == job, column.connection == connection, column.slot == slot)
            .values(result=result, recorded_at=self._clock())
        )
        await self._database.write(lambda found: found.execute(statement))

    async def last(self, job: str, connection: str) -> Slot | None:
        statement = (
            select(table)
            .where(column.job == job, column.connection == connection)
            .order_by(column.slot.desc())
            .limit(1)
        )
        row = await self._database.read(lambda found: found.execute(statement).first())
        return None if row is None else Slot(**row._mapping)
