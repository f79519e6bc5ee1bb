"""The doorbell: rings a real Redis, and costs a callback next to nothing when there is none."""

import asyncio

from services.local.redis_server import RedisServer
from services.webhook_gateway.doorbell import Doorbell
from shared.ledger.records import Wake
from shared.queue import Queue, queue_name
from shared.settings.service import ServiceSettings

SALE = Wake("0123", "sale", 1, 0)


async def rung(queue: Queue) -> list[bytes]:
    found: list[bytes] = await queue.redis.zrange(queue_name("sale"), 0, -1)
    return found


async def test_a_connection_that_takes_longer_than_a_ring_is_there_for_the_next_one(redis_url: str) -> None:
    attempts = 0

    async def slowly() -> Queue:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0.4)
        return await Queue.connect(ServiceSettings(redis_url=redis_url), patient=False)

    bell = Doorbell(None, slowly)
    await bell.ring([SALE])
    await asyncio.sleep(0.6)
    bell.try_again_now()
    await bell.ring([SALE])

    queue = await Queue.connect(ServiceSettings(redis_url=redis_url), patient=False)
    assert (attempts, await rung(queue)) == (1, [b"0123:1:0"])
    await queue.close()
    await bell.close()


async def test_after_a_failure_redis_is_left_alone_for_two_seconds(own_redis_server: RedisServer) -> None:
    own_redis_server.kill()
    now = [0.0]
    attempts = 0

    async def refused() -> Queue:
        nonlocal attempts
        attempts += 1
        return await Queue.connect(ServiceSettings(redis_url=own_redis_server.url), patient=False)

    bell = Doorbell(None, refused, monotonic=lambda: now[0])
    for now[0] in (0.0, 0.5, 1.9, 2.0, 3.9):
        await bell.ring([SALE])

    assert attempts == 2
    await bell.close()


async def test_a_redis_that_comes_back_is_rung_again(own_redis_server: RedisServer) -> None:
    queue = await Queue.connect(ServiceSettings(redis_url=own_redis_server.url), patient=False)
    bell = Doorbell(
        queue, lambda: Queue.connect(ServiceSettings(redis_url=own_redis_server.url), patient=False)
    )
    own_redis_server.kill()
    assert await bell.answers() is False

    own_redis_server.start()

    assert await bell.answers() is True
    await bell.ring([SALE])
    assert await rung(queue) == [b"0123:1:0"]
    await bell.close()


async def test_nobody_to_ring_is_no_ring(redis_url: str) -> None:
    async def never() -> Queue:
        raise AssertionError("nobody asked for a connection")

    await Doorbell(None, never).ring([])
