"""A gateway with a real ledger and a real Redis, spoken to over ASGI."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from cryptography.fernet import Fernet
from fastapi import FastAPI

from services.webhook_gateway.app import create_app
from shared.ledger.ledger import Ledger
from shared.queue import Queue
from shared.settings.service import ServiceSettings
from tests.services.webhook_gateway.support import Gateway
from tests.support.clock import Clock

KEYS = [Fernet.generate_key().decode()]

Opened = Callable[..., AbstractAsyncContextManager[Gateway]]


@pytest.fixture
def service(redis_url: str) -> ServiceSettings:
    return ServiceSettings(redis_url=redis_url, public_url="https://hooks.example.test")


@pytest.fixture
async def ledger(ledger_url: str, clock: Clock) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(ledger_url, keys=KEYS, clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
def opened(clock: Clock) -> Opened:
    """Call it with a ledger and settings for a gateway; what a test kills itself, it opens itself."""

    @asynccontextmanager
    async def open_gateway(
        ledger: Ledger, service: ServiceSettings, queue: Queue | None = None
    ) -> AsyncIterator[Gateway]:
        app: FastAPI = create_app(ledger=ledger, queue=queue, service=service, clock=clock)
        transport = httpx.ASGITransport(app, client=("203.0.113.7", 5123))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="https://hooks.example.test") as http,
        ):
            yield Gateway(app=app, http=http, ledger=ledger, clock=clock, service=service)

    return open_gateway


@pytest.fixture
async def small_gateway(
    sqlite_url: str, clock: Clock, service: ServiceSettings, opened: Opened
) -> AsyncIterator[Gateway]:
    """On SQLite only: for what is answered before any database has a say in it."""
    ledger = await Ledger.open(sqlite_url, keys=KEYS, clock=clock, migrate=True)
    async with opened(ledger, service, await Queue.connect(service, patient=False)) as gateway:
        yield gateway
    await ledger.close()


@pytest.fixture
async def gateway(ledger: Ledger, service: ServiceSettings, opened: Opened) -> AsyncIterator[Gateway]:
    queue = await Queue.connect(service, patient=False)
    async with opened(ledger, service, queue) as gateway:
        yield gateway
