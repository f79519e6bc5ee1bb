"""The limiter on a real Redis, with small windows and real time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from services.local.redis_server import RedisServer
from shared.clients.rate_limit import RateLimiter, TooFar
from shared.domain.errors import Unavailable
from tests.bench_parts.limiter import Load, measure

RATE = 10
WINDOW = timedelta(milliseconds=500)
MARGIN = timedelta(milliseconds=20)


@asynccontextmanager
async def limiters(url: str, count: int = 1, *, key: str = "k") -> AsyncIterator[list[RateLimiter]]:
    """As many limiters as processes, each with its own connection."""
    clients = [Redis.from_url(url, socket_connect_timeout=0.3, socket_timeout=0.3) for _ in range(count)]
    try:
        yield [a_limiter(redis, key, processes=count) for redis in clients]
    finally:
        for redis in clients:
            await redis.aclose()


def a_limiter(redis: Redis | None, key: str = "k", *, processes: int = 1) -> RateLimiter:
    return RateLimiter(redis, key, rate=RATE, window=WINDOW, margin=MARGIN, processes=processes)


async def instants(limiter: RateLimiter, how_many: int, lane: str = "sale") -> list[float]:
    async def one() -> float:
        await limiter.take(lane)
        return time.monotonic()

    return sorted(await asyncio.gather(*(one() for _ in range(how_many))))


async def both(one: RateLimiter, other: RateLimiter, each: int) -> list[float]:
    first, second = await asyncio.gather(instants(one, each), instants(other, each))
    return sorted(first + second)


def most_in_a_window(found: list[float]) -> int:
    seconds = WINDOW.total_seconds()
    return max(sum(first <= other < first + seconds for other in found) for first in found)


async def test_two_processes_share_one_window(redis_url: str) -> None:
    async with limiters(redis_url, 2) as (one, other):
        found = await both(one, other, 20)

    assert most_in_a_window(found) <= RATE
    assert max(found) - min(found) < 3.5 * WINDOW.total_seconds()  # 4 bursts of 10


async def test_two_tenants_do_not_share(redis_url: str) -> None:
    async with limiters(redis_url, key="a") as (one,), limiters(redis_url, key="b") as (other,):
        found = await both(one, other, RATE)

    assert max(found) - min(found) < WINDOW.total_seconds() / 2


async def test_a_sale_does_not_stand_behind_waiting_bulk_work(redis_url: str) -> None:
    async with limiters(redis_url, 2) as (one, other):
        bulk = asyncio.create_task(instants(one, 60, "bulk"))
        await asyncio.sleep(1.2)
        asked = time.monotonic()
        await other.take("sale")
        waited = time.monotonic() - asked
        bulk.cancel()

    assert waited < 2.5 * (WINDOW + MARGIN).total_seconds() / RATE


async def test_a_wait_beyond_the_horizon_is_unavailable_with_the_time_to_come_back(redis_url: str) -> None:
    async with limiters(redis_url) as (limiter,):
        waiting = asyncio.gather(*(limiter.take() for _ in range(RATE * 20)))
        await asyncio.sleep(0.3)
        with pytest.raises(TooFar) as far:
            await limiter.take()
        waiting.cancel()

    assert isinstance(far.value, Unavailable)
    assert far.value.retry_after is not None
    assert timedelta(seconds=9) < far.value.retry_after < timedelta(seconds=12)
    assert limiter.usage().too_far >= 1


async def test_a_refusal_holds_other_processes_and_those_that_sleep_already(redis_url: str) -> None:
    async with limiters(redis_url, 2) as (one, other):
        await instants(one, RATE)
        asleep = asyncio.create_task(instants(other, 3))  # has reserved the next window
        await asyncio.sleep(0.1)
        refused = time.monotonic()
        await one.refused(timedelta(seconds=1.2))
        found = await asleep + await instants(one, 3)

    assert min(found) - refused >= 1.2
    assert one.usage().refused == 1


async def test_the_margin_that_a_refusal_widened_is_everybodys(redis_url: str) -> None:
    async with limiters(redis_url, 2) as (one, other):
        await one.refused(timedelta(seconds=0.1))
        await asyncio.sleep(0.15)
        await one.refused(timedelta(seconds=0.1))
        found = await instants(other, RATE + 1)

    widened = 4 * MARGIN.total_seconds()
    assert found[RATE] - found[0] >= WINDOW.total_seconds() + widened * 0.9


async def test_without_redis_each_process_keeps_to_its_share(own_redis_server: RedisServer) -> None:
    async with limiters(own_redis_server.url, 2) as (one, other):
        await asyncio.gather(one.take(), other.take())
        own_redis_server.stop()

        found = await both(one, other, 8)

        assert not one.usage().redis_is_there
        assert most_in_a_window(found) <= RATE


async def test_redis_that_dies_and_comes_back_empty_breaks_no_window(own_redis_server: RedisServer) -> None:
    found: list[float] = []
    over = time.monotonic() + 6

    async def busy(limiter: RateLimiter) -> None:
        while time.monotonic() < over:
            await limiter.take()
            found.append(time.monotonic())

    async with limiters(own_redis_server.url, 2) as (one, other):
        working = asyncio.gather(busy(one), busy(other))
        await asyncio.sleep(0.8)
        await asyncio.to_thread(own_redis_server.stop)
        await asyncio.sleep(1.5)
        await asyncio.to_thread(own_redis_server.start)
        await asyncio.to_thread(own_redis_server.flush)
        await working

        assert one.usage().redis_is_there
        assert other.usage().redis_is_there

    assert most_in_a_window(found) <= RATE
    assert len(found) > 60


async def test_without_any_redis_the_limit_is_kept_alone() -> None:
    found = await instants(a_limiter(None), 2 * RATE)

    assert most_in_a_window(found) == RATE


@pytest.mark.slow
async def test_hungry_processes_use_the_limit_and_are_never_refused(redis_url: str) -> None:
    result = await measure(redis_url, Load(seconds=16))

    assert result.refused == 0
    assert result.used >= 0.97
