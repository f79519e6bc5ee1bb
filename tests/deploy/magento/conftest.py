"""The shop module's PHP, where there is PHP."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.bring_php import missing
from tests.support.paths import REPOSITORY

ROOT = REPOSITORY / "deploy" / "magento"

Run = Callable[..., str]


@pytest.fixture(scope="session")
def module() -> Path:
    """The folder that a merchant copies to `app/code/Sluss/Connector`."""
    return ROOT / "Sluss" / "Connector"


@pytest.fixture(scope="session")
def in_php() -> Run:
    """Runs a program of the PHP world beside the module: its output, or a failed test."""
    if lacking := missing():
        pytest.skip(f"not installed: {', '.join(lacking)}; make test-deps")

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-8000:]}{done.stderr[-4000:]}"
        return done.stdout

    return run
