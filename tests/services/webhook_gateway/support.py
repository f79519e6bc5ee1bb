"""What the gateway's tests say, in fewer words. Valid by default; a test sets only what it is about."""

import base64
import hashlib
import hmac
import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import httpx
from arq.connections import ArqRedis
from fastapi import FastAPI
from redis.asyncio import Redis

from shared.ledger.ledger import Ledger
from shared.ledger.records import StoredConnection, StoredEvent
from shared.queue import queue_name
from shared.settings.connections import ConnectionDeclaration
from shared.settings.service import ServiceSettings
from tests.support.clock import Clock

TOKEN = "a-long-random-token-of-the-address"
SECRET = "not-a-real-secret-se-0001"
CALLBACK = f"/webhooks/svea/acme/se/{TOKEN}"

DECLARATION: dict[str, Any] = {
    "name": "acme",
    "active_from": "2026-05-01",
    "fortnox": {
        "client_id": "fortnox-client",
        "client_secret": "the-fortnox-client-secret",
        "tenant_id": 1234567,
    },
    "magento": {
        "base_url": "https://shop.example.test",
        "consumer_key": "the-consumer-key",
        "consumer_secret": "the-consumer-secret",
        "access_token": "the-access-token",
        "access_token_secret": "the-access-token-secret",
        "webhook_secrets": ["the-first-webhook-secret", "the-second-webhook-secret"],
    },
    "markets": [
        {
            "name": "se",
            "country": "SE",
            "currency": "SEK",
            "svea": {"merchant_id": "124842", "secret": SECRET, "callback_token": TOKEN},
        }
    ],
}
SECRETS = (
    SECRET,
    TOKEN,
    "the-fortnox-client-secret",
    "the-consumer-key",
    "the-consumer-secret",
    "the-access-token",
    "the-access-token-secret",
    "the-first-webhook-secret",
    "the-second-webhook-secret",
)


def a_declaration(name: str = "acme", **svea: Any) -> dict[str, Any]:
    """`svea` changes the key set of the one market."""
    declared = deepcopy(DECLARATION) | {"name": name}
    declared["markets"][0]["svea"] |= svea
    return declared


def a_notice(**fields: Any) -> bytes:
    told: dict[str, Any] = {
        "EventName": "CheckoutOrder.Delivered",
        "CheckoutOrderId": 9300101,
        "DeliveryId": 7200501,
        "CorrelationId": "446c9a6b-1539-417d-82c2-0c0f74669ebe",
        "TimestampUtc": "2026-05-04T06:59:58.2210034Z",
    }
    return json.dumps(told | fields).encode()


def signed(body: bytes, *, at: int, secret: str = SECRET) -> dict[str, str]:
    mac = hmac.digest(secret.encode(), f"{at}.".encode() + body, hashlib.sha512)
    return {"X-Timestamp": str(at), "X-Signature-512": base64.b64encode(mac).decode()}


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code, of an answer that is a problem detail in every respect."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:sluss:problem:{problem['code']}"
    assert set(problem) - {"errors"} == {"type", "title", "status", "detail", "code"}
    return answer.status_code, problem["code"]


@dataclass
class Gateway:
    app: FastAPI
    http: httpx.AsyncClient
    ledger: Ledger
    clock: Clock
    service: ServiceSettings
    keys: dict[tuple[str, ...], str] = field(default_factory=dict)

    async def knows(self, declared: dict[str, Any] | None = None) -> StoredConnection:
        """Stored as another process would: the gateway has to notice."""
        declaration = ConnectionDeclaration.model_validate(declared or a_declaration())
        stored = await self.ledger.connections.put(declaration)
        self.app.state.house.callback_keys.forget()
        return stored

    async def receives(
        self, body: bytes | None = None, *, path: str = CALLBACK, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        sent = a_notice() if body is None else body
        return await self.http.post(
            path, content=sent, headers={"content-type": "application/json"} | (headers or {})
        )

    async def events(self) -> list[StoredEvent]:
        return (await self.ledger.inbox.page()).items

    async def rung(self, lane: str = "sale") -> list[str]:
        """The job ids that wait in Redis."""
        redis: ArqRedis | Redis = Redis.from_url(self.service.redis_url)
        async with redis:
            return sorted(job.decode() for job in await redis.zrange(queue_name(lane), 0, -1))

    @property
    def now(self) -> int:
        return int(self.clock().timestamp())

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        scopes: tuple[str, ...] = ("read", "operate", "admin"),
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
        **params: Any,
    ) -> httpx.Response:
        """The operations API, with a key of these scopes."""
        if scopes not in self.keys:
            _, self.keys[scopes] = await self.ledger.api_keys.create("a test", scopes)
        sent = {"authorization": f"Bearer {self.keys[scopes]}"} | (headers or {})
        return await self.http.request(
            method,
            f"/api/v1{path}",
            json=body,
            content=content,
            params=params or None,
            headers=[(name.encode(), text.encode("latin-1")) for name, text in sent.items()],
        )
