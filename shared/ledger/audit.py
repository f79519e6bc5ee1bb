"""What was said to other systems, and what people did."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from shared.ledger.database import Database
from shared.ledger.ids import Ids
from shared.ledger.masking import mask
from shared.ledger.models import act, exchange
from shared.ledger.records import Act, Exchange, Page
from shared.ledger.statements import after

_KEEP = insert(exchange)


class Audit:
    def __init__(self, database: Database, clock: Callable[[], datetime], ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    async def exchange(
        self,
        *,
        connection: str,
        system: str,
        method: str,
        url_path: str,
        request: str | None,
        status: int | None,
        answer: str | None,
        duration_ms: int,
        outcome: str,
        vendor_request_id: str | None = None,
        subject_id: str | None = None,
        link_id: str | None = None,
    ) -> Exchange:
        """Keep one request and its answer. The bodies are already masked by the caller."""
        kept = Exchange(
            id=self._ids.new(),
            connection=connection,
            subject_id=subject_id,
            link_id=link_id,
            system=system,
            method=method,
            url_path=url_path,
            request=request,
            status=status,
            answer=answer,
            vendor_request_id=vendor_request_id,
            duration_ms=duration_ms,
            at=self._clock(),
            outcome=outcome,
        )
        statement = insert(exchange).values(**vars(kept))
        await self._database.write(lambda found: found.execute(statement))
        return kept

    async def exchanges_made(self, made: Sequence[Exchange]) -> None:
        """Keep several at once, in order; their ids are given here."""
        await self._database.write(lambda found: self.keep(found, made))

    def keep(self, connection: Connection, made: Sequence[Exchange]) -> None:
        """The same, in a transaction that does more."""
        if made:
            connection.execute(_KEEP, [vars(one) | {"id": self._ids.new()} for one in made])

    async def exchanges(self, subject_id: str | None = None, link_id: str | None = None) -> list[Exchange]:
        """In the order in which they happened."""
        where = [] if subject_id is None else [exchange.c.subject_id == subject_id]
        where += [] if link_id is None else [exchange.c.link_id == link_id]
        if not where:
            raise ValueError("exchanges of a subject or of a link")
        statement = select(exchange).where(*where).order_by(exchange.c.id)
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [Exchange(**row._mapping) for row in rows]

    async def act(
        self,
        actor: str,
        action: str,
        connection: str | None = None,
        subject_id: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> Act:
        kept = Act(self._ids.new(), actor, action, connection, subject_id, detail or {}, self._clock())
        statement = insert(act).values(**vars(kept))
        await self._database.write(lambda found: found.execute(statement))
        return kept

    async def acts(
        self,
        connection: str | None = None,
        subject_id: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Act]:
        """Newest first."""
        where = after(act, cursor)
        where += [] if connection is None else [act.c.connection == connection]
        where += [] if subject_id is None else [act.c.subject_id == subject_id]
        statement = select(act).where(*where).order_by(act.c.id.desc()).limit(limit + 1)
        rows = await self._database.read(lambda found: found.execute(statement).all())
        found = [Act(**row._mapping) for row in rows]
        return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)

    async def mask_before(self, instant: datetime, limit: int) -> int:
        """Forget the bodies of exchanges, oldest first; who, what, when and which number stay."""
        bodies = [exchange.c.request, exchange.c.answer]
        return await self._database.write(
            lambda found: mask(found, exchange, bodies, before=instant, limit=limit)
        )
