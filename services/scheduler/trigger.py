"""One tick -> one run of a job per connection; the same tick twice, from two schedulers, is one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from services.scheduler.jobs import has_nothing_to_do, leave_event
from shared.ledger.ledger import Ledger
from shared.ledger.records import StoredConnection, Wake
from shared.settings.timetable import TIMETABLE, Job, latest_tick, next_tick
from shared.telemetry.metrics import SWEEPS

log = structlog.get_logger()

NEWLY_MISSED = timedelta(days=2)


@dataclass
class Quiet:
    """Until when a job of a connection need not be looked at: ticks are rare, and we look every 10 s."""

    until: dict[tuple[str, ...], datetime] = field(default_factory=dict)

    def is_over(self, job: Job, connection: StoredConnection, now: datetime) -> bool:
        until = self.until.get(_line(job, connection))
        return until is None or now >= until

    def begins(self, job: Job, connection: StoredConnection, now: datetime) -> None:
        self.until[_line(job, connection)] = next_tick(job, connection.declaration, now=now)


def _line(job: Job, connection: StoredConnection) -> tuple[str, ...]:
    """Another line or zone is looked at at once."""
    declared = connection.declaration
    return connection.name, job.name, declared.schedule.get(job.name, job.cron), declared.time_zone


async def trigger_due_jobs(
    ledger: Ledger, clock: Callable[[], datetime], quiet: Quiet | None = None
) -> list[Wake]:
    """Every tick that has passed since the last one taken, of every active connection, once."""
    quiet = quiet or Quiet()
    rung: list[Wake] = []
    for connection in await ledger.connections.all():
        if connection.active:
            for job in TIMETABLE:
                now = clock()
                if quiet.is_over(job, connection, now):
                    rung += await _trigger(job, connection, ledger, now, quiet)
    return rung


async def _trigger(
    job: Job, connection: StoredConnection, ledger: Ledger, now: datetime, quiet: Quiet
) -> list[Wake]:
    slot = latest_tick(job, connection.declaration, now=now)
    if slot is not None and now - slot > NEWLY_MISSED and await _is_new(job, connection, ledger):
        slot = None
    if slot is None or not await ledger.slots.take(job.name, connection.name, slot):
        if slot is None or await _came_of_it(job, connection, ledger):
            quiet.begins(job, connection, now)
        return []
    try:
        rung = await leave_event(job, connection, slot, ledger)
    except Exception:
        # One job's trouble must not stop the others; a tick that nothing came of is taken again in a minute.
        log.exception("job.broke", job=job.name, connection=connection.name)
        SWEEPS.labels(job.name, "broke").inc()
        return []
    await ledger.slots.record(
        job.name, connection.name, slot, has_nothing_to_do(job, connection) or "started"
    )
    SWEEPS.labels(job.name, "done").inc()
    quiet.begins(job, connection, now)
    return rung


async def _is_new(job: Job, connection: StoredConnection, ledger: Ledger) -> bool:
    """What never ran has missed nothing: a weekly look at everything need not begin a connection's life."""
    return await ledger.slots.last(job.name, connection.name) is None


async def _came_of_it(job: Job, connection: StoredConnection, ledger: Ledger) -> bool:
    """Whether the scheduler that took the last tick has done it; if it died, we take the tick ourselves."""
    last = await ledger.slots.last(job.name, connection.name)
    return last is not None and last.result is not None
