"""An event made ready to be stored: everything worked out before a transaction is open."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.ledger.columns import must_be_instant, to_json
from shared.ledger.ids import Ids, subject_id
from shared.ledger.records import IncomingEvent

LANES = ("sale", "settle", "bulk")  # most urgent first


class EventRow(NamedTuple):
    """In the order of the parameters of PostgreSQL's statement; a tuple, since this is made per event."""

    id: str
    connection: str
    source: str
    name: str
    dedupe_key: str
    own_subject: str | None  # unless an alias says otherwise
    kind: str | None
    key: str | None
    alias_name: str | None
    alias_value: str | None
    market: str | None
    lane: str
    occurred_at: datetime | None
    received_at: datetime
    body: bytes
    attributes: str


class StoredRow(NamedTuple):
    """A row that was new, and where its subject stands now."""

    id: str
    subject_id: str | None
    lane: str
    wanted: int
    fence: int


def to_row(event: IncomingEvent, *, now: datetime, ids: Ids) -> EventRow:
    if event.lane not in LANES:
        raise ValueError(f"there is no lane {event.lane!r}")
    if event.occurred_at is not None:
        must_be_instant(event.occurred_at)
    own, name, value = None, None, None
    if event.subject_kind is not None and event.subject_key is not None:
        own = subject_id(event.connection, event.subject_kind, event.subject_key)
        name, value = alias_of(event.subject_kind, event.subject_key)
    return EventRow(
        ids.new(), event.connection, event.source, event.name, event.dedupe_key,
        own, event.subject_kind, event.subject_key, name, value,
        event.market, event.lane, event.occurred_at, now, event.body, to_json(dict(event.attributes)),
    )  # fmt: skip


def alias_of(kind: str, key: str) -> tuple[str, str]:
    """``increment_id:100`` may be known as the alias (increment_id, 100); ``9300101`` as (sale, 9300101)."""
    name, colon, value = key.partition(":")
    return (name, value) if colon else (kind, key)


def by_dedupe(rows: Sequence[EventRow]) -> list[EventRow]:
    """In the order of the unique key: every process locks in the same order, so none waits in a ring."""
    return sorted(rows, key=lambda row: (row.connection, row.source, row.dedupe_key))
