"""Keys of the operations API. Only digests are kept; a key is 256 random bits, so a plain hash is enough."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, null, or_, select, update

from shared.ledger.database import Database
from shared.ledger.ids import Ids
from shared.ledger.models import api_key as table
from shared.ledger.records import ApiKey, ApiKeyListing
from shared.ledger.statements import insert_or_ignore

column = table.c
SCOPES = ("read", "operate", "admin")
USE_NOTED_EVERY = timedelta(minutes=1)


class ApiKeys:
    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        ids: Ids,
        make_key: Callable[[], str] = lambda: "sluss_" + secrets.token_urlsafe(32),
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._make_key = make_key

    async def create(self, name: str, scopes: Sequence[str]) -> tuple[str, str]:
        """The id, and the key itself: the only time that it can be seen."""
        if unknown := set(scopes) - set(SCOPES):
            raise ValueError(f"unknown scopes: {', '.join(sorted(unknown))}")
        plain = self._make_key()
        row = self._row(name, scopes, plain, bootstrap=False)
        await self._database.write(lambda found: found.execute(insert(table).values(**row)))
        return row["id"], plain

    async def verify(self, plain: str) -> ApiKey | None:
        """Whose key this is; None for unknown and revoked ones."""
        digest = _digest(plain)
        statement = select(table).where(column.digest == digest, column.revoked_at.is_(null()))
        row = await self._database.read(lambda found: found.execute(statement).first())
        if row is None or not hmac.compare_digest(row.digest, digest):
            return None
        if row.last_used_at is None or self._clock() - row.last_used_at >= USE_NOTED_EVERY:
            await self._note_use(row.id)
        return ApiKey(row.id, row.name, tuple(row.scopes))

    async def ensure_bootstrap(self, plain: str) -> None:
        """The first key, with every scope. A changed one replaces the one before."""
        row = self._row("bootstrap", SCOPES, plain, bootstrap=True)
        await self._database.write(lambda found: self._replace_bootstrap(found, row))

    def _replace_bootstrap(self, connection: Connection, row: dict[str, Any]) -> None:
        old = update(table).where(
            column.bootstrap.is_(True), column.digest != row["digest"], column.revoked_at.is_(null())
        )
        connection.execute(old.values(revoked_at=self._clock()))
        insert_or_ignore(connection, table, row)
        again = update(table).where(column.digest == row["digest"], column.bootstrap.is_(True))
        connection.execute(again.values(revoked_at=null()))

    async def revoke(self, key_id: str) -> bool:
        """False when there is no such key, or it was revoked before."""
        statement = update(table).where(column.id == key_id, column.revoked_at.is_(null()))
        revoked = statement.values(revoked_at=self._clock())
        return await self._database.write(lambda found: found.execute(revoked).rowcount) == 1

    async def list(self) -> list[ApiKeyListing]:
        shown = (
            column.id,
            column.name,
            column.scopes,
            column.created_at,
            column.last_used_at,
            column.revoked_at,
        )
        statement = select(*shown).order_by(column.id)
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [ApiKeyListing(**(dict(row._mapping) | {"scopes": tuple(row.scopes)})) for row in rows]

    async def _note_use(self, key_id: str) -> None:
        now = self._clock()
        unused = or_(column.last_used_at.is_(null()), column.last_used_at <= now - USE_NOTED_EVERY)
        statement = update(table).where(column.id == key_id, unused).values(last_used_at=now)
        await self._database.write(lambda found: found.execute(statement))

    def _row(self, name: str, scopes: Sequence[str], plain: str, *, bootstrap: bool) -> dict[str, Any]:
        return {
            "id": self._ids.new(),
            "name": name,
            "scopes": [*scopes],
            "digest": _digest(plain),
            "bootstrap": bootstrap,
            "created_at": self._clock(),
        }


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
