"""Alive, ready, counted; and the API describes itself."""

import json
import re

import httpx

from services.local.redis_server import RedisServer
from shared.ledger.ledger import Ledger
from shared.settings.service import ServiceSettings
from tests.services.webhook_gateway.conftest import Opened
from tests.services.webhook_gateway.support import Gateway


async def test_with_everything_there_it_is_alive_and_ready(gateway: Gateway) -> None:
    assert (await gateway.http.get("/health/live")).json() == {"live": True}
    ready = await gateway.http.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "ledger": "ok", "redis": "ok"})


async def test_without_redis_it_is_still_ready(
    ledger: Ledger, opened: Opened, own_redis_server: RedisServer
) -> None:
    own_redis_server.kill()
    async with opened(ledger, ServiceSettings(redis_url=own_redis_server.url)) as gateway:
        ready = await gateway.http.get("/health/ready")

        assert (ready.status_code, ready.json()) == (
            200,
            {"ready": True, "ledger": "ok", "redis": "unreachable"},
        )


async def test_intake_is_counted_by_source_and_outcome(small_gateway: Gateway) -> None:
    await small_gateway.knows()
    await small_gateway.receives()
    await small_gateway.receives()

    text = (await small_gateway.http.get("/metrics")).text

    assert re.search(r'sluss_intake_total\{outcome="accepted",source="svea"\} \d', text)
    assert re.search(r'sluss_intake_total\{outcome="duplicate",source="svea"\} \d', text)
    assert re.search(r'sluss_intake_seconds_bucket\{le="0.001",source="svea"\} \d', text)


async def openapi(gateway: Gateway) -> dict[str, object]:
    document: dict[str, object] = (await gateway.http.get("/openapi.json")).json()
    return document


async def test_every_operation_says_what_it_does_what_it_needs_and_what_it_may_answer(
    small_gateway: Gateway,
) -> None:
    document = await openapi(small_gateway)
    paths = document["paths"]
    assert isinstance(paths, dict)

    for path, verbs in paths.items():
        for verb, operation in verbs.items():
            assert operation["summary"], path
            if path.startswith("/api/v1"):
                assert operation["security"] == [{"key": []}], path
                assert {"401", "403", "503"} <= set(operation["responses"]), path
                named = {parameter["name"] for parameter in operation.get("parameters", [])}
                writes = verb != "get" and not path.endswith(("/consent", "/activation"))
                assert ("Idempotency-Key" in named) == writes, path
            for status, answer in operation["responses"].items():
                if status >= "400" and "application/json" in answer.get("content", {}):
                    assert path == "/health/ready", (path, status)


async def test_every_reference_in_the_document_leads_somewhere(small_gateway: Gateway) -> None:
    document = await openapi(small_gateway)
    components = document["components"]
    assert isinstance(components, dict)

    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))

    assert named <= set(components["schemas"])
    assert {"ProblemDetails", "Flaw", "SubjectInFull"} <= named
    assert "HTTPValidationError" not in components["schemas"]


async def test_the_api_page_needs_nothing_from_anywhere(small_gateway: Gateway) -> None:
    page: httpx.Response = await small_gateway.http.get("/docs")

    assert page.status_code == 200
    assert "<script" not in page.text
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    for path in ("/api/v1/connections/{connection}/backfill", "/webhooks/svea/{connection}/{market}/{token}"):
        assert path in page.text
