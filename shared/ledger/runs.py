"""Backfills, previews and jobs: what was asked for, and one line per item."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, null, or_, select, update
from sqlalchemy.engine import Row

from shared.ledger.database import Database
from shared.ledger.ids import Ids
from shared.ledger.models import run, run_item
from shared.ledger.records import OpenRunItem, Page, Run, RunItem
from shared.ledger.statements import insert_or_ignore

item = run_item.c
_OPEN = (
    select(run.c.id, run.c.kind, item.key)
    .join(run_item, item.run_id == run.c.id)
    .where(item.subject_id == bindparam("of"), item.settled_at.is_(null()))
    .order_by(run.c.id)
)
ITEMS_PER_STATEMENT = 500
JOB = "job"  # kind of a run of a job that an operator asked for; its request names the chore


class Runs:
    def __init__(self, database: Database, clock: Callable[[], datetime], ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    async def start(
        self,
        connection: str,
        kind: str,
        request: dict[str, Any],
        items: Sequence[RunItem] = (),
        *,
        settled: Sequence[str] = (),
    ) -> Run:
        """``settled`` are the keys of items about which nothing more will be known (invalid ones)."""
        row: dict[str, Any] = {
            "id": self._ids.new(),
            "connection": connection,
            "kind": kind,
            "request": request,
            "created_at": self._clock(),
        }
        await self._database.write(lambda found: self._start(found, row, items, settled))
        return await self._must_get(row["id"])

    def _start(
        self, connection: Connection, row: dict[str, Any], items: Sequence[RunItem], settled: Sequence[str]
    ) -> None:
        connection.execute(insert(run).values(**row))
        self._insert(connection, row["id"], items, settled)

    async def add_items(self, run_id: str, items: Sequence[RunItem], *, settled: Sequence[str] = ()) -> None:
        """What a worker found out that there is to do; an item that is already there stays as it is."""
        await self._database.write(lambda found: self._insert(found, run_id, items, settled))

    def _insert(
        self, connection: Connection, run_id: str, items: Sequence[RunItem], settled: Sequence[str]
    ) -> None:
        position = select(func.coalesce(func.max(item.position), -1)).where(item.run_id == run_id)
        first = connection.execute(position).scalar_one() + 1
        ended = set(settled)
        rows = [
            vars(one) | {"run_id": run_id, "position": place, "settled_at": self._now_if(one.key in ended)}
            for place, one in enumerate(items, first)
        ]
        for start in range(0, len(rows), ITEMS_PER_STATEMENT):
            insert_or_ignore(connection, run_item, rows[start : start + ITEMS_PER_STATEMENT])

    def _now_if(self, ended: bool) -> datetime | None:
        return self._clock() if ended else None

    async def get(self, run_id: str, cursor: str | None = None, limit: int = 50) -> Run | None:
        """The run and one page of its items, in the order in which they were asked for."""
        return await self._database.read(lambda found: _get(found, run_id, cursor, limit))

    async def item_done(
        self, run_id: str, key: str, state: str, text: str, facts: dict[str, str] | None = None
    ) -> None:
        """This is what became of it; the last item ends the run."""
        await self._database.write(
            lambda found: self._item_done(found, run_id, key, state, text, facts or {})
        )

    def _item_done(
        self, connection: Connection, run_id: str, key: str, state: str, text: str, facts: dict[str, str]
    ) -> None:
        now = self._clock()
        # The run's row is locked first, so that of two last items one sees the other.
        connection.execute(select(run.c.id).where(run.c.id == run_id).with_for_update())
        connection.execute(
            update(run_item)
            .where(item.run_id == run_id, item.key == key)
            .values(state=state, text=text, facts=facts, settled_at=now)
        )
        left = select(item.key).where(item.run_id == run_id, item.settled_at.is_(null())).exists()
        ended = update(run).where(run.c.id == run_id, run.c.finished_at.is_(null()), ~left)
        connection.execute(ended.values(finished_at=now))

    async def item_goes_on(self, run_id: str, key: str, text: str) -> None:
        """How far an item has come that takes long."""
        statement = (
            update(run_item)
            .where(item.run_id == run_id, item.key == key, item.settled_at.is_(null()))
            .values(state="running", text=text)
        )
        await self._database.write(lambda found: found.execute(statement))

    async def finish(self, run_id: str) -> None:
        """For a run that turned out to have no items."""
        statement = update(run).where(run.c.id == run_id, run.c.finished_at.is_(null()))
        ended = statement.values(finished_at=self._clock())
        await self._database.write(lambda found: found.execute(ended))

    async def open_items(self, subject_id: str) -> list[OpenRunItem]:
        """Which lines of which runs wait for this subject."""
        return await self._database.read(lambda found: self.open_in(found, subject_id))

    def open_in(self, connection: Connection, subject_id: str) -> list[OpenRunItem]:
        """The same, in a transaction that does more."""
        return [OpenRunItem(*row) for row in connection.execute(_OPEN, {"of": subject_id})]

    async def unsettled(self, run_id: str) -> list[RunItem]:
        """The items of a run that nobody has worked out yet."""
        statement = (
            select(run_item).where(item.run_id == run_id, item.settled_at.is_(null())).order_by(item.position)
        )
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [_to_item(row) for row in rows]

    async def to_work_out(self, limit: int = 100) -> list[str]:
        """Runs that wait for a worker itself: previews, and dates that nobody has made items of yet."""
        has_items = select(item.key).where(item.run_id == run.c.id).exists()
        statement = (
            select(run.c.id)
            .where(run.c.finished_at.is_(null()))
            .where(or_(run.c.kind == "preview", and_(run.c.kind == "backfill_dates", ~has_items)))
            .order_by(run.c.id)
            .limit(limit)
        )
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [row.id for row in rows]

    async def jobs(self, connection: str, chore: str) -> list[Run]:
        """The unfinished runs that wait for this chore, oldest first; items are not read."""
        statement = (
            select(run)
            .where(run.c.connection == connection, run.c.kind == JOB, run.c.finished_at.is_(null()))
            .order_by(run.c.id)
        )
        rows = await self._database.read(lambda found: found.execute(statement).all())
        waiting = [row for row in rows if row.request.get("job") == chore]
        return [Run(**row._mapping, total=0, open=0, counts={}, items=Page([])) for row in waiting]

    async def _must_get(self, run_id: str) -> Run:
        found = await self.get(run_id)
        if found is None:
            raise KeyError(run_id)
        return found


def _get(connection: Connection, run_id: str, cursor: str | None, limit: int) -> Run | None:
    row = connection.execute(select(run).where(run.c.id == run_id)).first()
    if row is None:
        return None
    counting = select(item.state, func.count(), func.count(item.settled_at)).where(item.run_id == run_id)
    counted = connection.execute(counting.group_by(item.state)).all()
    total = sum(number for _, number, _ in counted)
    settled = sum(number for _, _, number in counted)
    return Run(
        **row._mapping,
        total=total,
        open=total - settled,
        counts={state: number for state, number, _ in counted},
        items=_items(connection, run_id, cursor, limit),
    )


def _items(connection: Connection, run_id: str, cursor: str | None, limit: int) -> Page[RunItem]:
    behind: list[ColumnElement[bool]] = [item.position > int(cursor)] if cursor else []
    statement = (
        select(run_item).where(item.run_id == run_id, *behind).order_by(item.position).limit(limit + 1)
    )
    rows = connection.execute(statement).all()
    following = str(rows[limit - 1].position) if len(rows) > limit else None
    return Page([_to_item(row) for row in rows[:limit]], following)


def _to_item(row: Row[Any]) -> RunItem:
    return RunItem(row.key, row.state, row.text, row.subject_id, row.facts)
