"""Control of what a stand-in sends, whoever sends it: how it travels, held and lost messages, patience."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from services.sandbox.outbox import DeliveryMode, Outbox, ReleaseOrder

Json = dict[str, Any]


class Mode(BaseModel):
    model_config = ConfigDict(extra="forbid")

    copies: int = Field(default=1, ge=1, le=100)
    hold: bool = False
    lose: int = Field(default=0, ge=-1)


class Sending(BaseModel):
    """How patient the sender is."""

    model_config = ConfigDict(extra="forbid")

    max_attempts: int = Field(default=8, ge=1)
    first_backoff_seconds: float = Field(default=0.1, ge=0)
    timeout_seconds: float = Field(default=10, gt=0)


class Resend(BaseModel):
    model_config = ConfigDict(extra="forbid")

    last: int = Field(default=1, ge=1)
    copies: int = Field(default=1, ge=1, le=100)


def add_travel_routes(router: APIRouter, outbox: Outbox[Any], *, word: str) -> None:
    """``word`` is what this system calls its messages, in the paths."""

    @router.get("/delivery_mode")
    async def show_mode() -> Json:
        return asdict(outbox.mode) | {"held": len(outbox.held), "lost": len(outbox.lost)}

    @router.put("/delivery_mode", status_code=204)
    async def set_mode(mode: Mode) -> None:
        outbox.mode = DeliveryMode(**mode.model_dump())

    @router.post(f"/release_{word}")
    async def release(order: Annotated[ReleaseOrder, Body(embed=True)] = ReleaseOrder.AS_SENT) -> Json:
        return {"released": outbox.release(order)}

    @router.post(f"/resend_{word}")
    async def resend(wanted: Resend) -> Json:
        return {"sent": outbox.resend(last=wanted.last, copies=wanted.copies)}


def set_patience(outbox: Outbox[Any], wanted: Sending) -> None:
    outbox.max_attempts = wanted.max_attempts
    outbox.first_backoff_seconds = wanted.first_backoff_seconds
    outbox.timeout_seconds = wanted.timeout_seconds
