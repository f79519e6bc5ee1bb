"""Bodies of webhooks (svea.md 4.3, 4.4) and pushes (2.6): compact JSON that carries ids, never amounts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

CREATED = "CheckoutOrder.Created"
UPDATED = "CheckoutOrder.Updated"
DELIVERED = "CheckoutOrder.Delivered"
CREDIT_SUCCEEDED = "CheckoutOrder.CreditSucceeded"
CREDIT_FAILED = "CheckoutOrder.CreditFailed"
CLOSED = "CheckoutOrder.Closed"
PENDING_RELEASED = "CheckoutOrder.PendingStatusReleased"
PING = "Ping"

EVENT_NAMES = (
    CREATED,
    UPDATED,
    DELIVERED,
    CREDIT_SUCCEEDED,
    CREDIT_FAILED,
    CLOSED,
    PENDING_RELEASED,
    "StandaloneOrder.PendingStatusReleased",
    "StandaloneOrder.Closed",
)


def webhook_body(name: str, *, correlation: str, at: datetime, **fields: int | str | bool) -> bytes:
    event = {"EventName": name, **fields, "CorrelationId": correlation, "TimestampUtc": timestamp_utc(at)}
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def timestamp_utc(at: datetime) -> str:
    """Seven fractional digits, as Svea writes them."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def push_body(status: str) -> bytes:
    """Svea does not document this body; `Finalized` is what one integrator saw."""
    kind = "Finalized" if status == "Final" else status
    return json.dumps({"type": kind}, separators=(",", ":")).encode()


def push_url(push_uri: str, checkout_id: int) -> str:
    """`{checkout.order.uri}` stands for the id; any other placeholder comes back as it was written."""
    return push_uri.replace("{checkout.order.uri}", str(checkout_id))
