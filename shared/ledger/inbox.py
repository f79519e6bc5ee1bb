"""What came in. Storing an event and wanting its subject are one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from shared.ledger.database import Database
from shared.ledger.ids import Ids
from shared.ledger.intake_rows import StoredRow, to_row
from shared.ledger.masking import mask
from shared.ledger.models import event as table
from shared.ledger.models import subject
from shared.ledger.records import Accepted, IncomingEvent, Page, StoredEvent, Wake
from shared.ledger.statements import after

column = table.c
_LATEST = select(func.max(column.id)).where(column.subject_id == bindparam("of"))


class Inbox:
    def __init__(self, database: Database, clock: Callable[[], datetime], ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    async def accept(self, events: Sequence[IncomingEvent]) -> list[Accepted]:
        """All or nothing, durable when this returns; one answer per event, in order."""
        if not events:
            return []
        now = self._clock()
        rows = [to_row(event, now=now, ids=self._ids) for event in events]
        new = {stored.id: stored for stored in await self._database.store_events(rows)}
        return [_to_accepted(new.get(row.id)) for row in rows]

    async def get(self, event_id: str) -> StoredEvent | None:
        found = await self._events(_all().where(column.id == event_id))
        return found[0] if found else None

    async def latest_id(self, subject_id: str) -> str | None:
        """The event that came last; what a run's log lines name."""
        return await self._database.read(lambda found: self.latest_in(found, subject_id))

    def latest_in(self, connection: Connection, subject_id: str) -> str | None:
        """The same, in a transaction that does more."""
        latest: str | None = connection.execute(_LATEST, {"of": subject_id}).scalar_one()
        return latest

    async def for_subject(self, subject_id: str) -> list[StoredEvent]:
        """In the order in which they came."""
        return await self._events(_all().where(column.subject_id == subject_id).order_by(column.id))

    async def page(
        self,
        connection: str | None = None,
        since: datetime | None = None,
        source: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[StoredEvent]:
        """Newest first."""
        where = after(table, cursor)
        where += [] if connection is None else [column.connection == connection]
        where += [] if since is None else [column.received_at >= since]
        where += [] if source is None else [column.source == source]
        found = await self._events(_all().where(*where).order_by(column.id.desc()).limit(limit + 1))
        return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)

    async def mask_before(self, instant: datetime, limit: int) -> int:
        """Forget bodies, oldest first; names, times and references stay. How many were masked."""
        return await self._database.write(
            lambda connection: mask(connection, table, [column.body], before=instant, limit=limit)
        )

    async def _events(self, statement: "Select[Any]") -> list[StoredEvent]:
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [StoredEvent(**row._mapping) for row in rows]


def _all() -> "Select[Any]":
    outcome = func.coalesce(subject.c.state, "stored").label("outcome")
    return select(table, outcome).outerjoin(subject, subject.c.id == column.subject_id)


def _to_accepted(stored: StoredRow | None) -> Accepted:
    if stored is None:
        return Accepted(event_id=None, duplicate=True, subject=None)
    if stored.subject_id is None:
        return Accepted(event_id=stored.id, duplicate=False, subject=None)
    wake = Wake(stored.subject_id, stored.lane, stored.wanted, stored.fence)
    return Accepted(event_id=stored.id, duplicate=False, subject=wake)
