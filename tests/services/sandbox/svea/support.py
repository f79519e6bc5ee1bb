"""A signing client and a receiver of webhooks, for the tests of the Svea stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox.svea.orders import Row
from services.sandbox.svea.signing import request_headers

SECRET = "a-secret-of-the-tests"
MERCHANT = "700001"


@dataclass
class SveaClient:
    """Calls the sandbox as one merchant, with a right signature."""

    http: httpx.AsyncClient
    now: Callable[[], datetime]
    merchant_id: str = MERCHANT
    secret: str = SECRET

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = request_headers(
            merchant_id=self.merchant_id, secret=self.secret, body=content, at=self.now()
        )
        return await self.http.request(method, path, content=content, headers=headers)

    async def admin(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.call(method, "/svea/admin" + path, body)

    async def checkout(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.call(method, "/svea/checkout" + path, body)


@dataclass
class Receiver:
    """Takes webhooks; answers 200, or what `answers` says next."""

    answers: list[int] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.requests]

    @property
    def names(self) -> list[str]:
        return [event["EventName"] for event in self.events]

    def transport(self) -> httpx.ASGITransport:
        app = Starlette(routes=[Route("/{path:path}", self._receive, methods=["POST"])])
        return httpx.ASGITransport(app=app)

    async def _receive(self, request: Request) -> Response:
        self.requests.append((request.url.path, dict(request.headers), await request.body()))
        return Response(status_code=self.answers.pop(0) if self.answers else 200)


def a_cart() -> list[Row]:
    """2 x 249.00 at 25 %, 3 x 89.00 at 12 %, freight 49.00: 814.00 in all."""
    return [
        Row("SKU-MUG", "Mugg", 24900, 200, 2500),
        Row("SKU-FOOD", "Middag", 8900, 300, 1200),
        Row("shipping_fee", "Frakt", 4900, 100, 2500, row_type="ShippingFee"),
    ]
