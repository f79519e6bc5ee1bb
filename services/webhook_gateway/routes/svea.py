"""Svea's callbacks. Verified, stored, rung, acknowledged: in that order, and nothing else happens here.

Checked from the outside in: the address (connection, market, token), where the call came from, the size, the
signature, the body. What fails says so to the sender in general words; which rule failed is counted and
logged. Svea repeats a push only on 404 and 5xx, and a subscription's callback on anything but 2xx: what may
pass is 503.
"""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.problems import ApiProblem
from services.webhook_gateway.reception import (
    Acknowledged,
    acknowledged,
    counted,
    must_be_readable,
    must_be_stored,
    must_fit,
    must_know,
)
from services.webhook_gateway.svea_notices import notice_to_event, push_to_event
from services.webhook_gateway.verification.svea import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignatureHeaders,
    SveaCallbackKeys,
    must_be_signed_by_svea,
    source_allowed,
    token_matches,
)
from shared.domain.errors import Rejected
from shared.ledger.records import IncomingEvent

router = APIRouter(tags=["callbacks"])

PREFIX = "/webhooks/svea/"

SIGNATURE_IN_OPENAPI = {
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": False,
            "description": text,
            "schema": {"type": "string"},
        }
        for name, text in (
            (SIGNATURE_HEADER, "Base64 of HMAC-SHA512 over `X-Timestamp`, a dot and the raw body."),
            (TIMESTAMP_HEADER, "Unix seconds; verified together with the signature."),
        )
    ]
}
BODY_IN_OPENAPI = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


@router.post(
    PREFIX + "{connection}/{market}/{token}",
    summary="Take a callback of a Svea subscription",
    response_model=Acknowledged,
    responses=problems.documented(400, 401, 403, 404, 413, 503),
    openapi_extra={**SIGNATURE_IN_OPENAPI, **BODY_IN_OPENAPI},
)
async def svea_notice(request: Request, connection: str, market: str, token: str) -> Response:
    def to_event(body: bytes, signed: bool) -> IncomingEvent:
        return notice_to_event(body, connection=connection, market=market, signed=signed)

    return await _take(request, "svea", (connection, market, token), to_event)


@router.post(
    PREFIX + "{connection}/{market}/{token}/push/{checkout_order_id}",
    summary="Take a Checkout push",
    response_model=Acknowledged,
    responses=problems.documented(400, 401, 403, 404, 413, 503),
    openapi_extra={**SIGNATURE_IN_OPENAPI, **BODY_IN_OPENAPI},
)
async def svea_push(
    request: Request, connection: str, market: str, token: str, checkout_order_id: str
) -> Response:
    now = house_of(request).clock()

    def to_event(body: bytes, signed: bool) -> IncomingEvent:
        return push_to_event(
            body,
            connection=connection,
            market=market,
            checkout_order_id=checkout_order_id,
            signed=signed,
            now=now,
        )

    return await _take(request, "svea_push", (connection, market, token), to_event)


async def _take(
    request: Request,
    source: str,
    address: tuple[str, str, str],
    to_event: Callable[[bytes, bool], IncomingEvent],
) -> Response:
    return acknowledged(duplicate=await counted(source, _stored_before(request, address, to_event)))


async def _stored_before(
    request: Request, address: tuple[str, str, str], to_event: Callable[[bytes, bool], IncomingEvent]
) -> bool:
    house = house_of(request)
    keys = await _must_know_address(house, *address)
    if not source_allowed(keys, request.client.host if request.client else None):
        raise ApiProblem(403, "forbidden_source", "Callbacks are not taken from this address.")
    body = await must_fit(request, limit=house.service.max_body_bytes)
    signed = _must_be_real(request, body, keys, house)
    event = must_be_readable(lambda: to_event(body, signed))
    return (await must_be_stored(house, event)).duplicate


async def _must_know_address(house: House, connection: str, market: str, token: str) -> SveaCallbackKeys:
    keys = await must_know(house.callback_keys.of(connection, market))
    if not token_matches(keys, token) or keys is None:
        raise problems.not_found("callback address")
    return keys


def _must_be_real(request: Request, body: bytes, keys: SveaCallbackKeys, house: House) -> bool:
    headers = SignatureHeaders(
        signatures=request.headers.getlist(SIGNATURE_HEADER),
        timestamps=request.headers.getlist(TIMESTAMP_HEADER),
    )
    try:
        return must_be_signed_by_svea(body, headers, keys, now=house.clock())
    except Rejected as problem:
        raise ApiProblem(
            401,
            "bad_signature",
            "The signature is missing or not valid.",
            headers={"WWW-Authenticate": f'Signature headers="{TIMESTAMP_HEADER} {SIGNATURE_HEADER}"'},
        ) from problem
