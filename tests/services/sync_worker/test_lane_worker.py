"""Who runs a job: one worker of its lane, picked up in one question, and again when its worker died."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from arq.constants import in_progress_key_prefix
from arq.worker import func
from redis.exceptions import ConnectionError as RedisConnectionError

from services.sync_worker.lane_worker import LaneWorker
from shared.ledger.records import Wake
from shared.queue import CONVERGE, Queue, deserialize, queue_name, serialize
from shared.settings.service import ServiceSettings

LEASE_SECONDS = 0.4


class Jobs:
    """What was run, by whom; each job waits until it may end."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.may_end = asyncio.Event()

    async def run(self, ctx: dict[str, Any], subject_id: str) -> None:
        self.started.append(subject_id)
        await self.may_end.wait()


@pytest.fixture
async def queue(redis_url: str) -> AsyncIterator[Queue]:
    queue = await Queue.connect(ServiceSettings(redis_url=redis_url))
    yield queue
    await queue.close()


@asynccontextmanager
async def a_worker(
    queue: Queue, jobs: Jobs, *, name: str = "one", places: int = 10
) -> AsyncIterator[LaneWorker]:
    worker = LaneWorker(
        name=name,
        functions=[func(jobs.run, name=CONVERGE)],
        queue_name=queue_name("sale"),
        redis_pool=queue.redis,
        max_jobs=places,
        poll_delay=0.01,
        keep_result=0,
        job_serializer=serialize,
        job_deserializer=deserialize,
        handle_signals=False,
    )
    worker.in_progress_timeout_s = LEASE_SECONDS
    serving = asyncio.create_task(worker.async_run())
    try:
        yield worker
    finally:
        jobs.may_end.set()
        while worker.job_counter:
            await asyncio.sleep(0.01)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)


async def rings(queue: Queue, *subjects: str) -> None:
    await queue.wake([Wake(subject, "sale", 1, 0) for subject in subjects])


async def test_every_job_is_run_once_though_two_workers_ask_for_it(queue: Queue) -> None:
    jobs = Jobs()
    subjects = [f"subject-{number}" for number in range(30)]
    jobs.may_end.set()
    async with a_worker(queue, jobs, name="one"), a_worker(queue, jobs, name="two"):
        await rings(queue, *subjects)
        await until(lambda: len(jobs.started) >= 30)
        await asyncio.sleep(0.1)

    assert sorted(jobs.started) == sorted(subjects)
    assert await queue.redis.zcard(queue_name("sale")) == 0
    assert await queue.redis.keys(in_progress_key_prefix + "*") == []


async def test_a_worker_takes_no_more_jobs_than_it_has_places(queue: Queue) -> None:
    jobs = Jobs()
    async with a_worker(queue, jobs, places=2) as worker:
        await rings(queue, "a", "b", "c")
        await until(lambda: len(jobs.started) == 2)
        await asyncio.sleep(0.1)
        assert (len(jobs.started), worker.job_counter) == (2, 2)

        jobs.may_end.set()
        await until(lambda: len(jobs.started) == 3)

    assert worker.job_counter == 0


async def test_a_job_of_a_dead_worker_is_run_once_its_lease_is_over(queue: Queue) -> None:
    jobs = Jobs()
    await rings(queue, "a")
    await queue.redis.set(in_progress_key_prefix + "a:1:0", "dead", px=int(LEASE_SECONDS * 1000))
    async with a_worker(queue, jobs):
        await asyncio.sleep(LEASE_SECONDS / 2)
        assert jobs.started == []
        await until(lambda: jobs.started == ["a"])


async def test_a_job_that_ended_since_it_was_seen_is_left_alone_and_free(queue: Queue) -> None:
    jobs = Jobs()
    async with a_worker(queue, jobs) as worker:
        await worker.start_jobs([b"gone:1:0"])

    assert (jobs.started, worker.job_counter) == ([], 0)
    assert not await queue.redis.exists(in_progress_key_prefix + "gone:1:0")


async def test_an_answer_lost_while_a_job_was_picked_up_costs_nothing(queue: Queue) -> None:
    """redis-py asks again; what it then reads is that we have it already."""
    jobs = Jobs()
    await queue.redis.set(in_progress_key_prefix + "a:1:0", "one", px=60_000)
    await rings(queue, "a")
    async with a_worker(queue, jobs, name="one"):
        await until(lambda: jobs.started == ["a"])


async def test_redis_going_away_while_a_job_is_picked_up_does_not_end_the_worker(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Jobs()
    async with a_worker(queue, jobs) as worker:
        taken = worker._taken
        failed: list[Any] = []

        async def fails_once(job_ids: Any) -> list[tuple[str, int]]:
            if not failed:
                failed.append(job_ids)
                raise RedisConnectionError("gone")
            return await taken(job_ids)

        monkeypatch.setattr(worker, "_taken", fails_once)
        await rings(queue, "a")
        await until(lambda: jobs.started == ["a"])

    assert failed == [["a:1:0"]]
