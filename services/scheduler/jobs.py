"""What a tick does: it leaves an event for the chore that does the job, and calls no other system."""

from datetime import datetime

from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent, StoredConnection, Wake
from shared.settings.timetable import Job


async def leave_event(job: Job, connection: StoredConnection, slot: datetime, ledger: Ledger) -> list[Wake]:
    """The same tick twice is one event."""
    if has_nothing_to_do(job, connection):
        return []
    event = IncomingEvent(
        connection=connection.name,
        source="schedule",
        name=job.kind,
        dedupe_key=f"{job.kind}|{slot:%Y-%m-%dT%H:%M}",
        subject_kind=job.kind,
        subject_key=connection.name,
        lane=job.lane,
    )
    return [one.subject for one in await ledger.inbox.accept([event]) if one.subject is not None]


def has_nothing_to_do(job: Job, connection: StoredConnection) -> str:
    """Why; empty when it has."""
    if job.needs_shop and connection.declaration.magento is None:
        return "the connection has no shop"
    return ""
