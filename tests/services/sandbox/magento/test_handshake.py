"""Activating an integration: credentials are posted, a request token fetched, and exchanged for good."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs

import httpx

from services.sandbox.clock import SandboxClock
from services.sandbox.magento.oauth import Integration
from services.sandbox.magento.shop import Shop
from services.sandbox.sandbox import Sandbox
from tests.services.sandbox.magento.support import BASE, MagentoCaller
from tests.services.sandbox.svea.support import Receiver

CALLBACK = "https://gateway/connect/magento/callback"


def _form(body: bytes | str) -> dict[str, str]:
    text = body.decode() if isinstance(body, bytes) else body
    return {name: values[0] for name, values in parse_qs(text).items()}


async def _ask(
    call: MagentoCaller, path: str, integration: Integration, **changes: str | None
) -> httpx.Response:
    """Signed with the consumer's own key and secret."""
    call.shop.integrations.insert(0, integration)  # the caller signs as the first integration
    try:
        return await call("POST", path, None, headers=None, **changes)
    finally:
        call.shop.integrations.pop(0)


async def test_the_handshake_ends_in_tokens_that_work(
    call: MagentoCaller, shop: Shop, receiver: Receiver
) -> None:
    integration = await shop.activate(CALLBACK)
    url, headers, body = receiver.requests[0]
    posted = _form(body)

    first = await _ask(call, "/oauth/token/request", integration, token_secret="", oauth_token=None)
    request_token = _form(first.text)
    second = await _ask(
        call,
        "/oauth/token/access",
        integration,
        token_secret=request_token["oauth_token_secret"],
        oauth_token=request_token["oauth_token"],
        oauth_verifier=posted["oauth_verifier"],
    )

    assert (url, headers["content-type"]) == (
        "/connect/magento/callback",
        "application/x-www-form-urlencoded",
    )
    assert set(posted) == {"oauth_consumer_key", "oauth_consumer_secret", "store_base_url", "oauth_verifier"}
    assert posted["store_base_url"] == shop.pages.base_url
    assert first.headers["content-type"] == "text/html; charset=UTF-8"
    assert _form(second.text) == {
        "oauth_token": integration.access_token,
        "oauth_token_secret": integration.access_token_secret,
    }
    shop.integrations.reverse()
    assert (await call("GET", "/rest/V1/store/websites")).status_code == 200


async def test_the_request_token_must_be_fetched_within_five_minutes(
    call: MagentoCaller, shop: Shop, sandbox: Sandbox
) -> None:
    assert isinstance(sandbox.clock, SandboxClock)
    integration = await shop.activate(CALLBACK)
    sandbox.clock.advance(timedelta(seconds=301))

    answer = await _ask(call, "/oauth/token/request", integration, token_secret="", oauth_token=None)

    assert (answer.status_code, answer.text) == (401, "oauth_problem=Consumer+key+has+expired")


async def test_a_wrong_verifier_or_secret_gives_no_token(call: MagentoCaller, shop: Shop) -> None:
    integration = await shop.activate(CALLBACK)
    wrong = await _ask(call, "/oauth/token/request", integration, token_secret="x", oauth_token=None)
    first = _form(
        (await _ask(call, "/oauth/token/request", integration, token_secret="", oauth_token=None)).text
    )

    refused = await _ask(
        call,
        "/oauth/token/access",
        integration,
        token_secret=first["oauth_token_secret"],
        oauth_token=first["oauth_token"],
        oauth_verifier="v" * 32,
    )

    assert wrong.text == "oauth_problem=The+signature+is+invalid.+Verify+and+try+again."
    assert refused.status_code == 401
    assert integration.access_token == ""


async def test_a_request_without_oauth_is_told_what_is_missing(http: httpx.AsyncClient, shop: Shop) -> None:
    answer = await http.post(BASE + "/oauth/token/request")

    assert (answer.status_code, shop.name) == (400, "default")
    assert answer.text.startswith("oauth_problem=")
