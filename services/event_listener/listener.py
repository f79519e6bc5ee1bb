"""What the leader does: a connection to the stream for each integration, kept up whatever happens to it."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from random import random

import structlog

from services.event_listener.desk import Desk
from services.event_listener.members import Members
from services.event_listener.metrics import CONNECTS
from services.event_listener.pace import DEFAULT_PACE, Pace
from services.event_listener.roster import Integration, Roster
from services.event_listener.session import Rejoin, Session
from shared.domain.errors import NeedsAttention, Retryable
from shared.ledger.ledger import Ledger

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class BackOff:
    """Doubles from the first pause to the longest, with jitter; a connection that lasted begins anew."""

    def __init__(self, pace: Pace, chance: Callable[[], float] = random) -> None:
        self._pace, self._chance = pace, chance
        self._tries = 0

    def next(self, *, lived: timedelta, at_least: timedelta | None) -> timedelta:
        self._tries = 0 if lived >= self._pace.proven else self._tries
        doubled = self._pace.first_back_off * (1 << min(self._tries, 16))
        longest = min(doubled, self._pace.longest_back_off)
        self._tries += 1
        return max(longest * (0.5 + self._chance() / 2), at_least or timedelta(0))


class Listener:
    def __init__(
        self,
        ledger: Ledger,
        desk: Desk,
        roster: Roster,
        clock: Callable[[], datetime],
        pace: Pace = DEFAULT_PACE,
    ) -> None:
        self._ledger, self._desk, self._roster = ledger, desk, roster
        self._clock, self._pace = clock, pace
        self._tasks: dict[Integration, asyncio.Task[None]] = {}

    async def lead(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                await self._look_who_is_there()
                await asyncio.sleep(self._pace.members.total_seconds())
        finally:
            await self._end(list(self._tasks))

    async def _look_who_is_there(self) -> None:
        try:
            await self._roster.refresh()
        except (Retryable, OSError) as failure:
            log.warning("stream.roster_unknown", why=str(failure))
            return
        await self._end([one for one in self._tasks if one not in self._roster.integrations])
        for integration in self._roster.integrations - self._tasks.keys():
            self._tasks[integration] = asyncio.create_task(self._stay(integration))

    async def _end(self, integrations: list[Integration]) -> None:
        ended = [self._tasks.pop(one) for one in integrations]
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)

    async def _stay(self, integration: Integration) -> None:
        """Connected, or about to be."""
        back_off = BackOff(self._pace)
        while True:
            began = time.monotonic()
            at_least = await self._once(integration)
            lived = timedelta(seconds=time.monotonic() - began)
            await asyncio.sleep(back_off.next(lived=lived, at_least=at_least).total_seconds())

    async def _once(self, integration: Integration) -> timedelta | None:
        """One connection from its beginning to its end; how long we are asked to stay away."""
        members = Members(integration, self._roster, self._ledger)
        try:
            await Session(members, self._desk, self._pace, self._clock).run()
        except Rejoin as somebody:
            log.info("stream.rejoins", because_of=str(somebody))
            CONNECTS.labels("rejoin").inc()
        except (Retryable, NeedsAttention, OSError) as lost:
            log.warning("stream.lost", why=str(lost))
            CONNECTS.labels("lost").inc()
            return lost.retry_after if isinstance(lost, Retryable) else None
        except Exception:
            # A bug with one integration's stream must not end the others'; it is connected anew, and counted.
            log.exception("stream.broke")
            CONNECTS.labels("broke").inc()
        return None
