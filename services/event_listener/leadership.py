"""One listener of several is the leader: whoever holds a row of the ledger that runs out by itself.

It is the lock that token renewal has, under a name of its own. A leader that was stopped for so long that
another took over does no harm: what both hear is one row of the inbox, and positions only cost a replay.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from services.event_listener.metrics import LEADS
from shared.domain.errors import Retryable
from shared.ledger.ledger import Ledger

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

NOBODY = ""  # the lock is of no connection
LOCK = "fortnox_events"


class Leadership:
    """``lease``: how long a silent leader stays it. ``heartbeat``: how often it says that it lives."""

    def __init__(self, ledger: Ledger, owner: str, *, lease: timedelta, heartbeat: timedelta) -> None:
        self._ledger, self._owner = ledger, owner
        self._lease, self._heartbeat = lease, heartbeat

    async def run(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Lead whenever nobody else does, for good. Gives the lead back when it is cancelled."""
        while True:
            if await self._taken():
                await self._hold(lead)
            await asyncio.sleep(self._heartbeat.total_seconds())

    async def _hold(self, lead: Callable[[], Awaitable[None]]) -> None:
        log.info("lead.taken", owner=self._owner)
        LEADS.set(1)
        leading = asyncio.ensure_future(lead())
        try:
            await self._until_lost(leading)
        finally:
            LEADS.set(0)
            leading.cancel()
            await asyncio.gather(leading, return_exceptions=True)
            await asyncio.shield(self._give_back())
            log.info("lead.ended", owner=self._owner)
        if not leading.cancelled():
            leading.result()

    async def _until_lost(self, leading: asyncio.Future[None]) -> None:
        """Ends before the lease does, also when the ledger cannot be asked."""
        good_until = time.monotonic() + self._lease.total_seconds()
        while not leading.done() and time.monotonic() < good_until - self._heartbeat.total_seconds():
            await asyncio.wait([leading], timeout=self._heartbeat.total_seconds())
            asked = time.monotonic()
            held = await self._taken()
            if held:
                good_until = asked + self._lease.total_seconds()
            elif held is False:
                return

    async def _taken(self) -> bool | None:
        """Whether the lead is ours; None when the ledger does not say."""
        try:
            async with asyncio.timeout(self._heartbeat.total_seconds()):
                return await self._ledger.credentials.lock(NOBODY, LOCK, self._owner, self._lease)
        except (Retryable, OSError, TimeoutError) as failure:
            log.warning("lead.unknown", why=f"{type(failure).__name__}: {failure}")
            return None

    async def _give_back(self) -> None:
        try:
            async with asyncio.timeout(self._heartbeat.total_seconds()):
                await self._ledger.credentials.unlock(NOBODY, LOCK, self._owner)
        except (Retryable, OSError, TimeoutError) as failure:
            log.warning("lead.not_given_back", why=f"{type(failure).__name__}: {failure}")
