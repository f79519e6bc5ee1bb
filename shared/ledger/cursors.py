"""How far a sweep has read, per connection and name."""

from collections.abc import Callable
from datetime import datetime

from shared.ledger.database import Database
from shared.ledger.models import cursor as table
from shared.ledger.statements import row_or_none, upsert

column = table.c


class Cursors:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def get(self, connection: str, name: str) -> str | None:
        where = (column.connection == connection, column.name == name)
        row = await self._database.read(lambda found: row_or_none(found, table, *where))
        return None if row is None else str(row.value)

    async def set(self, connection: str, name: str, value: str) -> None:
        row = {"connection": connection, "name": name, "value": value, "updated_at": self._clock()}
        await self._database.write(lambda found: upsert(found, table, row))
