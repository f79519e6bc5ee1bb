"""How far a sweep has read, per connection and name."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from shared.ledger.database import Database
from shared.ledger.models import cursor as table
from shared.ledger.statements import upsert

column = table.c
_VALUE = select(column.value).where(column.connection == bindparam("of"), column.name == bindparam("named"))


class Cursors:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def get(self, connection: str, name: str) -> str | None:
        asked = {"of": connection, "named": name}
        return await self._database.read(lambda found: found.execute(_VALUE, asked).scalar_one_or_none())

    async def set(self, connection: str, name: str, value: str) -> None:
        row = {"connection": connection, "name": name, "value": value, "updated_at": self._clock()}
        await self._database.write(lambda found: upsert(found, table, row))

    async def named(self, name: str) -> dict[str, str]:
        """The value of every connection that has one, in one question."""
        statement = select(column.connection, column.value).where(column.name == name)
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return {row.connection: row.value for row in rows}

    async def set_many(self, name: str, values: Mapping[str, str]) -> None:
        """By connection, in one transaction."""
        now = self._clock()

        def work(found: Connection) -> None:
            for connection, value in sorted(values.items()):
                row = {"connection": connection, "name": name, "value": value, "updated_at": now}
                upsert(found, table, row)

        await self._database.write(work)


def standing_advice(code: str) -> str:
    """The cursor that keeps an advice about the shop itself: which sale showed it first, and its words."""
    return f"advice.{code}"
