"""Rings the workers, and never makes a callback wait or fail because Redis does.

What is not rung is not lost: it is in the ledger, and the scheduler's sweep rings it within seconds.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from services.webhook_gateway.metrics import RINGS
from shared.queue import Queue, Wakeable

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

RING_SECONDS = 0.2  # shorter than the group commit waits for us, so that a dead Redis is noticed here
COOL_DOWN_SECONDS = 2.0


class DoorbellSilent(Exception):
    """Redis cannot be reached at the moment."""


class Doorbell:
    """After a failure Redis is left alone for a while, so that a dead one does not slow the intake."""

    def __init__(
        self,
        queue: Queue | None,
        connect: Callable[[], Awaitable[Queue]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._connect = connect
        self._monotonic = monotonic
        self._silent_until = float("-inf")
        self._connecting: asyncio.Future[Queue] | None = None

    async def ring(self, subjects: Sequence[Wakeable], *, within: float = RING_SECONDS) -> None:
        """Never raises."""
        if not subjects:
            return
        rung = await self._try(lambda queue: queue.wake(subjects), within)
        RINGS.labels(outcome="rung" if rung else "left_to_sweep").inc(len(subjects))

    async def ask_for_preview(self, run_id: str) -> bool:
        """False if the worker could not be asked; whoever wants an answer now has to say so."""
        return await self._try(lambda queue: queue.preview(run_id))

    async def answers(self) -> bool:
        """For the readiness page: asked afresh, whatever the cool-down."""
        self.try_again_now()
        return await self._try(lambda queue: queue.ping())

    def try_again_now(self) -> None:
        """End the cool-down."""
        self._silent_until = float("-inf")

    async def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self._queue is not None:
            await self._queue.close()

    async def _try(self, ring: Callable[[Queue], Awaitable[None]], within: float = RING_SECONDS) -> bool:
        if self._monotonic() < self._silent_until:
            return False
        try:
            async with asyncio.timeout(within):
                await ring(await self._connected())
        except Exception as problem:  # noqa: BLE001 the gateway never fails because of Redis
            self._silent_until = self._monotonic() + COOL_DOWN_SECONDS
            log.warning("doorbell.failed", error=f"{type(problem).__name__}: {problem}")
            return False
        return True

    async def _connected(self) -> Queue:
        """Goes on connecting behind our back when it takes longer than a ring may: the next ring has it."""
        if self._queue is not None:
            return self._queue
        if self._connecting is None:
            self._connecting = asyncio.ensure_future(self._connect())
            self._connecting.add_done_callback(self._keep)
        return await asyncio.shield(self._connecting)

    def _keep(self, connecting: asyncio.Future[Queue]) -> None:
        self._connecting = None
        if not connecting.cancelled() and connecting.exception() is None:
            self._queue = connecting.result()
