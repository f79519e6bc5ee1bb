"""The house as it runs in production: its own processes, a real Redis and database, the stand-ins behind a
real socket. The stand-ins serve in the test's own event loop, so a test sees what they hold.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import psutil
import uvicorn
from cryptography.fernet import Fernet
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.local.ports import free_port
from services.local.redis_server import RedisServer
from services.sandbox.app import create_sandbox_app
from services.sandbox.fortnox.company import Company
from services.sandbox.sandbox import Sandbox
from services.sandbox.svea.events import EVENT_NAMES
from services.sandbox.svea.orders import Customer, Row
from shared.ledger.ledger import Ledger
from shared.ledger.records import Subject
from shared.settings.connections import ConnectionDeclaration
from tests.support.paths import REPOSITORY
from tests.support.world import LINES, PERSON, TOKEN, a_row, freight, kronor

LOOPBACK = "127.0.0.1"
START_WITHIN_SECONDS = 150  # a busy machine without compiled modules
CREW = "tests.kill.killable_worker"
WORKER = "services.sync_worker"
SCHEDULER = "services.scheduler"
GATEWAY = "services.webhook_gateway"
LISTENER = "services.event_listener"
SAYS_READY = {
    WORKER: "worker.started",
    SCHEDULER: "scheduler.started",
    CREW: "worker.started",
    LISTENER: "listener.started",
}
BYTECODE = REPOSITORY / ".pytest_cache" / "bytecode"
"""Where child processes keep compiled modules, whatever our own environment says: a start costs a third."""

# Short enough that a killed worker costs a test a second or two.
SHORT = {
    "SLUSS_LEASE": "PT1.5S",
    "SLUSS_LEASE_HEARTBEAT": "PT0.3S",
    "SLUSS_WAKE_SWEEP": "PT0.2S",
    "SLUSS_RETRY_BASE": "PT0.3S",
    "SLUSS_RETRY_CAP": "PT2S",
    "SLUSS_ATTENTION_RECHECK": "PT2S",
    "SLUSS_FORTNOX_RATE": "1000",
    "SLUSS_SVEA_RATE": "1000",
}
THE_SALE = (a_row("Mugg", "249.00", pieces=2), freight("49.00"))
# What THE_SALE leaves when it was delivered and one mug of 249.00 was given back; 25 % VAT.
ITS_BOOKS = kronor(_1510="298.00", _3001="-199.20", _3520="-39.20", _2611="-59.60")
ITS_DOCUMENTS = {
    "customers": 1,
    "articles": 1,
    "orders": 1,
    "invoices": 1,
    "credits": 1,
    "vouchers": 2,
    "cancelled": 0,
    "unbooked": 0,
}


def now_utc() -> datetime:
    return datetime.now(UTC)


async def until(true: Callable[[], Any], *, within: float = 30.0, what: str = "it") -> None:
    """Wait for something that the processes bring about."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen within {within:g} s"
        await asyncio.sleep(0.02)


@dataclass
class Process:
    """One of our services as a child process, with its log."""

    module: str
    log: Path
    popen: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def ended(self) -> int | None:
        return self.popen.poll()

    def kill(self) -> None:
        """SIGKILL, and of whatever it forked."""
        for child in psutil.Process(self.pid).children(recursive=True) if self.ended is None else []:
            child.kill()
        self.popen.kill()
        self.popen.wait()

    async def stop(self, *, within: float = 30.0) -> int:
        """SIGTERM; the exit code."""
        if self.ended is None:
            self.popen.send_signal(signal.SIGTERM)
        await until(lambda: self.ended is not None, within=within, what=f"the end of {self.module}")
        return self.popen.returncode

    def said(self, text: str) -> int:
        return self.log.read_text(errors="replace").count(text)

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-25:])


@dataclass
class LateRefusal:
    """Fortnox does what was asked and then answers with an error: so many times."""

    method: str
    path: re.Pattern[str]
    status: int = 500
    times: int = 1


class LateRefusals:
    """ASGI layer for what the sandbox's own faults cannot: a status after the commit, and when calls came."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.rules: list[LateRefusal] = []
        self.on_arrival: Callable[[str], None] = lambda path: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.on_arrival(scope["path"])
        rule = self._rule_for(scope)
        if rule is None:
            await self.app(scope, receive, send)
            return
        rule.times -= 1

        async def swallow(message: Message) -> None:
            """The real answer, which nobody gets."""

        await self.app(scope, receive, swallow)
        headers = [(b"content-type", b"text/html"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": rule.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _rule_for(self, scope: Scope) -> LateRefusal | None:
        for rule in self.rules if scope["type"] == "http" else ():
            if rule.times and scope["method"] == rule.method and rule.path.search(scope["path"]):
                return rule
        return None


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The test's process keeps its own signals."""
        yield


@dataclass
class House:
    """Everything around the processes; start them with ``start`` and the like."""

    folder: Path
    database_url: str
    redis: RedisServer
    ledger: Ledger
    sandbox: Sandbox
    late: LateRefusals
    sandbox_port: int
    gateway_port: int
    env: dict[str, str]
    processes: list[Process] = field(default_factory=list)
    shops: dict[str, "Shop"] = field(default_factory=dict)

    @property
    def armed(self) -> Path:
        return self.folder / "armed"

    @property
    def gateway_url(self) -> str:
        return f"http://{LOOPBACK}:{self.gateway_port}"

    # ── processes ─────────────────────────────────────────────────────────────────────────────────

    async def start(self, module: str, *arguments: str, **env: str) -> Process:
        """Start a service and wait until it says that it serves."""
        process = self.launch(module, *arguments, **env)
        await self.ready(process, count=int(arguments[0]) if module == CREW else 1)
        return process

    def launch(self, module: str, *arguments: str, **env: str) -> Process:
        log = self.folder / f"{len(self.processes)}-{module}.log"
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=REPOSITORY,
                env=self.env | env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        process = Process(module, log, popen)
        self.processes.append(process)
        return process

    async def ready(self, process: Process, *, count: int = 1) -> None:
        deadline = time.monotonic() + START_WITHIN_SECONDS
        while not (await self._serves(process, count)):
            assert process.ended is None, f"{process.module} ended at once:\n{process.tail()}"
            assert time.monotonic() < deadline, f"{process.module} does not start:\n{process.tail()}"
            await asyncio.sleep(0.02)

    async def _serves(self, process: Process, count: int) -> bool:
        if process.module != GATEWAY:
            return process.said(SAYS_READY[process.module]) >= count
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"{self.gateway_url}/health/live", timeout=2)).status_code < 500
        except httpx.TransportError:
            return False

    async def start_house(self, *, crew: int = 4) -> None:
        """Gateway, scheduler and workers that can be told to die."""
        modules = [self.launch(GATEWAY), self.launch(SCHEDULER)]
        crewed = self.launch(CREW, str(crew)) if crew else None
        for process in modules:
            await self.ready(process)
        if crewed is not None:
            await self.ready(crewed, count=crew)

    def running(self, module: str) -> list[Process]:
        return [one for one in self.processes if one.module == module and one.ended is None]

    def kill_everything(self) -> None:
        """Power off: every process of ours, and Redis."""
        for process in self.processes:
            process.kill()
        self.redis.kill()

    def must_have_survived(self) -> None:
        """No service ended by itself, and none met a bug."""
        for process in self.processes:
            assert process.ended in (None, 0, -signal.SIGKILL), f"{process.module}:\n{process.tail()}"
            assert not process.said('"run.broke"'), process.tail()

    # ── connections ───────────────────────────────────────────────────────────────────────────────

    async def opens(self, name: str, *, in_doubt_wait: float = 1.0, **changes: Any) -> "Shop":
        """A merchant with a Fortnox company, a Svea key set and a connection of its own."""
        number = 1 + len(self.shops)
        shop = Shop(self, name, tenant=1_000_000 + number, merchant=str(700_100 + number))
        self.sandbox.svea.add_merchant(shop.merchant, f"not-a-real-secret-{name}", "SE", "SEK", "sv-SE")
        self.sandbox.fortnox.add_company(shop.tenant, rate_limit=False)
        await self.ledger.connections.put(
            ConnectionDeclaration.model_validate(shop.declaration(in_doubt_wait) | changes)
        )
        await self.ledger.connections.set_active(name, True)
        subscription = self.sandbox.svea.subscriptions.add(
            f"sub-{name}", merchant_id=shop.merchant, url=shop.callback, events=EVENT_NAMES
        )
        subscription.verified = True
        self.shops[name] = shop
        return shop


@dataclass
class Shop:
    """One connection: what happens at Svea, and what stands in its books."""

    house: House
    name: str
    tenant: int
    merchant: str

    @property
    def company(self) -> Company:
        return self.house.sandbox.fortnox.company(self.tenant)

    @property
    def callback(self) -> str:
        return f"{self.house.gateway_url}/webhooks/svea/{self.name}/se/{TOKEN}"

    def declaration(self, in_doubt_wait: float) -> dict[str, Any]:
        base = f"http://{LOOPBACK}:{self.house.sandbox_port}"
        return {
            "name": self.name,
            "fortnox": {
                "api_url": f"{base}/fortnox",
                "oauth_url": f"{base}/fortnox/oauth-v1",
                "websocket_url": f"ws://{LOOPBACK}:{self.house.sandbox_port}/fortnox/topics-v1",
                "client_id": "sluss-test",
                "client_secret": "sluss-test-secret",
                "tenant_id": self.tenant,
                "in_doubt_wait": in_doubt_wait,
            },
            "markets": [
                {
                    "name": "se",
                    "country": "SE",
                    "currency": "SEK",
                    "svea": {
                        "checkout_url": f"{base}/svea/checkout",
                        "admin_url": f"{base}/svea/admin",
                        "merchant_id": self.merchant,
                        "secret": f"not-a-real-secret-{self.name}",
                        "callback_token": TOKEN,
                    },
                }
            ],
            "sales": LINES,
        }

    # ── what happens at Svea ──────────────────────────────────────────────────────────────────────

    def checkout(self, *rows: Row, email: str = "tilda@example.com", **more: Any) -> int:
        options: dict[str, Any] = {
            "customer": Customer(national_id="190001019999", email=email, phone="+46700000101"),
            "shipping": PERSON,
            "billing": PERSON,
            "payment_type": "INVOICE",
        } | more
        number = f"1{self.tenant:06d}{len(self.house.sandbox.svea.orders):04d}"
        return self.house.sandbox.svea.create_checkout(self.merchant, number, rows or THE_SALE, **options)

    def buys(self, *rows: Row, **more: Any) -> int:
        sale = self.checkout(*rows, **more)
        self.house.sandbox.svea.finalize(sale)
        return sale

    def delivers(self, sale: int) -> int:
        return self.house.sandbox.svea.deliver(sale)

    def refunds_a_mug(self, sale: int, delivery: int) -> int:
        """One of the two mugs of ``THE_SALE`` comes back."""
        return self.house.sandbox.svea.credit_rows(sale, delivery, {1: 100})

    async def whole_story(self, sale: int | None = None) -> int:
        """Bought, delivered, one mug given back; each once the one before is booked."""
        sale = self.buys() if sale is None else sale
        await self.done(sale, wanted=1)
        delivery = self.delivers(sale)
        await self.done(sale, wanted=2)
        self.refunds_a_mug(sale, delivery)
        await self.done(sale, wanted=3)
        return sale

    # ── what became of it ─────────────────────────────────────────────────────────────────────────

    async def subject(self, sale: int) -> Subject | None:
        return await self.house.ledger.subjects.find(self.name, "sale", str(sale))

    async def done(self, sale: int, *, wanted: int, within: float = 120.0) -> Subject:
        """Wait until so many events are stored and all of them are booked."""
        deadline = time.monotonic() + within
        while True:
            found = await self.subject(sale)
            if found and found.wanted >= wanted and found.wanted == found.done and found.state == "done":
                return found
            self.house_must_stand()
            assert time.monotonic() < deadline, f"{self.name}: {sale} is not done: {found}"
            await asyncio.sleep(0.03)

    async def worker_of(self, sale: int) -> int:
        """The process id of the worker that holds the sale's lease."""
        found = await self.subject(sale)
        assert found is not None
        assert found.lease_owner is not None, f"nobody works on {sale}"
        return int(found.lease_owner.split(":")[1])

    def house_must_stand(self) -> None:
        for process in self.house.running(CREW) + self.house.running(WORKER):
            assert not process.said('"run.broke"'), process.tail()

    def books(self) -> dict[int, Decimal]:
        """Balance by account, debit positive; accounts at zero are left out."""
        return {account: amount for account, amount in self.company.books.by_account().items() if amount}

    def documents(self) -> dict[str, int]:
        """How many documents there are, cancelled and unbooked ones too: nothing may be wasted."""
        company = self.company
        kinds = Counter(
            "credit" if one["Credit"] in (True, "true") else "invoice" for one in company.invoices.values()
        )
        return {
            "customers": len(company.customers),
            "articles": len(company.articles),
            "orders": len(company.orders),
            "invoices": kinds["invoice"],
            "credits": kinds["credit"],
            "vouchers": len(company.vouchers),
            "cancelled": sum(bool(one["Cancelled"]) for one in self.all_documents()),
            "unbooked": sum(not one["Booked"] for one in company.invoices.values()),
        }

    def all_documents(self) -> list[Mapping[str, Any]]:
        return [*self.company.orders.values(), *self.company.invoices.values()]


@asynccontextmanager
async def a_house(
    database_url: str, folder: Path, *, settings: Mapping[str, str] | None = None
) -> AsyncIterator[House]:
    """Redis, the ledger and the stand-ins are up; no process of ours runs yet."""
    armed = folder / "armed"
    armed.mkdir(parents=True)
    key = Fernet.generate_key().decode()
    with RedisServer(folder / "redis") as redis:
        ledger = await Ledger.open(database_url, keys=[key], clock=now_utc, migrate=True)
        sandbox = Sandbox()
        sandbox.fortnox.add_integration("sluss-test", "sluss-test-secret")
        late = LateRefusals(create_sandbox_app(sandbox))
        port, gateway_port = free_port(), free_port()
        env = _environment(database_url, redis.url, key, gateway_port, armed) | dict(
            SHORT if settings is None else settings
        )
        house = House(folder, database_url, redis, ledger, sandbox, late, port, gateway_port, env)
        async with serving(late, port):
            try:
                yield house
            finally:
                sandbox.faults.clear()
                for process in house.processes:
                    process.kill()
                await ledger.close()


def _environment(
    database_url: str, redis_url: str, key: str, gateway_port: int, armed: Path
) -> dict[str, str]:
    """Ours, without what would change the services."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SLUSS_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return inherited | {
        "PYTHONPYCACHEPREFIX": str(BYTECODE),
        "SLUSS_DATABASE_URL": database_url,
        "SLUSS_REDIS_URL": redis_url,
        "SLUSS_ENCRYPTION_KEYS": key,
        "SLUSS_HOST": LOOPBACK,
        "SLUSS_PORT": str(gateway_port),
        "SLUSS_PUBLIC_URL": f"http://{LOOPBACK}:{gateway_port}",
        "SLUSS_TEST_ARMED": str(armed),
    }


@asynccontextmanager
async def serving(app: ASGIApp, port: int) -> AsyncIterator[None]:
    server = _Server(
        uvicorn.Config(
            app,
            host=LOOPBACK,
            port=port,
            log_level="error",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
    )
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started, what="the sandbox")
    try:
        yield
    finally:
        server.should_exit = True
        await serving
