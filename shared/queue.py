"""The doorbell: job names, and how a subject is woken. The only module that knows arq's queue.

Redis holds nothing that the ledger does not know. A wake-up call that is lost is rung again by the
scheduler's sweep; one that is repeated finds no lease to take.
"""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.constants import default_queue_name, job_key_prefix
from arq.jobs import serialize_job
from arq.utils import timestamp_ms
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.settings.service import ServiceSettings

CONVERGE = "converge"
PREVIEW = "preview"
LANES = ("sale", "settle", "bulk")
JOB_EXPIRES_MS = 30 * 24 * 3600 * 1000


class Wakeable(Protocol):
    """What is rung: a subject, the version that was wanted and the fence of its last run."""

    @property
    def subject_id(self) -> str: ...
    @property
    def lane(self) -> str: ...
    @property
    def wanted(self) -> int: ...
    @property
    def fence(self) -> int: ...


def queue_name(lane: str) -> str:
    return f"{default_queue_name}:{lane}"


def serialize(job: dict[str, Any]) -> bytes:
    return json.dumps(job, default=str).encode()


def deserialize(data: bytes) -> dict[str, Any]:
    job: dict[str, Any] = json.loads(data)
    return job


def redis_settings(service: ServiceSettings) -> RedisSettings:
    """Standalone or Sentinel; a restart of Redis must not end a worker (arq's defaults would)."""
    retry: dict[str, Any] = {
        "retry": Retry(ExponentialBackoff(cap=2, base=0.1), 50),
        "retry_on_error": [RedisConnectionError, RedisTimeoutError, OSError],
        "retry_on_timeout": True,
        "conn_retries": 30,
    }
    if service.redis_sentinels:
        hosts = [host.strip().rsplit(":", 1) for host in service.redis_sentinels.split(",")]
        return RedisSettings(
            host=[(name, int(port)) for name, port in hosts],
            sentinel=True,
            sentinel_master=service.redis_sentinel_master,
            **retry,
        )
    settings = RedisSettings.from_dsn(service.redis_url)
    for name, value in retry.items():
        setattr(settings, name, value)
    return settings


class Queue:
    """Rings; never waits for an answer."""

    def __init__(self, redis: ArqRedis) -> None:
        self.redis = redis

    @classmethod
    async def connect(cls, service: ServiceSettings, *, patient: bool = True) -> "Queue":
        """``patient=False`` (the gateway): one quick try per ring, since the sweep rings again."""
        settings = redis_settings(service)
        if not patient:
            settings.retry = None
            settings.retry_on_error = None
            settings.conn_timeout = 1
            settings.conn_retries = 0
        redis = await create_pool(
            settings,
            job_serializer=serialize,
            job_deserializer=deserialize,
            expires_extra_ms=JOB_EXPIRES_MS,
        )
        return cls(redis)

    async def wake(self, subjects: Sequence[Wakeable]) -> None:
        """One round trip for all; ringing twice for the same version and run is ringing once."""
        await self._ring(
            [
                (
                    f"{wake.subject_id}:{wake.wanted}:{wake.fence}",
                    queue_name(wake.lane),
                    CONVERGE,
                    wake.subject_id,
                )
                for wake in subjects
            ]
        )

    async def preview(self, run_id: str, *, attempt: int = 0) -> None:
        """Ask a worker to work out what the items of a run would give; nothing is written."""
        await self._ring([(f"run:{run_id}:{attempt}", queue_name("sale"), PREVIEW, run_id)])

    async def _ring(self, jobs: Sequence[tuple[str, str, str, str]]) -> None:
        if not jobs:
            return
        now = timestamp_ms()
        queues: dict[str, dict[str, int]] = {}
        async with self.redis.pipeline(transaction=False) as pipe:
            for job_id, queue, function, argument in jobs:
                body = serialize_job(function, (argument,), {}, None, now, serializer=serialize)
                pipe.set(job_key_prefix + job_id, body, px=JOB_EXPIRES_MS, nx=True)
                queues.setdefault(queue, {})[job_id] = now
            for queue, scores in queues.items():  # after the jobs: who sees a place finds its job
                pipe.zadd(queue, scores, nx=True)
            await pipe.execute()

    async def ping(self) -> None:
        await self.redis.ping()

    async def close(self) -> None:
        pool = self.redis.connection_pool
        await self.redis.aclose()
        await pool.disconnect()
        for sentinel in getattr(getattr(pool, "sentinel_manager", None), "sentinels", ()):
            await sentinel.aclose()
