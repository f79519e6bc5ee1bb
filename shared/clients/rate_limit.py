"""A rate limit shared by all processes through Redis, exact for a sliding window.

One round trip per call: a script reserves a slot, and the caller sleeps exactly until it. Who slept asks
once more whether a refusal (429) has closed the window meanwhile. Without Redis each process keeps to its
share, and tells Redis what it sent when Redis is back.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.clients.slots import SECOND, Pace, Slot, Slots, Verdict
from shared.domain.errors import Unavailable

SCRIPT = files("shared.clients").joinpath("rate_limit.lua").read_text()
REDIS_SECONDS = 1.0  # longer than this, and Redis counts as gone
PAUSE_SECONDS = 1.0  # how long it is then left alone
PROCESSES = 4
LANES = ("sale", "settle", "bulk")


class TooFar(Unavailable):
    """The next free slot is so far away that a worker should not wait for it; nothing is reserved."""

    def __init__(self, key: str, wait: timedelta) -> None:
        super().__init__(
            f"{key}: the rate limit is booked for the next {wait.total_seconds():.1f} s",
            retry_after=wait,
            facts={"limit": key},
        )
        self.wait = wait


@dataclass(frozen=True)
class Usage:
    """What this process did with a limit since it started."""

    granted: dict[str, int]
    waited: dict[str, timedelta]
    too_far: int
    refused: int
    redis_is_there: bool


class RateLimiter:
    """``take`` before every request, ``refused`` after every 429."""

    def __init__(
        self,
        redis: Redis | None,
        key: str,
        *,
        rate: int,
        window: timedelta,
        margin: timedelta,
        horizon: timedelta = timedelta(seconds=10),
        processes: int = PROCESSES,
        widest: timedelta = timedelta(milliseconds=500),
        halving: timedelta = timedelta(seconds=60),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``key`` names the limit: the same in all processes that share it."""
        self.key = key
        self.pace = Pace(
            rate=rate,
            window=_us(window),
            margin=_us(margin),
            widest=max(_us(widest), _us(margin)),
            halving=_us(halving),
            horizon=_us(horizon),
        )
        self._redis, self._clock, self._sleep = redis, clock, sleep
        self._take = redis.register_script(SCRIPT) if redis is not None else None
        self._keys = [f"limit:{{{key}}}:grants", f"limit:{{{key}}}:state"]
        share = self.pace if redis is None else _share(self.pace, processes)
        self._alone = Slots(share)
        self._away_until: float | None = None  # while Redis is gone: when to try it again
        self._last_answer = -1e9  # of Redis, by our clock
        self._resuming = asyncio.Lock()
        self._turn = {lane: asyncio.Lock() for lane in LANES}
        self._granted: Counter[str] = Counter()
        self._waited: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()

    async def take(self, lane: str = "sale") -> None:
        """Return when the request may leave. Raises TooFar rather than wait longer than the horizon."""
        started = self._clock()
        if lane == "sale":
            await self._until_granted(lane, started)
        else:
            async with self._turn[lane]:  # one of a process asks; the others stand behind it
                await self._until_granted(lane, started)
        self._granted[lane] += 1
        self._waited[lane] += int((self._clock() - started) * SECOND)

    async def refused(self, retry_after: timedelta | None = None) -> None:
        """The other side said 429: nobody sends for a while, and the margin grows."""
        self._counts["refused"] += 1
        wait = self.pace.window if retry_after is None else max(_us(retry_after), SECOND // 10)
        self._alone.refused(wait, self._now())
        await self._ask("refused", "sale", wait)

    def granted(self) -> int:
        """Slots taken by this process, in all lanes."""
        return sum(self._granted.values())

    def usage(self) -> Usage:
        return Usage(
            granted={lane: self._granted[lane] for lane in LANES},
            waited={lane: timedelta(microseconds=self._waited[lane]) for lane in LANES},
            too_far=self._counts["too_far"],
            refused=self._counts["refused"],
            redis_is_there=self._redis is not None and self._away_until is None,
        )

    # ── how ───────────────────────────────────────────────────────────────────────────────────────

    async def _until_granted(self, lane: str, started: float) -> None:
        while True:
            slot, shared = await self._slot(lane)
            late = _to_us(self._clock() - started) + slot.wait > self.pace.horizon
            if slot.verdict is Verdict.TOO_FAR or (late and slot.verdict is Verdict.ASK_AGAIN):
                self._counts["too_far"] += 1
                raise TooFar(self.key, timedelta(microseconds=slot.wait))
            if slot.verdict is Verdict.ASK_AGAIN:  # a little early, so that the slot is taken on time
                await self._sleep(max(slot.wait - self.pace.ahead // 2, SECOND // 1000) / SECOND)
                continue
            if slot.wait > 0:
                await self._sleep(slot.wait / SECOND)
            if slot.wait <= 0 or await self._holds(slot, shared):
                return

    async def _slot(self, lane: str) -> tuple[Slot, bool]:
        found = await self._ask("take", lane)
        if found is None:
            return self._alone.take(lane, self._now()), False
        return found, True

    async def _holds(self, slot: Slot, shared: bool) -> bool:
        """Whether the instant that was slept for is still ours."""
        if not shared:
            return self._alone.epoch == slot.epoch
        epoch = await self._or_alone(self._epoch)
        return epoch is not None and int(epoch) == slot.epoch

    async def _epoch(self, redis: Redis) -> Any:
        (epoch,) = await redis.hmget(self._keys[1], ["epoch"])  # type: ignore[misc]  # redis' stubs mix in sync
        return epoch or 0

    async def _ask(self, step: str, lane: str, *more: int) -> Slot | None:
        """One step of the script; None while Redis is gone."""
        if self._redis is None or self._rests():
            return None
        if self._away_until is not None and step != "resume" and not await self._resumed():
            return None
        pace = self.pace
        numbers = (pace.rate, pace.window, pace.margin, pace.widest, pace.halving, pace.horizon, pace.ahead)
        arguments: list[str | int] = [step, lane, *numbers, pace.share(lane), -1, *more]
        run = self._take
        assert run is not None
        answer = await self._or_alone(lambda _: run(keys=self._keys, args=arguments))
        if answer is None:
            return None
        self._last_answer = self._clock()
        return Slot(Verdict(answer[0]), int(answer[1]), int(answer[2]))

    def _rests(self) -> bool:
        return self._away_until is not None and self._clock() < self._away_until

    async def _resumed(self) -> bool:
        """Redis is tried again: it learns what this process sent, and holds everybody for a window."""
        async with self._resuming:
            if self._away_until is None:
                return True
            if self._rests() or await self._ask("resume", "sale", *self._alone.ages(self._now())) is None:
                return False
            self._away_until = None
            return True

    async def _or_alone(self, ask: Callable[[Redis], Awaitable[Any]]) -> Any:
        """What Redis says, or None after noting that it is gone."""
        assert self._redis is not None
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                answer = await ask(self._redis)
        except (RedisError, OSError, TimeoutError):
            self._go_alone()
            return None
        return answer

    def _go_alone(self) -> None:
        now = self._clock()
        if self._away_until is None:  # what the others sent until now still counts on the other side
            until = _to_us(self._last_answer + self.pace.window / SECOND)
            if until > self._now():
                self._alone.block(until, self._now())
        self._away_until = now + PAUSE_SECONDS

    def _now(self) -> int:
        return _to_us(self._clock())


def _share(pace: Pace, processes: int) -> Pace:
    return Pace(
        rate=max(1, pace.rate // processes),
        window=pace.window,
        margin=pace.margin,
        widest=pace.widest,
        halving=pace.halving,
        horizon=pace.horizon,
    )


def _us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _to_us(seconds: float) -> int:
    return int(seconds * SECOND)
