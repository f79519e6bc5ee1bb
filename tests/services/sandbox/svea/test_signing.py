from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.sandbox.svea.samples import DATA
from services.sandbox.svea.signing import authorization, read_authorization, webhook_signature
from services.sandbox.svea.stand_in import SandboxSvea
from tests.services.sandbox.svea.support import MERCHANT, SECRET, SveaClient, a_cart
from tests.support.clock import Clock

REQUESTS = json.loads((DATA / "vectors" / "api-auth.json").read_bytes())["vectors"]
CALLBACKS = json.loads((DATA / "vectors" / "webhook-signatures.json").read_bytes())


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector["name"])
def test_a_request_is_signed_like_the_vector(vector: dict[str, Any]) -> None:
    signed = authorization(
        merchant_id=vector["merchantId"],
        secret=vector["secret"],
        body=vector["body"].encode(),
        timestamp=vector["timestampHeader"],
    )

    assert signed == vector["authorizationHeader"]
    assert read_authorization(signed) == (vector["merchantId"], vector["sha512HexLower"])


@pytest.mark.parametrize("vector", CALLBACKS["vectors"], ids=lambda vector: vector["file"])
def test_a_callback_is_signed_like_the_vector(vector: dict[str, Any]) -> None:
    body = (DATA / vector["file"]).read_bytes()

    assert hashlib.sha256(body).hexdigest() == vector["bodySha256"]
    signature = webhook_signature(
        secret=vector["secret"], timestamp=vector["headers"]["X-Timestamp"], body=body
    )
    assert signature == vector["headers"]["X-Signature-512"]


def test_a_callback_is_signed_like_sveas_published_vector() -> None:
    published = CALLBACKS["publishedVector"]

    signature = webhook_signature(
        secret=published["secret"], timestamp=published["X-Timestamp"], body=published["body"].encode()
    )

    assert signature == published["X-Signature-512"]


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector["name"])
async def test_the_stand_in_verifies_the_vector(
    svea: SandboxSvea, http: httpx.AsyncClient, vector: dict[str, Any], clock: Clock
) -> None:
    svea.add_merchant(vector["merchantId"], vector["secret"], "SE", "SEK", "sv-SE")
    svea.clock.set(datetime(2026, 2, 1, tzinfo=UTC))
    text = vector["timestampHeader"]
    svea.clock.set(datetime.fromisoformat(text).replace(tzinfo=UTC))
    root = "/svea/checkout" if vector["path"].startswith("/api/orders") else "/svea/admin"
    headers = {"Authorization": vector["authorizationHeader"], "Timestamp": text}

    answer = await http.request(
        vector["method"], root + vector["path"], content=vector["body"].encode(), headers=headers
    )
    tampered = await http.request(
        vector["method"], root + vector["path"], content=vector["body"].encode() + b" ", headers=headers
    )

    assert answer.status_code in (200, 201, 404)
    assert tampered.status_code == 401


def _signed(merchant_id: str, secret: str, timestamp: str, body: bytes = b"") -> dict[str, str]:
    token = authorization(merchant_id=merchant_id, secret=secret, body=body, timestamp=timestamp)
    return {"Authorization": token, "Timestamp": timestamp}


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, "no header"),
        ({"Authorization": "Basic x", "Timestamp": "2026-05-04 07:00:00"}, "another scheme"),
        ({"Authorization": "Svea not-base64!", "Timestamp": "2026-05-04 07:00:00"}, "not base64"),
        (_signed(MERCHANT, "wrong", "2026-05-04 07:00:00"), "wrong secret"),
        (_signed("999999", SECRET, "2026-05-04 07:00:00"), "unknown merchant"),
        (_signed(MERCHANT, SECRET, "2026-05-04 07:05:01"), "from the future"),
        (_signed(MERCHANT, SECRET, "2026-05-04 06:54:59"), "too old"),
        (_signed(MERCHANT, SECRET, "2026-05-04T07:00:00"), "another format"),
        (_signed(MERCHANT, SECRET, "2026-05-04 07:00:00") | {"Timestamp": "2026-05-04 07:00:01"}, "not it"),
        (_signed(MERCHANT, SECRET, "2026-05-04 07:00:00", b"{}"), "signed another body"),
    ],
)
async def test_a_wrong_signature_is_refused(
    svea: SandboxSvea, http: httpx.AsyncClient, headers: dict[str, str], why: str
) -> None:
    checkout_id = svea.create_checkout(MERCHANT, "100", a_cart())

    answer = await http.get(f"/svea/checkout/api/orders/{checkout_id}", headers=headers)

    assert answer.status_code == 401, why
    assert answer.json()["Message"] == "Unauthorized"


@pytest.mark.parametrize("timestamp", ["2026-05-04 07:00:00", "2026-05-04 07:00", "2026-05-04 07:04:59"])
async def test_seconds_and_minutes_within_five_minutes_are_accepted(
    svea: SandboxSvea, http: httpx.AsyncClient, timestamp: str
) -> None:
    checkout_id = svea.create_checkout(MERCHANT, "100", a_cart())

    answer = await http.get(
        f"/svea/checkout/api/orders/{checkout_id}", headers=_signed(MERCHANT, SECRET, timestamp)
    )

    assert answer.status_code == 200


async def test_the_hex_of_the_digest_may_be_upper_case(svea: SandboxSvea, http: httpx.AsyncClient) -> None:
    checkout_id = svea.create_checkout(MERCHANT, "100", a_cart())
    headers = _signed(MERCHANT, SECRET, "2026-05-04 07:00:00")
    merchant_id, digest = read_authorization(headers["Authorization"]) or ("", "")
    token = base64.b64encode(f"{merchant_id}:{digest.upper()}".encode()).decode()

    answer = await http.get(
        f"/svea/checkout/api/orders/{checkout_id}", headers=headers | {"Authorization": f"Svea {token}"}
    )

    assert answer.status_code == 200


async def test_a_client_in_real_time_is_accepted_when_the_sandbox_lives_in_february(
    svea: SandboxSvea, client: SveaClient
) -> None:
    svea.clock.set(datetime(2026, 2, 3, tzinfo=UTC))
    checkout_id = svea.create_checkout(MERCHANT, "100", a_cart())

    answer = await client.checkout("GET", f"/api/orders/{checkout_id}")

    assert answer.status_code == 200


async def test_anothers_order_is_403_and_nobodys_is_404(svea: SandboxSvea, client: SveaClient) -> None:
    theirs = svea.create_checkout("700002", "200", a_cart())
    svea.finalize(theirs)

    for read in (client.checkout, client.admin):
        version = "" if read == client.checkout else "/v1"
        assert (await read("GET", f"/api{version}/orders/{theirs}")).status_code == 403
        assert (await read("GET", f"/api{version}/orders/1")).status_code == 404
    assert svea.calls_of("700002") == []
    assert [call.status for call in svea.calls_of(MERCHANT)] == [403, 404, 403, 404]
