"""Store a batch of events on PostgreSQL: one statement, whatever the size, and so one round trip.

A single statement is its own transaction, and its text never changes, so it is prepared once.
"""

from collections.abc import Sequence
from typing import Any

from asyncpg import Connection

from shared.ledger.intake_rows import EventRow, StoredRow, by_dedupe

STORE = """
WITH incoming AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[],
        $15::bytea[], $16::text[]
    ) AS t (id, connection, source, name, dedupe_key, own_subject, kind, key, alias_name, alias_value,
            market, lane, occurred_at, received_at, body, attributes)
), resolved AS MATERIALIZED (
    SELECT incoming.*, coalesce(alias.subject_id, incoming.own_subject) AS subject_id
    FROM incoming LEFT JOIN alias ON alias.connection = incoming.connection
        AND alias.name = incoming.alias_name AND alias.value = incoming.alias_value
), stored AS (
    INSERT INTO event (id, connection, source, name, dedupe_key, subject_id, market, occurred_at,
                       received_at, body, attributes)
    SELECT id, connection, source, name, dedupe_key, subject_id, market, occurred_at, received_at, body,
           attributes
    FROM resolved
    ORDER BY connection COLLATE "C", source COLLATE "C", dedupe_key COLLATE "C"
    ON CONFLICT (connection, source, dedupe_key) DO NOTHING
    RETURNING id, subject_id
), wanting AS (
    SELECT resolved.subject_id AS id, min(connection) AS connection, min(kind) AS kind, min(key) AS key,
           max(market) AS market, count(*) AS more, max(received_at) AS now,
           CASE WHEN bool_or(lane = 'sale') THEN 'sale' WHEN bool_or(lane = 'settle') THEN 'settle'
                ELSE 'bulk' END AS lane
    FROM stored JOIN resolved USING (id)
    WHERE resolved.subject_id IS NOT NULL
    GROUP BY resolved.subject_id
    ORDER BY resolved.subject_id COLLATE "C"
), touched AS (
    INSERT INTO subject AS known (id, connection, kind, key, market, lane, wanted, done, state, next_try_at,
                                  attempt, fence, summary, created_at, updated_at)
    SELECT id, connection, kind, key, market, lane, more, 0, 'due', now, 0, 0, '{}', now, now FROM wanting
    ON CONFLICT (id) DO UPDATE SET
        wanted = known.wanted + excluded.wanted,
        market = coalesce(excluded.market, known.market),
        lane = CASE WHEN known.wanted > known.done
                    AND (known.lane = 'sale' OR (known.lane = 'settle' AND excluded.lane = 'bulk'))
               THEN known.lane ELSE excluded.lane END,
        state = CASE WHEN known.state = 'running' AND known.lease_until > excluded.updated_at
                THEN known.state ELSE 'due' END,
        failing_since = CASE WHEN known.state IN ('due', 'running', 'waiting') THEN known.failing_since END,
        attempt = 0, next_try_at = excluded.next_try_at, updated_at = excluded.updated_at
    RETURNING id, lane, wanted, fence
)
SELECT stored.id, stored.subject_id, touched.lane, touched.wanted, touched.fence
FROM stored LEFT JOIN touched ON touched.id = stored.subject_id
"""


async def store(database: "Connection[Any]", rows: Sequence[EventRow]) -> list[StoredRow]:
    columns = zip(*by_dedupe(rows), strict=True)
    found = await database.fetch(STORE, *map(list, columns))
    return [
        StoredRow(row["id"], row["subject_id"], row["lane"] or "", row["wanted"] or 0, row["fence"] or 0)
        for row in found
    ]
