"""The command as a person runs it, on a state folder of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.command_line.main import app
from shared.settings.home import Home

Sluss = Callable[..., Result]


@pytest.fixture
def sluss(monkeypatch: pytest.MonkeyPatch) -> Sluss:
    for name in ("SLUSS_DATABASE_URL", "SLUSS_ENCRYPTION_KEYS", "SLUSS_URL", "SLUSS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def home(tmp_path: Path, sluss: Sluss) -> Home:
    """A prepared folder with an empty ledger."""
    home = Home(tmp_path / "state")
    home.prepare()
    assert sluss("migrate", "--state", home.folder).exit_code == 0
    return home


@pytest.fixture
def declaration(tmp_path: Path) -> Path:
    file = tmp_path / "acme.yaml"
    file.write_text(
        """
name: acme
fortnox: {client_id: abc, client_secret: {env: ACME_FORTNOX_SECRET}, tenant_id: 1234567}
markets:
  - name: se
    country: SE
    currency: SEK
    svea: {merchant_id: 700001, secret: svea-secret-1, callback_token: long-random-token}
"""
    )
    return file
