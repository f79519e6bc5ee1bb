"""Control of what the shops send: how it travels, what was sent, what was answered."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from services.sandbox.magento.notices import Notice
from services.sandbox.magento.stand_in import SandboxMagento
from services.sandbox.outbox import Attempt, DeliveryMode, ReleaseOrder

Json = dict[str, Any]


class Mode(BaseModel):
    model_config = ConfigDict(extra="forbid")

    copies: int = Field(default=1, ge=1, le=100)
    hold: bool = False
    lose: int = Field(default=0, ge=-1)


class Sending(BaseModel):
    model_config = ConfigDict(extra="forbid")

    max_attempts: int = Field(default=8, ge=1)
    first_backoff_seconds: float = Field(default=0.1, ge=0)
    timeout_seconds: float = Field(default=10, gt=0)


class Resend(BaseModel):
    model_config = ConfigDict(extra="forbid")

    last: int = Field(default=1, ge=1)
    copies: int = Field(default=1, ge=1, le=100)


def add_notice_routes(router: APIRouter, magento: SandboxMagento) -> None:
    outbox = magento.outbox

    @router.get("/delivery_mode")
    async def show_mode() -> Json:
        return asdict(outbox.mode) | {"held": len(outbox.held), "lost": len(outbox.lost)}

    @router.put("/delivery_mode", status_code=204)
    async def set_mode(mode: Mode) -> None:
        outbox.mode = DeliveryMode(**mode.model_dump())

    @router.post("/release_notices")
    async def release(order: Annotated[ReleaseOrder, Body(embed=True)] = ReleaseOrder.AS_SENT) -> Json:
        return {"released": outbox.release(order)}

    @router.post("/resend_notices")
    async def resend(wanted: Resend) -> Json:
        return {"sent": outbox.resend(last=wanted.last, copies=wanted.copies)}

    @router.put("/sending", status_code=204)
    async def set_sending(wanted: Sending) -> None:
        outbox.max_attempts = wanted.max_attempts
        outbox.first_backoff_seconds = wanted.first_backoff_seconds
        outbox.timeout_seconds = wanted.timeout_seconds

    @router.post("/settle", status_code=204)
    async def settle() -> None:
        await magento.settle()

    @router.get("/notices")
    async def attempts() -> list[Json]:
        return [_show(attempt) for attempt in outbox.attempts]

    @router.get("/adobe_keys")
    async def adobe_keys() -> Json:
        """The public key of the Commerce webhooks, and where those of the events are published."""
        keys = magento.adobe_keys
        return {"webhook": keys.webhook_key.public_pem, "events": [one.path for one in keys.event_keys]}


def _show(attempt: Attempt[Notice]) -> Json:
    message = attempt.message
    return {
        "at": attempt.at,
        "sender": message.subscription.sender,
        "name": message.name,
        "url": message.url,
        "id": message.number,
        "entity": message.change.entity,
        "headers": attempt.headers,
        "attempt": attempt.number,
        "status": attempt.status,
        "error": attempt.error,
    }
