"""Jobs that an operator asked for: their run has a line that says how the chore ended, or why it does not."""

from collections.abc import Awaitable, Callable

from services.sync_worker.workshop import Workshop
from shared.domain.errors import NeedsAttention, Retryable
from shared.domain.outcomes import Done, Skipped
from shared.ledger.records import Run, Subject

OPEN = ("new", "running")


async def told(
    shop: Workshop, subject: Subject, do: Callable[[], Awaitable[Done | Skipped]]
) -> Done | Skipped:
    """Do it, for those who had asked before it began."""
    asked = await shop.ledger.runs.jobs(subject.connection, subject.kind)
    try:
        ended = await do()
    except (Retryable, NeedsAttention) as problem:
        for run in asked:
            await shop.ledger.runs.item_goes_on(run.id, run.request["item"], problem.message)
        raise
    for run in asked:
        await _settle(shop, run, ended)
    return ended


async def _settle(shop: Workshop, run: Run, ended: Done | Skipped) -> None:
    """Its line is the first one; a chore with progress of its own may have settled it."""
    now = await shop.ledger.runs.get(run.id, limit=1)
    if now is None or not any(item.state in OPEN for item in now.items.items):
        return
    if isinstance(ended, Skipped):
        state, text = "skipped", ended.reason
    else:
        state, text = "done", ", ".join(ended.notes) or "done"
    await shop.ledger.runs.item_done(run.id, run.request["item"], state, text)
