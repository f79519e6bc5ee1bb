"""A stand-in with one company and one authorised caller."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from services.sandbox.fortnox.app import create_fortnox_app
from services.sandbox.fortnox.company import Company, SandboxFortnox
from services.sandbox.fortnox.control import create_fortnox_control
from tests.services.sandbox.fortnox.api import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, TENANT, Api
from tests.support.clock import Clock


class Stopwatch:
    """Real time of the rate limit, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def fortnox(clock: Clock, stopwatch: Stopwatch) -> SandboxFortnox:
    fortnox = SandboxFortnox(clock, monotonic=stopwatch)
    fortnox.add_integration(CLIENT_ID, CLIENT_SECRET, redirect_uri=REDIRECT_URI)
    fortnox.add_company(TENANT, rate_limit=False)
    return fortnox


@pytest.fixture
def company(fortnox: SandboxFortnox) -> Company:
    return fortnox.company(TENANT)


@pytest.fixture
async def http(fortnox: SandboxFortnox) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody in particular, with the stand-in mounted as it is in the sandbox."""
    app = FastAPI()
    app.mount("/fortnox", create_fortnox_app(fortnox))
    app.include_router(create_fortnox_control(fortnox), prefix="/_control/fortnox")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/fortnox") as client:
        yield client


@pytest.fixture
async def api(http: httpx.AsyncClient) -> Api:
    answer = await http.post(
        "/oauth-v1/token",
        data={"grant_type": "client_credentials"},
        auth=(CLIENT_ID, CLIENT_SECRET),
        headers={"TenantId": str(TENANT)},
    )
    return Api(http, answer.json()["access_token"])
