"""Articles that Fortnox does not count: lists do not say so, and asking costs a call for each."""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, delete, select

from shared.ledger.database import Database
from shared.ledger.models import uncounted_article as table
from shared.ledger.statements import all_of, insert_or_ignore

column = table.c
NUMBERS_PER_QUESTION = 400


class UncountedArticles:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def among(self, connection: str, numbers: Collection[str]) -> set[str]:
        """Those of the numbers that were found not to be counted."""
        found: set[str] = set()
        for part in _parts(numbers):
            statement = select(column.number).where(column.connection == connection, column.number.in_(part))
            rows = await self._database.read(partial(all_of, statement=statement))
            found |= {row.number for row in rows}
        return found

    async def add(self, connection: str, numbers: Collection[str]) -> None:
        rows = [
            {"connection": connection, "number": number, "seen_at": self._clock()}
            for number in sorted(set(numbers))
        ]
        if rows:
            await self._database.write(lambda found: insert_or_ignore(found, table, rows))

    async def forget(self, connection: str, numbers: Collection[str]) -> None:
        """They are counted after all."""

        def work(found: Connection) -> None:
            for part in _parts(numbers):
                found.execute(delete(table).where(column.connection == connection, column.number.in_(part)))

        if numbers:
            await self._database.write(work)


def _parts(numbers: Collection[str]) -> list[list[str]]:
    wanted = sorted(set(numbers))
    starts = range(0, len(wanted), NUMBERS_PER_QUESTION)
    return [wanted[start : start + NUMBERS_PER_QUESTION] for start in starts]
