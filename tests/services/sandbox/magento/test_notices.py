"""What a shop of the sandbox sends when something changed, as each sender sends it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from services.sandbox.magento.lines import Line
from services.sandbox.magento.shop import Shop
from services.sandbox.outbox import DeliveryMode, ReleaseOrder
from services.sandbox.sandbox import Sandbox
from tests.services.sandbox.svea.support import Receiver

URL = "https://gateway/webhooks/magento/acme"
SECRET = "whsec_test_0123456789"
MUG = Line("SKU-1001", "Kaffemugg blå", "125", 2)


@pytest.fixture(autouse=True)
def _impatient(sandbox: Sandbox) -> None:
    sandbox.magento.outbox.first_backoff_seconds = 0.001


def _names(receiver: Receiver) -> list[str]:
    return [json.loads(body)["type"] for _, _, body in receiver.requests]


async def test_every_change_is_told_signed(sandbox: Sandbox, shop: Shop, receiver: Receiver) -> None:
    shop.subscribe(URL, SECRET)

    order_id = shop.orders(MUG, shipping="49")
    shop.invoice(order_id)
    shop.refund(order_id, {"SKU-1001": 1}, shipping="0")
    await sandbox.magento.settle()

    assert _names(receiver) == [
        "order.placed",
        "invoice.created",
        "order.status_changed",
        "creditmemo.created",
        "order.updated",
    ]
    url, headers, body = receiver.requests[0]
    told = json.loads(body)
    assert url == "/webhooks/magento/acme"
    assert list(told) == ["id", "type", "occurred_at", "attempt", "store", "base_url", "entity"]
    assert told["store"] == {"id": 1, "code": "default", "website_id": 1}
    assert told["entity"]["increment_id"] == "000000001"
    assert headers["x-sluss-event"] == "order.placed"
    assert headers["x-sluss-id"] == told["id"]
    signed = headers["x-sluss-timestamp"].encode() + b"." + body
    mac = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["x-sluss-signature"] == f"v1={mac}"
    memo = json.loads(receiver.requests[3][2])["entity"]
    assert (memo["type"], memo["order_id"]) == ("creditmemo", order_id)


async def test_a_refused_notice_comes_again_with_the_same_id(
    sandbox: Sandbox, shop: Shop, receiver: Receiver
) -> None:
    shop.subscribe(URL, SECRET)
    receiver.answers = [503, 200]

    shop.orders(MUG)
    await sandbox.magento.settle()

    first, second = (json.loads(body) for _, _, body in receiver.requests)
    assert first["id"] == second["id"]
    assert [first["attempt"], second["attempt"]] == [1, 2]


async def test_notices_are_doubled_lost_and_turned_round_on_demand(
    sandbox: Sandbox, shop: Shop, receiver: Receiver
) -> None:
    shop.subscribe(URL, SECRET)
    outbox = sandbox.magento.outbox

    outbox.mode = DeliveryMode(copies=2)
    order_id = shop.orders(MUG)
    outbox.mode = DeliveryMode(lose=1)
    shop.hold(order_id)
    outbox.mode = DeliveryMode(hold=True)
    shop.unhold(order_id)
    shop.cancel(order_id)
    outbox.release(ReleaseOrder.REVERSED)
    await sandbox.magento.settle()

    states = [json.loads(body)["entity"].get("state") for _, _, body in receiver.requests]
    assert states == [None, None, "canceled", "new"]
    assert len(outbox.lost) == 1


async def test_a_subscriber_hears_only_what_it_asked_for(
    sandbox: Sandbox, shop: Shop, receiver: Receiver
) -> None:
    shop.subscribe(URL, SECRET, events=["creditmemo.created"])

    order_id = shop.orders(MUG)
    shop.invoice(order_id)
    shop.refund(order_id)
    await sandbox.magento.settle()

    assert _names(receiver) == ["creditmemo.created"]


async def test_async_events_carry_the_entity_and_name_the_event_in_the_address(
    sandbox: Sandbox, shop: Shop, receiver: Receiver
) -> None:
    shop.subscribe(URL, "verification-token", sender="async")

    order_id = shop.orders(MUG)
    await sandbox.magento.settle()

    _, headers, body = receiver.requests[0]
    assert sandbox.magento.outbox.attempts[0].message.url == URL + "?event=sales.order.created"
    assert json.loads(body)["data"]["entity_id"] == order_id
    mac = hmac.new(b"verification-token", body, hashlib.sha256).hexdigest()
    assert headers["x-magento-signature"] == mac


async def test_adobes_events_are_signed_twice_with_published_keys(
    sandbox: Sandbox, shop: Shop, receiver: Receiver, http: httpx.AsyncClient
) -> None:
    shop.subscribe(URL, "0123456789abcdef0123456789abcdef", sender="adobe_events")

    order_id = shop.orders(MUG)
    await sandbox.magento.settle()

    _, headers, body = receiver.requests[0]
    told = json.loads(body)
    assert told["type"] == "com.adobe.commerce.observer.sales_order_save_commit_after"
    assert told["data"]["value"]["entity_id"] == str(order_id)
    assert told["recipient_client_id"] == "0123456789abcdef0123456789abcdef"
    for number in ("1", "2"):
        published = await http.get("/magento/_adobe" + headers[f"x-adobe-public-key{number}-path"])
        _must_verify(published.text, headers[f"x-adobe-digital-signature-{number}"], body)
    assert (await http.get("/magento/_adobe/prod/keys/nobody.pem")).status_code == 404


async def test_adobes_webhook_is_signed_over_the_base64_of_its_body(
    sandbox: Sandbox, shop: Shop, receiver: Receiver
) -> None:
    shop.subscribe(URL, sender="adobe_webhook")
    receiver.answers = [500]

    order_id = shop.orders(MUG)
    await sandbox.magento.settle()

    assert len(receiver.requests) == 1  # it is sent once, whatever the answer
    _, headers, body = receiver.requests[0]
    assert json.loads(body)["data"]["order"]["entity_id"] == order_id
    signature = headers["x-adobe-commerce-webhook-signature"]
    _must_verify(sandbox.magento.adobe_keys.webhook_key.public_pem, signature, base64.b64encode(body))


async def test_a_module_that_cannot_sign_logs_in(sandbox: Sandbox, shop: Shop, receiver: Receiver) -> None:
    shop.subscribe(URL + "/a-token", "user:password", sender="token")

    order_id = shop.orders(MUG)
    await sandbox.magento.settle()

    _, headers, body = receiver.requests[0]
    assert headers["authorization"] == "Basic " + base64.b64encode(b"user:password").decode()
    assert json.loads(body)["entity_id"] == str(order_id)


def _must_verify(pem: str, signature: str, message: bytes) -> None:
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, RSAPublicKey)
    key.verify(base64.b64decode(signature), message, PKCS1v15(), SHA256())
