"""The shop's webhooks. Verified, stored, rung, acknowledged: in that order, and nothing else happens here.

One address takes whatever is signed, and who signed it is told by the headers; the address with a token takes
the same, and what is not signed. An unknown connection is verified against nothing and answered like a bad
signature. Nobody is asked anything meanwhile: Adobe's keys are fetched by a worker.
"""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from services.webhook_gateway import problems
from services.webhook_gateway.house import house_of
from services.webhook_gateway.magento_senders import EVENT_QUERY, Notice, Sender, sender_of
from services.webhook_gateway.notices import UnreadableNotice
from services.webhook_gateway.problems import ApiProblem
from services.webhook_gateway.reception import (
    Acknowledged,
    counted,
    must_be_stored,
    must_fit,
    must_know,
    unreadable,
)
from services.webhook_gateway.verification.magento import (
    ASYNC_SIGNATURE,
    MODULE_SIGNATURE,
    MODULE_TIMESTAMP,
    NOBODY,
    ShopKeys,
    token_matches,
)
from services.webhook_gateway.verification.magento_adobe import COMMERCE_SIGNATURE
from shared.domain.errors import Rejected
from shared.ledger.records import IncomingEvent

router = APIRouter(tags=["callbacks"])

PREFIX = "/webhooks/magento/"
LONGEST_CHALLENGE = 512
CHALLENGES = {
    "Signature": f'Signature headers="{MODULE_TIMESTAMP} {MODULE_SIGNATURE}"',
    "Basic": 'Basic realm="sluss"',
}
PARAMETERS = [
    {"name": name, "in": where, "required": False, "description": text, "schema": {"type": "string"}}
    for name, where, text in (
        (
            MODULE_SIGNATURE,
            "header",
            "`v1=` and the hex of HMAC-SHA256 over the timestamp, a dot and the body.",
        ),
        (MODULE_TIMESTAMP, "header", "Unix seconds; verified together with the signature."),
        (ASYNC_SIGNATURE, "header", "Mage-OS: the hex of HMAC-SHA256 over the body."),
        (COMMERCE_SIGNATURE, "header", "Adobe Commerce: RSA-SHA256 over the base64 of the body, as base64."),
        ("x-adobe-digital-signature-1", "header", "Adobe I/O Events: RSA-SHA256 over the body, as base64."),
        (EVENT_QUERY, "query", "Mage-OS: the name of the event, which it does not send."),
    )
]
OPENAPI = {
    "parameters": PARAMETERS,
    "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
}


@router.post(
    PREFIX + "{connection}",
    summary="Take a signed webhook of the shop",
    response_model=Acknowledged,
    responses=problems.documented(400, 401, 413, 503),
    openapi_extra=OPENAPI,
)
async def magento_notice(request: Request, connection: str) -> Response:
    return await _take(request, connection, None)


@router.post(
    PREFIX + "{connection}/{token}",
    summary="Take a webhook of a module that cannot sign",
    response_model=Acknowledged,
    responses=problems.documented(400, 401, 404, 413, 503),
    openapi_extra=OPENAPI,
)
async def magento_token_notice(request: Request, connection: str, token: str) -> Response:
    return await _take(request, connection, token)


@router.get(PREFIX + "{connection}", summary="Answer Adobe's challenge", responses=problems.documented(400))
async def magento_challenge(request: Request, connection: str) -> Response:
    return _echo(request)


@router.get(
    PREFIX + "{connection}/{token}",
    summary="Answer Adobe's challenge at the secret address",
    responses=problems.documented(400),
)
async def magento_token_challenge(request: Request, connection: str, token: str) -> Response:
    return _echo(request)


def _echo(request: Request) -> Response:
    """Says no more than that somebody is here, so it is answered for every name alike."""
    challenge = request.query_params.get("challenge", "")
    if not 0 < len(challenge) <= LONGEST_CHALLENGE:
        raise ApiProblem(400, "no_challenge", "There is no challenge to answer.")
    return JSONResponse({"challenge": challenge}, headers={"X-Content-Type-Options": "nosniff"})


async def _take(request: Request, connection: str, token: str | None) -> Response:
    sender = sender_of(request)
    duplicate = await counted(sender.source, _stored_before(request, sender, connection, token))
    return sender.answer(duplicate=duplicate)


async def _stored_before(request: Request, sender: Sender, connection: str, token: str | None) -> bool:
    house = house_of(request)
    keys = await must_know(house.callback_keys.of_shop(connection)) or NOBODY
    if token is not None and not token_matches(keys, token):
        raise problems.not_found("callback address")
    body = await must_fit(request, limit=sender.limit(house))
    events = await _must_be_real(sender, Notice(house, request, body, keys, token=token is not None))
    if len(events) == 1:
        return (await must_be_stored(house, events[0])).duplicate
    stored = await asyncio.gather(*(must_be_stored(house, event) for event in events))
    return all(one.duplicate for one in stored)


async def _must_be_real(sender: Sender, notice: Notice) -> list[IncomingEvent]:
    try:
        return await sender.events(notice)
    except UnreadableNotice as problem:
        raise unreadable(problem) from problem
    except Rejected as problem:
        raise ApiProblem(
            401,
            "bad_signature",
            "The signature is missing or not valid.",
            headers={"WWW-Authenticate": _challenge(notice.keys, token=notice.token)},
        ) from problem


def _challenge(keys: ShopKeys, *, token: bool) -> str:
    """Whoever has the token may know how to log in; nobody else learns what a connection takes."""
    return CHALLENGES["Basic" if token and keys.login else "Signature"]
