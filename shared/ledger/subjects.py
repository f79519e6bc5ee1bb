"""What is kept in step: who works on it, how a run ended, and what is due.

Every change is one conditional UPDATE, so that two processes never both believe that they did it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    null,
    select,
    update,
)
from sqlalchemy.engine import Row
from sqlalchemy.sql.dml import ReturningUpdate

from shared.domain.errors import LeaseLost
from shared.ledger import subject_lists as lists
from shared.ledger.database import Database
from shared.ledger.models import subject as table
from shared.ledger.records import Lease, Page, Problem, Subject, Wake
from shared.ledger.rows import to_subject

column = table.c
FOUND_PER_RETRY = 500


class Subjects:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    # ── one run ───────────────────────────────────────────────────────────────────────────────────

    async def lease(self, subject_id: str, owner: str, *, lease_for: timedelta) -> Lease | None:
        """The right to run, or None: nothing is wanted, it is not time, or somebody else runs."""
        return await self._database.write(lambda found: self.leased(found, subject_id, owner, lease_for))

    def leased(
        self, connection: Connection, subject_id: str, owner: str, lease_for: timedelta
    ) -> Lease | None:
        """The same, in a transaction that does more."""
        now = self._clock()
        until = now + lease_for
        values = {"of": subject_id, "now": now, "lease_owner": owner, "lease_until": until, "updated_at": now}
        row = connection.execute(_LEASE, values).first()
        if row is None:
            return None
        subject = to_subject(row)
        return Lease(subject=subject, owner=owner, fence=subject.fence, wanted=subject.wanted, until=until)

    async def renew(self, lease: Lease, lease_for: timedelta) -> Lease:
        """Raises LeaseLost once somebody else has it."""
        until = self._clock() + lease_for
        subject = await self._change(lease, {"lease_until": until})
        return replace(lease, subject=subject, until=until)

    async def finish(
        self,
        lease: Lease,
        *,
        state: str,
        settled: bool,
        next_try_at: datetime | None = None,
        problem: Problem | None = None,
        reason: str | None = None,
        summary: dict[str, Any] | None = None,
        failed: bool = False,
    ) -> Subject:
        """How the run ended. Whatever was wanted meanwhile makes the subject due again, at once.

        ``settled``: nothing more to do for what the lease saw; else it is tried at ``next_try_at``.
        ``failed`` counts a try. ``summary`` None keeps the one there is. Raises LeaseLost.
        """

        def work(connection: Connection) -> Subject:
            return self.finished(
                connection,
                lease,
                state=state,
                settled=settled,
                next_try_at=next_try_at,
                problem=problem,
                reason=reason,
                summary=summary,
                failed=failed,
            )

        return await self._database.write(work)

    def finished(
        self,
        connection: Connection,
        lease: Lease,
        *,
        state: str,
        settled: bool,
        next_try_at: datetime | None = None,
        problem: Problem | None = None,
        reason: str | None = None,
        summary: dict[str, Any] | None = None,
        failed: bool = False,
    ) -> Subject:
        """The same, in a transaction that does more."""
        now = self._clock()
        values: dict[str, Any] = {
            "seen": lease.wanted,
            "ended_as": state,
            "now": now,
            "later": next_try_at or now,
            "problem": asdict(problem) if problem else None,
            "reason": reason,
            "looked_at": now,
        }
        if summary is not None:
            values["summary"] = summary
        return self._changed(connection, lease, values, _ending(settled=settled, failed=failed))

    async def release(self, lease: Lease) -> Subject:
        """Give it back unfinished, at shut-down: somebody else may start at once."""
        return await self._change(lease, {"state": "due", "lease_owner": None, "lease_until": None})

    async def _change(self, lease: Lease, values: dict[str, Any]) -> Subject:
        return await self._database.write(lambda found: self._changed(found, lease, values, _CHANGE))

    def _changed(
        self, connection: Connection, lease: Lease, values: dict[str, Any], how: ReturningUpdate[Any]
    ) -> Subject:
        shown = {"of": lease.subject.id, "under": lease.fence, "by": lease.owner, "updated_at": self._clock()}
        row = connection.execute(how, values | shown).first()
        if row is None:
            raise lost(lease)
        return to_subject(row)

    # ── what a person asks for ────────────────────────────────────────────────────────────────────

    async def retry(self, ids: Sequence[str]) -> list[Wake]:
        """Want them once more, now."""
        wanted = sorted(set(ids))
        return await self._database.write(lambda connection: self._retry(connection, column.id.in_(wanted)))

    async def retry_where(
        self,
        connection: str | None = None,
        kind: str | None = None,
        state: str | None = None,
        q: str | None = None,
    ) -> list[Wake]:
        """The same for all that a list with this filter shows."""
        where = and_(*lists.matching(connection, kind, state, q))
        return await self._database.write(lambda found: self._retry(found, where))

    def _retry(self, connection: Connection, where: ColumnElement[bool]) -> list[Wake]:
        now = self._clock()
        locked = select(column.id).where(where).order_by(column.id).with_for_update()
        ids = connection.execute(locked).scalars().all()
        wakes: list[Wake] = []
        for start in range(0, len(ids), FOUND_PER_RETRY):
            statement = (
                update(table)
                .where(column.id.in_(ids[start : start + FOUND_PER_RETRY]))
                .values(
                    wanted=column.wanted + 1,
                    next_try_at=now,
                    attempt=0,
                    failing_since=None,
                    state=case((_held(now), column.state), else_="due"),
                    updated_at=now,
                )
                .returning(*_WAKE)
            )
            wakes += [Wake(*row) for row in connection.execute(statement)]
        return wakes

    async def ignore(self, subject_id: str, reason: str) -> Subject:
        """A person decided: nothing to do until something new happens. A run under way loses its lease."""
        statement = (
            update(table)
            .where(column.id == subject_id)
            .values(
                state="skipped",
                done=column.wanted,
                reason=reason,
                problem=null(),
                attempt=0,
                failing_since=None,
                fence=column.fence + 1,
                lease_owner=None,
                lease_until=None,
                updated_at=self._clock(),
            )
            .returning(*column)
        )
        row = await self._database.write(lambda connection: connection.execute(statement).first())
        if row is None:
            raise KeyError(subject_id)
        return to_subject(row)

    # ── what is there ─────────────────────────────────────────────────────────────────────────────

    async def due(self, limit: int, lanes: Sequence[str] | None = None) -> list[Wake]:
        """Whom to wake: by turns over connections and lanes, the oldest of each first."""
        ready = is_due(self._clock())
        return await self._database.read(lambda connection: lists.due(connection, limit, lanes, ready))

    async def oldest_due(self, connection: str | None = None) -> datetime | None:
        """When the subject that waits longest for a worker became due."""
        where = [is_due(self._clock()), *lists.matching(connection, None, None, None)]
        statement = select(func.min(column.next_try_at)).where(*where)
        return await self._database.read(lambda found: found.execute(statement).scalar())

    async def get(self, subject_id: str) -> Subject | None:
        statement = select(table).where(column.id == subject_id)
        return _one(await self._database.read(lambda connection: connection.execute(statement).first()))

    async def find(self, connection: str, kind: str, key: str) -> Subject | None:
        """By its own key, or by the alias that an event with this key would go to."""
        row = await self._database.read(lambda found: lists.find(found, connection, kind, key))
        return _one(row)

    async def find_many(self, connection: str, kind: str, keys: Sequence[str]) -> dict[str, Subject]:
        """The same for many keys in a few questions; keys that nobody has are left out."""
        rows = await self._database.read(lambda found: lists.find_many(found, connection, kind, keys))
        return {key: to_subject(row) for key, row in rows.items()}

    async def page(
        self,
        connection: str | None = None,
        kind: str | None = None,
        state: str | None = None,
        q: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Subject]:
        """Newest first. ``q`` finds any number, exact or from its beginning."""
        where = lists.matching(connection, kind, state, q)
        return await self._database.read(lambda found: lists.page(found, where, cursor, limit))

    async def counts(self, connection: str | None = None) -> dict[str, int]:
        where = lists.matching(connection, None, None, None)
        statement = select(column.state, func.count()).where(*where).group_by(column.state)
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return {row[0]: row[1] for row in rows}

    async def told_of_between(
        self, connection: str, kind: str, first: date, last: date, *, zone: ZoneInfo
    ) -> list[Subject]:
        """Subjects that we first heard of on these days of the zone, both included."""
        start = datetime.combine(first, time(), zone).astimezone(UTC)
        end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
        statement = (
            select(table)
            .where(column.connection == connection, column.kind == kind)
            .where(column.created_at >= start, column.created_at < end)
            .order_by(column.created_at)
        )
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [to_subject(row) for row in rows]

    async def to_reread(
        self,
        connection: str,
        kind: str,
        states: Sequence[str],
        not_looked_at_since: datetime,
        limit: int,
    ) -> list[Subject]:
        """Those that nothing is wanted of and nobody looked at for long; the longest first."""
        statement = (
            select(table)
            .where(
                column.connection == connection,
                column.kind == kind,
                column.state.in_(states),
                column.wanted == column.done,
                column.looked_at < not_looked_at_since,
            )
            .order_by(column.looked_at, column.id)
            .limit(limit)
        )
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [to_subject(row) for row in rows]


_WAKE = (column.id, column.lane, column.wanted, column.fence)


def is_due(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(column.wanted > column.done, column.next_try_at <= now, ~_held(now))


def _held(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(column.lease_until.is_not(None), column.lease_until > now)


def _instant(name: str) -> BindParameter[datetime]:
    """Inside an expression SQLAlchemy would guess a type of its own."""
    return bindparam(name, type_=column.next_try_at.type)


# Made once: SQLAlchemy takes longer to build a statement than a database to run it. Columns that only take a
# value are not named here: they are set because a value of their name is given.
_LEASE = (
    update(table)
    .where(column.id == bindparam("of"), is_due(_instant("now")))
    .values(fence=column.fence + 1, state="running")
    .returning(*column)
)
_CHANGE = (  # the lease is still the last one given, and not yet given back
    update(table)
    .where(
        column.id == bindparam("of"),
        column.fence == bindparam("under"),
        column.lease_owner == bindparam("by"),
    )
    .returning(*column)
)


@cache
def _ending(*, settled: bool, failed: bool) -> ReturningUpdate[Any]:
    seen = bindparam("seen", type_=column.wanted.type)
    moved = column.wanted > seen
    values: dict[str, Any] = {
        "state": case((moved, "due"), else_=bindparam("ended_as", type_=column.state.type)),
        "next_try_at": case((moved, _instant("now")), else_=_instant("later")),
        "attempt": case((moved, 0), else_=column.attempt + 1) if failed else 0,
        "failing_since": func.coalesce(column.failing_since, _instant("now")) if failed else null(),
        "lease_owner": null(),
        "lease_until": null(),
    }
    return _CHANGE.values(values | ({"done": seen} if settled else {}))


def lost(lease: Lease) -> LeaseLost:
    subject = lease.subject
    return LeaseLost(f"{subject.kind} {subject.key}: {lease.owner} no longer holds it (fence {lease.fence})")


def _one(row: Row[Any] | None) -> Subject | None:
    return None if row is None else to_subject(row)
