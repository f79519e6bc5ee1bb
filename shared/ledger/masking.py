"""Forgetting bodies after a set time; everything that the books need stays.

Ids are ordered by time, so that the oldest rows are found by their id and no index is paid for on
the way in; how far it got is kept, so that a later call does not walk over what is masked already.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, Table, or_, select, update

from shared.ledger.ids import first_of
from shared.ledger.models import cursor
from shared.ledger.statements import upsert


def mask(
    connection: Connection, table: Table, bodies: Sequence[Column[object]], *, before: datetime, limit: int
) -> int:
    """How many rows had a body and have none now; fewer than ``limit`` means that all are done."""
    name = f"{table.name}.masked_to"
    place = select(cursor.c.value).where(cursor.c.connection == "", cursor.c.name == name)
    masked_to = connection.execute(place).scalar() or ""
    old = (
        select(table.c.id)
        .where(table.c.id > masked_to, table.c.id < first_of(before))
        .where(or_(*(body.is_not(None) for body in bodies)))
        .order_by(table.c.id)
        .limit(limit)
    )
    ids = connection.execute(old).scalars().all()
    if not ids:
        return 0
    statement = update(table).where(table.c.id > masked_to, table.c.id <= ids[-1])
    connection.execute(statement.values({body.name: None for body in bodies}))
    upsert(connection, cursor, {"connection": "", "name": name, "value": ids[-1], "updated_at": before})
    return len(ids)
