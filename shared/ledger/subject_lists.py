"""Finding subjects: by number, by page, and by whose turn it is."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, tuple_, union
from sqlalchemy.engine import Row

from shared.ledger.ids import subject_id
from shared.ledger.intake_rows import LANES, alias_of
from shared.ledger.models import alias, link
from shared.ledger.models import subject as table
from shared.ledger.records import Page, Subject, Wake
from shared.ledger.rows import to_subject
from shared.ledger.statements import starts_with

column = table.c
KEYS_PER_QUESTION = 500


def matching(
    connection: str | None, kind: str | None, state: str | None, q: str | None
) -> list[ColumnElement[bool]]:
    """The filter of lists and of retries in bulk."""
    exact = ((column.connection, connection), (column.kind, kind), (column.state, state))
    where = [field == value for field, value in exact if value is not None]
    return [*where, column.id.in_(_known_as(q))] if q else where


def _known_as(q: str) -> Any:
    """Subjects with this number anywhere: their key, a name, a document's number or our reference for it."""
    return union(
        select(column.id).where(starts_with(column.key, q)),
        select(alias.c.subject_id).where(starts_with(alias.c.value, q)),
        select(link.c.subject_id).where(link.c.number.is_not(None), starts_with(link.c.number, q)),
        select(link.c.subject_id).where(starts_with(link.c.reference, q)),
    )


def page(
    connection: Connection, where: Sequence[ColumnElement[bool]], cursor: str | None, limit: int
) -> Page[Subject]:
    after = [_after(cursor)] if cursor else []
    statement = (
        select(table)
        .where(*where, *after)
        .order_by(column.created_at.desc(), column.id.desc())
        .limit(limit + 1)
    )
    found = [to_subject(row) for row in connection.execute(statement)]
    if len(found) <= limit:
        return Page(found)
    last = found[limit - 1]
    return Page(found[:limit], f"{last.created_at.isoformat()}_{last.id}")


def _after(cursor: str) -> ColumnElement[bool]:
    created_at, _, last_id = cursor.partition("_")
    moment = datetime.fromisoformat(created_at)
    if moment.tzinfo is None:
        raise ValueError(f"this is not a cursor: {cursor}")
    return or_(column.created_at < moment, and_(column.created_at == moment, column.id < last_id))


def find(connection: Connection, tenant: str, kind: str, key: str) -> Row[Any] | None:
    name, value = alias_of(kind, key)
    known = select(alias.c.subject_id).where(
        alias.c.connection == tenant, alias.c.name == name, alias.c.value == value
    )
    own = select(table).where(column.id == subject_id(tenant, kind, key))
    by_alias = select(table).where(column.id == known.scalar_subquery())
    return connection.execute(by_alias).first() or connection.execute(own).first()


def find_many(connection: Connection, tenant: str, kind: str, keys: Sequence[str]) -> dict[str, Row[Any]]:
    """An alias wins over a subject of that name, as in ``find``."""
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(keys), KEYS_PER_QUESTION):
        some = keys[start : start + KEYS_PER_QUESTION]
        ids = {key: subject_id(tenant, kind, key) for key in some}
        ids |= _aliased(connection, tenant, {alias_of(kind, key): key for key in some})
        rows = {row.id: row for row in connection.execute(select(table).where(column.id.in_(ids.values())))}
        found |= {key: rows[one] for key, one in ids.items() if one in rows}
    return found


def _aliased(connection: Connection, tenant: str, keys: dict[tuple[str, str], str]) -> dict[str, str]:
    names = {name for name, _ in keys}
    values = [value for _, value in keys]
    statement = select(alias.c.name, alias.c.value, alias.c.subject_id).where(
        alias.c.connection == tenant, alias.c.name.in_(names), alias.c.value.in_(values)
    )
    rows = connection.execute(statement)
    return {keys[row.name, row.value]: row.subject_id for row in rows if (row.name, row.value) in keys}


def due(
    connection: Connection, limit: int, lanes: Sequence[str] | None, ready: ColumnElement[bool]
) -> list[Wake]:
    """By turns over (lane, connection): neither a tenant nor a bulk lane can fill the list alone."""
    turns = sorted(_waiting_groups(connection), key=lambda group: (_urgency(group[1]), group[0]))
    queues = [
        _oldest(connection, group, limit, ready) for group in turns if lanes is None or group[1] in lanes
    ]
    by_turns = chain.from_iterable(zip_longest(*queues))
    return [wake for wake in by_turns if wake is not None][:limit]


def _urgency(lane: str) -> int:
    return LANES.index(lane) if lane in LANES else len(LANES)


def _oldest(
    connection: Connection, group: tuple[str, str], limit: int, ready: ColumnElement[bool]
) -> list[Wake]:
    statement = (
        select(column.id, column.lane, column.wanted, column.fence)
        .where(column.connection == group[0], column.lane == group[1], ready)
        .order_by(column.next_try_at, column.id)
        .limit(limit)
    )
    return [Wake(*row) for row in connection.execute(statement)]


def _waiting_groups(connection: Connection) -> list[tuple[str, str]]:
    """Every (connection, lane) with something wanted, by hops in the index and not over its rows."""
    pair = (column.connection, column.lane)
    wanted = column.wanted > column.done
    groups: list[tuple[str, str]] = []
    while True:
        later = [tuple_(*pair) > tuple_(*groups[-1])] if groups else []
        row = connection.execute(select(*pair).where(wanted, *later).order_by(*pair).limit(1)).first()
        if row is None:
            return groups
        groups.append((row[0], row[1]))
