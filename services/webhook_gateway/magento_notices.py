"""What a shop says, as events that only point. Pure: bytes in, events for the inbox out.

Whoever sent it, nothing but ids is believed: amounts and states are read from Magento. Ids may be numbers or
text. A sender that can be told so gets 400 for an event that cannot name its order although it must; Adobe
cannot (it drops what is answered 400, and switches off who answers so too often), so that one is stored with
the attribute `flaw`, and wakes nobody.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from services.webhook_gateway.magento_names import Thing, thing_of, without_provider
from services.webhook_gateway.notices import (
    UnreadableNotice,
    must_be_json,
    must_be_object,
    positive_int,
    to_instant,
)
from services.webhook_gateway.storable_text import storable
from services.webhook_gateway.verification.rules import rejected
from shared.ledger.records import IncomingEvent

UNNAMED = "unnamed"
VALIDATION_KIND = "adobe_validation"
LONGEST_URL = 1000
TOLD = ("increment_id", "sku", "state", "status")


def module_event(body: bytes, *, connection: str) -> IncomingEvent:
    """Our shop module's message; its headers repeat what is signed in the body. Raises UnreadableNotice."""
    told = must_be_object(body)
    entity = _object(told.get("entity"))
    name = storable(told.get("type")) or UNNAMED
    thing = thing_of(storable(entity.get("type")) or name)
    sent_id = told.get("id")
    id_ = storable(sent_id) if isinstance(sent_id, str) else ""
    return _event(
        connection, "module", name, thing, _subject_id(thing, (entity,), must=True),
        dedupe_key=f"module|{id_}" if id_ and id_ == sent_id else f"module|{_fingerprint(body)}",
        occurred_at=told.get("occurred_at"), body=body, told=entity,
    )  # fmt: skip


def async_event(body: bytes, name: str, *, connection: str, now: datetime) -> IncomingEvent:
    """Mage-OS: the entity as REST shows it, `updated_at` and all, so the same body says nothing new.

    It is one event per minute, since the sender repeats itself within seconds and has no ids.
    """
    told = must_be_object(body)
    data = _object(told.get("data")) or told
    thing = thing_of(name)
    subject = _subject_id(thing, (data,), must=True)
    minute = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M}"
    return _event(
        connection, "async", storable(name) or UNNAMED, thing, subject,
        dedupe_key=f"async|{storable(name)}|{minute}|{_fingerprint(body)}",
        occurred_at=None, body=body, told=data,
    )  # fmt: skip


def validation_event(body: bytes, *, connection: str) -> IncomingEvent | None:
    """Adobe asks that an address be opened, when the challenge was not answered; None for anything else."""
    told = must_be_object(body)
    if "validationUrl" not in told:
        return None
    url = told["validationUrl"]
    if not (isinstance(url, str) and len(url) <= LONGEST_URL and url.isascii() and url.isprintable()):
        raise UnreadableNotice("no_validation_url", "validationUrl must be an address", where="validationUrl")
    return IncomingEvent(
        connection=connection,
        source="magento",
        name=VALIDATION_KIND,
        dedupe_key=f"validation|{_fingerprint(body)}",
        subject_kind=VALIDATION_KIND,
        subject_key=url,
        body=body,
    )


def token_event(body: bytes, *, connection: str, now: datetime) -> IncomingEvent:
    """A template that the merchant wrote: two that look the same may be two changes, so each is an event."""
    told = must_be_object(body)
    name = storable(told.get("type") or told.get("event")) or UNNAMED
    thing = thing_of(name)
    return _event(
        connection, "token", name, thing, _subject_id(thing, (told,), must=True),
        dedupe_key=f"token|{name}|{now.astimezone(UTC).isoformat()}|{_fingerprint(body)}",
        occurred_at=None, body=body, told=told,
    )  # fmt: skip


def commerce_event(body: bytes, *, connection: str, now: datetime) -> IncomingEvent:
    """Adobe Commerce's synchronous webhook: the fields that the merchant chose, and no id of its own."""
    told = must_be_object(body)
    name = storable(told.get("eventName")) or UNNAMED
    thing = thing_of(name)
    places = _places(_object(told.get("data")), thing)
    return _event(
        connection, "commerce", name, thing, _subject_id(thing, places),
        dedupe_key=f"commerce|{name}|{now.astimezone(UTC).isoformat()}|{_fingerprint(body)}",
        occurred_at=None, body=body, told=places[0],
    )  # fmt: skip


def adobe_events(body: bytes, *, connection: str, clients: tuple[str, ...]) -> list[IncomingEvent]:
    """One event, a list of them, or `{"events": [...]}`; each with its own part of the body.

    Raises UnreadableNotice, and Rejected when one of them is for another client.
    """
    return [_adobe_event(one, connection, clients) for one in _each(must_be_json(body))]


def _adobe_event(whole: Mapping[str, Any], connection: str, clients: tuple[str, ...]) -> IncomingEvent:
    told = {**whole, **_object(whole.get("event"))}  # the journal and older deliveries wrap it
    _must_be_for(clients, told)
    name = without_provider(storable(told.get("type"))) or UNNAMED
    thing = thing_of(name)
    places = _places(_object(_object(told.get("data")).get("value")), thing)
    body = json.dumps(whole, default=str, ensure_ascii=False).encode(errors="replace")
    id_ = storable(told.get("id") or told.get("event_id") or told.get("eventid"))
    return _event(
        connection, "adobe", name, thing, _subject_id(thing, places),
        dedupe_key=f"adobe|{id_ or _fingerprint(body)}",
        occurred_at=told.get("time"), body=body, told=places[0],
    )  # fmt: skip


def _must_be_for(clients: tuple[str, ...], told: Mapping[str, Any]) -> None:
    """Adobe writes it both ways, in one event."""
    named = {str(told[name]) for name in ("recipientclientid", "recipient_client_id") if name in told}
    if not named or not named <= set(clients):
        raise rejected("foreign_recipient", "the event is for another client id")


def _each(read: Any) -> Iterator[Mapping[str, Any]]:
    events = read.get("events") if isinstance(read, dict) and "events" in read else read
    for one in events if isinstance(events, list) else [events]:
        if not isinstance(one, dict):
            raise UnreadableNotice("not_an_object", "an event is not a JSON object")
        yield one


def _places(fields: Mapping[str, Any], thing: Thing | None) -> tuple[Mapping[str, Any], ...]:
    """Where Adobe may have put the fields: under the entity's name, under the observer's, or at the top."""
    names = ((thing.name,) if thing else ()) + ("data_object", "object", "result")
    return (*(inner for name in names if (inner := _object(fields.get(name)))), fields)


def _subject_id(
    thing: Thing | None, places: tuple[Mapping[str, Any], ...], *, must: bool = False
) -> int | None:
    if thing is None:
        return None
    for fields in places:
        for name in thing.id_fields:
            if (number := positive_int(fields.get(name))) is not None:
                return number
    if must:
        field = thing.id_fields[0]
        raise UnreadableNotice(
            "no_entity_id", f"{field} of {thing.name} must be a positive whole number", where=field
        )
    return None


def _event(
    connection: str,
    sender: str,
    name: str,
    thing: Thing | None,
    subject: int | None,
    *,
    dedupe_key: str,
    occurred_at: object,
    body: bytes,
    told: Mapping[str, Any],
) -> IncomingEvent:
    known = thing is not None and subject is not None
    instant = to_instant(occurred_at)
    return IncomingEvent(
        connection=connection,
        source="magento",
        name=name,
        dedupe_key=dedupe_key,
        subject_kind=thing.subject_kind if thing and known else None,
        subject_key=f"{thing.prefix}{subject}" if thing and known else None,
        lane=thing.lane if thing else "sale",
        occurred_at=instant.at if instant else None,
        body=body,
        attributes=_attributes(sender, name, thing, told, flawed=thing is not None and not known),
    )


def _attributes(
    sender: str, name: str, thing: Thing | None, told: Mapping[str, Any], *, flawed: bool
) -> dict[str, str]:
    found = {"event": name, "sender": sender}
    if thing is not None:
        found["entity"] = thing.name
    own = told.get("entity_id", told.get("id"))
    found |= {"entity_id": str(number)} if (number := positive_int(own)) else {}
    found |= {field: text for field in TOLD if (text := storable(told.get(field)))}
    if flawed:
        found["flaw"] = "no_entity_id"
    return found


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _fingerprint(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
