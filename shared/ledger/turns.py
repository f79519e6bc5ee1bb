"""The first and the last transaction of a run: everything it starts from, and everything it leaves.

Each would be three or four of their own, and a transaction costs more than what is done in it.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from shared.ledger.audit import Audit
from shared.ledger.connections import Connections
from shared.ledger.database import Database
from shared.ledger.inbox import Inbox
from shared.ledger.links import Links
from shared.ledger.records import Exchange, Lease, Link, OpenRunItem, Subject
from shared.ledger.runs import Runs
from shared.ledger.subjects import Subjects


@dataclass(frozen=True)
class Turn:
    """A lease, and what stood in the ledger when it was given.

    ``version`` is that of the connection's declaration, None when there is no such connection;
    ``latest_event`` is the event that came last.
    """

    lease: Lease
    links: tuple[Link, ...]
    version: int | None
    latest_event: str | None


class Turns:
    def __init__(
        self,
        database: Database,
        *,
        subjects: Subjects,
        links: Links,
        inbox: Inbox,
        connections: Connections,
        audit: Audit,
        runs: Runs,
    ) -> None:
        self._database = database
        self._subjects, self._links, self._inbox = subjects, links, inbox
        self._connections, self._audit, self._runs = connections, audit, runs

    async def begin(
        self, subject_id: str, owner: str, *, lease_for: timedelta, linkless: Container[str] = ()
    ) -> Turn | None:
        """As ``Subjects.lease``: None when nothing is wanted, it is not time, or somebody else runs.

        ``linkless`` are kinds whose links nobody needs: a load of products has one for each of them, and
        reading all of those would keep every other writer waiting.
        """

        def work(connection: Connection) -> Turn | None:
            lease = self._subjects.leased(connection, subject_id, owner, lease_for)
            if lease is None:
                return None
            needs_links = lease.subject.kind not in linkless
            return Turn(
                lease,
                links=tuple(self._links.of_subject(connection, subject_id)) if needs_links else (),
                version=self._connections.version_in(connection, lease.subject.connection),
                latest_event=self._inbox.latest_in(connection, subject_id),
            )

        return await self._database.write(work)

    async def end(
        self, lease: Lease, said: Sequence[Exchange], **ending: Any
    ) -> tuple[Subject, list[OpenRunItem]]:
        """``Subjects.finish`` with what was ``said`` to other systems; and who waited for the subject.

        Raises LeaseLost, and then keeps nothing.
        """

        def work(connection: Connection) -> tuple[Subject, list[OpenRunItem]]:
            subject = self._subjects.finished(connection, lease, **ending)
            self._audit.keep(connection, said)
            return subject, self._runs.open_in(connection, subject.id)

        return await self._database.write(work)
