"""A crew of worker processes that die where a test wants them to: `python -m tests.kill.killable_worker 3`.

Each worker is the product's own, forked from this process after the imports, so that a dead one is
replaced within milliseconds. It kills itself (SIGKILL) at the first step whose file is in the folder
`SLUSS_TEST_ARMED`: `<connection>.<step>.<kind>`; the file is gone afterwards, which says that it happened.
"""

import asyncio
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

import structlog
import uvloop

from services.sync_worker import worker
from services.sync_worker.converge import converge
from services.sync_worker.workshop import Workshop
from shared.domain.documents import Draft
from shared.settings.service import ServiceSettings
from shared.telemetry.logging import configure_logging

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02


async def die_at_step(step: str, draft: Draft) -> None:
    connection = structlog.contextvars.get_contextvars().get("connection", "")
    _die_if_armed(f"{connection}.{step}.{draft.kind}")


async def converge_or_die(shop: Workshop, subject_id: str) -> None:
    """The job is picked up, and its worker has no lease yet: file `picked_up`."""
    _die_if_armed("picked_up")
    await converge(shop, subject_id)


def _die_if_armed(name: str) -> None:
    armed = Path(os.environ["SLUSS_TEST_ARMED"]) / name
    try:
        armed.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _work() -> None:
    service = ServiceSettings()
    worker.converge = converge_or_die  # type: ignore[attr-defined]  # imported there, called there
    configure_logging(process="worker", environment=service.environment, level=service.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(worker.run_worker(service, checkpoint=die_at_step))


def _forked() -> int:
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    code = 1
    try:
        _work()
        code = 0
    except Exception:  # noqa: BLE001 whatever it is, the log says it and the crew's exit code shows it
        structlog.get_logger().exception("worker.crashed")
    finally:
        os._exit(code)  # never back into the loop of the one that forked us


def _main(size: int) -> int:
    """Keep so many workers alive. One that ends by itself, and not by SIGKILL, is a bug: so do we."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    crew = {_forked() for _ in range(size)}
    while not told:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            time.sleep(POLL_SECONDS)
            continue
        crew.discard(pid)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            return 1
        crew.add(_forked())
    for pid in crew:
        os.kill(pid, signal.SIGTERM)
    return max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in crew)


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1])))
