"""Their document is our document: written before the call, so that a crash leaves a trace.

Every write first locks the subject's row and checks the lease on it, so that a worker that lost its
lease, however late it wakes, writes nothing.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from shared.domain.errors import NotYet
from shared.ledger.database import Database
from shared.ledger.errors import AlreadyLinked
from shared.ledger.ids import Ids
from shared.ledger.models import link as table
from shared.ledger.models import subject
from shared.ledger.records import Intent, Lease, Link
from shared.ledger.rows import to_link
from shared.ledger.statements import all_of, row_or_none
from shared.ledger.subjects import lost

column = table.c
# A document that is still to be written has one writer; a finished one may be kept in step by several.
WRITTEN_BY_INTENDER = ("intended", "refused")


SHARED_DOCUMENT_WAIT = timedelta(seconds=1)

# Made once: SQLAlchemy takes longer to build a statement than a database to run it.
HELD = (
    select(subject.c.id)
    .where(
        subject.c.id == bindparam("held_id"),
        subject.c.fence == bindparam("held_fence"),
        subject.c.lease_owner == bindparam("held_by"),
    )
    .with_for_update(read=True)
)
NEW = {
    "sqlite": sqlite.insert(table).on_conflict_do_nothing().returning(*column),
    "postgresql": postgresql.insert(table).on_conflict_do_nothing().returning(*column),
}
OF_SUBJECT = select(table).where(column.subject_id == bindparam("of")).order_by(column.id)
NAMED = select(table).where(
    column.connection == bindparam("at"),
    column.system == bindparam("in_system"),
    tuple_(column.kind, column.reference).in_(bindparam("names", expanding=True)),
)
WRITE = update(table).where(column.id == bindparam("link_id")).returning(*column)
WRITE_IF_OURS = WRITE.where(
    or_(
        column.state.not_in(WRITTEN_BY_INTENDER),
        and_(column.intender_id == bindparam("held_id"), column.intender_fence == bindparam("held_fence")),
    )
)


NAMES_PER_QUESTION = 400
OUTLINE = ("subject_id", "kind", "reference", "number", "state", "total", "currency", "dated", "parent")


@dataclass(frozen=True)
class Outline:
    """A document as far as a payout has to know it."""

    subject_id: str
    kind: str
    reference: str
    number: str | None
    state: str
    total: Decimal | None
    currency: str | None
    dated: date | None
    parent: str | None


class Links:
    def __init__(self, database: Database, clock: Callable[[], datetime], ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    async def intend(
        self,
        lease: Lease,
        *,
        system: str,
        kind: str,
        reference: str,
        draft: dict[str, Any],
        content_hash: str,
        parent: str | None = None,
        total: Decimal | None = None,
        currency: str | None = None,
        dated: date | None = None,
    ) -> Intent:
        """Say, durably, that this document is about to be written.

        ``fresh``: no earlier run can have written it. Else look at the link: with a number it exists,
        without one it has to be looked for. What was intended before keeps its draft until ``rearm``.
        Raises NotYet while another subject is writing the same document, LeaseLost.
        """
        name = {
            "connection": lease.subject.connection,
            "system": system,
            "kind": kind,
            "reference": reference,
        }
        content = _content(draft, content_hash, total, currency, dated) | {"parent": parent}
        return await self._database.write(lambda connection: self._intend(connection, lease, name, content))

    def _intend(
        self, connection: Connection, lease: Lease, name: dict[str, str], content: dict[str, Any]
    ) -> Intent:
        must_hold(connection, lease)
        armed = content | _intended_by(lease) | {"state": "intended", "intended_at": self._clock()}
        new = name | armed | {"id": self._ids.new(), "subject_id": lease.subject.id, "notes": []}
        added = connection.execute(NEW[connection.dialect.name], new | {"unanswered": False}).first()
        if added is not None:
            return Intent(to_link(added), fresh=True)
        where = and_(*(column[field] == value for field, value in name.items()))
        row = connection.execute(select(table).where(where).with_for_update()).one()
        if row.state == "refused":
            row = _write(connection, row.id, armed | {"problem_code": None, "unanswered": False})
            return Intent(to_link(row), fresh=True)
        if row.state == "intended":
            self._must_be_abandoned(connection, lease, row)
            row = _write(connection, row.id, _intended_by(lease))
        return Intent(to_link(row), fresh=False)

    def _must_be_abandoned(self, connection: Connection, lease: Lease, row: Row[Any]) -> None:
        if row.intender_id == lease.subject.id:
            return
        alive = connection.execute(
            select(subject.c.key).where(
                subject.c.id == row.intender_id,
                subject.c.fence == row.intender_fence,
                subject.c.lease_until > self._clock(),
            )
        ).first()
        if alive:
            raise NotYet(
                f"{row.kind} {row.reference} is being written for {alive.key}",
                retry_after=SHARED_DOCUMENT_WAIT,
            )

    async def created(
        self,
        lease: Lease,
        link: Link,
        number: str,
        notes: Sequence[str] = (),
        *,
        final: bool = False,
        closes: Link | None = None,
    ) -> Link:
        """It exists and has this number. Raises AlreadyLinked if the number is another link's.

        ``final``: nothing makes this kind more final than existing. ``closes`` becomes final with it.
        """
        values = {
            "state": "final" if final else "created",
            "finalised_at": self._clock() if final else None,
            "number": number,
            "notes": list(notes),
            "unanswered": False,
            "created_at": self._clock(),
        }
        closing = {"state": "final", "finalised_at": self._clock()}

        def write(connection: Connection) -> Row[Any]:
            if closes is not None:
                _change(connection, lease, closes, closing)
            return _change(connection, lease, link, values)

        try:
            return to_link(await self._database.write(write))
        except IntegrityError as problem:
            raise AlreadyLinked(
                f"{link.kind} {number} belongs to another reference than {link.reference}",
                facts={"kind": link.kind, "number": number, "reference": link.reference},
            ) from problem

    async def updated(
        self,
        lease: Lease,
        link: Link,
        draft: dict[str, Any],
        content_hash: str,
        *,
        total: Decimal | None = None,
        currency: str | None = None,
        dated: date | None = None,
    ) -> Link:
        """It now says what this draft says."""
        return await self._change(lease, link, _content(draft, content_hash, total, currency, dated))

    async def final(self, lease: Lease, link: Link, notes: Sequence[str] = ()) -> Link:
        values = {"state": "final", "notes": [*link.notes, *notes], "finalised_at": self._clock()}
        return await self._change(lease, link, values)

    async def cancelled(self, lease: Lease, link: Link) -> Link:
        return await self._change(lease, link, {"state": "cancelled", "cancelled_at": self._clock()})

    async def refused(self, lease: Lease, link: Link, problem_code: str) -> Link:
        """The other system said no, so nothing was written: the next intent is fresh."""
        values = {"state": "refused", "problem_code": problem_code, "unanswered": False}
        return await self._change(lease, link, values)

    async def forgotten(self, lease: Lease, link: Link) -> Link:
        """The document is gone over there: it is made anew, under the same reference."""
        values = {"state": "refused", "number": None, "unanswered": False, "problem_code": "vanished"}
        return await self._change(lease, link, values)

    async def unanswered(self, lease: Lease, link: Link) -> Link:
        """The write went out and no answer came: it may exist."""
        return await self._change(lease, link, {"unanswered": True})

    async def rearm(
        self,
        lease: Lease,
        link: Link,
        *,
        draft: dict[str, Any] | None = None,
        content_hash: str | None = None,
        total: Decimal | None = None,
        currency: str | None = None,
        dated: date | None = None,
    ) -> Link:
        """It was looked for and is not there: about to be written, now, with this draft if one is given."""
        values: dict[str, Any] = {"state": "intended", "intended_at": self._clock(), "unanswered": False}
        if draft is not None and content_hash is not None:
            values |= _content(draft, content_hash, total, currency, dated)
        return await self._change(lease, link, values)

    async def _change(self, lease: Lease, link: Link, values: dict[str, Any]) -> Link:
        return to_link(await self._database.write(lambda found: _change(found, lease, link, values)))

    async def for_subject(self, subject_id: str) -> list[Link]:
        """In the order in which they were intended first."""
        return await self._database.read(lambda found: self.of_subject(found, subject_id))

    def of_subject(self, connection: Connection, subject_id: str) -> list[Link]:
        """The same, in a transaction that does more."""
        return [to_link(row) for row in connection.execute(OF_SUBJECT, {"of": subject_id})]

    async def outlines(
        self, connection: str, *, subjects: Collection[str] = (), parents: Collection[str] = ()
    ) -> list[Outline]:
        """Documents of these subjects, or made of these documents, without their rows; many at once."""
        found: list[Outline] = []
        for where, names in ((column.subject_id, subjects), (column.parent, parents)):
            wanted = sorted(set(names))
            for start in range(0, len(wanted), NAMES_PER_QUESTION):
                part = wanted[start : start + NAMES_PER_QUESTION]
                statement = select(*(column[name] for name in OUTLINE)).where(
                    column.connection == connection, where.in_(part)
                )
                rows = await self._database.read(partial(all_of, statement=statement))
                found += [Outline(**row._mapping) for row in rows]
        return found

    async def named(self, connection: str, system: str, names: Collection[tuple[str, str]]) -> list[Link]:
        """The links of these (kind, reference) that there are, in one question unless there are many."""
        wanted = sorted(names)
        found: list[Link] = []
        for start in range(0, len(wanted), NAMES_PER_QUESTION):
            part = wanted[start : start + NAMES_PER_QUESTION]
            asked = {"at": connection, "in_system": system, "names": part}
            found += await self._database.read(partial(_named, asked=asked))
        return found

    async def numbered(self, connection: str, system: str, numbers: Collection[str]) -> list[Link]:
        """The links that have one of these numbers, whatever their kind; many at once."""
        wanted = sorted(numbers)
        found: list[Link] = []
        for start in range(0, len(wanted), NAMES_PER_QUESTION):
            statement = select(table).where(
                column.connection == connection,
                column.system == system,
                column.number.in_(wanted[start : start + NAMES_PER_QUESTION]),
            )
            rows = await self._database.read(partial(all_of, statement=statement))
            found += [to_link(row) for row in rows]
        return found

    async def get(self, connection: str, system: str, kind: str, reference: str) -> Link | None:
        return await self._one(connection, system, kind, reference=reference)

    async def by_number(self, connection: str, system: str, kind: str, number: str) -> Link | None:
        return await self._one(connection, system, kind, number=number)

    async def _one(self, connection: str, system: str, kind: str, **name: str) -> Link | None:
        wanted = {"connection": connection, "system": system, "kind": kind, **name}
        where = [column[field] == value for field, value in wanted.items()]
        row = await self._database.read(lambda found: row_or_none(found, table, *where))
        return None if row is None else to_link(row)


def _named(connection: Connection, asked: dict[str, Any]) -> list[Link]:
    return [to_link(row) for row in connection.execute(NAMED, asked)]


def must_hold(connection: Connection, lease: Lease) -> None:
    """Locks the subject until the transaction ends, so that the lease cannot move in between."""
    if connection.execute(HELD, _held_by(lease) | {"held_by": lease.owner}).first() is None:
        raise lost(lease)


def _change(connection: Connection, lease: Lease, link: Link, values: dict[str, Any]) -> Row[Any]:
    must_hold(connection, lease)
    row = connection.execute(WRITE_IF_OURS, values | _held_by(lease) | {"link_id": link.id}).first()
    if row is None:
        connection.execute(select(column.id).where(column.id == link.id)).one()
        raise lost(lease)
    return row


def _write(connection: Connection, link_id: str, values: dict[str, Any]) -> Row[Any]:
    return connection.execute(WRITE, values | {"link_id": link_id}).one()


def _held_by(lease: Lease) -> dict[str, Any]:
    return {"held_id": lease.subject.id, "held_fence": lease.fence}


def _intended_by(lease: Lease) -> dict[str, Any]:
    return {"intender_id": lease.subject.id, "intender_fence": lease.fence}


def _content(
    draft: dict[str, Any],
    content_hash: str,
    total: Decimal | None,
    currency: str | None,
    dated: date | None,
) -> dict[str, Any]:
    return {
        "draft": draft,
        "content_hash": content_hash,
        "total": total,
        "currency": currency,
        "dated": dated,
    }
