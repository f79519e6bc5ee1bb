"""Control of what the shops send: how it travels, what was sent, what was answered."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from services.sandbox.control_sending import Sending, add_travel_routes, set_patience
from services.sandbox.magento.notices import Notice
from services.sandbox.magento.stand_in import SandboxMagento
from services.sandbox.outbox import Attempt

Json = dict[str, Any]


def add_notice_routes(router: APIRouter, magento: SandboxMagento) -> None:
    outbox = magento.outbox

    add_travel_routes(router, outbox, word="notices")

    @router.put("/sending", status_code=204)
    async def set_sending(wanted: Sending) -> None:
        set_patience(outbox, wanted)

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
