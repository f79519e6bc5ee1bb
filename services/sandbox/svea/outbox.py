"""Svea's webhooks and pushes on their way: how they are signed, and what makes them come again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.sandbox import outbox
from services.sandbox.outbox import DeliveryMode as DeliveryMode
from services.sandbox.outbox import ReleaseOrder as ReleaseOrder
from services.sandbox.svea.merchants import Merchant
from services.sandbox.svea.signing import webhook_headers


class Kind(StrEnum):
    EVENT = "event"
    PUSH = "push"
    PING = "ping"


@dataclass(frozen=True)
class Message:
    merchant: Merchant
    kind: Kind
    url: str
    name: str
    body: bytes
    accepted: Callable[[], None] | None = None
    """Called once, when the receiver has answered 2xx."""

    def request(self, *, number: int, at: datetime, first_at: datetime) -> tuple[bytes, dict[str, str]]:
        """Always the same body; a switch of the merchant says whether a retry is signed anew."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.merchant.signs_webhooks:
            signed_at = at if number == 1 or self.merchant.resigns_retries else first_at
            headers |= webhook_headers(secret=self.merchant.secret, body=self.body, at=signed_at)
        return self.body, headers

    def is_retried(self, status: int | None) -> bool:
        """Subscriptions: all but 2xx. Pushes: only 404, 5xx and no answer (svea.md 2.6, 4.2)."""
        if self.kind is not Kind.PUSH or status is None:
            return True
        return status == 404 or status >= 500


Attempt = outbox.Attempt[Message]


class Outbox(outbox.Outbox[Message]):
    """Svea's. Its real number and spacing of retries are not published."""
