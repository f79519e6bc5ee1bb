"""Where Fortnox sends the browser after consent. A person reads the answer, so it is a page and not JSON.

Three things come: a code with our state, an error, or neither, which Fortnox does when the company's account
is locked for unpaid bills.
"""

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.webhook_gateway.house import house_of
from services.webhook_gateway.operations.consent import take_code
from services.webhook_gateway.page import page
from services.webhook_gateway.problems import ledger_is_down
from services.webhook_gateway.storable_text import storable

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
router = APIRouter(tags=["callbacks"])

LONGEST_CODE = 2048
LICENCE = {
    "error_missing_license": "The Fortnox company lacks a licence that the integration needs.",
    "error_missing_app_license": "The Fortnox company lacks the licence for this integration.",
    "access_denied": "Consent was declined in Fortnox.",
}
LOCKED = (
    "Fortnox sent you back without an answer. This happens when the company's Fortnox account is locked, for "
    "instance for an unpaid bill. Log in to Fortnox, see what it says, and then open a new consent link."
)


@router.get(
    "/connect/fortnox/callback",
    summary="Come back from Fortnox' consent page",
    response_class=HTMLResponse,
    responses={
        400: {"description": "No consent; the page says why."},
        503: {"description": "Try again shortly."},
    },
)
async def fortnox_callback(
    request: Request,
    code: str = "",
    state: str = "",
    error: str = "",
    error_description: str = "",
) -> HTMLResponse:
    if error:
        log.info("consent.declined", error=storable(error))
        return page(400, "Fortnox did not give consent", _why(error, error_description))
    if not code and not state:
        return page(400, "No answer from Fortnox", LOCKED)
    return await _take(request, code, state)


async def _take(request: Request, code: str, state: str) -> HTMLResponse:
    house = house_of(request)
    try:
        event = (
            await take_code(house.ledger, state=state, code=code[:LONGEST_CODE], now=house.clock())
            if code
            else None
        )
        if event is not None:
            await house.intake.accept(event)
    except Exception as problem:
        if not ledger_is_down(problem):
            raise
        log.warning("consent.not_stored", error=type(problem).__name__)
        return page(
            503, "Not right now", "The consent could not be stored. Open a new consent link in a minute."
        )
    if event is None:
        return page(
            400,
            "This link is no longer good",
            "A consent link works once, for fifteen minutes. Make a new one and open it again.",
        )
    return page(
        200,
        "Thank you",
        f"Fortnox gave its consent for {event.connection}. The connection is made within seconds; "
        "you can close this page.",
    )


def _why(error: str, description: str) -> str:
    known = LICENCE.get(error)
    said = storable(description) or storable(error)
    return f"{known} Fortnox says: {said}" if known else f"Fortnox says: {said}"
