"""The stand-in shop and the gateway, each written by the sheets alone: what one sends, the other takes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from services.sandbox.app import create_sandbox_app
from services.sandbox.clock import SandboxClock
from services.sandbox.magento.lines import Line
from services.sandbox.magento.notices import Sender
from services.sandbox.magento.shop import Shop
from services.sandbox.sandbox import Sandbox
from services.sync_worker.converge import converge
from services.sync_worker.workshop import Workshop
from shared.domain.adobe_keys import KEY_KIND
from shared.queue import Queue
from shared.settings.service import ServiceSettings
from tests.services.webhook_gateway.shop_support import CLIENT, TOKEN, a_shop
from tests.services.webhook_gateway.support import Gateway

MUG = Line("SKU-1001", "Kaffemugg blå", "125", 2)
SECRET = "the-first-webhook-secret"
ADDRESS = "http://gateway/webhooks/magento/acme"
ADOBE = "http://sandbox/magento/_adobe"  # where the stand-in publishes its keys
ADDRESSES = {
    Sender.MODULE: (ADDRESS, SECRET),
    Sender.ASYNC: (ADDRESS, SECRET),
    Sender.ADOBE_EVENTS: (ADDRESS, CLIENT),
    Sender.ADOBE_WEBHOOK: (ADDRESS, ""),
    Sender.TOKEN: (f"{ADDRESS}/{TOKEN}", "hook:secret"),
}


@dataclass
class Both:
    gateway: Gateway
    sandbox: Sandbox
    store: Shop
    worker: Workshop

    async def names(self) -> list[tuple[str, str]]:
        return [(event.name, event.outcome) for event in reversed(await self.gateway.events())]

    async def sales(self) -> list[str]:
        return sorted(one.key for one in (await self.gateway.ledger.subjects.page(kind="sale")).items)

    async def works(self, kind: str) -> None:
        for subject in (await self.gateway.ledger.subjects.page(kind=kind)).items:
            await converge(self.worker, subject.id)
        self.gateway.app.state.house.adobe_keys.forget()


@pytest.fixture
def service(redis_url: str) -> ServiceSettings:
    return ServiceSettings(redis_url=redis_url, public_url="http://gateway", adobe_key_host=ADOBE)


@pytest.fixture
async def both(small_gateway: Gateway) -> AsyncIterator[Both]:
    gateway = small_gateway
    transport = httpx.ASGITransport(gateway.app)
    sandbox = Sandbox(SandboxClock(gateway.clock), webhook_transport=transport)
    sandbox.magento.outbox.first_backoff_seconds = 0.001
    store = sandbox.magento.add_shop()
    declared = a_shop(
        adobe_commerce_keys=[sandbox.magento.adobe_keys.webhook_key.public_pem],
        basic={"username": "hook", "password": "secret"},
    )
    declared["magento"]["base_url"] = store.pages.base_url
    await gateway.knows(declared)
    queue = await Queue.connect(gateway.service, patient=False)
    outside = httpx.ASGITransport(create_sandbox_app(sandbox, in_process=True))
    worker = Workshop(gateway.ledger, gateway.service, queue, "w", gateway.clock, transport=outside)
    yield Both(gateway, sandbox, store, worker)
    await queue.close()
    await sandbox.aclose()


@pytest.mark.parametrize("sender", [Sender.MODULE, Sender.ASYNC, Sender.ADOBE_WEBHOOK, Sender.TOKEN])
async def test_an_order_from_purchase_to_refund_is_one_sale_whoever_tells(both: Both, sender: Sender) -> None:
    address, secret = ADDRESSES[sender]
    both.store.subscribe(address, secret, sender=sender)

    order = both.store.orders(MUG, shipping="49")
    both.store.invoice(order)
    both.store.refund(order, {"SKU-1001": 1}, shipping="0")
    await both.sandbox.magento.settle()

    told = await both.names()
    assert len(told) >= 3
    assert {outcome for _, outcome in told} == {"due"}
    assert await both.sales() == [f"M{order}"]


async def test_adobes_events_wait_for_their_key_and_then_arrive(both: Both) -> None:
    both.sandbox.magento.outbox.first_backoff_seconds = 0.05  # tried until the key has been fetched
    both.store.subscribe(*ADDRESSES[Sender.ADOBE_EVENTS], sender=Sender.ADOBE_EVENTS)

    order = both.store.orders(MUG)
    refused = await _delivered(both)
    await both.works(KEY_KIND)
    await both.sandbox.magento.settle()

    assert refused
    assert await both.sales() == [f"M{order}"]

    both.sandbox.magento.adobe_keys.rotate()
    another = both.store.orders(MUG)
    await both.sandbox.magento.settle()
    assert await both.sales() == sorted([f"M{order}", f"M{another}"])


async def _delivered(both: Both) -> bool:
    """Until a delivery was refused: both keys that it names are wanted, stored one after the other."""
    async with asyncio.timeout(10):
        while len((await both.gateway.ledger.subjects.page(kind=KEY_KIND)).items) < 2:
            await asyncio.sleep(0.01)
    return await both.sales() == []


async def test_the_stand_ins_integration_is_activated(both: Both) -> None:
    told: dict[str, Any] = (await both.gateway.call("POST", "/connections/acme/magento/activation")).json()

    integration = await both.store.activate(told["callback_url"])
    await _visits(both, told["identity_url"], integration.consumer_key)
    await both.works("magento_consent")
    answer = await _visits(both, told["identity_url"], integration.consumer_key)

    stored = await both.gateway.ledger.connections.get("acme")
    assert stored is not None
    magento = stored.declaration.magento
    assert magento is not None
    assert magento.access_token is not None
    assert magento.access_token.get_secret_value() == integration.access_token
    assert "no longer good" in answer.text


async def _visits(both: Both, identity_url: str, consumer_key: str) -> httpx.Response:
    asked = {"oauth_consumer_key": consumer_key, "success_call_back": f"{both.store.pages.base_url}admin"}
    return await both.gateway.http.get(identity_url, params=asked)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.webhook_gateway.routes.magento_activation.EXCHANGED_WITHIN_SECONDS", 0.05)
