"""The doorbell: ringing twice is ringing once, and a fail-over of Redis is survived."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis.exceptions import RedisError

from services.local.ports import free_port
from services.local.redis_server import find_redis
from shared.ledger.records import Wake
from shared.queue import Queue, queue_name
from shared.settings.service import ServiceSettings

MASTER_NAME = "mymaster"


async def test_a_subject_is_rung_once_per_version_and_run(redis_url: str) -> None:
    queue = await Queue.connect(ServiceSettings(redis_url=redis_url))
    await queue.wake([Wake("a", "sale", 1, 0), Wake("a", "sale", 1, 0), Wake("b", "bulk", 3, 2)])
    await queue.wake([Wake("a", "sale", 1, 0), Wake("a", "sale", 1, 1)])

    assert await queue.redis.zrange(queue_name("sale"), 0, -1) == [b"a:1:0", b"a:1:1"]
    assert await queue.redis.zrange(queue_name("bulk"), 0, -1) == [b"b:3:2"]
    await queue.close()


@contextmanager
def a_server(
    folder: Path, name: str, *options: str, sentinel: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis (or a Sentinel) with these lines as its configuration file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.conf"
    file.write_text("\n".join(("bind 127.0.0.1", f"dir {folder}", 'save ""', *options)) + "\n")
    if sentinel:
        file.write_text("\n".join(("bind 127.0.0.1", f"dir {folder}", *options)) + "\n")
    command = [str(find_redis()), str(file), *(["--sentinel"] if sentinel else [])]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_through_sentinel_the_bell_rings_again_after_a_fail_over(tmp_path: Path) -> None:
    master, replica, sentinel = free_port(), free_port(), free_port()
    watching = (
        f"port {sentinel}",
        f"sentinel monitor {MASTER_NAME} 127.0.0.1 {master} 1",
        f"sentinel down-after-milliseconds {MASTER_NAME} 500",
        f"sentinel failover-timeout {MASTER_NAME} 3000",
    )
    with (
        a_server(tmp_path / "master", "master", f"port {master}") as first,
        a_server(tmp_path / "replica", "replica", f"port {replica}", f"replicaof 127.0.0.1 {master}"),
        a_server(tmp_path / "sentinel", "sentinel", *watching, sentinel=True),
    ):
        queue = await _connected(f"127.0.0.1:{sentinel}")
        await queue.wake([Wake("a", "sale", 1, 0)])
        await _replicated(replica)

        first.kill()
        first.wait()
        await _rings(queue, Wake("b", "sale", 1, 0), within=30)

        assert await queue.redis.zrange(queue_name("sale"), 0, -1) == [b"a:1:0", b"b:1:0"]
        await queue.close()


async def _connected(sentinels: str) -> Queue:
    service = ServiceSettings(redis_sentinels=sentinels, redis_sentinel_master=MASTER_NAME)
    async with asyncio.timeout(30):
        while True:
            try:
                return await Queue.connect(service)
            except (RedisError, OSError):
                await asyncio.sleep(0.2)


async def _replicated(port: int) -> None:
    """Until the replica has what the master has."""
    queue = await Queue.connect(ServiceSettings(redis_url=f"redis://127.0.0.1:{port}/0"))
    async with asyncio.timeout(30):
        while not await queue.redis.zcard(queue_name("sale")):
            await asyncio.sleep(0.1)
    await asyncio.sleep(11)  # Sentinel asks its masters for their replicas every ten seconds
    await queue.close()


async def _rings(queue: Queue, wake: Wake, *, within: float) -> None:
    """What the scheduler's sweep does: try again until the new master answers."""
    until = time.monotonic() + within
    while True:
        try:
            async with asyncio.timeout(2):
                await queue.wake([wake])
        except (RedisError, OSError, TimeoutError):
            assert time.monotonic() < until, "no fail-over"
            await asyncio.sleep(0.2)
        else:
            return
