"""`make test-deps`: brings PostgreSQL where it may, and says what to do where it may not."""

import os
from pathlib import Path

import pytest

from tests.support.bring_postgres import main


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without PostgreSQL; the folder is its whole PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("services.local.postgres_server.USUAL_PLACES", (str(tmp_path / "lib"),))
    return tmp_path


def _has_apt(machine: Path, *, that_installs: bool) -> Path:
    """An apt-get that notes how it was called."""
    calls, programs = machine / "calls", machine / "lib" / "15" / "bin"
    install = f"if [ $1 = install ]; then /bin/mkdir -p {programs}; : > {programs}/initdb; fi\n"
    (machine / "apt-get").write_text(
        f'#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> {calls}\n{install if that_installs else "exit 100"}'
    )
    (machine / "apt-get").chmod(0o755)
    return calls


def test_what_is_there_is_not_installed_again(bare_machine: Path) -> None:
    calls = _has_apt(bare_machine, that_installs=True)
    (bare_machine / "lib" / "16" / "bin").mkdir(parents=True)
    (bare_machine / "lib" / "16" / "bin" / "initdb").touch()

    assert main() == 0
    assert not calls.exists()


def test_root_on_debian_installs_what_is_missing(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _has_apt(bare_machine, that_installs=True)
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert main() == 0
    assert calls.read_text().splitlines() == [
        "noninteractive update -q",
        "noninteractive install -q -y --no-install-recommends postgresql",
    ]


def test_an_installation_that_fails_says_what_to_do_by_hand(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _has_apt(bare_machine, that_installs=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert main() == 1
    assert "sudo apt-get install postgresql" in capsys.readouterr().err


def test_without_root_nothing_is_installed(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = _has_apt(bare_machine, that_installs=True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert main() == 1
    assert not calls.exists()
    assert "brew install postgresql" in capsys.readouterr().err
