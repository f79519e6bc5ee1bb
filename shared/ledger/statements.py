"""The few SQL shapes that both databases spell alike and SQLAlchemy does not."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

HIGHEST = "\U0010ffff"


def insert_or_ignore(
    connection: Connection, table: Table, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> int:
    """How many rows were new. Waits for another transaction that is inserting the same key."""
    if not values:
        return 0
    statement = insert_for(connection, table).on_conflict_do_nothing()
    if isinstance(values, Mapping):  # a list is a new text each time, and so compiled each time
        return connection.execute(statement, dict(values)).rowcount
    return connection.execute(statement.values(list(values))).rowcount


def upsert(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert, or replace everything but the primary key."""
    key = [column.name for column in table.primary_key]
    statement = insert_for(connection, table).values(dict(values))
    replaced = {name: statement.excluded[name] for name in values if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=replaced))


def insert_for(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def starts_with(column: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """Exact or prefix, by the index: columns of type ``Key`` are ordered byte by byte."""
    return and_(column >= prefix, column < prefix + HIGHEST)


def after(table: Table, cursor: str | None) -> list[ColumnElement[bool]]:
    """What lies behind ``cursor`` in a list by descending id; ids are ordered by time."""
    return [table.c.id < cursor] if cursor else []


def row_or_none(connection: Connection, table: Table, *where: ColumnElement[bool]) -> Row[Any] | None:
    return connection.execute(select(table).where(*where)).first()


def all_of(connection: Connection, statement: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(statement).all()
