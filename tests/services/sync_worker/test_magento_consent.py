"""From the shop's POST to a connection that can call it: through gateway, worker and the shop's OAuth."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from services.sync_worker.converge import converge
from services.sync_worker.workshop import Workshop
from services.webhook_gateway.routes import magento_activation
from shared.ledger.records import Subject
from shared.queue import Queue
from tests.services.webhook_gateway.conftest import opened, service, small_gateway  # noqa: F401
from tests.services.webhook_gateway.support import Gateway, a_declaration
from tests.shared.clients.scripted import Script

KEYS = {
    "oauth_consumer_key": "c" * 32,
    "oauth_consumer_secret": "s" * 32,
    "oauth_verifier": "v" * 32,
    "store_base_url": "https://shop.example.test/",
}
BACK = "https://shop.example.test/admin/admin/integration/loginSuccessCallback"


@pytest.fixture
async def gateway(small_gateway: Gateway) -> Gateway:  # noqa: F811
    declared = a_declaration()
    declared["magento"] = {"base_url": "https://shop.example.test", "webhook_secrets": ["kept"]}
    await small_gateway.knows(declared)
    return small_gateway


@pytest.fixture
async def shop(gateway: Gateway) -> AsyncIterator[Workshop]:
    queue = await Queue.connect(gateway.service, patient=False)
    yield Workshop(
        ledger=gateway.ledger, service=gateway.service, queue=queue, owner="w", clock=gateway.clock
    )
    await queue.close()


async def addresses(gateway: Gateway) -> tuple[str, str]:
    told = (await gateway.call("POST", "/connections/acme/magento/activation")).json()
    return urlsplit(told["callback_url"]).path, urlsplit(told["identity_url"]).path


async def subject_of(gateway: Gateway) -> Subject:
    subject = await gateway.ledger.subjects.find("acme", "magento_consent", "acme")
    assert subject is not None
    return subject


async def visits(gateway: Gateway, identity: str) -> httpx.Response:
    return await gateway.http.get(
        identity, params={"oauth_consumer_key": KEYS["oauth_consumer_key"], "success_call_back": BACK}
    )


async def while_the_worker_works(gateway: Gateway, shop: Workshop, identity: str) -> httpx.Response:
    async def work() -> None:
        while await gateway.ledger.subjects.find("acme", "magento_consent", "acme") is None:
            await asyncio.sleep(0.01)
        await converge(shop, (await subject_of(gateway)).id)

    answer, _ = await asyncio.gather(visits(gateway, identity), work())
    return answer


def oauth_of(request: httpx.Request) -> dict[str, str]:
    return dict(re.findall(r'(oauth_\w+)="([^"]*)"', request.headers["authorization"]))


REQUEST_TOKEN = httpx.Response(200, text="oauth_token=request-token&oauth_token_secret=request-secret")
ACCESS_TOKEN = httpx.Response(200, text="oauth_token=access-token&oauth_token_secret=access-secret")


async def test_the_whole_activation(gateway: Gateway, shop: Workshop) -> None:
    callback, identity = await addresses(gateway)
    shop.transport = script = Script([REQUEST_TOKEN, ACCESS_TOKEN])

    taken = await gateway.http.post(callback, data=KEYS)
    answer = await while_the_worker_works(gateway, shop, identity)

    assert taken.status_code == 204
    assert (answer.status_code, answer.headers["location"]) == (303, BACK)
    assert [request.url.path for request in script.requests] == [
        "/oauth/token/request",
        "/oauth/token/access",
    ]
    assert oauth_of(script.requests[1])["oauth_token"] == "request-token"
    assert oauth_of(script.requests[1])["oauth_verifier"] == KEYS["oauth_verifier"]
    stored = await gateway.ledger.connections.get("acme")
    assert stored is not None
    magento = stored.declaration.magento
    assert magento is not None
    assert [
        secret.get_secret_value() if secret else None
        for secret in (
            magento.consumer_key,
            magento.consumer_secret,
            magento.access_token,
            magento.access_token_secret,
            magento.webhook_secrets[0],
        )
    ] == ["c" * 32, "s" * 32, "access-token", "access-secret", "kept"]


async def test_afterwards_the_addresses_and_the_verifier_are_gone(gateway: Gateway, shop: Workshop) -> None:
    callback, identity = await addresses(gateway)
    shop.transport = Script([REQUEST_TOKEN, ACCESS_TOKEN])
    await gateway.http.post(callback, data=KEYS)
    await while_the_worker_works(gateway, shop, identity)

    again = await gateway.http.post(callback, data=KEYS)

    assert again.status_code == 404
    assert [one.name for one in await gateway.ledger.credentials.metadata("acme")] == []


async def test_no_secret_of_it_is_in_an_event_or_in_what_is_shown(gateway: Gateway, shop: Workshop) -> None:
    callback, identity = await addresses(gateway)
    shop.transport = Script([REQUEST_TOKEN, ACCESS_TOKEN])
    await gateway.http.post(callback, data=KEYS)
    await while_the_worker_works(gateway, shop, identity)

    events = await gateway.events()
    shown = [
        (await gateway.call("GET", path)).text
        for path in ("/events", "/connections/acme", f"/subjects/{(await subject_of(gateway)).id}")
    ]

    assert sorted(event.name for event in events) == ["magento_callback", "magento_identity"]
    assert [event.body for event in events] == [b"", b""]
    state = callback.split("/")[4]
    secrets = (state, "c" * 32, "s" * 32, "v" * 32, "access-token", "access-secret", "request-secret")
    told = " ".join([str(events), *shown])
    assert [secret for secret in secrets if secret in told] == []


async def test_when_magento_refuses_the_page_says_so_and_the_connection_stays_as_it_was(
    gateway: Gateway, shop: Workshop
) -> None:
    callback, identity = await addresses(gateway)
    shop.transport = Script([httpx.Response(401, text="oauth_problem=Consumer+key+has+expired")])
    await gateway.http.post(callback, data=KEYS)

    answer = await while_the_worker_works(gateway, shop, identity)

    assert answer.status_code == 400
    assert "Consumer key has expired" in answer.text
    assert (await subject_of(gateway)).state == "needs_attention"
    stored = await gateway.ledger.connections.get("acme")
    assert stored is not None
    assert stored.declaration.magento is not None
    assert stored.declaration.magento.access_token is None


async def test_a_shop_that_is_down_is_tried_again_until_the_keys_run_out(
    gateway: Gateway, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(magento_activation, "EXCHANGED_WITHIN_SECONDS", 0.1)
    callback, identity = await addresses(gateway)
    await gateway.http.post(callback, data=KEYS)
    nearly = await visits(gateway, identity)
    shop.transport = Script([httpx.ConnectError("no")])
    subject = await subject_of(gateway)

    await converge(shop, subject.id)
    waiting = await subject_of(gateway)
    gateway.clock.advance(timedelta(seconds=300))
    await converge(shop, subject.id)
    ended = await subject_of(gateway)

    assert (nearly.status_code, waiting.state) == (200, "waiting")
    assert "Nearly there" in nearly.text
    assert (ended.state, ended.problem and ended.problem.code) == ("needs_attention", "connection_revoked")


async def test_what_an_operator_changed_meanwhile_stays(gateway: Gateway, shop: Workshop) -> None:
    callback, identity = await addresses(gateway)
    await gateway.http.post(callback, data=KEYS)

    async def changed(*_: Any) -> None:
        declared = a_declaration() | {"order_number_field": "ExternalReference"}
        declared["magento"] = {"base_url": "https://shop.example.test"}
        await gateway.knows(declared)

    class Changing(Script):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await changed()
            return await super().handle_async_request(request)

    shop.transport = Changing([REQUEST_TOKEN, ACCESS_TOKEN])
    await while_the_worker_works(gateway, shop, identity)

    stored = await gateway.ledger.connections.get("acme")
    assert stored is not None
    assert stored.declaration.order_number_field == "ExternalReference"
    assert stored.declaration.magento is not None
    assert stored.declaration.magento.access_token is not None
    assert parse_qsl(ACCESS_TOKEN.text)[0][1] == stored.declaration.magento.access_token.get_secret_value()
