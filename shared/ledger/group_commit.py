"""Many callers, one flush: whoever waits while a transaction is under way shares the next one.

One caller alone pays one transaction and no waiting; a hundred at once pay one between them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from shared.ledger.errors import LedgerUnavailable
from shared.ledger.ledger import Ledger
from shared.ledger.records import Accepted, IncomingEvent, Wake

LARGEST_BATCH = 256
RING_SECONDS = 0.25

log = structlog.get_logger()
Waiting = tuple[IncomingEvent, "asyncio.Future[Accepted]"]


class GroupCommit:
    """``accept`` returns when the event is durable and its subject was rung, or the bell was too slow.

    The ring is never waited for longer than ``ring_seconds`` and its failure is only logged: the
    scheduler's sweep rings again for whatever is due.
    """

    def __init__(
        self,
        ledger: Ledger,
        wake: Callable[[Sequence[Wake]], Awaitable[None]],
        *,
        largest_batch: int = LARGEST_BATCH,
        ring_seconds: float = RING_SECONDS,
    ) -> None:
        self._inbox = ledger.inbox
        self._wake = wake
        self._largest_batch = largest_batch
        self._ring_seconds = ring_seconds
        self._waiting: list[Waiting] = []
        self._committing: asyncio.Task[None] | None = None
        self._ringing: set[asyncio.Task[None]] = set()
        self._open = False

    async def start(self) -> None:
        self._open = True

    async def close(self) -> None:
        """Refuse what comes from now on; finish what has come."""
        self._open = False
        if self._committing is not None:
            await self._committing
        if self._ringing:
            await asyncio.wait(self._ringing)

    async def accept(self, event: IncomingEvent) -> Accepted:
        """Raises what the ledger raised for this event; other events are not touched by it."""
        if not self._open:
            raise LedgerUnavailable("intake is closed")
        answer: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, answer))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all())
        return await answer

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[: self._largest_batch]
                del self._waiting[: self._largest_batch]
                await self._commit(batch)
        finally:
            self._committing = None

    async def _commit(self, batch: Sequence[Waiting]) -> None:
        try:
            accepted = await self._inbox.accept([event for event, _ in batch])
        except LedgerUnavailable as problem:
            _fail(batch, problem)
        except Exception as problem:  # noqa: BLE001 whatever it is, it is for the caller whose event it is
            await self._find_the_bad_one(batch, problem)
        else:
            self._in_background(self._ring_and_answer(batch, accepted))

    async def _find_the_bad_one(self, batch: Sequence[Waiting], problem: Exception) -> None:
        if len(batch) == 1:
            _fail(batch, problem)
            return
        for one in batch:
            await self._commit([one])

    async def _ring_and_answer(self, batch: Sequence[Waiting], accepted: Sequence[Accepted]) -> None:
        latest = {one.subject.subject_id: one.subject for one in accepted if one.subject is not None}
        try:
            if latest:
                async with asyncio.timeout(self._ring_seconds):
                    await self._wake(list(latest.values()))
        except Exception as problem:  # noqa: BLE001 the row is durable: no failure of the bell may say otherwise
            log.warning("subject.not_rung", error=type(problem).__name__, subjects=len(latest))
        finally:
            for (_, answer), one in zip(batch, accepted, strict=True):
                if not answer.done():
                    answer.set_result(one)

    def _in_background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)


def _fail(batch: Sequence[Waiting], problem: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(problem)
