"""The demo without a person: all figures right, also when everything is killed in the middle of it."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from services.local.children import Child, wait_for
from services.local.redis_server import RedisServer
from tests.support.paths import REPOSITORY
from tests.support.service_ports import service_ports

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SMOKE_WITHIN_SECONDS = 280  # on a quiet machine half a minute
PROCESSES = 7  # Redis, stand-ins, gateway, two workers, scheduler, listener
KILL_WHEN_TOLD = (
    ("03-delivered-9300101-7200501", timedelta(seconds=0.35)),
    ("17-delivered-9300301-7200521", timedelta(seconds=0.15)),
    ("the shop tells of a credit memo; Svea has not paid yet", timedelta(seconds=0.15)),
    ("products, first load", timedelta(seconds=1.5)),
    ("A business week from", timedelta(seconds=3)),
)


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
        *("--keep", str(state), "--port-base", str(service_ports().base)),
    ]


@pytest.mark.kill
def test_everything_killed_in_the_middle_loses_nothing_and_books_nothing_twice(tmp_path: Path) -> None:
    state = tmp_path / "demo"

    killed = [
        start_and_kill(state, tmp_path / f"{number}.log", when=told, after=after)
        for number, (told, after) in enumerate(KILL_WHEN_TOLD)
    ]
    last = smoke(state)

    assert killed == [PROCESSES] * len(KILL_WHEN_TOLD)
    assert last.returncode == 0, last.stdout
    assert "every figure is right" in last.stdout
    assert "01-created-9300101" not in last.stdout  # it went on where it was


def start_and_kill(state: Path, log: Path, *, when: str, after: timedelta) -> int:
    """Kill everything a moment after that webhook began to leave; how many processes that were."""
    child = Child("demo", log)
    child.start(command(state), cwd=REPOSITORY)
    assert wait_for(lambda: when in log.read_text(), within=timedelta(seconds=150)), log.read_text()
    time.sleep(after.total_seconds())
    killed = kill_all(child.pid or 0)
    child.kill()
    return killed


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
    left.stop()  # nothing is left to stop, but this process has to know that

    assert not state.exists()
    assert pid is not None
    assert not psutil.pid_exists(pid)


def test_ctrl_c_ends_a_demo_in_order_and_keeps_its_books(tmp_path: Path) -> None:
    state, log = tmp_path / "demo", tmp_path / "stopped.log"
    child = Child("demo", log)
    child.start([part for part in command(state) if part != "--smoke"], cwd=REPOSITORY)
    assert wait_for(lambda: "voucher B1" in log.read_text(), within=timedelta(seconds=150)), log.read_text()
    below = psutil.Process(child.pid).children(recursive=True)

    os.kill(child.pid or 0, signal.SIGINT)

    assert wait_for(lambda: not child.running, within=timedelta(seconds=60))
    child.stop(signal.SIGTERM, within=timedelta(seconds=1))
    assert "Stopping; everything is kept." in log.read_text()
    assert [process for process in below if process.is_running()] == []
    assert "killed" not in (state / "services.log").read_text()
    assert {file.name for file in state.iterdir()} >= {"ledger.sqlite3", "progress.json", "stand-ins.state"}
