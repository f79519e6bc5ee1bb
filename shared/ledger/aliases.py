"""One subject under all its names: Svea's checkout id, Magento's increment and entity ids."""

from collections.abc import Collection
from functools import partial

from sqlalchemy import Connection, bindparam, select

from shared.ledger.database import Database
from shared.ledger.models import alias as table
from shared.ledger.statements import all_of, insert_or_ignore

column = table.c
VALUES_PER_QUESTION = 400
_WHOSE = select(column.subject_id).where(
    column.connection == bindparam("connection"),
    column.name == bindparam("name"),
    column.value == bindparam("value"),
)


class Aliases:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, connection: str, name: str, value: str, subject_id: str) -> str:
        """Whose name it is now: the given subject's, or that of the one which had it before."""
        row = {"connection": connection, "name": name, "value": value, "subject_id": subject_id}

        def work(found: Connection) -> str:
            if insert_or_ignore(found, table, row):
                return subject_id
            return str(found.execute(_WHOSE, row).scalar_one())

        return await self._database.write(work)

    async def resolve(self, connection: str, name: str, value: str) -> str | None:
        asked = {"connection": connection, "name": name, "value": value}
        return await self._database.read(lambda found: found.execute(_WHOSE, asked).scalar_one_or_none())

    async def resolve_many(self, connection: str, name: str, values: Collection[str]) -> dict[str, str]:
        """Subject id by value, of those that are known."""
        wanted = sorted(set(values))
        found: dict[str, str] = {}
        for start in range(0, len(wanted), VALUES_PER_QUESTION):
            part = wanted[start : start + VALUES_PER_QUESTION]
            statement = select(column.value, column.subject_id).where(
                column.connection == connection, column.name == name, column.value.in_(part)
            )
            rows = await self._database.read(partial(all_of, statement=statement))
            found |= {row.value: row.subject_id for row in rows}
        return found

    async def for_subject(self, subject_id: str) -> list[tuple[str, str]]:
        """Pairs of name and value."""
        statement = (
            select(column.name, column.value)
            .where(column.subject_id == subject_id)
            .order_by(column.name, column.value)
        )
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [(row.name, row.value) for row in rows]
