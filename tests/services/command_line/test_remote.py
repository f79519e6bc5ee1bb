"""`sluss connection ... --url`: the same commands, on a Sluss elsewhere, through a real gateway."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.local.children import Child
from services.local.embedded import Ports, service_programs
from services.local.processes import answers
from shared.settings.home import Home
from tests.services.command_line.conftest import Sluss
from tests.support.service_ports import service_ports


@pytest.fixture
def gateway(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ports]:
    """A gateway without a Redis, which it does not need to declare connections."""
    ports = service_ports()
    program = service_programs(ports, {**home.environment(), "SLUSS_REDIS_URL": "redis://127.0.0.1:1/0"})[0]
    child = Child(program.name, tmp_path / "gateway.log")
    child.start(program.command(), cwd=Path.cwd(), env={**os.environ, **program.env})
    ready = program.ready_url or ""
    child.wait_until(lambda: answers(ready), within=timedelta(seconds=60))
    monkeypatch.setenv("SLUSS_URL", ports.gateway_url)
    monkeypatch.setenv("SLUSS_KEY", home.keys()["SLUSS_BOOTSTRAP_KEY"])
    yield ports
    child.kill()


def test_a_connection_elsewhere_is_declared_with_the_secrets_of_this_machine(
    sluss: Sluss, gateway: Ports, declaration: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_FORTNOX_SECRET", "fortnox-secret-1")

    applied = sluss("connection", "apply", declaration, "--activate")
    shown = sluss("connection", "show", "acme")
    off = sluss("connection", "deactivate", "acme")

    assert (applied.exit_code, applied.stdout) == (0, "acme: version 2 is stored, active.\n"), applied.stderr
    assert "secret-1" not in shown.stdout
    assert off.stdout == "acme is not active.\n"


def test_flaws_found_elsewhere_are_named_by_their_path_too(
    sluss: Sluss, gateway: Ports, tmp_path: Path
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("name: acme\nfortnox: {client_id: abc}\ncolour: blue\n")

    applied = sluss("connection", "apply", file)

    assert applied.exit_code == 2
    paths = [line.strip().split(":")[0] for line in applied.stderr.splitlines()[1:]]
    assert sorted(paths) == ["colour", "fortnox.client_secret"]


def test_a_wrong_key_is_told_in_a_sentence(
    sluss: Sluss, gateway: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUSS_KEY", "sluss_wrong")

    listed = sluss("connection", "list")

    assert listed.exit_code == 1
    assert listed.stderr == "refused (401): A valid key is needed.\n"


def test_nobody_at_the_address_is_told_in_a_sentence(sluss: Sluss) -> None:
    listed = sluss("connection", "list", "--url", "http://127.0.0.1:1", "--key", "k")

    assert listed.exit_code == 1
    assert "does not answer" in listed.stderr
    assert len(listed.stderr.splitlines()) == 1
