"""A connection, a sandbox that stands for both systems, and a ledger that keeps the tokens."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from services.sandbox.app import create_sandbox_app
from services.sandbox.clock import SandboxClock
from services.sandbox.fortnox.company import Company
from services.sandbox.sandbox import Sandbox
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.http import CallRecord
from shared.ledger.ledger import Ledger
from shared.ledger.migrate import upgrade
from shared.settings.connections import ConnectionDeclaration
from tests.shared.clients.support import TENANT, World, a_declaration
from tests.support.clock import Clock


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    takes_all = httpx.MockTransport(lambda request: httpx.Response(200))
    sandbox = Sandbox(SandboxClock(clock), webhook_transport=takes_all)
    sandbox.fortnox.add_integration("an-app", "app-secret")
    sandbox.fortnox.add_company(TENANT, rate_limit=False)
    sandbox.svea.add_merchant("700001", "svea-secret", "SE", "SEK", "sv-SE")
    yield sandbox
    await sandbox.aclose()


@pytest.fixture
def company(sandbox: Sandbox) -> Company:
    return sandbox.fortnox.company(TENANT)


@pytest.fixture
def transport(sandbox: Sandbox) -> httpx.ASGITransport:
    return httpx.ASGITransport(app=create_sandbox_app(sandbox, in_process=True))


@pytest.fixture
def declaration() -> ConnectionDeclaration:
    return a_declaration()


@pytest.fixture(scope="session")
def ledger_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture(scope="session")
def migrated_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger with its tables: migrating takes a second, copying does not."""
    path = tmp_path_factory.mktemp("ledger") / "empty.sqlite3"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def ledger_url(tmp_path: Path, migrated_ledger: Path) -> str:
    path = shutil.copy(migrated_ledger, tmp_path / "ledger.sqlite3")
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def ledger(ledger_url: str, ledger_key: str) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(ledger_url, keys=[ledger_key], clock=lambda: datetime.now(UTC))
    yield opened
    await opened.close()


@pytest.fixture
def records() -> list[CallRecord]:
    return []


@pytest.fixture
async def world(
    sandbox: Sandbox, transport: httpx.ASGITransport, ledger: Ledger, clock: Clock, records: list[CallRecord]
) -> AsyncIterator[World]:
    world = World(sandbox, transport, ledger, clock, records)
    yield world
    await world.close()


@pytest.fixture
def fortnox(world: World) -> FortnoxClient:
    return world.fortnox()
