"""Whose documents these are, by the numbers that the other system gave them, and what we wrote there lately.

For whoever hears of a change by its number alone: is it ours, which subject keeps it, and did we do it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, bindparam, select, tuple_

from shared.ledger.database import Database
from shared.ledger.ids import first_of
from shared.ledger.models import exchange, link, subject
from shared.ledger.statements import all_of, starts_with

NUMBERS_PER_QUESTION = 400
KEPT_WITHIN = timedelta(minutes=10)  # exchanges get their ids when they are kept, mostly when a run ends
_OURS = (
    select(
        link.c.kind,
        link.c.number,
        link.c.reference,
        link.c.state,
        link.c.draft,
        subject.c.kind.label("subject_kind"),
        subject.c.key.label("subject_key"),
        subject.c.lease_until,
    )
    .join(subject, subject.c.id == link.c.subject_id)
    .where(
        link.c.connection == bindparam("at"),
        link.c.system == bindparam("in_system"),
        tuple_(link.c.kind, link.c.number).in_(bindparam("numbers", expanding=True)),
    )
)
_PAYMENTS = select(link.c.parent, link.c.created_at, link.c.finalised_at).where(
    link.c.connection == bindparam("at"),
    link.c.system == bindparam("in_system"),
    link.c.kind == "payment",
    link.c.parent.in_(bindparam("references", expanding=True)),
)
_WRITES = select(exchange.c.id, exchange.c.url_path, exchange.c.at).where(
    exchange.c.id >= bindparam("first"),
    exchange.c.id < bindparam("last"),
    exchange.c.connection == bindparam("of"),
    exchange.c.system == bindparam("in_system"),
    exchange.c.method != "GET",
    exchange.c.at.between(bindparam("since"), bindparam("until")),
)


@dataclass(frozen=True)
class Ours:
    """A document of ours. ``running``: a worker has its subject just now. ``paid`` are the instants of our
    own payments of it: when each was made, and when it was booked.
    """

    kind: str
    number: str
    state: str
    subject_kind: str
    subject_key: str
    running: bool
    draft: Mapping[str, Any]
    paid: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Wrote:
    """A write of ours: the path without its query, and when it was answered."""

    id: str
    path: str
    at: datetime


class Numbers:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def ours(
        self, connection: str, system: str, numbers: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], Ours]:
        """By (kind, number), of those that are ours; two questions for all of them."""
        wanted = sorted(set(numbers))
        found: dict[tuple[str, str], Ours] = {}
        for start in range(0, len(wanted), NUMBERS_PER_QUESTION):
            asked = {"at": connection, "in_system": system, "numbers": wanted[start:][:NUMBERS_PER_QUESTION]}
            found |= await self._database.read(partial(self._ours, asked=asked))
        return found

    def _ours(self, connection: Connection, asked: dict[str, Any]) -> dict[tuple[str, str], Ours]:
        rows = connection.execute(_OURS, asked).all()
        names = {
            "at": asked["at"],
            "in_system": asked["in_system"],
            "references": [r.reference for r in rows],
        }
        paid: defaultdict[str, list[datetime]] = defaultdict(list)
        for made in connection.execute(_PAYMENTS, names) if rows else ():
            paid[made.parent] += [at for at in (made.created_at, made.finalised_at) if at is not None]
        now = self._clock()
        return {(row.kind, row.number): _to_ours(row, paid[row.reference], now) for row in rows}

    async def beginning(self, connection: str, system: str, kind: str, prefix: str) -> list[tuple[str, str]]:
        """Kind and key of the subjects that have a document with such a number; a few at most."""
        statement = (
            select(subject.c.kind, subject.c.key)
            .join(link, link.c.subject_id == subject.c.id)
            .where(link.c.connection == connection, link.c.system == system, link.c.kind == kind)
            .where(starts_with(link.c.number, prefix))
            .distinct()
        )
        rows = await self._database.read(partial(all_of, statement=statement))
        return [(row.kind, row.key) for row in rows]

    async def written(self, connection: str, system: str, since: datetime, until: datetime) -> list[Wrote]:
        """What we wrote there between two instants, as far as the runs that did it have ended."""
        asked = {"of": connection, "in_system": system, "since": since, "until": until}
        ids = {"first": first_of(since), "last": first_of(until + KEPT_WITHIN)}
        rows = await self._database.read(lambda found: found.execute(_WRITES, asked | ids).all())
        return [Wrote(row.id, row.url_path, row.at) for row in rows]


def _to_ours(row: Any, paid: Sequence[datetime], now: datetime) -> Ours:
    return Ours(
        kind=row.kind,
        number=row.number,
        state=row.state,
        subject_kind=row.subject_kind,
        subject_key=row.subject_key,
        running=row.lease_until is not None and row.lease_until > now,
        draft=row.draft,
        paid=tuple(paid),
    )
