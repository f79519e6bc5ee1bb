"""What the tests of the shop's webhooks say, in fewer words: each sender as it sends, with keys made here."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.domain.adobe_keys import EVERYBODYS, KEYS_NAME, AdobeKey, to_value
from tests.services.webhook_gateway.support import Gateway, a_declaration
from tests.support.paths import REPOSITORY

SAMPLES = REPOSITORY / "tests/recorded/magento_webhooks"
SHOP = "/webhooks/magento/acme"
TOKEN = "a-token-of-the-shop-that-is-long-enough-0001"
FIRST, SECOND = "the-first-webhook-secret", "the-second-webhook-secret"
CLIENT = "0123456789abcdef0123456789abcdef"
KEY_PATH = "/prod/keys/pub-key-00000000-0000-4000-8000-000000000001.pem"
OTHER_PATH = "/prod/keys/pub-key-00000000-0000-4000-8000-000000000002.pem"


@cache
def an_rsa_key(name: str) -> RSAPrivateKey:
    """One per name and test run: making one takes a while."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(name: str) -> str:
    public = an_rsa_key(name).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def rsa_signature(message: bytes, key: str) -> str:
    return base64.b64encode(an_rsa_key(key).sign(message, PKCS1v15(), SHA256())).decode()


def a_shop(**webhooks: Any) -> dict[str, Any]:
    """A declaration that takes every sender; `webhooks` replaces what stands there."""
    declared = a_declaration()
    declared["magento"]["webhooks"] = {
        "adobe_commerce_keys": [public_pem("commerce"), public_pem("commerce, new")],
        "adobe_client_ids": [CLIENT],
        "tokens": [TOKEN],
        **webhooks,
    }
    return declared


def sample(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return read


def a_message(type_: str = "order.placed", id_: str = "01JN0001", **entity: Any) -> bytes:
    """Our shop module's, valid by default."""
    told = {
        "id": id_,
        "type": type_,
        "occurred_at": "2026-05-04T06:59:57Z",
        "attempt": 1,
        "store": {"id": 1, "code": "default", "website_id": 1},
        "base_url": "https://shop.example.test/",
        "entity": {"type": "order", "id": 1001, "increment_id": "000001001"} | entity,
    }
    return json.dumps(told).encode()


def module_signed(body: bytes, *, at: int, secret: str = FIRST) -> dict[str, str]:
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "X-Sluss-Event": "order.placed",
        "X-Sluss-Id": "01JN0001",
        "X-Sluss-Timestamp": str(at),
        "X-Sluss-Signature": f"v1={mac}",
    }


def async_signed(body: bytes, secret: str = FIRST) -> dict[str, str]:
    return {"X-Magento-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def commerce_signed(body: bytes, key: str = "commerce") -> dict[str, str]:
    return {"x-adobe-commerce-webhook-signature": rsa_signature(base64.b64encode(body), key)}


def an_adobe_event(type_: str = "observer.sales_order_save_commit_after", **told: Any) -> dict[str, Any]:
    event: dict[str, Any] = sample("adobe-io-event-order-save")["body"]
    return event | {"type": f"com.adobe.commerce.{type_}"} | told


def adobe_signed(body: bytes, first: str = "adobe", second: str = "adobe, other") -> dict[str, str]:
    return {
        "x-adobe-digital-signature-1": rsa_signature(body, first),
        "x-adobe-digital-signature-2": rsa_signature(body, second),
        "x-adobe-public-key1-path": KEY_PATH,
        "x-adobe-public-key2-path": OTHER_PATH,
    }


async def has_adobe_keys(gateway: Gateway, fetched_at: datetime | None = None, **names: str) -> None:
    """As the worker leaves them; by default both."""
    keys = {KEY_PATH: "adobe", OTHER_PATH: "adobe, other"} if not names else {KEY_PATH: names["first"]}
    kept = {
        path: AdobeKey(path, public_pem(name), fetched_at or gateway.clock()) for path, name in keys.items()
    }
    await gateway.ledger.credentials.put(EVERYBODYS, KEYS_NAME, to_value(kept), None, expected_version=None)
    gateway.app.state.house.adobe_keys.forget()
