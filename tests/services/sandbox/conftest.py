"""A sandbox in process whose webhooks go to a receiver in process."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import httpx
import pytest

from services.sandbox.app import create_sandbox_app
from services.sandbox.clock import SandboxClock
from services.sandbox.sandbox import Sandbox
from tests.services.sandbox.svea.support import MERCHANT, SECRET, Receiver, SveaClient
from tests.support.clock import Clock


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def sandbox(clock: Clock, receiver: Receiver) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(SandboxClock(clock), webhook_transport=receiver.transport(), chance=random.Random(4711))
    sandbox.svea.outbox.first_backoff_seconds = 0.001
    sandbox.svea.add_merchant(MERCHANT, SECRET, "SE", "SEK", "sv-SE")
    sandbox.svea.add_merchant("700002", "another-secret", "NO", "NOK", "nn-NO")
    yield sandbox
    await sandbox.aclose()


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_sandbox_app(sandbox, in_process=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        yield client


@pytest.fixture
def client(http: httpx.AsyncClient, clock: Clock) -> SveaClient:
    return SveaClient(http, clock)
