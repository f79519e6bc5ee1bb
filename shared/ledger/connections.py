"""The tenants: each declaration is one sealed document."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.engine import Row

from shared.ledger import declarations
from shared.ledger.database import Database
from shared.ledger.models import connection as table
from shared.ledger.models import credential
from shared.ledger.records import StoredConnection
from shared.ledger.statements import insert_for, row_or_none
from shared.ledger.vault import Vault
from shared.settings.connections import ConnectionDeclaration
from shared.settings.section import AS_STORED

column = table.c
_VERSION = select(column.version).where(column.name == bindparam("of"))


class Connections:
    def __init__(self, database: Database, clock: Callable[[], datetime], vault: Vault) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault

    async def put(self, declaration: ConnectionDeclaration) -> StoredConnection:
        """Create (inactive) or replace (as active as it was)."""
        row = await self._database.write(lambda found: self._put(found, declaration))
        return self._to_connection(row)

    def _put(self, connection: Connection, declaration: ConnectionDeclaration) -> Row[Any]:
        sealed = self._vault.seal(declarations.revealed(declaration))
        now = self._clock()
        new = insert_for(connection, table).values(
            name=declaration.name, sealed=sealed, active=False, version=1, updated_at=now
        )
        replacing = {"sealed": sealed, "version": column.version + 1, "updated_at": now}
        upsert = new.on_conflict_do_update(index_elements=["name"], set_=replacing)
        return connection.execute(upsert.returning(*column)).one()

    async def get(self, name: str) -> StoredConnection | None:
        row = await self._database.read(lambda found: row_or_none(found, table, column.name == name))
        return None if row is None else self._to_connection(row)

    async def all(self) -> list[StoredConnection]:
        statement = select(table).order_by(column.name)
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [self._to_connection(row) for row in rows]

    async def versions(self) -> dict[str, int]:
        """Cheap: tells whether anything changed, without opening the declarations."""
        statement = select(column.name, column.version)
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return {row.name: row.version for row in rows}

    def version_in(self, connection: Connection, name: str) -> int | None:
        """That of one declaration, in a transaction that does more; None when there is none."""
        return connection.execute(_VERSION, {"of": name}).scalar_one_or_none()

    async def revise(
        self, name: str, change: Callable[[ConnectionDeclaration], ConnectionDeclaration]
    ) -> StoredConnection:
        """Change a part of it, in one transaction. Raises KeyError, and whatever ``change`` raises."""
        row = await self._database.write(lambda found: self._revise(found, name, change))
        return self._to_connection(row)

    def _revise(
        self,
        connection: Connection,
        name: str,
        change: Callable[[ConnectionDeclaration], ConnectionDeclaration],
    ) -> Row[Any]:
        statement = select(table).where(column.name == name).with_for_update()
        row = connection.execute(statement).first()
        if row is None:
            raise KeyError(name)
        return self._put(connection, change(self._to_connection(row).declaration))

    async def set_active(self, name: str, active: bool) -> StoredConnection:
        """Raises KeyError when there is no such connection."""
        statement = (
            update(table)
            .where(column.name == name)
            .values(active=active, version=column.version + 1, updated_at=self._clock())
            .returning(*column)
        )
        row = await self._database.write(lambda found: found.execute(statement).first())
        if row is None:
            raise KeyError(name)
        return self._to_connection(row)

    async def merge_stored(self, raw: dict[str, Any]) -> dict[str, Any]:
        """A declaration as it was sent, with each ``{"stored": true}`` replaced by the stored secret.

        Raises NothingStored, with the path, where there is none.
        """
        known = await self.get(str(raw.get("name", "")))
        stored = declarations.revealed(known.declaration) if known else None
        merged: dict[str, Any] = declarations.merged(raw, stored)
        return merged

    def public(self, declaration: ConnectionDeclaration) -> dict[str, Any]:
        return declarations.public(declaration)

    async def rotate_keys(self) -> int:
        """Seal everything with the newest key, tokens included; how many documents that were."""
        return await self._database.write(self._reseal_all)

    def _reseal_all(self, connection: Connection) -> int:
        resealed = 0
        for where in (table, credential):
            key = list(where.primary_key)
            for row in connection.execute(select(where).order_by(*key).with_for_update()).all():
                this = [part == row._mapping[part.name] for part in key]
                sealed = self._vault.reseal(row.sealed)
                connection.execute(update(where).where(*this).values(sealed=sealed))
                resealed += 1
        return resealed

    def _to_connection(self, row: Row[Any]) -> StoredConnection:
        declaration = ConnectionDeclaration.model_validate(self._vault.open(row.sealed), context=AS_STORED)
        return StoredConnection(row.name, declaration, row.active, row.version, row.updated_at)
