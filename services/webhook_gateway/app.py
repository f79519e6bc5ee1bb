"""The gateway: takes callbacks, answers operators. Calls no other system than its ledger and Redis."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI

from services.webhook_gateway import problems
from services.webhook_gateway.bouncer import Bouncer
from services.webhook_gateway.callback_keys import CallbackKeys
from services.webhook_gateway.callback_lane import CallbackLane
from services.webhook_gateway.doorbell import Doorbell
from services.webhook_gateway.house import House
from services.webhook_gateway.intake import Intake
from services.webhook_gateway.magento_adobe_keys import AdobeKeyRing
from services.webhook_gateway.openapi import describe
from services.webhook_gateway.operations.turns import Turns
from services.webhook_gateway.routes import (
    api_page,
    backfills,
    booking_days,
    connections,
    consents,
    events,
    fortnox_consent,
    health,
    jobs,
    magento,
    magento_activation,
    mapping,
    oss,
    payouts,
    preflight,
    runs,
    schedule,
    subjects,
    svea,
    tie_out,
    trace,
    vat,
)
from shared.ledger.ledger import Ledger
from shared.queue import Queue
from shared.settings.service import ServiceSettings

CALLBACKS = (
    svea.router,
    magento.router,
    fortnox_consent.router,
    magento_activation.router,
    health.router,
    api_page.router,
)
LANE_PREFIX = "/webhooks/"
OPERATIONS = (
    connections.router,
    consents.router,
    backfills.router,
    jobs.router,
    schedule.router,
    runs.router,
    subjects.router,
    booking_days.router,
    payouts.router,
    tie_out.router,
    trace.router,
    oss.router,
    vat.router,
    preflight.router,
    mapping.router,
    events.router,
)


def create_app(
    *, ledger: Ledger, queue: Queue | None, service: ServiceSettings, clock: Callable[[], datetime]
) -> FastAPI:
    """``queue`` may be None (Redis was down at the start): the doorbell looks for it again by itself.

    The ledger stays its opener's to close.
    """
    house = _build(ledger, queue, service, clock)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await house.intake.start()
        yield
        await house.intake.close()
        await house.doorbell.close()

    app = FastAPI(title="Sluss", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.house = house
    app.add_middleware(CallbackLane, routes=[*svea.router.routes, *magento.router.routes], prefix=LANE_PREFIX)
    app.add_middleware(Bouncer)
    problems.install(app)
    for router in CALLBACKS:
        app.include_router(router)
    for router in OPERATIONS:
        app.include_router(router, prefix="/api/v1")
    describe(app)
    return app


def _build(
    ledger: Ledger, queue: Queue | None, service: ServiceSettings, clock: Callable[[], datetime]
) -> House:
    doorbell = Doorbell(queue, connect=lambda: Queue.connect(service, patient=False))
    return House(
        ledger=ledger,
        service=service,
        clock=clock,
        doorbell=doorbell,
        intake=Intake(ledger, doorbell),
        callback_keys=CallbackKeys(ledger.connections),
        adobe_keys=AdobeKeyRing(ledger.credentials, clock),
        turns=Turns(),
    )
