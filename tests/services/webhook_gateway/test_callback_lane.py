"""Callbacks go past FastAPI, and only what needs nothing of it may."""

import pytest
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.webhook_gateway.callback_lane import CallbackLane
from tests.services.webhook_gateway.support import CALLBACK, Gateway, a_notice, signed


async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("not asked")


def test_a_route_that_takes_more_than_its_address_is_refused_at_the_start() -> None:
    router = APIRouter()

    @router.post("/webhooks/svea/{connection}")
    async def choosy(request: Request, connection: str, verbose: bool = False) -> Response:
        return Response(connection)

    with pytest.raises(TypeError, match="verbose"):
        CallbackLane(nobody, routes=router.routes, prefix="/webhooks/svea/")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", CALLBACK, 405), ("POST", CALLBACK + "/push", 404), ("POST", "/webhooks/svea/acme", 404)],
)
async def test_what_is_not_exactly_a_callback_is_answered_by_the_application(
    gateway: Gateway, method: str, path: str, status: int
) -> None:
    await gateway.knows()

    answer = await gateway.http.request(method, path, content=b"{}")

    assert answer.status_code == status
    assert await gateway.events() == []


async def test_a_callback_is_acknowledged_in_the_words_of_the_openapi_document(gateway: Gateway) -> None:
    await gateway.knows()
    body = a_notice()
    headers = signed(body, at=gateway.now)

    first = await gateway.receives(body, headers=headers)
    second = await gateway.receives(body, headers=headers)

    assert first.headers["content-type"] == second.headers["content-type"] == "application/json"
    assert (first.json(), second.json()) == (
        {"accepted": True, "duplicate": False},
        {"accepted": True, "duplicate": True},
    )
