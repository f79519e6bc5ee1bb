"""What Svea says, as an event that only points. Pure: bytes in, an event for the inbox out.

Nothing but ids is believed: the worker reads the order from Svea. Names of fields are read whatever their
case, unknown events are kept, and a body that cannot name its order although it must is refused.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.webhook_gateway.notices import (
    Instant,
    UnreadableNotice,
    must_be_object,
    positive_int,
    to_instant,
)
from services.webhook_gateway.storable_text import storable
from shared.ledger.records import IncomingEvent

NEED_AN_ORDER = (
    "CheckoutOrder.Created",
    "CheckoutOrder.Updated",
    "CheckoutOrder.Delivered",
    "CheckoutOrder.CreditSucceeded",
    "CheckoutOrder.CreditFailed",
    "CheckoutOrder.Closed",
    "CheckoutOrder.PendingStatusReleased",
)
KNOWN = {
    name.lower(): name
    for name in (*NEED_AN_ORDER, "StandaloneOrder.PendingStatusReleased", "StandaloneOrder.Closed", "Ping")
}
UNNAMED = "unnamed"


def notice_to_event(body: bytes, *, connection: str, market: str, signed: bool) -> IncomingEvent:
    """The event of a subscription's callback. Raises UnreadableNotice."""
    fields = {name.lower(): value for name, value in must_be_object(body).items()}
    name = _event_name(fields.get("eventname"))
    order = _order_id(fields.get("checkoutorderid"), needed=name in NEED_AN_ORDER)
    instant = to_instant(fields.get("timestamputc"))
    attributes = _attributes(fields, name=name, signed=signed)
    return IncomingEvent(
        connection=connection,
        source="svea",
        name=name,
        dedupe_key=_dedupe_key(name, order, attributes, fields.get("timestamputc"), instant, body),
        subject_kind="sale" if order is not None else None,
        subject_key=order,
        market=market,
        lane="sale",
        occurred_at=instant.at if instant else None,
        body=body,
        attributes=attributes,
    )


def push_to_event(
    body: bytes, *, connection: str, market: str, checkout_order_id: str, signed: bool, now: datetime
) -> IncomingEvent:
    """The event of a Checkout push: the id is in the address, the body is undocumented and may be empty.

    Svea sends no time and no event id, so the same body for the same order is one event per minute.
    """
    order = _order_id(checkout_order_id, needed=True)
    fingerprint = hashlib.sha256(body).hexdigest()
    return IncomingEvent(
        connection=connection,
        source="svea_push",
        name="push",
        dedupe_key=f"push|{order}|{now.astimezone(UTC):%Y-%m-%dT%H:%M}|{fingerprint}",
        subject_kind="sale",
        subject_key=order,
        market=market,
        lane="sale",
        body=body,
        attributes={"event": "push", "signed": _yes_or_no(signed)},
    )


def _event_name(value: object) -> str:
    text = storable(value)
    return KNOWN.get(text.lower(), text) or UNNAMED


def _order_id(value: object, *, needed: bool) -> str | None:
    number = positive_int(value)
    if number is None and needed:
        raise UnreadableNotice(
            "no_checkout_order_id", "CheckoutOrderId must be a positive whole number", where="CheckoutOrderId"
        )
    return None if number is None else str(number)


def _attributes(fields: Mapping[str, Any], *, name: str, signed: bool) -> dict[str, str]:
    found = {"event": name, "signed": _yes_or_no(signed)}
    for attribute, field in (
        ("delivery_id", "deliveryid"),
        ("credit_id", "creditid"),
        ("close_reason", "closereason"),
        ("is_pending", "ispending"),
        ("correlation_id", "correlationid"),
    ):
        if text := storable(fields.get(field)):
            found[attribute] = text
    return found


def _dedupe_key(
    name: str,
    order: str | None,
    attributes: Mapping[str, str],
    sent_at: object,
    instant: Instant | None,
    body: bytes,
) -> str:
    part = next(
        (attributes[key] for key in ("delivery_id", "credit_id", "close_reason") if key in attributes), ""
    )
    when = instant.text if instant else _unreadable_time(sent_at, body)
    return f"{name}|{order or ''}|{part}|{when}"


def _unreadable_time(sent_at: object, body: bytes) -> str:
    """A time that we cannot read still tells two events apart; without any, the body does."""
    text = storable(sent_at)
    return (
        text if isinstance(sent_at, str) and text == sent_at else f"sha256:{hashlib.sha256(body).hexdigest()}"
    )


def _yes_or_no(value: bool) -> str:
    return "true" if value else "false"
