"""The shop's half of the activation: Magento's unsigned POST with the keys, then the merchant's browser.

Magento does not look at the answer to the POST (5 s, no redirects). The browser waits in a pop-up until the
worker has the token, and is sent back to the admin, which closes it.
"""

import asyncio
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.operations.magento_activation import (
    KIND,
    ShopsKeys,
    is_ours,
    is_shop,
    is_shops_admin,
    take_keys,
    take_visit,
)
from services.webhook_gateway.page import page
from services.webhook_gateway.problems import ApiProblem, Flaw, ledger_is_down
from services.webhook_gateway.reception import must_be_stored, must_fit
from shared.ledger.records import Subject
from shared.settings.magento import MagentoSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
router = APIRouter(tags=["callbacks"])

LARGEST_FORM_BYTES = 16 * 1024
LONGEST_FIELD = 255
FIELDS = ("oauth_consumer_key", "oauth_consumer_secret", "oauth_verifier", "store_base_url")
EXCHANGED_WITHIN_SECONDS = 15.0
LOOK_SECONDS = 0.2
BACK = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
ENDED = ("done", "needs_attention", "rejected")
OLD_LINK = "This link is no longer good. Make a new one, enter both addresses in Magento and activate again."
NO_KEYS = (
    "Magento has not sent the keys of this integration, or more than five minutes ago. In Magento, choose "
    "Reauthorize on the integration."
)


@router.post(
    "/connect/magento/{connection}/{state}/callback",
    summary="Take the keys of a Magento integration",
    status_code=204,
    response_class=Response,
    responses=problems.documented(400, 403, 404, 413, 503),
)
async def magento_callback(request: Request, connection: str, state: str) -> Response:
    house = house_of(request)
    settings = await _must_be_asked_for(house, connection, state)
    keys = _must_be_keys(await must_fit(request, limit=LARGEST_FORM_BYTES))
    if not is_shop(settings, keys.base_url):
        log.warning("activation.foreign_shop", connection=connection)
        raise ApiProblem(403, "foreign_shop", "The keys are of another shop than the connection's.")
    await must_be_stored(house, await take_keys(house.ledger, connection, state, keys, house.clock()))
    return Response(status_code=204)


@router.get(
    "/connect/magento/{connection}/{state}/identity",
    summary="Come from Magento's admin to activate an integration",
    response_class=Response,
    responses={
        303: {"description": "Activated; back to Magento."},
        400: {"description": "Not activated; the page says why."},
        503: {"description": "Try again shortly."},
    },
)
async def magento_identity(
    request: Request,
    connection: str,
    state: str,
    oauth_consumer_key: str = "",
    success_call_back: str = "",
) -> Response:
    try:
        return await _identified(house_of(request), connection, state, oauth_consumer_key, success_call_back)
    except Exception as problem:
        if not (ledger_is_down(problem) or (isinstance(problem, ApiProblem) and problem.status == 503)):
            raise
        log.warning("activation.not_stored", error=type(problem).__name__)
        return page(503, "Not right now", "Nothing could be stored. Reload this page in a minute.")


async def _identified(house: House, connection: str, state: str, consumer_key: str, back: str) -> Response:
    settings = await _asked_for(house, connection, state)
    if settings is None:
        return page(400, "This link is no longer good", OLD_LINK)
    if not is_shops_admin(settings, back):
        return page(400, "Where to go back to is not the shop", _elsewhere(settings))
    event = await take_visit(house.ledger, connection, state, consumer_key, house.clock())
    if event is None:
        return page(400, "There are no keys to activate", NO_KEYS)
    await must_be_stored(house, event)
    return _told(await _ended(house, connection), back)


def _told(subject: Subject | None, back: str) -> Response:
    if subject is None:
        return page(
            200, "Nearly there", "The keys are being fetched. Close this window and reload Magento's list."
        )
    if subject.state == "done":
        return RedirectResponse(back, status_code=303, headers=BACK)
    said = subject.problem.message if subject.problem else subject.reason or ""
    return page(400, "Magento did not give its keys", said)


async def _ended(house: House, connection: str) -> Subject | None:
    """How the worker's exchange ended; None if it takes longer than a person should wait."""
    loop = asyncio.get_running_loop()
    until = loop.time() + EXCHANGED_WITHIN_SECONDS
    while loop.time() < until:
        subject = await house.ledger.subjects.find(connection, KIND, connection)
        if subject is not None and subject.state in ENDED:
            return subject
        await asyncio.sleep(LOOK_SECONDS)
    return None


async def _must_be_asked_for(house: House, connection: str, state: str) -> MagentoSettings:
    settings = await _asked_for(house, connection, state)
    if settings is None:
        raise problems.not_found("activation address")
    return settings


async def _asked_for(house: House, connection: str, state: str) -> MagentoSettings | None:
    """The shop whose activation an operator asked for with this state."""
    if not await is_ours(house.ledger, connection, state, now=house.clock()):
        return None
    stored = await house.ledger.connections.get(connection)
    return stored.declaration.magento if stored is not None else None


def _must_be_keys(body: bytes) -> ShopsKeys:
    try:
        sent = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
    except ValueError as problem:
        raise ApiProblem(400, "invalid", "The body is not a form.") from problem
    flaws = [
        Flaw(path=name, code="missing", detail="It must be there, and be text of reasonable length.")
        for name in FIELDS
        if not 0 < len(sent.get(name, "")) <= LONGEST_FIELD or not sent[name].isprintable()
    ]
    if flaws:
        raise ApiProblem(400, "invalid", "What Magento sends to activate is not all there.", errors=flaws)
    key, secret, verifier, base_url = (sent[name] for name in FIELDS)
    return ShopsKeys(consumer_key=key, consumer_secret=secret, verifier=verifier, base_url=base_url)


def _elsewhere(settings: MagentoSettings) -> str:
    return (
        f"Magento asked to go back to another host than {settings.base_url}. If the admin has a host of its "
        "own, enter it in the connection as magento.webhooks.admin_url."
    )
