"""The outer edge of both Svea APIs: who calls, whose order, how refusals look, what is remembered."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.sandbox.clock import real_time
from services.sandbox.svea.merchants import CallRecord, Merchant
from services.sandbox.svea.orders import Order
from services.sandbox.svea.refusals import ErrorShape, Refused, invalid, not_yours, unauthorized
from services.sandbox.svea.signing import digest_matches, is_fresh, read_authorization
from services.sandbox.svea.stand_in import SandboxSvea

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Answer:
    """`body` as bytes is sent as it is."""

    status: int = 200
    body: Mapping[str, Any] | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A request whose signature was right."""

    request: Request
    merchant: Merchant
    body: bytes

    def number(self, name: str) -> int:
        return int(self.request.path_params[name])

    def json(self) -> dict[str, Any]:
        try:
            parsed = json.loads(self.body or b"{}", parse_float=Decimal)
        except ValueError as error:
            raise invalid("Body", "The body is not JSON", 30080) from error
        if not isinstance(parsed, dict):
            raise invalid("Body", "The body is not a JSON object", 30081)
        return parsed

    def url(self, path: str) -> str:
        """Absolute, below the root of the API that was called."""
        base = self.request.url
        return f"{base.scheme}://{base.netloc}{self.request.scope.get('root_path', '')}{path}"


Handler = Callable[[Call], Awaitable[Answer]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Edge:
    """Wraps handlers of one API ("checkout" or "admin") into endpoints."""

    def __init__(self, svea: SandboxSvea, api: str) -> None:
        self.svea = svea
        self.api = api

    def endpoint(self, handler: Handler) -> Endpoint:
        async def answer(request: Request) -> Response:
            body = await request.body()
            merchant: Merchant | None = None
            try:
                merchant = self._authenticate(request, body)
                response = _respond(await handler(Call(request, merchant, body)), merchant)
            except Refused as refused:
                response = _refuse(refused, merchant)
            self._remember(request, body, merchant, response.status_code)
            return response

        return answer

    def own_order(self, call: Call) -> Order:
        """404 for an order nobody has, 403 for somebody else's."""
        order = self.svea.order(call.number("order_id"))
        if order.merchant_id != call.merchant.merchant_id:
            raise not_yours(order.checkout_id)
        return order

    def _authenticate(self, request: Request, body: bytes) -> Merchant:
        sent = read_authorization(request.headers.get("Authorization", ""))
        timestamp = request.headers.get("Timestamp", "")
        if sent is None:
            raise unauthorized("Authorization is missing or not of the form 'Svea <token>'")
        merchant = self.svea.merchants.get(sent[0])
        if merchant is None:
            raise unauthorized("Unknown merchant")
        self._must_be_fresh(timestamp)
        if not digest_matches(sent[1], secret=merchant.secret, body=body, timestamp=timestamp):
            raise unauthorized("The signature does not match body, secret and timestamp")
        return merchant

    def _must_be_fresh(self, timestamp: str) -> None:
        """By real time, or by the sandbox's own clock for clients that live in it."""
        clock = self.svea.clock
        if not any(is_fresh(timestamp, now=now) for now in (real_time(), clock.source(), clock())):
            raise unauthorized("Timestamp is missing, malformed or too far from now")

    def _remember(self, request: Request, body: bytes, merchant: Merchant | None, status: int) -> None:
        self.svea.calls.append(
            CallRecord(
                at=self.svea.clock(),
                api=self.api,
                merchant_id=None if merchant is None else merchant.merchant_id,
                method=request.method,
                path=request.url.path.removeprefix(request.scope.get("root_path", "")),
                query=request.url.query,
                status=status,
                body=body,
            )
        )


def _respond(answer: Answer, merchant: Merchant) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    body = answer.body if isinstance(answer.body, bytes) else encode(answer.body)
    mark = BYTE_ORDER_MARK if merchant.sends_byte_order_mark else b""
    return Response(
        mark + body,
        status_code=answer.status,
        headers=dict(answer.headers),
        media_type="application/json; charset=utf-8",
    )


def _refuse(refused: Refused, merchant: Merchant | None) -> Response:
    shape = ErrorShape.DETAILED if merchant is None else merchant.error_shape
    body = refused.body(shape)
    return Response(
        b"" if body is None else encode(body),
        status_code=refused.status,
        headers=refused.headers(shape),
        media_type="application/json; charset=utf-8",
    )


def encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
