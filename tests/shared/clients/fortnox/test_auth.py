"""Tokens against the stand-in's OAuth server, kept in a real ledger."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from services.sandbox.faults import Drop, Status, System, When
from shared.clients.fortnox.auth import TOKEN_NAME, FortnoxTokens, tenant_id
from shared.clients.http import CallRecord
from shared.domain.errors import ConnectionRevoked, MissingRights, Unavailable
from shared.ledger.errors import LedgerUnavailable
from shared.ledger.ledger import Ledger
from tests.shared.clients.support import TENANT, World

ROTATING: dict[str, Any] = {"grant": "authorization_code"}
YOUNG = timedelta(minutes=49)
OLD = timedelta(minutes=51)


@asynccontextmanager
async def another_process(ledger_url: str, ledger_key: str) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(ledger_url, keys=[ledger_key], clock=lambda: datetime.now(UTC))
    try:
        yield opened
    finally:
        await opened.close()


def a_code(world: World) -> str:
    oauth = world.sandbox.fortnox.oauth
    return oauth.consent("an-app", TENANT, ("invoice", "order"), service=True)


async def consented(world: World) -> FortnoxTokens:
    tokens = world.tokens(**ROTATING)
    await tokens.exchange_code(a_code(world))
    return tokens


async def stored(world: World) -> dict[str, Any]:
    token = await world.ledger.credentials.get("acme", TOKEN_NAME)
    assert token is not None
    return token.value


def refreshes(records: list[CallRecord]) -> int:
    return sum(record.endpoint == "oauth/token" and record.status == 200 for record in records)


# ── client credentials ────────────────────────────────────────────────────────────────────────────


async def test_a_token_is_asked_for_once_and_used_until_it_is_fifty_minutes_old(
    world: World, records: list[CallRecord]
) -> None:
    tokens = world.tokens()
    first = await tokens.access_token()
    world.clock.advance(YOUNG)
    assert await tokens.access_token() == first

    world.clock.advance(timedelta(minutes=2))
    assert await tokens.access_token() != first
    assert len(records) == 2


async def test_processes_share_a_token_through_the_ledger(
    world: World, ledger_url: str, ledger_key: str, records: list[CallRecord]
) -> None:
    first = await world.tokens().access_token()

    async with another_process(ledger_url, ledger_key) as other:
        assert await world.tokens(of=other).access_token() == first
    assert len(records) == 1


async def test_a_lost_token_answer_costs_nothing_with_client_credentials(world: World) -> None:
    world.fault(Drop(When.AFTER), system=System.FORTNOX_OAUTH)

    assert tenant_id(await world.tokens().access_token()) == TENANT


async def test_a_wrong_secret_or_tenant_is_a_revoked_connection_in_fortnox_words(world: World) -> None:
    with pytest.raises(ConnectionRevoked, match="client credentials are invalid"):
        await world.tokens(client_secret="wrong").access_token()
    with pytest.raises(ConnectionRevoked):
        await world.tokens(tenant_id=999).access_token()


async def test_a_missing_licence_is_about_rights(world: World) -> None:
    body = b'{"error":"error_missing_license","error_description":"No licence"}'
    world.fault(Status(400, body), system=System.FORTNOX_OAUTH)

    with pytest.raises(MissingRights, match="No licence"):
        await world.tokens().access_token()


# ── consent ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_consent_is_stored_and_says_whose_company_it_is(world: World) -> None:
    consent = await world.tokens(**ROTATING).exchange_code(a_code(world))

    assert (consent.tenant_id, consent.scopes) == (TENANT, ("invoice", "order"))
    assert (await stored(world))["refresh_token"]


async def test_a_code_works_once(world: World) -> None:
    code = a_code(world)
    await world.tokens(**ROTATING).exchange_code(code)

    with pytest.raises(ConnectionRevoked, match="code"):
        await world.tokens(**ROTATING).exchange_code(code)


async def test_without_a_consent_the_message_says_so(world: World) -> None:
    with pytest.raises(ConnectionRevoked, match="no consent"):
        await world.tokens(**ROTATING).access_token()


async def test_a_revoked_consent_is_forgotten_on_both_sides(world: World) -> None:
    tokens = await consented(world)

    await tokens.revoke()

    assert await stored(world) == {}
    assert world.sandbox.fortnox.oauth.refresh_tokens == {}
    with pytest.raises(ConnectionRevoked):
        await tokens.access_token()


# ── rotation ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_refresh_replaces_the_stored_pair_before_the_token_is_used(world: World) -> None:
    tokens = await consented(world)
    before = await stored(world)
    world.clock.advance(OLD)

    token = await tokens.access_token()

    after = await stored(world)
    assert after["access_token"] == token != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert "renewal_began" not in after


async def test_eight_processes_that_need_a_token_refresh_exactly_once(
    world: World, ledger_url: str, ledger_key: str, records: list[CallRecord]
) -> None:
    await consented(world)
    world.clock.advance(OLD)
    records.clear()

    async def one() -> str:
        async with another_process(ledger_url, ledger_key) as ledger:
            return await world.tokens(of=ledger, **ROTATING).access_token()

    found = await asyncio.gather(*(one() for _ in range(8)))

    assert len(set(found)) == 1
    assert refreshes(records) == 1
    assert (await stored(world))["access_token"] == found[0]


async def test_many_tasks_that_saw_the_same_401_renew_once(world: World, records: list[CallRecord]) -> None:
    tokens = await consented(world)
    refused = {"Authorization": f"Bearer {await tokens.access_token()}"}
    records.clear()

    assert all(await asyncio.gather(*(tokens.renew(refused) for _ in range(8))))
    assert refreshes(records) == 1


async def test_dying_between_refresh_and_store_is_said_clearly_afterwards(world: World) -> None:
    tokens = await consented(world)
    world.clock.advance(OLD)
    world.fault(Drop(When.AFTER), system=System.FORTNOX_OAUTH)
    with pytest.raises(Unavailable):  # the answer with the new pair is lost
        await tokens.access_token()

    with pytest.raises(ConnectionRevoked) as revoked:
        await world.tokens(**ROTATING).access_token()

    assert "its answer was never stored" in revoked.value.message
    assert revoked.value.facts["renewal_began"] == world.clock().isoformat()
    assert revoked.value.facts["oauth_error"] == "invalid_grant"


async def test_a_refresh_that_never_arrived_is_simply_made_again(world: World) -> None:
    tokens = await consented(world)
    before = await tokens.access_token()
    world.clock.advance(OLD)
    world.fault(Drop(When.BEFORE), system=System.FORTNOX_OAUTH)
    with pytest.raises(Unavailable):
        await tokens.access_token()

    assert await tokens.access_token() != before


async def test_the_new_pair_is_stored_even_when_the_ledger_stumbles(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = await consented(world)
    world.clock.advance(OLD)
    put, attempts = world.ledger.credentials.put, count(1)

    async def stumbling(*args: Any, **named: Any) -> int:
        if next(attempts) in (2, 3):  # the first is the note that a renewal began
            raise LedgerUnavailable("database is locked")
        return await put(*args, **named)

    monkeypatch.setattr(world.ledger.credentials, "put", stumbling)

    token = await tokens.access_token()

    assert (await stored(world))["access_token"] == token


async def test_observers_never_see_a_token_or_secret(world: World, records: list[CallRecord]) -> None:
    tokens = await consented(world)
    world.clock.advance(OLD)
    await tokens.access_token()

    def secrets() -> Iterator[bytes]:
        for record in records:
            yield from (body for body in (record.request, record.answer) if body is not None)

    assert len(records) == 2
    assert list(secrets()) == []


def test_a_token_without_claims_has_no_tenant() -> None:
    for token in ("", "opaque", "a.b.c", "a.bm90IGpzb24.c", "a.W10.c"):
        assert tenant_id(token) is None
