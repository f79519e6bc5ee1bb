"""How a job is picked up: arq's worker, but for the round trips.

arq asks Redis four times per job, also for the jobs that it runs itself, and it ends the process when
Redis goes away in between. Here one transaction asks for all jobs that might be started.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from arq.constants import in_progress_key_prefix
from arq.utils import timestamp_ms
from arq.worker import Worker
from redis.exceptions import RedisError

log = structlog.get_logger()


class LaneWorker(Worker):
    """``name`` is this worker's alone: it is what stands in Redis while a job is running here."""

    def __init__(self, *, name: str, **settings: Any) -> None:
        super().__init__(**settings)
        self._name = name.encode()

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """Start those that nobody runs yet, as many as there are places for."""
        waiting = [job_id for job_id in (known.decode() for known in job_ids) if not self._runs(job_id)]
        try:
            while waiting and (places := self.max_jobs - self.job_counter) > 0:
                asked, waiting = waiting[:places], waiting[places:]
                for job_id, score in await self._taken(asked):
                    await self._start(job_id, score)
        except RedisError as failure:
            log.warning("job.not_picked_up", why=str(failure))

    def _runs(self, job_id: str) -> bool:
        task = self.tasks.get(job_id)
        return task is not None and not task.done()

    async def _taken(self, job_ids: Sequence[str]) -> list[tuple[str, int]]:
        """Those of the jobs that are now ours, with their place in the queue.

        What stands in Redis is read back, and not whether it was just written: a call that redis-py repeats,
        because the connection broke under its answer, has written it before.
        """
        milliseconds = int(self.in_progress_timeout_s * 1000)
        async with self.pool.pipeline(transaction=True) as pipe:
            for job_id in job_ids:
                pipe.set(in_progress_key_prefix + job_id, self._name, px=milliseconds, nx=True)
                pipe.get(in_progress_key_prefix + job_id)
                pipe.zscore(self.queue_name, job_id)
            answers = await pipe.execute()
        ours: list[tuple[str, int]] = []
        for job_id, holder, score in zip(job_ids, answers[1::3], answers[2::3], strict=True):
            if holder != self._name:
                continue
            if score and score <= timestamp_ms():
                ours.append((job_id, int(score)))
            else:  # it ended, or was put off, since we saw it in the queue
                await self.pool.delete(in_progress_key_prefix + job_id)
        return ours

    async def _start(self, job_id: str, score: int) -> None:
        await self.sem.acquire()
        self.job_counter += 1
        task = self.loop.create_task(self.run_job(job_id, score))
        task.add_done_callback(lambda _: self._release_sem_dec_counter_on_complete())
        self.tasks[job_id] = task
