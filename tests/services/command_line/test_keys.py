"""`sluss key`, `sluss keys` and `sluss new-encryption-key`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from shared.ledger.ledger import Ledger
from shared.ledger.records import ApiKey
from shared.settings.home import Home
from tests.services.command_line.conftest import Sluss


def verified(home: Home, plain: str) -> ApiKey | None:
    async def ask() -> ApiKey | None:
        keys = home.keys()["SLUSS_ENCRYPTION_KEYS"].split(",")
        ledger = await Ledger.open(home.database_url, keys=keys, clock=lambda: datetime.now(UTC))
        try:
            return await ledger.api_keys.verify(plain)
        finally:
            await ledger.close()

    return asyncio.run(ask())


def test_a_made_key_opens_the_api_with_its_scopes_and_is_alone_on_standard_output(
    sluss: Sluss, home: Home
) -> None:
    made = sluss(
        "key", "create", "--name", "bi", "--scope", "read", "--scope", "operate", "--state", home.folder
    )

    assert made.exit_code == 0
    assert len(made.stdout.splitlines()) == 1
    key = verified(home, made.stdout.strip())
    assert key is not None
    assert (key.name, key.scopes) == ("bi", ("read", "operate"))


def test_an_unknown_scope_makes_no_key(sluss: Sluss, home: Home) -> None:
    made = sluss("key", "create", "--scope", "everything", "--state", home.folder)
    listed = sluss("key", "list", "--state", home.folder)

    assert made.exit_code == 2
    assert made.stderr == "unknown scope everything: there are read, operate, admin\n"
    assert len(listed.stdout.splitlines()) == 1


def test_a_revoked_key_opens_nothing(sluss: Sluss, home: Home) -> None:
    plain = sluss("key", "create", "--scope", "read", "--state", home.folder).stdout.strip()
    key = verified(home, plain)
    assert key is not None

    revoked = sluss("key", "revoke", key.id, "--state", home.folder)
    again = sluss("key", "revoke", key.id, "--state", home.folder)

    assert (revoked.exit_code, again.exit_code) == (0, 1)
    assert verified(home, plain) is None


def test_rotation_makes_a_new_key_and_the_old_one_opens_nothing_any_more(
    sluss: Sluss, home: Home, declaration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_FORTNOX_SECRET", "fortnox-secret-1")
    sluss("connection", "apply", declaration, "--state", home.folder)
    old = home.keys()["SLUSS_ENCRYPTION_KEYS"]

    rotated = sluss("keys", "rotate", "--state", home.folder)
    newest, *older = home.keys()["SLUSS_ENCRYPTION_KEYS"].split(",")
    for name, value in {**home.environment(), "SLUSS_ENCRYPTION_KEYS": newest}.items():
        monkeypatch.setenv(name, value)
    with_newest = sluss("connection", "show", "acme")
    monkeypatch.setenv("SLUSS_ENCRYPTION_KEYS", old)
    with_old = sluss("connection", "show", "acme")

    assert rotated.exit_code == 0, rotated.stderr
    assert older == [old]
    assert with_newest.exit_code == 0
    assert with_old.exit_code == 1
    assert "its key is missing in SLUSS_ENCRYPTION_KEYS" in with_old.stderr
    assert home.keys_file.stat().st_mode & 0o777 == 0o600


def test_rotation_waits_until_sluss_up_is_stopped(sluss: Sluss, home: Home) -> None:
    before = home.keys()

    with home.alone():
        rotated = sluss("keys", "rotate", "--state", home.folder)

    assert rotated.exit_code == 1
    assert "stop it first" in rotated.stderr
    assert home.keys() == before


def test_a_new_encryption_key_is_one_that_encrypts(sluss: Sluss) -> None:
    printed = sluss("new-encryption-key").stdout.strip()
    sealed = Fernet(printed).encrypt(b"secret")

    assert Fernet(printed).decrypt(sealed) == b"secret"
