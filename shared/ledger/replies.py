"""The answer a write got, kept so that asking again with the same Idempotency-Key does nothing twice."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, select

from shared.ledger.database import Database
from shared.ledger.models import reply as table
from shared.ledger.records import Conflict, StoredReply
from shared.ledger.statements import insert_or_ignore

column = table.c
KEPT_FOR = timedelta(hours=48)


class Replies:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def get(self, key_id: str, idempotency_key: str, fingerprint: str) -> StoredReply | Conflict | None:
        """Conflict when the key was used for something else; None when it was not used within 48 hours."""
        where = self._kept(key_id, idempotency_key)
        return await self._database.read(lambda found: _get(found, where, fingerprint))

    async def put(
        self,
        key_id: str,
        idempotency_key: str,
        fingerprint: str,
        *,
        status: int,
        body: bytes,
        headers: Mapping[str, str] | None = None,
    ) -> StoredReply | Conflict:
        """What is kept now: this answer, or the one that was there first."""
        row = {
            "key_id": key_id,
            "idempotency_key": idempotency_key,
            "fingerprint": fingerprint,
            "status": status,
            "body": body,
            "headers": dict(headers or {}),
            "at": self._clock(),
        }
        where = self._kept(key_id, idempotency_key)

        def put(connection: Connection) -> StoredReply | Conflict | None:
            old = delete(table).where(*_named(key_id, idempotency_key), column.at <= self._clock() - KEPT_FOR)
            connection.execute(old)
            insert_or_ignore(connection, table, row)
            return _get(connection, where, fingerprint)

        return await self._database.write(put) or StoredReply(status, body, dict(headers or {}))

    async def purge(self) -> int:
        """Forget what is older than 48 hours."""
        statement = delete(table).where(column.at <= self._clock() - KEPT_FOR)
        return await self._database.write(lambda found: found.execute(statement).rowcount)

    def _kept(self, key_id: str, idempotency_key: str) -> tuple[ColumnElement[bool], ...]:
        return (*_named(key_id, idempotency_key), column.at > self._clock() - KEPT_FOR)


def _named(key_id: str, idempotency_key: str) -> tuple[ColumnElement[bool], ...]:
    return (column.key_id == key_id, column.idempotency_key == idempotency_key)


def _get(
    connection: Connection, where: tuple[ColumnElement[bool], ...], fingerprint: str
) -> StoredReply | Conflict | None:
    row = connection.execute(select(table).where(*where)).first()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        return Conflict()
    return StoredReply(row.status, row.body, row.headers)
