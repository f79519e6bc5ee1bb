"""Frames of Fortnox' event stream: commands out, answers and events in. Source: its WebSocket guide."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.clients.fields import Fields
from shared.domain.errors import UnreadableAnswer

STOCKHOLM = ZoneInfo("Europe/Stockholm")  # assumed where a timestamp prints no zone
VERSION = re.compile(r"-v\d+$")
LONGEST_QUOTE = 200


@dataclass(frozen=True)
class StreamEvent:
    """Something changed; it says what to look at and nothing of what it says now.

    ``type`` comes without its version: ``invoice-updated``. ``entity`` is the number of the document,
    customer or article; of a voucher it is its number in ``series`` and ``year``. ``tenant_id`` is None
    where the frame names none. Who made a credit, or made it at all, is not told.
    """

    topic: str
    type: str
    entity: str
    tenant_id: int | None
    offset: str
    at: datetime | None
    series: str = ""
    year: str = ""


@dataclass(frozen=True)
class Reply:
    """The answer to a command. ``tenants`` has tenant ids by access token, without ``Bearer``."""

    command: str
    ok: bool
    tenants: Mapping[str, int]
    invalid_tokens: tuple[str, ...]
    invalid_topics: tuple[str, ...]
    said: str


@dataclass(frozen=True)
class Unreadable:
    """A frame that is neither. It is not quoted: a broken answer may have tokens in it."""

    why: str


def command(name: str, **payload: Any) -> str:
    return json.dumps({"command": name, **payload})


def bearer(token: str) -> str:
    return f"Bearer {token}"


def topics_payload(offsets: Mapping[str, str | None]) -> list[dict[str, str]]:
    """With the offset to go on from, where there is one."""
    return [
        {"topic": topic} if offset is None else {"topic": topic, "offset": offset}
        for topic, offset in offsets.items()
    ]


def to_frame(text: str | bytes) -> StreamEvent | Reply | Unreadable:
    """Never raises: a stream goes on past what nobody understands."""
    try:
        fields = Fields(json.loads(text), of="frame")
        return _reply(fields) if "response" in fields else _event(fields)
    except (ValueError, UnreadableAnswer, RecursionError) as problem:
        return Unreadable(f"{len(text)} characters: {problem}"[:LONGEST_QUOTE])


def _event(fields: Fields) -> StreamEvent:
    topic = fields.needed_text("topic")
    return StreamEvent(
        topic=topic,
        type=VERSION.sub("", fields.needed_text("type")),
        entity=(fields.text("id", "entityId") if topic == "vouchers" else fields.text("entityId", "id")),
        tenant_id=fields.integer("tenantId"),
        offset=fields.text("offset"),
        at=_instant(fields),
        series=fields.text("series"),
        year=fields.text("year"),
    )


def _instant(fields: Fields) -> datetime | None:
    """An event with a time that nobody understands is an event all the same."""
    try:
        return fields.instant("timestamp", zone=STOCKHOLM)
    except UnreadableAnswer:
        return None


def _reply(fields: Fields) -> Reply:
    return Reply(
        command=VERSION.sub("", fields.text("response")),
        ok=fields.text("result").lower() == "ok",
        tenants=_tenants(fields.raw("tenantIds")),
        invalid_tokens=_without_scheme(_names(fields.raw("invalidTokens"), "token", "accessToken")),
        invalid_topics=_names(fields.raw("invalidTopics"), "topic", "name"),
        said=fields.text("message", "error", "reason")[:LONGEST_QUOTE],
    )


def _tenants(found: Any) -> dict[str, int]:
    """Ids by token. A list of ids alone tells nothing of whose they are."""
    if not isinstance(found, Mapping):
        return {}
    return {
        str(token).removeprefix("Bearer ").strip(): int(tenant)
        for token, tenant in found.items()
        if str(tenant).isdecimal()
    }


def _names(found: Any, *members: str) -> tuple[str, ...]:
    """Plain words, or objects that have them under one of these members: nobody has published which."""
    items: Sequence[Any] = found if isinstance(found, list) else ()
    return tuple(
        Fields(item, of="list").text(*members) if isinstance(item, Mapping) else str(item) for item in items
    )


def _without_scheme(tokens: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(token.removeprefix("Bearer ").strip() for token in tokens)
