"""A run stopped for a reason that lies in settings: the check is made again, so that all of them are told."""

from services.sync_worker.workshop import Workshop
from shared.domain.findings import POINT_AT_SETTINGS
from shared.ledger.records import IncomingEvent, Problem, Subject


async def check_again(shop: Workshop, subject: Subject, problem: Problem) -> None:
    """Once an hour at most, however many sales stop."""
    if problem.code not in POINT_AT_SETTINGS:
        return
    event = IncomingEvent(
        connection=subject.connection,
        source="schedule",
        name="settings_refused",
        dedupe_key=f"preflight|failure|{shop.clock():%Y-%m-%dT%H}",
        subject_kind="preflight",
        subject_key=subject.connection,
        lane="bulk",
    )
    accepted = await shop.ledger.inbox.accept([event])
    await shop.queue.wake([one.subject for one in accepted if one.subject is not None])
