"""Who sends a shop's webhooks, by the headers that are theirs: verified as theirs, then read as theirs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from services.webhook_gateway import magento_notices as notices
from services.webhook_gateway import problems
from services.webhook_gateway.house import House
from services.webhook_gateway.notices import UnreadableNotice
from services.webhook_gateway.reception import acknowledged, must_be_stored, must_know
from services.webhook_gateway.verification.magento import (
    ASYNC_SIGNATURE,
    MODULE_SIGNATURE,
    MODULE_TIMESTAMP,
    ShopKeys,
    must_be_logged_in,
    must_be_signed_by_async_events,
    must_be_signed_by_module,
)
from services.webhook_gateway.verification.magento_adobe import (
    COMMERCE_SIGNATURE,
    EVENT_KEY_PATHS,
    EVENT_SIGNATURES,
    KeysNotKnown,
    must_be_claimed,
    must_be_signed_by_adobe,
    must_be_signed_by_commerce,
)
from services.webhook_gateway.verification.rules import rejected
from shared.ledger.records import IncomingEvent

ENTITY_BYTES = 2 * 1024 * 1024  # a whole order as REST shows it, or Adobe's largest batch
EVENT_QUERY = "event"


@dataclass(frozen=True)
class Notice:
    """What was sent, and by whom it says it is; ``token`` tells whether the address was the secret one."""

    house: House
    request: Request
    body: bytes
    keys: ShopKeys
    token: bool = False

    def all(self, header: str) -> list[str]:
        return self.request.headers.getlist(header)


@dataclass(frozen=True)
class Sender:
    """``events`` verifies (Rejected), then reads (UnreadableNotice)."""

    source: str
    headers: tuple[str, ...]
    events: Callable[[Notice], Awaitable[list[IncomingEvent]]]
    whole_entities: bool = True
    succeeds: bytes | None = None

    def limit(self, house: House) -> int:
        own = house.service.max_body_bytes
        return max(own, ENTITY_BYTES) if self.whole_entities else own

    def answer(self, *, duplicate: bool) -> Response:
        if self.succeeds is not None:
            return Response(self.succeeds, media_type="application/json")
        return acknowledged(duplicate=duplicate)


async def _from_module(notice: Notice) -> list[IncomingEvent]:
    must_be_signed_by_module(
        notice.body,
        signatures=notice.all(MODULE_SIGNATURE),
        timestamps=notice.all(MODULE_TIMESTAMP),
        keys=notice.keys,
        now=notice.house.clock(),
    )
    return [notices.module_event(notice.body, connection=notice.keys.connection)]


async def _from_commerce(notice: Notice) -> list[IncomingEvent]:
    must_be_signed_by_commerce(
        notice.body, signatures=notice.all(COMMERCE_SIGNATURE), keys=notice.keys.commerce_keys
    )
    now = notice.house.clock()
    return [notices.commerce_event(notice.body, connection=notice.keys.connection, now=now)]


async def _from_adobe(notice: Notice) -> list[IncomingEvent]:
    claims = must_be_claimed(notice.request.headers)
    ring = notice.house.adobe_keys
    known = await must_know(ring.known())
    try:
        must_be_signed_by_adobe(notice.body, claims, known.rsa)
    except KeysNotKnown as problem:
        await _want(notice, problem.paths)
        raise problems.unavailable("Adobe's key is not known yet; it is being fetched.") from problem
    clients = notice.keys.adobe_clients
    events = notices.adobe_events(notice.body, connection=notice.keys.connection, clients=clients)
    await _want(notice, known.ageing((claim.key_path for claim in claims), now=notice.house.clock()))
    return events


async def _want(notice: Notice, paths: list[str] | tuple[str, ...]) -> None:
    """Nobody is sent for the keys of a shop that takes no events."""
    if notice.keys.adobe_clients:
        ring = notice.house.adobe_keys
        for event in ring.to_wants(notice.keys.connection, paths, trusted=notice.token):
            await must_be_stored(notice.house, event)


async def _from_async_events(notice: Notice) -> list[IncomingEvent]:
    must_be_signed_by_async_events(notice.body, signatures=notice.all(ASYNC_SIGNATURE), keys=notice.keys)
    name = notice.request.query_params.get(EVENT_QUERY, "")
    if not name:
        raise UnreadableNotice("no_event_name", "the address must say which event it is", where=EVENT_QUERY)
    now = notice.house.clock()
    return [notices.async_event(notice.body, name, connection=notice.keys.connection, now=now)]


async def _unsigned(notice: Notice) -> list[IncomingEvent]:
    if not notice.token:
        raise rejected("signature_missing", "nothing that signs was sent")
    must_be_logged_in(notice.all("authorization"), notice.keys)
    connection = notice.keys.connection
    asked = notices.validation_event(notice.body, connection=connection)
    now = notice.house.clock()
    return [asked or notices.token_event(notice.body, connection=connection, now=now)]


MODULE = Sender("magento_module", (MODULE_SIGNATURE, MODULE_TIMESTAMP), _from_module, whole_entities=False)
COMMERCE = Sender("magento_commerce", (COMMERCE_SIGNATURE,), _from_commerce, succeeds=b'[{"op":"success"}]')
ADOBE = Sender(
    "magento_adobe",
    tuple(name for pair in (*EVENT_SIGNATURES, *EVENT_KEY_PATHS) for name in pair),
    _from_adobe,
)
ASYNC_EVENTS = Sender("magento_async", (ASYNC_SIGNATURE,), _from_async_events)
UNSIGNED = Sender("magento_token", (), _unsigned)


def sender_of(request: Request) -> Sender:
    """The first whose header is there: what it does not verify is not taken."""
    headers = request.headers
    for sender in (MODULE, COMMERCE, ADOBE, ASYNC_EVENTS):
        if any(name in headers for name in sender.headers):
            return sender
    return UNSIGNED
