"""Start a Fortnox consent. The way back is `fortnox_consent.py`."""

from fastapi import APIRouter, Request

from services.webhook_gateway import problems
from services.webhook_gateway.house import house_of
from services.webhook_gateway.operations import consent
from services.webhook_gateway.operations.access import Admin
from services.webhook_gateway.operations.answers import ConsentStarted
from services.webhook_gateway.routes.connections import must_be_known
from shared.settings.connections import ConnectionDeclaration
from shared.settings.service import ServiceSettings

# Not repeatable on purpose: a kept answer would keep the state, of which we store no more than a digest.
# Sending it again is harmless: it makes a new link, and the one before stops working.
router = APIRouter(tags=["connections"])

CALLBACK_PATH = "/connect/fortnox/callback"


@router.post(
    "/connections/{connection}/fortnox/consent",
    summary="Make the link at which Fortnox asks for consent",
    responses=problems.documented(401, 403, 404, 503),
)
async def start_consent(request: Request, key: Admin, connection: str) -> ConsentStarted:
    house = house_of(request)
    declaration = (await must_be_known(house, connection)).declaration
    started = await consent.begin(
        house.ledger,
        connection,
        declaration.fortnox,
        redirect_uri=redirect_uri(declaration, house.service),
        now=house.clock(),
    )
    await house.ledger.audit.act(key.name, "consent.start", connection, None, {})
    return ConsentStarted(authorize_url=started.authorize_url, expires_at=started.expires_at)


def redirect_uri(declaration: ConnectionDeclaration, service: ServiceSettings) -> str:
    return declaration.fortnox.redirect_uri or service.public_url.rstrip("/") + CALLBACK_PATH
