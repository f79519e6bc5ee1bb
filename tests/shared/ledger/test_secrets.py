"""Declarations and tokens: sealed, replaced by compare-and-set, never shown."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from shared.ledger.database import open_database
from shared.ledger.errors import NothingStored, VersionMoved
from shared.ledger.ledger import Ledger
from shared.settings.connections import ConnectionDeclaration
from tests.shared.ledger.builders import KEY, OTHER_KEY, a_declaration, a_raw_declaration
from tests.support.clock import Clock

SECRETS = ("fortnox-secret", "se-secret", "se-token", "se-old", "de-secret", "access-1", "refresh-1")


async def sealed_rows(url: str) -> str:
    """Everything that is in the two tables with secrets, as text."""
    database = open_database(url)

    def read(connection: Any) -> str:
        tables = ("connection", "credential")
        return "".join(str(connection.exec_driver_sql(f"SELECT * FROM {name}").all()) for name in tables)

    found = await database.read(read)
    await database.close()
    return found


async def test_a_declaration_comes_back_as_it_was_put_with_its_real_secrets(
    ledger: Ledger, clock: Clock
) -> None:
    declaration = a_declaration()

    stored = await ledger.connections.put(declaration)

    assert stored == await ledger.connections.get("acme")
    assert (stored.declaration, stored.active, stored.version) == (declaration, False, 1)
    assert stored.updated_at == clock.now
    assert stored.declaration.fortnox.client_secret.get_secret_value() == "fortnox-secret"
    assert stored.declaration.active_from == date(2026, 5, 1)
    assert stored.declaration.fortnox.in_doubt_wait == timedelta(seconds=20)
    assert await ledger.connections.get("other") is None


async def test_no_secret_is_in_the_database_in_plain_text(ledger: Ledger, database_url: str) -> None:
    await ledger.connections.put(a_declaration())
    tokens = {"access_token": "access-1", "refresh_token": "refresh-1"}
    await ledger.credentials.put("acme", "fortnox", tokens, None, expected_version=0)

    rows = await sealed_rows(database_url)

    assert "acme" in rows
    assert [secret for secret in SECRETS if secret in rows] == []


async def test_a_new_declaration_replaces_the_old_and_stays_as_active_as_it_was(ledger: Ledger) -> None:
    await ledger.connections.put(a_declaration())
    active = await ledger.connections.set_active("acme", True)

    replaced = await ledger.connections.put(a_declaration(receivable_account=1511))

    assert (active.active, active.version) == (True, 2)
    assert (replaced.active, replaced.version) == (True, 3)
    assert replaced.declaration.receivable_account == 1511
    assert await ledger.connections.versions() == {"acme": 3}
    assert [one.name for one in await ledger.connections.all()] == ["acme"]
    with pytest.raises(KeyError, match="other"):
        await ledger.connections.set_active("other", True)


async def test_what_is_shown_has_no_secret(ledger: Ledger) -> None:
    shown = ledger.connections.public(a_declaration())

    assert [secret for secret in SECRETS if secret in str(shown)] == []
    assert shown["fortnox"]["client_secret"] == {"stored": True}
    assert shown["markets"][1]["svea"]["previous_secrets"] == [{"stored": True}]
    assert (shown["active_from"], shown["fortnox"]["client_id"]) == ("2026-05-01", "cid")


async def test_what_is_shown_can_be_put_back_and_changes_nothing(ledger: Ledger) -> None:
    stored = await ledger.connections.put(a_declaration())

    merged = await ledger.connections.merge_stored(ledger.connections.public(stored.declaration))

    assert ConnectionDeclaration.model_validate(merged) == stored.declaration


async def test_stored_secrets_follow_their_market_and_not_its_place(ledger: Ledger) -> None:
    await ledger.connections.put(a_declaration())
    raw = a_raw_declaration()
    raw["markets"].reverse()
    for market in raw["markets"]:
        market["svea"]["secret"] = {"stored": True}

    merged = await ledger.connections.merge_stored(raw)

    secrets = {market["name"]: market["svea"]["secret"] for market in merged["markets"]}
    assert secrets == {"se": "se-secret", "de": "de-secret"}


async def test_a_stored_secret_that_was_never_stored_is_refused_with_its_path(ledger: Ledger) -> None:
    raw = a_raw_declaration()
    raw["markets"][1]["svea"]["secret"] = {"stored": True}

    with pytest.raises(
        NothingStored, match=r"markets\.1\.svea\.secret: there is no stored secret"
    ) as refused:
        await ledger.connections.merge_stored(raw)

    assert refused.value.path == ("markets", 1, "svea", "secret")
    assert await ledger.connections.all() == []


async def test_a_secret_cannot_be_copied_out_of_the_field_it_was_stored_in(ledger: Ledger) -> None:
    await ledger.connections.put(a_declaration())
    raw = a_raw_declaration()
    raw["company_country"] = {"stored": True}
    raw["fortnox"]["api_url"] = {"stored": True}

    merged = await ledger.connections.merge_stored(raw)

    assert (merged["company_country"], merged["fortnox"]["api_url"]) == ("SE", "https://api.fortnox.se")


async def test_a_token_is_replaced_only_by_who_read_the_last_one(ledger: Ledger, clock: Clock) -> None:
    ends = clock.now + timedelta(hours=1)
    assert await ledger.credentials.get("acme", "fortnox") is None
    first = await ledger.credentials.put("acme", "fortnox", {"t": "1"}, ends, expected_version=0)
    second = await ledger.credentials.put("acme", "fortnox", {"t": "2"}, ends, expected_version=first)

    for stale in (0, first):
        with pytest.raises(VersionMoved):
            await ledger.credentials.put("acme", "fortnox", {"t": "3"}, ends, expected_version=stale)

    token = await ledger.credentials.get("acme", "fortnox")
    assert token is not None
    assert (token.value, token.version, token.expires_at) == ({"t": "2"}, second, ends)
    assert [(one.name, one.version) for one in await ledger.credentials.metadata("acme")] == [("fortnox", 2)]


async def test_of_many_who_replace_a_token_one_does(ledger: Ledger) -> None:
    version = await ledger.credentials.put("acme", "fortnox", {"t": "0"}, None, expected_version=0)

    tries = [
        ledger.credentials.put("acme", "fortnox", {"t": str(n)}, None, expected_version=version)
        for n in range(8)
    ]
    results = await asyncio.gather(*tries, return_exceptions=True)

    assert sum(result == version + 1 for result in results) == 1
    assert sum(isinstance(result, VersionMoved) for result in results) == 7


async def test_whichever_version_there_is_can_be_replaced_on_purpose(ledger: Ledger) -> None:
    versions = [
        await ledger.credentials.put("acme", "code", {"n": n}, None, expected_version=None) for n in range(2)
    ]

    assert versions == [1, 2]
    await ledger.credentials.delete("acme", "code")
    assert await ledger.credentials.get("acme", "code") is None


async def test_a_lock_has_one_owner_until_it_is_given_back_or_too_old(ledger: Ledger, clock: Clock) -> None:
    wait = timedelta(seconds=30)
    tries = [ledger.credentials.lock("acme", "fortnox", f"worker-{n}", wait) for n in range(8)]
    got = await asyncio.gather(*tries)
    owner = f"worker-{got.index(True)}"
    assert sum(got) == 1

    assert await ledger.credentials.lock("acme", "fortnox", owner, wait)
    await ledger.credentials.unlock("acme", "fortnox", "somebody else")
    assert not await ledger.credentials.lock("acme", "fortnox", "late", wait)
    await ledger.credentials.unlock("acme", "fortnox", owner)
    assert await ledger.credentials.lock("acme", "fortnox", "late", wait)
    clock.advance(wait)
    assert await ledger.credentials.lock("acme", "fortnox", "later still", wait)


async def test_after_a_rotation_the_old_key_can_be_thrown_away(
    ledger: Ledger, database_url: str, clock: Clock
) -> None:
    declaration = a_declaration()
    await ledger.connections.put(declaration)
    await ledger.credentials.put("acme", "fortnox", {"t": "1"}, None, expected_version=0)

    both = await Ledger.open(database_url, keys=[OTHER_KEY, KEY], clock=clock)
    assert await both.connections.rotate_keys() == 2
    await both.close()

    new_only = await Ledger.open(database_url, keys=[OTHER_KEY], clock=clock)
    stored = await new_only.connections.get("acme")
    token = await new_only.credentials.get("acme", "fortnox")
    await new_only.close()
    assert stored is not None
    assert token is not None
    assert (stored.declaration, stored.version, token.value) == (declaration, 1, {"t": "1"})
    with pytest.raises(ValueError, match="its key is missing in SLUSS_ENCRYPTION_KEYS"):
        await ledger.connections.get("acme")
