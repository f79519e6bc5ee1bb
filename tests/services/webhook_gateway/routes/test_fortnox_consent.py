"""Fortnox consent from the link to the worker's event: a state works once, a code is never readable."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.services.webhook_gateway.support import Gateway, a_declaration, problem_of

CALLBACK = "/connect/fortnox/callback"
CODE = "the-authorization-code"


async def a_state(gateway: Gateway, connection: str = "acme") -> str:
    answer = await gateway.call("POST", f"/connections/{connection}/fortnox/consent")
    return asked_of(answer)["state"]


def asked_of(answer: httpx.Response) -> dict[str, str]:
    return {
        name: values[0] for name, values in parse_qs(urlsplit(answer.json()["authorize_url"]).query).items()
    }


def page_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and text, of a page that needs nothing from anywhere and is kept nowhere."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "http" not in answer.text
    assert "<script" not in answer.text
    return answer.status_code, answer.text


async def test_the_link_asks_fortnox_for_what_the_declaration_says(small_gateway: Gateway) -> None:
    await small_gateway.knows()

    answer = await small_gateway.call("POST", "/connections/acme/fortnox/consent")

    assert answer.json()["authorize_url"].startswith("https://apps.fortnox.se/oauth-v1/auth?")
    assert answer.json()["expires_at"] == "2026-05-04T07:15:00Z"
    asked = asked_of(answer)
    connection, _, random = asked.pop("state").rpartition(".")
    assert (connection, len(random)) == ("acme", 43)
    assert asked == {
        "client_id": "fortnox-client",
        "redirect_uri": "https://hooks.example.test/connect/fortnox/callback",
        "scope": "archive article bookkeeping companyinformation connectfile currency customer inbox invoice "
        "order payment price settings",
        "access_type": "offline",
        "response_type": "code",
        "account_type": "service",
    }


@pytest.mark.parametrize("base", ["https://books.example.test", "https://books.example.test/oauth-v1/"])
async def test_an_own_address_and_a_classic_grant_are_followed(small_gateway: Gateway, base: str) -> None:
    fortnox: dict[str, Any] = {
        "client_id": "x",
        "client_secret": "y",
        "grant": "authorization_code",
        "oauth_url": base,
        "redirect_uri": "https://elsewhere.example.test/back",
    }
    await small_gateway.knows(a_declaration() | {"fortnox": fortnox})

    answer = await small_gateway.call("POST", "/connections/acme/fortnox/consent")

    assert answer.json()["authorize_url"].startswith("https://books.example.test/oauth-v1/auth?")
    assert asked_of(answer)["redirect_uri"] == "https://elsewhere.example.test/back"
    assert "account_type" not in asked_of(answer)


async def test_a_code_is_kept_as_a_secret_and_the_worker_is_rung(gateway: Gateway) -> None:
    await gateway.knows()
    state = await a_state(gateway)

    status, text = page_of(await gateway.http.get(CALLBACK, params={"code": CODE, "state": state}))

    assert status == 200
    assert "acme" in text
    kept = await gateway.ledger.credentials.get("acme", "fortnox_code")
    assert kept is not None
    assert kept.value == {"code": CODE, "redirect_uri": f"https://hooks.example.test{CALLBACK}"}
    assert kept.expires_at == gateway.clock() + timedelta(minutes=10)
    (event,) = await gateway.events()
    assert (event.source, event.name, event.body) == ("consent", "fortnox_consent", b"")
    assert CODE not in str(event)
    assert state not in str(event)
    subject = await gateway.ledger.subjects.find("acme", "consent", "acme")
    assert subject is not None
    assert await gateway.rung() == [f"{subject.id}:1:0"]


async def test_a_state_is_stored_only_as_a_digest(gateway: Gateway) -> None:
    await gateway.knows()
    state = await a_state(gateway)

    kept = await gateway.ledger.credentials.get("acme", "fortnox_consent")

    assert kept is not None
    assert state not in str(kept.value)
    assert state.rpartition(".")[2] not in str(kept.value)


async def test_a_state_works_once(gateway: Gateway) -> None:
    await gateway.knows()
    state = await a_state(gateway)

    answers = await asyncio.gather(
        *(
            gateway.http.get(CALLBACK, params={"code": f"{CODE}-{number}", "state": state})
            for number in range(5)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]
    assert len(await gateway.events()) == 1


async def test_a_state_works_for_fifteen_minutes(gateway: Gateway) -> None:
    await gateway.knows()
    state = await a_state(gateway)
    gateway.clock.advance(timedelta(minutes=15))

    answer = await gateway.http.get(CALLBACK, params={"code": CODE, "state": state})

    assert page_of(answer)[0] == 400
    assert await gateway.ledger.credentials.get("acme", "fortnox_code") is None


@pytest.mark.parametrize(
    "state", ["", "acme", "acme.", "acme.guess", "nobody.guess", "x" * 5000, "acme.\ufffd"]
)
async def test_a_state_that_we_did_not_make_is_refused(gateway: Gateway, state: str) -> None:
    await gateway.knows()
    await a_state(gateway)

    answer = await gateway.http.get(CALLBACK, params={"code": CODE, "state": state})

    assert page_of(answer)[0] == 400
    assert await gateway.events() == []
    assert await gateway.ledger.credentials.get("acme", "fortnox_code") is None


async def test_a_new_link_replaces_the_one_before(gateway: Gateway) -> None:
    await gateway.knows()
    old, new = await a_state(gateway), await a_state(gateway)

    first = await gateway.http.get(CALLBACK, params={"code": CODE, "state": old})
    second = await gateway.http.get(CALLBACK, params={"code": CODE, "state": new})

    assert (first.status_code, second.status_code) == (400, 200)


async def test_neither_code_nor_error_tells_of_a_locked_account(small_gateway: Gateway) -> None:
    status, text = page_of(await small_gateway.http.get(CALLBACK))

    assert status == 400
    assert "account is locked" in text


async def test_fortnox_own_words_are_shown_and_not_run(small_gateway: Gateway) -> None:
    said = {"error": "error_missing_license", "error_description": "<script>alert(1)</script>"}

    status, text = page_of(await small_gateway.http.get(CALLBACK, params=said))

    assert status == 400
    assert "lacks a licence" in text
    assert "&lt;script&gt;alert(1)" in text


async def test_an_unknown_connection_has_no_consent(small_gateway: Gateway) -> None:
    assert problem_of(await small_gateway.call("POST", "/connections/nobody/fortnox/consent")) == (
        404,
        "not_found",
    )
