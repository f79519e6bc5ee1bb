"""arq's settings for our workers: start-up, shut-down, limits. No logic.

One process serves its lanes with one arq worker each. arq only rings: what a job does, whether it may
and when it is tried again is decided in the ledger (``converge.py``).
"""

import asyncio
import os
import signal
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix
from arq.worker import Worker, func
from redis.exceptions import RedisError

from services.sync_worker.booking import Checkpoint, no_checkpoint
from services.sync_worker.converge import converge
from services.sync_worker.lane_worker import LaneWorker
from services.sync_worker.preview import preview_run
from services.sync_worker.workshop import Workshop
from shared.ledger.ledger import Ledger
from shared.queue import CONVERGE, JOB_EXPIRES_MS, LANES, PREVIEW, Queue, deserialize, queue_name, serialize
from shared.settings.service import ServiceSettings
from shared.telemetry.metrics import RATE_WINDOW

log = structlog.get_logger()

MANY = 1_000_000  # tries are counted in the ledger; arq would count deploys too
QUEUE_READ_LIMIT = 1000
PATIENCE = 4  # how much more seldom Redis is asked for what nobody waits for


async def on_wake(ctx: dict[str, Any], subject_id: str) -> None:
    await converge(ctx["shop"], subject_id)


async def on_preview(ctx: dict[str, Any], run_id: str) -> None:
    await preview_run(ctx["shop"], run_id)


def lane_worker(shop: Workshop, lane: str) -> Worker:
    service = shop.service
    longest = service.job_timeout.total_seconds()
    worker = LaneWorker(
        name=f"{shop.owner}:{lane}",
        functions=[
            func(on_wake, name=CONVERGE, timeout=longest, max_tries=MANY),
            func(on_preview, name=PREVIEW, timeout=longest, max_tries=MANY),
        ],
        queue_name=queue_name(lane),
        redis_pool=shop.queue.redis,
        ctx={"shop": shop},
        max_jobs=service.concurrency,
        poll_delay=service.queue_poll.total_seconds() * (1 if lane == LANES[0] else PATIENCE),
        queue_read_limit=QUEUE_READ_LIMIT,
        keep_result=0,
        max_tries=MANY,
        job_timeout=longest,
        job_serializer=serialize,
        job_deserializer=deserialize,
        expires_extra_ms=JOB_EXPIRES_MS,
        health_check_interval=10,
        health_check_key=f"arq:health:{shop.owner}:{lane}",
        handle_signals=False,
        log_results=False,
    )
    # A job that was picked up is nobody else's until this is over, also when its worker died before it
    # had the lease. arq's own choice is the job timeout, ten minutes; here it is kept alive instead.
    worker.in_progress_timeout_s = service.lease.total_seconds()
    return worker


async def keep_jobs(workers: Sequence[Worker], redis: ArqRedis, service: ServiceSettings) -> None:
    """Running jobs stay ours; those of a killed worker are free again as soon as its leases."""
    while True:
        await asyncio.sleep(service.lease_heartbeat.total_seconds())
        try:
            async with redis.pipeline(transaction=False) as pipe:
                for job_id in (job_id for worker in workers for job_id in worker.tasks):
                    pipe.pexpire(in_progress_key_prefix + job_id, service.lease)
                await pipe.execute()
        except (RedisError, OSError) as failure:
            log.warning("jobs.not_kept", why=str(failure))  # at worst one runs into a lease that is taken


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(3).hex()}"


async def open_workshop(
    service: ServiceSettings, *, checkpoint: Checkpoint = no_checkpoint, owner: str | None = None
) -> Workshop:
    ledger = await Ledger.open(service.database_url, keys=service.encryption_key_list, clock=_now)
    queue = await Queue.connect(service)
    return Workshop(ledger, service, queue, owner or worker_name(), _now, checkpoint=checkpoint)


async def run_worker(service: ServiceSettings, *, checkpoint: Checkpoint = no_checkpoint) -> None:
    """Serve until SIGTERM or SIGINT; then let running subjects finish, or release them."""
    shop = await open_workshop(service, checkpoint=checkpoint)
    workers = [lane_worker(shop, lane) for lane in service.lanes.split(",")]
    serving = [asyncio.create_task(worker.async_run()) for worker in workers]
    stopping = _stop_signal()
    measuring = asyncio.create_task(_measure_rate_windows(shop))
    keeping = asyncio.create_task(keep_jobs(workers, shop.queue.redis, service))
    log.info("worker.started", owner=shop.owner, lanes=service.lanes)
    try:
        await asyncio.wait([*serving, stopping], return_when=asyncio.FIRST_COMPLETED)
        await _finish_running(workers, grace=service.shutdown_grace.total_seconds())
    finally:
        stopping.cancel()
        measuring.cancel()
        keeping.cancel()
        for task in serving:
            task.cancel()
        ended = await asyncio.gather(*serving, return_exceptions=True)
        await shop.close()
        await shop.ledger.close()
        log.info("worker.stopped", owner=shop.owner)
    for failure in ended:
        if isinstance(failure, Exception):
            raise failure


async def _measure_rate_windows(shop: Workshop) -> None:
    """What share of Fortnox' window this process used, window by window."""
    seconds = shop.service.fortnox_window.total_seconds()
    before: dict[str, int] = {}
    while True:
        await asyncio.sleep(seconds)
        for name, kit in shop.kits.items():
            now = kit.fortnox.granted()
            used = max(now - before.get(name, 0), 0) / shop.service.fortnox_rate
            RATE_WINDOW.labels("fortnox", name).set(used)
            before[name] = now


def _stop_signal() -> "asyncio.Task[bool]":
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    return asyncio.create_task(stopped.wait())


async def _finish_running(workers: list[Worker], *, grace: float) -> None:
    """No new jobs; those that run may end. What has not ended in time is cancelled: it releases its lease."""
    for worker in workers:
        worker.allow_pick_jobs = False
    running = [task for worker in workers for task in worker.tasks.values()]
    if not running:
        return
    _, late = await asyncio.wait(running, timeout=grace)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=5)


def _now() -> datetime:
    return datetime.now(UTC)
