"""Svea's callbacks. Verified, stored, rung, acknowledged: in that order, and nothing else happens here.

Checked from the outside in: the address (connection, market, token), where the call came from, the size, the
signature, the body. What fails says so to the sender in general words; which rule failed is counted and
logged. Svea repeats a push only on 404 and 5xx, and a subscription's callback on anything but 2xx: what may
pass is 503.
"""

import time
from collections.abc import Callable

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.metrics import INTAKE, INTAKE_SECONDS, REJECTED
from services.webhook_gateway.problems import ApiProblem
from services.webhook_gateway.raw_body import BodyTooLarge, read_body
from services.webhook_gateway.svea_notices import UnreadableNotice, notice_to_event, push_to_event
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
from shared.ledger.records import Accepted, IncomingEvent

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
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


class Acknowledged(BaseModel):
    accepted: bool = Field(True, description="Stored for good.")
    duplicate: bool = Field(description="It was here before; nothing new was stored.")


def _acknowledgement(*, duplicate: bool) -> Response:
    return Response(Acknowledged(duplicate=duplicate).model_dump_json(), media_type="application/json")


ACCEPTED, DUPLICATE = _acknowledgement(duplicate=False), _acknowledgement(duplicate=True)


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
    started = time.perf_counter()
    outcome = "bug"
    try:
        accepted = await _verified_and_stored(request, address, to_event)
        outcome = "duplicate" if accepted.duplicate else "accepted"
    except ApiProblem as problem:
        outcome = problem.code
        REJECTED.labels(source=source, rule=_rule(problem)).inc()
        log.info("callback.refused", source=source, code=problem.code, rule=_rule(problem))
        raise
    finally:
        INTAKE.labels(source, outcome).inc()
        INTAKE_SECONDS.labels(source).observe(time.perf_counter() - started)
    return DUPLICATE if accepted.duplicate else ACCEPTED


def _rule(problem: ApiProblem) -> str:
    cause = problem.__cause__
    return cause.facts.get("rule", problem.code) if isinstance(cause, Rejected) else problem.code


async def _verified_and_stored(
    request: Request, address: tuple[str, str, str], to_event: Callable[[bytes, bool], IncomingEvent]
) -> Accepted:
    house = house_of(request)
    keys = await _must_know_address(house, *address)
    if not source_allowed(keys, request.client.host if request.client else None):
        raise ApiProblem(403, "forbidden_source", "Callbacks are not taken from this address.")
    body = await _must_fit(request, house)
    signed = _must_be_real(request, body, keys, house)
    event = _must_be_readable(to_event, body, signed)
    return await _must_be_stored(house, event)


async def _must_know_address(house: House, connection: str, market: str, token: str) -> SveaCallbackKeys:
    try:
        keys = await house.callback_keys.of(connection, market)
    except Exception as problem:
        _note("callback_keys.not_loaded", problem)
        raise problems.unavailable("The configuration cannot be read at the moment.") from problem
    if not token_matches(keys, token) or keys is None:
        raise problems.not_found("callback address")
    return keys


async def _must_fit(request: Request, house: House) -> bytes:
    try:
        return await read_body(request, limit=house.service.max_body_bytes)
    except BodyTooLarge as problem:
        raise ApiProblem(413, "body_too_large", f"At most {problem.limit} bytes are taken.") from problem
    except ClientDisconnect as problem:
        raise ApiProblem(400, "body_cut_short", "The connection ended before the body did.") from problem


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


def _must_be_readable(
    to_event: Callable[[bytes, bool], IncomingEvent], body: bytes, signed: bool
) -> IncomingEvent:
    try:
        return to_event(body, signed)
    except UnreadableNotice as problem:
        where = (
            [problems.Flaw(path=problem.where, code=problem.code, detail=str(problem))]
            if problem.where
            else []
        )
        raise ApiProblem(400, problem.code, f"It cannot be read: {problem}.", errors=where) from problem


async def _must_be_stored(house: House, event: IncomingEvent) -> Accepted:
    try:
        return await house.intake.accept(event)
    except Exception as problem:
        _note("intake.failed", problem)
        raise problems.unavailable() from problem


def _note(happened: str, problem: Exception) -> None:
    """A trace only for what is our mistake: a database that is down would fill the log with them."""
    if problems.ledger_is_down(problem):
        log.warning(happened, error=f"{type(problem).__name__}: {problem}")
    else:
        log.error(happened, exc_info=problem)
