"""How much of Fortnox' limit several hungry processes use, and how often a strict server would refuse.

Every call takes a slot, is on its way for up to 100 ms, and arrives at a server that counts a sliding
window of 25 arrivals in 5 s. Run alone:  python -m tests.bench_parts.limiter redis://127.0.0.1:6379/0
"""

import asyncio
import json
import random
import sys
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from redis.asyncio import Redis

from shared.clients.rate_limit import RateLimiter, TooFar
from shared.settings.service import ServiceSettings

RATE = 25
WINDOW_SECONDS = 5.0
JITTER_SECONDS = 0.1


@dataclass(frozen=True)
class Result:
    """``used`` is the share of what the limit allows, after the first burst."""

    seconds: float
    arrived: int
    refused: int
    used: float


@dataclass(frozen=True)
class Load:
    processes: int = 4
    hungry: int = 50
    seconds: float = 30.0
    margin: timedelta = ServiceSettings.model_fields["fortnox_margin"].default


async def measure(redis_url: str, load: Load = Load()) -> Result:
    """Real processes against a real Redis; the server is replayed over their arrivals."""
    start = time.monotonic() + 1.5  # all of them are up by then
    workers = [_spawned(redis_url, load, start) for _ in range(load.processes)]
    arrivals = sorted(instant for found in await asyncio.gather(*workers) for instant in found)
    refused = refusals(arrivals)
    arrived = len(arrivals) - refused
    # Counted from the first call to the last burst, so that neither end flatters the result.
    lasted = arrivals[-RATE] - arrivals[0]
    return Result(lasted, arrived, refused, (arrived - RATE) / (lasted * RATE / WINDOW_SECONDS))


def refusals(arrivals: Sequence[float]) -> int:
    """What a strict sliding window refuses; a refused arrival does not count."""
    taken: list[float] = []
    refused = 0
    for instant in arrivals:
        inside = len(taken) - bisect_right(taken, instant - WINDOW_SECONDS)
        if inside >= RATE:
            refused += 1
        else:
            taken.append(instant)
    return refused


async def _spawned(redis_url: str, load: Load, start: float) -> list[float]:
    margin = str(load.margin.total_seconds())
    arguments = [redis_url, str(start), str(load.seconds), str(load.hungry), margin]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench_parts.limiter", "worker", *arguments),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"a worker of the bench ended with {process.returncode}")
    found: list[float] = json.loads(out)
    return found


async def _work(redis_url: str, start: float, seconds: float, hungry: int, margin: float) -> list[float]:
    redis = Redis.from_url(redis_url)
    limiter = RateLimiter(
        redis,
        "bench",
        rate=RATE,
        window=timedelta(seconds=WINDOW_SECONDS),
        margin=timedelta(seconds=margin),
        processes=4,
    )
    arrivals: list[float] = []

    async def one() -> None:
        while time.monotonic() < start + seconds:
            try:
                await limiter.take("sale")
            except TooFar as far:
                await asyncio.sleep(far.wait.total_seconds() / 2)
                continue
            await asyncio.sleep(random.uniform(0, JITTER_SECONDS))
            arrivals.append(time.monotonic())

    await redis.ping()
    await asyncio.sleep(max(0.0, start - time.monotonic()))
    await asyncio.gather(*(one() for _ in range(hungry)))
    await redis.aclose()
    return [instant for instant in arrivals if instant <= start + seconds + JITTER_SECONDS]


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        url, *numbers = sys.argv[2:]
        begin, lasting, count, wide = (float(number) for number in numbers)
        print(json.dumps(asyncio.run(_work(url, begin, lasting, int(count), wide))))
    else:
        print(asyncio.run(measure(sys.argv[1])))
