"""The scheduler: two loops, any number of replicas.

Not arq's cron: it does not catch up after downtime and loses a run on SIGKILL. A tick here is a row with
a UNIQUE slot, so replicas share the work and nothing is done twice.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from redis.exceptions import RedisError

from services.scheduler.trigger import Quiet, trigger_due_jobs
from services.scheduler.wake import measure, wake_due
from shared.ledger.ledger import Ledger
from shared.queue import Queue
from shared.settings.service import ServiceSettings
from shared.telemetry.metrics import SWEEPS

log = structlog.get_logger()

TRIGGER_EVERY = timedelta(seconds=10)
MEASURE_EVERY = timedelta(seconds=15)


def now_utc() -> datetime:
    return datetime.now(UTC)


async def run_scheduler(service: ServiceSettings) -> None:
    """Sweep and trigger until SIGTERM or SIGINT."""
    ledger = await Ledger.open(service.database_url, keys=service.encryption_key_list, clock=now_utc)
    queue = await Queue.connect(service)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)

    quiet = Quiet()

    async def trigger() -> None:
        await queue.wake(await trigger_due_jobs(ledger, now_utc, quiet))

    log.info("scheduler.started")
    loops = (
        _every(service.wake_sweep, "wake", lambda: wake_due(ledger, queue), stopped),
        _every(TRIGGER_EVERY, "trigger", trigger, stopped),
        _every(MEASURE_EVERY, "measure", lambda: measure(ledger, now_utc), stopped),
    )
    try:
        await asyncio.gather(*loops)
    finally:
        await queue.close()
        await ledger.close()
        log.info("scheduler.stopped")


async def _every(
    pause: timedelta, name: str, do: Callable[[], Awaitable[object]], stopped: asyncio.Event
) -> None:
    """A sweep that fails is tried again at the next tick: it holds no state of its own."""
    while not stopped.is_set():
        try:
            await do()
        except (RedisError, OSError) as failure:
            log.warning("sweep.failed", sweep=name, why=str(failure))
            SWEEPS.labels(name, "failed").inc()
        except Exception:
            log.exception("sweep.broke", sweep=name)
            SWEEPS.labels(name, "broke").inc()
        try:
            await asyncio.wait_for(stopped.wait(), pause.total_seconds())
        except TimeoutError:
            continue
