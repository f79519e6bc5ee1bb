"""One tick -> one run of a job per connection; the same tick twice, from two schedulers, is one."""

from collections.abc import Callable
from datetime import datetime

import structlog

from services.scheduler.jobs import JOBS, Tick
from shared.ledger.ledger import Ledger
from shared.ledger.records import StoredConnection, Wake
from shared.settings.service import ServiceSettings
from shared.settings.timetable import TIMETABLE, Job, slots_due
from shared.telemetry.metrics import SWEEPS

log = structlog.get_logger()


async def trigger_due_jobs(
    ledger: Ledger, service: ServiceSettings, clock: Callable[[], datetime]
) -> list[Wake]:
    """Every tick that has passed since the last one taken, of every active connection, once."""
    rung: list[Wake] = []
    for connection in await ledger.connections.all():
        if connection.active:
            for job in TIMETABLE:
                rung += await _trigger(job, connection, ledger, service, clock())
    return rung


async def _trigger(
    job: Job, connection: StoredConnection, ledger: Ledger, service: ServiceSettings, now: datetime
) -> list[Wake]:
    rung: list[Wake] = []
    for slot in slots_due(job, connection.declaration, now=now):
        if not await ledger.slots.take(job.name, connection.name, slot):
            continue
        try:
            rung += await JOBS[job.name](Tick(connection, slot, now, ledger, service))
        except Exception:
            # One job's bug must not stop the others; the slot's result says what happened.
            log.exception("job.broke", job=job.name, connection=connection.name)
            await ledger.slots.record(job.name, connection.name, slot, "broke")
            SWEEPS.labels(job.name, "broke").inc()
        else:
            await ledger.slots.record(job.name, connection.name, slot, f"looked at {len(rung)}")
            SWEEPS.labels(job.name, "done").inc()
    return rung
