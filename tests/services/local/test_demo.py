"""The demo without a person: all figures right, also when everything is killed in the middle of it."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from services.local.children import Child, wait_for
from services.local.ports import free_port
from services.local.redis_server import RedisServer
from tests.support.paths import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SMOKE_WITHIN_SECONDS = 280  # on a quiet machine half a minute
KILL_AFTER_BOOKED = ("S9300101-D7200501", "S9300201-D7200511")


def smoke(state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(state),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=SMOKE_WITHIN_SECONDS,
    )


def command(state: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "services.local.demo", "--smoke"),
        *("--keep", str(state), "--port-base", str(free_port())),
    ]


@pytest.mark.kill
@pytest.mark.parametrize("booked", KILL_AFTER_BOOKED)
def test_everything_killed_in_the_middle_loses_nothing_and_books_nothing_twice(
    tmp_path: Path, booked: str
) -> None:
    state, log = tmp_path / "demo", tmp_path / "killed.log"
    child = Child("demo", log)
    child.start(command(state), cwd=REPOSITORY)
    assert wait_for(lambda: booked in log.read_text(), within=timedelta(seconds=150)), log.read_text()

    killed = kill_all(child.pid or 0)
    child.kill()
    again = smoke(state)
    once_more = smoke(state)

    assert killed >= 6  # Redis, stand-ins, gateway, two workers, scheduler
    assert again.returncode == 0, again.stdout
    assert "every figure is right" in again.stdout
    assert booked not in again.stdout  # it was booked before, and only shown then
    assert once_more.returncode == 0, once_more.stdout
    assert "invoice 1 booked" not in once_more.stdout


def kill_all(pid: int) -> int:
    """SIGKILL the demo and every process below it, at once; how many were below."""
    demo = psutil.Process(pid)
    below = demo.children(recursive=True)
    demo.suspend()  # so that it starts nothing again
    for process in below:
        os.kill(process.pid, signal.SIGKILL)
    demo.kill()
    return len(below)


def test_a_fresh_demo_ends_the_redis_that_a_killed_one_left_behind(tmp_path: Path) -> None:
    from services.local.demo.house import clear

    state = tmp_path / "demo"
    left = RedisServer(state / "redis")
    left.start()
    pid = left.pid

    clear(state)

    assert not state.exists()
    assert pid is not None
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
