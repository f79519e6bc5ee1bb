"""Control of outgoing webhooks: how they travel, what was sent, what was answered."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from services.sandbox.svea.outbox import Attempt, DeliveryMode, ReleaseOrder
from services.sandbox.svea.stand_in import SandboxSvea

Json = dict[str, Any]


class Mode(BaseModel):
    model_config = ConfigDict(extra="forbid")

    copies: int = Field(default=1, ge=1, le=100)
    hold: bool = False
    lose: int = Field(default=0, ge=-1)


class Sending(BaseModel):
    """How patient Svea is, and whether it insists on https."""

    model_config = ConfigDict(extra="forbid")

    max_attempts: int = Field(default=8, ge=1)
    first_backoff_seconds: float = Field(default=0.1, ge=0)
    timeout_seconds: float = Field(default=10, gt=0)
    requires_https: bool = False


class Resend(BaseModel):
    model_config = ConfigDict(extra="forbid")

    last: int = Field(default=1, ge=1)
    copies: int = Field(default=1, ge=1, le=100)


def add_webhook_routes(router: APIRouter, svea: SandboxSvea) -> None:
    _add_travel_routes(router, svea)
    _add_log_routes(router, svea)


def _add_travel_routes(router: APIRouter, svea: SandboxSvea) -> None:
    outbox = svea.outbox

    @router.get("/delivery_mode")
    async def show_mode() -> Json:
        return asdict(svea.delivery_mode) | {"held": len(outbox.held), "lost": len(outbox.lost)}

    @router.put("/delivery_mode", status_code=204)
    async def set_mode(mode: Mode) -> None:
        svea.delivery_mode = DeliveryMode(**mode.model_dump())

    @router.post("/release_webhooks")
    async def release(order: Annotated[ReleaseOrder, Body(embed=True)] = ReleaseOrder.AS_SENT) -> Json:
        return {"released": svea.release_webhooks(order)}

    @router.post("/resend_webhooks")
    async def resend(wanted: Resend) -> Json:
        return {"sent": svea.resend_webhooks(last=wanted.last, copies=wanted.copies)}

    @router.put("/sending", status_code=204)
    async def set_sending(wanted: Sending) -> None:
        outbox.max_attempts = wanted.max_attempts
        outbox.first_backoff_seconds = wanted.first_backoff_seconds
        outbox.timeout_seconds = wanted.timeout_seconds
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
