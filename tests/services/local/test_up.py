"""`sluss up`: everything on one machine, with real processes."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from services.local.children import Child, alive, wait_for
from services.local.embedded import Ports
from services.local.processes import answers
from services.local.web import Web, WebRefused
from shared.settings.home import Home
from tests.support.paths import REPOSITORY
from tests.support.service_ports import service_ports

READY_WITHIN = timedelta(seconds=90)
GONE_WITHIN = timedelta(seconds=40)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@contextmanager
def sluss_up(state: Path, log: Path) -> Iterator[tuple[Ports, Child]]:
    ports = service_ports()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SLUSS_")}
    command = [sys.executable, "-m", "services.command_line.main", "up"]
    child = Child("sluss up", log)
    child.start(
        [*command, "--state", str(state), "--port-base", str(ports.base)], cwd=REPOSITORY, env=environ
    )
    try:
        child.wait_until(lambda: "Sluss is up." in log.read_text(), within=READY_WITHIN)
        yield ports, child
    finally:
        child.stop(signal.SIGTERM, within=GONE_WITHIN)


def test_one_command_serves_keeps_its_keys_and_stops_in_order(tmp_path: Path) -> None:
    state, log = tmp_path / "state", tmp_path / "up.log"

    with sluss_up(state, log) as (ports, child):
        keys = Home(state).keys()
        api = Web(f"{ports.gateway_url}/api/v1", {"Authorization": f"Bearer {keys['SLUSS_BOOTSTRAP_KEY']}"})
        assert api.get("/connections")["items"] == []
        with pytest.raises(WebRefused, match="401"):
            Web(f"{ports.gateway_url}/api/v1").get("/connections")
        with urllib.request.urlopen(f"{ports.gateway_url}/health/ready") as answer:
            assert json.load(answer) == {"ready": True, "ledger": "ok", "redis": "ok"}
        assert all(answers(f"http://127.0.0.1:{port}/metrics") for port in ports.of_services)
        os.kill(child.pid or 0, signal.SIGINT)
        assert wait_for(lambda: not child.running, within=GONE_WITHIN)

    assert not any(answers(f"http://127.0.0.1:{port}/metrics") for port in ports.of_services)
    assert "stopping" in log.read_text()
    assert Home(state).keys() == keys
    assert not list(state.glob("redis/*.pid*"))


def test_a_second_sluss_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")

    with home.alone():
        second = subprocess.run(
            [sys.executable, "-m", "services.local.up", "--state", str(home.folder)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )

    assert second.returncode == 1
    assert re.fullmatch(r"Sluss runs on .*: stop it first, or name another folder\n", second.stderr)
    assert not home.prepared


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        up = subprocess.run(
            [
                sys.executable,
                "-m",
                "services.local.up",
                "--state",
                str(tmp_path / "s"),
                "--port-base",
                str(port),
            ],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )

    assert up.returncode == 1
    assert f"port {port} is in use" in up.stderr


@pytest.mark.kill
def test_services_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    with sluss_up(tmp_path / "state", tmp_path / "up.log") as (ports, child):
        pid = child.pid or 0
        child.kill()

        gone = wait_for(
            lambda: not any(answers(f"http://127.0.0.1:{port}/metrics") for port in ports.of_services),
            within=GONE_WITHIN,
        )

    assert not alive(pid)
    assert gone
    _end_redis(tmp_path / "state")


def _end_redis(state: Path) -> None:
    """It outlives a supervisor that was killed, for the next one to take over."""
    from services.local.redis_server import RedisServer

    server = RedisServer(Home(state).redis_folder)
    server.start()
    server.stop()
