"""Store a batch of events on SQLite: there is no round trip to save, so row by row is fastest."""

import sqlite3
from collections.abc import Sequence

from shared.ledger.columns import to_text
from shared.ledger.intake_rows import LANES, EventRow, StoredRow, by_dedupe

ALIAS = "SELECT subject_id FROM alias WHERE connection = ? AND name = ? AND value = ?"
EVENT = """
INSERT INTO event (id, connection, source, name, dedupe_key, subject_id, market, occurred_at, received_at,
                   body, attributes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (connection, source, dedupe_key) DO NOTHING
"""
WANT_MORE = """
INSERT INTO subject AS known (id, connection, kind, key, market, lane, wanted, done, state, next_try_at,
                              attempt, fence, summary, created_at, updated_at)
VALUES (:id, :connection, :kind, :key, :market, :lane, :more, 0, 'due', :now, 0, 0, '{}', :now, :now)
ON CONFLICT (id) DO UPDATE SET
    wanted = known.wanted + :more,
    market = coalesce(:market, known.market),
    lane = CASE WHEN known.wanted > known.done
                AND (known.lane = 'sale' OR (known.lane = 'settle' AND :lane = 'bulk'))
           THEN known.lane ELSE :lane END,
    state = CASE WHEN known.state = 'running' AND known.lease_until > :now THEN known.state ELSE 'due' END,
    failing_since = CASE WHEN known.state IN ('due', 'running', 'waiting') THEN known.failing_since END,
    attempt = 0, next_try_at = :now, updated_at = :now
RETURNING lane, wanted, fence
"""


def store(database: sqlite3.Connection, rows: Sequence[EventRow]) -> list[StoredRow]:
    """Inside the caller's transaction."""
    now = to_text(rows[0].received_at)  # one batch, one instant
    fresh = [
        (row, subject) for row in by_dedupe(rows) for subject, new in [_insert(database, row, now)] if new
    ]
    by_subject: dict[str, list[EventRow]] = {}
    for row, subject in fresh:
        if subject is not None:
            by_subject.setdefault(subject, []).append(row)
    standing = {subject: _want_more(database, subject, more, now) for subject, more in by_subject.items()}
    nothing = ("", 0, 0)
    return [
        StoredRow(row.id, subject, *(nothing if subject is None else standing[subject]))
        for row, subject in fresh
    ]


def _insert(database: sqlite3.Connection, row: EventRow, now: str) -> tuple[str | None, bool]:
    subject = row.own_subject
    if subject is not None:
        known = database.execute(ALIAS, (row.connection, row.alias_name, row.alias_value)).fetchone()
        subject = known[0] if known else subject
    inserted = database.execute(
        EVENT,
        (
            row.id, row.connection, row.source, row.name, row.dedupe_key, subject, row.market,
            row.occurred_at and to_text(row.occurred_at), now, row.body, row.attributes,
        ),
    )  # fmt: skip
    return subject, inserted.rowcount == 1


def _want_more(
    database: sqlite3.Connection, subject: str, rows: Sequence[EventRow], now: str
) -> tuple[str, int, int]:
    last = rows[-1]
    values = {
        "id": subject,
        "connection": last.connection,
        "kind": last.kind,
        "key": last.key,
        "market": max((row.market for row in rows if row.market is not None), default=None),
        "lane": min((row.lane for row in rows), key=LANES.index),
        "more": len(rows),
        "now": now,
    }
    ((lane, wanted, fence),) = database.execute(WANT_MORE, values).fetchall()
    return lane, wanted, fence
