"""OAuth tokens: sealed, replaced by compare-and-set, renewed by one process at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from shared.ledger.database import Database
from shared.ledger.errors import VersionMoved
from shared.ledger.models import credential as table
from shared.ledger.models import credential_lock as locks
from shared.ledger.records import StoredToken, TokenMetadata
from shared.ledger.statements import insert_for, insert_or_ignore, row_or_none
from shared.ledger.vault import Vault

column = table.c


class Credentials:
    def __init__(self, database: Database, clock: Callable[[], datetime], vault: Vault) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault

    async def get(self, connection: str, name: str) -> StoredToken | None:
        row = await self._database.read(lambda found: row_or_none(found, table, *_named(connection, name)))
        return None if row is None else StoredToken(self._vault.open(row.sealed), row.version, row.expires_at)

    async def metadata(self, connection: str) -> list[TokenMetadata]:
        """What may be shown: names, versions and when they end; nothing is decrypted."""
        shown = (column.name, column.version, column.expires_at, column.updated_at)
        statement = select(*shown).where(column.connection == connection).order_by(column.name)
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [TokenMetadata(*row) for row in rows]

    async def put(
        self,
        connection: str,
        name: str,
        value: dict[str, Any],
        expires_at: datetime | None,
        *,
        expected_version: int | None,
    ) -> int:
        """The new version. ``expected_version`` is the one that was read: 0 for none, None for whichever.

        Raises VersionMoved, and changes nothing, when somebody else was faster.
        """
        row = {
            "connection": connection,
            "name": name,
            "sealed": self._vault.seal(value),
            "expires_at": expires_at,
            "updated_at": self._clock(),
        }
        version = await self._database.write(lambda found: _put(found, row, expected_version))
        if version is None:
            raise VersionMoved(
                f"the credential {name} of {connection} is no longer version {expected_version}"
            )
        return version

    async def delete(self, connection: str, name: str) -> None:
        statement = delete(table).where(*_named(connection, name))
        await self._database.write(lambda found: found.execute(statement))

    async def lock(self, connection: str, name: str, owner: str, for_: timedelta) -> bool:
        """True for one owner at a time, until ``unlock`` or the time is up. The owner may extend it."""
        now = self._clock()
        row = {"connection": connection, "name": name, "owner": owner, "until": now + for_}
        return await self._database.write(lambda found: _lock(found, row, now))

    async def unlock(self, connection: str, name: str, owner: str) -> None:
        statement = delete(locks).where(
            locks.c.connection == connection, locks.c.name == name, locks.c.owner == owner
        )
        await self._database.write(lambda found: found.execute(statement))


def _named(connection: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return (column.connection == connection, column.name == name)


def _put(connection: Connection, row: dict[str, Any], expected: int | None) -> int | None:
    if expected == 0:
        return 1 if insert_or_ignore(connection, table, row | {"version": 1}) else None
    if expected is None:
        new = insert_for(connection, table).values(**row, version=1)
        replacing = {name: new.excluded[name] for name in ("sealed", "expires_at", "updated_at")}
        upsert = new.on_conflict_do_update(
            index_elements=["connection", "name"], set_=replacing | {"version": column.version + 1}
        )
        return int(connection.execute(upsert.returning(column.version)).scalar_one())
    replaced = (
        update(table)
        .where(*_named(row["connection"], row["name"]), column.version == expected)
        .values(**row, version=expected + 1)
    )
    return expected + 1 if connection.execute(replaced).rowcount == 1 else None


def _lock(connection: Connection, row: dict[str, Any], now: datetime) -> bool:
    new = insert_for(connection, locks).values(**row)
    taking = new.on_conflict_do_update(
        index_elements=["connection", "name"],
        set_={"owner": new.excluded.owner, "until": new.excluded.until},
        where=or_(locks.c.until <= now, locks.c.owner == row["owner"]),
    )
    return connection.execute(taking).rowcount == 1
