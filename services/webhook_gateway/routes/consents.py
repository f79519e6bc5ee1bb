"""Start a consent. The ways back are `fortnox_consent.py` and `magento_activation.py`."""

from fastapi import APIRouter, Request

from services.webhook_gateway import problems
from services.webhook_gateway.house import house_of
from services.webhook_gateway.operations import consent, magento_activation
from services.webhook_gateway.operations.access import Admin
from services.webhook_gateway.operations.answers import ActivationStarted, ConsentStarted
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


@router.post(
    "/connections/{connection}/magento/activation",
    summary="Make the two addresses that a Magento integration is activated with",
    responses=problems.documented(401, 403, 404, 503),
)
async def start_activation(request: Request, key: Admin, connection: str) -> ActivationStarted:
    house = house_of(request)
    if (await must_be_known(house, connection)).declaration.magento is None:
        raise problems.not_found("shop of this connection")
    started = await magento_activation.begin(
        house.ledger, connection, public_url=house.service.public_url, now=house.clock()
    )
    await house.ledger.audit.act(key.name, "activation.start", connection, None, {})
    return ActivationStarted(
        callback_url=started.callback_url, identity_url=started.identity_url, expires_at=started.expires_at
    )


def redirect_uri(declaration: ConnectionDeclaration, service: ServiceSettings) -> str:
    return declaration.fortnox.redirect_uri or service.public_url.rstrip("/") + CALLBACK_PATH
