"""How far a sweep has read, per connection and name."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import bindparam, select

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


def standing_advice(code: str) -> str:
    """The cursor that keeps an advice about the shop itself: which sale showed it first, and its words."""
    return f"advice.{code}"
