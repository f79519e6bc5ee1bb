"""Control of outgoing webhooks: how they travel, what was sent, what was answered."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body

from services.sandbox.control_sending import Sending, add_travel_routes, set_patience
from services.sandbox.svea.outbox import Attempt
from services.sandbox.svea.stand_in import SandboxSvea

Json = dict[str, Any]


class SveaSending(Sending):
    """How patient Svea is, and whether it insists on https."""

    requires_https: bool = False


def add_webhook_routes(router: APIRouter, svea: SandboxSvea) -> None:
    _add_travel_routes(router, svea)
    _add_log_routes(router, svea)


def _add_travel_routes(router: APIRouter, svea: SandboxSvea) -> None:
    outbox = svea.outbox

    add_travel_routes(router, outbox, word="webhooks")

    @router.put("/sending", status_code=204)
    async def set_sending(wanted: SveaSending) -> None:
        set_patience(outbox, wanted)
        svea.subscriptions.requires_https = wanted.requires_https

    @router.post("/webhooks/exact")
    async def send_exact(merchant_id: Annotated[str, Body()], body: Annotated[str, Body()]) -> Json:
        """Send this very text as a webhook; it must name its event in EventName."""
        return {"sent_to": svea.announce.exact(svea.merchant(merchant_id), body.encode())}

    @router.post("/settle", status_code=204)
    async def settle() -> None:
        await svea.settle()


def _add_log_routes(router: APIRouter, svea: SandboxSvea) -> None:
    outbox = svea.outbox

    @router.get("/subscriptions/{merchant_id}")
    async def subscriptions(merchant_id: str) -> list[Json]:
        return [asdict(one) for one in svea.subscriptions.of(svea.merchant(merchant_id).merchant_id)]

    @router.get("/webhooks")
    async def attempts() -> list[Json]:
        return [_show(attempt) for attempt in outbox.attempts]

    @router.get("/webhooks/given_up")
    async def given_up() -> list[Json]:
        return [{"name": message.name, "url": message.url} for message in outbox.given_up]

    @router.delete("/webhooks", status_code=204)
    async def forget() -> None:
        for log in (outbox.attempts, outbox.posted, outbox.lost, outbox.given_up):
            log.clear()


def _show(attempt: Attempt) -> Json:
    return {
        "at": attempt.at,
        "merchant_id": attempt.message.merchant.merchant_id,
        "kind": attempt.message.kind,
        "name": attempt.message.name,
        "url": attempt.message.url,
        "body": attempt.message.body.decode(),
        "headers": attempt.headers,
        "attempt": attempt.number,
        "status": attempt.status,
        "error": attempt.error,
    }
