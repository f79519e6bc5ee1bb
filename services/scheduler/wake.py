"""Due subjects are rung again: a killed worker or an emptied Redis costs seconds."""

from collections.abc import Callable
from datetime import datetime

from shared.ledger.ledger import Ledger
from shared.queue import Queue
from shared.telemetry.metrics import OLDEST_DUE, SUBJECTS, SWEEPS

BATCH = 500
STATES = ("due", "running", "waiting", "needs_attention", "done", "skipped", "rejected")


async def wake_due(ledger: Ledger, queue: Queue) -> int:
    """Ring for everything that is due and not leased; ringing for what is queued already is free."""
    due = await ledger.subjects.due(BATCH)
    await queue.wake(due)
    for run_id in await ledger.runs.to_work_out():
        await queue.preview(run_id)
    SWEEPS.labels("wake", "done").inc()
    return len(due)


async def measure(ledger: Ledger, clock: Callable[[], datetime]) -> None:
    counts = await ledger.subjects.counts()
    for state in STATES:
        SUBJECTS.labels(state).set(counts.get(state, 0))
    oldest = await ledger.subjects.oldest_due()
    OLDEST_DUE.set((clock() - oldest).total_seconds() if oldest else 0)
