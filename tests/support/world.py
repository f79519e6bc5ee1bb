"""The whole house around one merchant: real ledger, real Redis, the stand-ins, the real gateway and flows.

Only the processes are missing: a worker's loop is replaced by `works()`, which runs what is due.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
from cryptography.fernet import Fernet

from services.sandbox.app import create_sandbox_app
from services.sandbox.clock import SandboxClock
from services.sandbox.fortnox.company import Company
from services.sandbox.magento.shop import Shop
from services.sandbox.sandbox import Sandbox
from services.sandbox.svea.events import EVENT_NAMES
from services.sandbox.svea.orders import Customer, Row
from services.sync_worker.converge import converge
from services.sync_worker.preview import preview
from services.sync_worker.workshop import Workshop
from services.webhook_gateway.app import create_app
from shared.ledger.ledger import Ledger
from shared.ledger.records import Subject
from shared.queue import Queue
from shared.settings.connections import ConnectionDeclaration
from shared.settings.service import ServiceSettings
from tests.support.clock import Clock

CONNECTION = "acme"
TENANT = 1234567
TOKEN = "token-0123456789-abcdefghijklmnop"
STOCKHOLM_NOON = timedelta(hours=10)
MARKETS = {
    "se": ("700001", "SE", "SEK", "sv-SE"),
    "no": ("700002", "NO", "NOK", "nn-NO"),
    "fi": ("700003", "FI", "EUR", "fi-FI"),
    "dk": ("700004", "DK", "DKK", "da-DK"),
    "de": ("700005", "DE", "EUR", "de-DE"),
}
LINES: list[dict[str, Any]] = [
    {"treatment": "oss", "country": "FI", "rate": 25.5, "goods": 3162, "freight": 3162, "vat_code": "FI255"},
    {"treatment": "oss", "country": "DE", "rate": 19, "goods": 3161, "freight": 3161, "vat_code": "DE19"},
    {"treatment": "oss", "country": "DE", "rate": 7, "goods": 3164, "freight": 3164, "vat_code": "DE7"},
    {"treatment": "oss", "country": "DK", "rate": 25, "goods": 3163, "freight": 3163, "vat_code": "DK25"},
    {"treatment": "voec", "country": "NO", "rate": 25, "goods": 3105, "freight": 3522, "vat_code": "NO25"},
    {"treatment": "voec", "country": "NO", "rate": 15, "goods": 3105, "freight": 3522, "vat_code": "NO15"},
]
PERSON = {
    "FullName": "Testsson, Tilda",
    "StreetAddress": "Provgatan 1",
    "PostalCode": "11122",
    "City": "Stockholm",
    "CountryCode": "SE",
}


SHOP_KEYS = {
    "consumer_key": "ck0123456789abcdefghijklmnopqrst",
    "consumer_secret": "cs0123456789abcdefghijklmnopqrst",
    "access_token": "at0123456789abcdefghijklmnopqrst",
    "access_token_secret": "ts0123456789abcdefghijklmnopqrst",
}
WEBHOOK_SECRET = "a-webhook-secret-of-the-test-shop"


def secret_of(market: str) -> str:
    return f"not-a-real-secret-{market}"


def a_declaration(base: str = "http://sandbox", **changes: Any) -> dict[str, Any]:
    """A valid connection to the stand-ins; a test changes only what it is about."""
    markets = [
        {
            "name": name,
            "country": country,
            "currency": currency,
            "svea": {
                "checkout_url": f"{base}/svea/checkout",
                "admin_url": f"{base}/svea/admin",
                "merchant_id": merchant_id,
                "secret": secret_of(name),
                "callback_token": TOKEN,
            },
        }
        for name, (merchant_id, country, currency, _) in MARKETS.items()
    ]
    return {
        "name": CONNECTION,
        "fortnox": {
            "api_url": f"{base}/fortnox",
            "oauth_url": f"{base}/fortnox/oauth-v1",
            "client_id": "sluss-test",
            "client_secret": "sluss-test-secret",
            "tenant_id": TENANT,
            "in_doubt_wait": 20,
        },
        "markets": markets,
        "sales": LINES,
        "vat_numbers": {"api_url": f"{base}/vies/rest-api", "vies": "off"},
    } | changes


def a_shop(base: str = "http://sandbox", **changes: Any) -> dict[str, Any]:
    """The `magento` part of a declaration: the stand-in's shop, whose notices are signed."""
    documents = {"wait": 0} | changes.pop("documents", {})  # tests of what is told wait for nobody
    shop = {"base_url": f"{base}/magento/default", **SHOP_KEYS, "webhook_secrets": [WEBHOOK_SECRET]}
    return shop | {"documents": documents} | changes


def a_service(redis_url: str = "redis://127.0.0.1:1/0", **changes: Any) -> ServiceSettings:
    settings: dict[str, Any] = {"redis_url": redis_url, "svea_rate": 1000, "fortnox_rate": 1000, **changes}
    return ServiceSettings(**settings)


def a_row(name: str = "Mugg", price: str = "249.00", *, pieces: int = 1, vat: str = "25", **more: Any) -> Row:
    """A Svea row; price per piece including VAT."""
    return Row(
        article_number=more.pop("article", f"SKU-{name.upper()}"),
        name=name,
        unit_price=int(Decimal(price) * 100),
        quantity=pieces * 100,
        vat_percent=int(Decimal(vat) * 100),
        **more,
    )


def freight(price: str = "49.00", *, vat: str = "25") -> Row:
    return a_row("Frakt", price, vat=vat, article="shipping_fee", row_type="ShippingFee")


@dataclass
class World:
    """One merchant's world; `clock` moves both the sandbox and the product."""

    sandbox: Sandbox
    company: Company
    ledger: Ledger
    shop: Workshop
    gateway: httpx.AsyncClient
    clock: Clock
    store: Shop | None = None  # the Magento shop, where the connection has one

    @property
    def magento(self) -> Shop:
        assert self.store is not None, "this world has no shop"
        return self.store

    # ── what happens at Svea ──────────────────────────────────────────────────────────────────────

    def on(self, day: str) -> None:
        """Noon of that day in Stockholm, or a little later if it is that day already."""
        noon = datetime.fromisoformat(day).replace(tzinfo=UTC) + STOCKHOLM_NOON
        is_today = noon.date() == self.clock().date()
        self._move(max(noon, self.clock() + timedelta(minutes=1)) if is_today else noon)

    def later(self, by: timedelta) -> None:
        self._move(self.clock() + by)

    def _move(self, now: datetime) -> None:
        self.clock.set(now)

    def checkout(self, *rows: Row, market: str = "se", number: str = "100000101", **more: Any) -> int:
        address = PERSON | {"CountryCode": MARKETS[market][1]} | more.pop("address", {})
        options: dict[str, Any] = {
            "customer": Customer(national_id="190001019999", email="tilda@example.com", phone="+46700000101"),
            "shipping": address,
            "billing": address,
            "payment_type": "SVEACARDPAY_PF",
        } | more
        return self.sandbox.svea.create_checkout(MARKETS[market][0], number, rows, **options)

    def buys(self, *rows: Row, pending: bool = False, **more: Any) -> int:
        checkout_id = self.checkout(*rows, **more)
        self.sandbox.svea.finalize(checkout_id, pending=pending)
        return checkout_id

    # ── what the product does ─────────────────────────────────────────────────────────────────────

    async def works(self, *, rounds: int = 20) -> None:
        """Webhooks arrive, and everything that is due is run until nothing is."""
        for _ in range(rounds):
            await self.settles()  # what a run wrote is told, too
            due = await self.ledger.subjects.due(100)
            if not due:
                return
            for wake in due:
                await converge(self.shop, wake.subject_id)
        raise AssertionError(f"still due after {rounds} rounds: {due}")

    async def settles(self) -> None:
        """Every notice that is under way has arrived."""
        await self.sandbox.svea.settle()
        if self.store is not None:
            await self.sandbox.magento.outbox.settle()

    async def sale(self, key: int | str) -> Subject:
        """By its checkout id, or by its order in the shop: ``M1007``."""
        checkout_id = str(key)
        found = await self.ledger.subjects.find(CONNECTION, "sale", checkout_id)
        assert found is not None, f"no subject for sale {checkout_id}"
        return found

    async def preview(self, checkout_id: int | str) -> dict[str, Any]:
        return await preview(self.shop, await self.sale(checkout_id))

    async def works_as_previewed(self, checkout_id: int | str) -> None:
        """The run books what a preview of it just said: accounts, amounts, dates (E07)."""
        await self.settles()
        before, writes = self.books_by_date(), self.writes()
        said = await self.preview(checkout_id)
        assert self.writes() == writes, "a preview wrote"
        await self.works()
        expected = dict(before)
        for one in said["postings"]:
            if one["new"]:
                key = (one["date"], one["account"])
                amount = Decimal(one["debit"]) - Decimal(one["credit"])
                expected[key] = expected.get(key, Decimal(0)) + amount
        assert {key: amount for key, amount in expected.items() if amount} == self.books_by_date()

    async def hears_everything_again(self) -> None:
        """Every webhook once more, the last first, and every sale and document of the shop retried: nothing
        is written, to either side."""
        made, books, in_shop = self.accepted_writes(), self.books(), self.shop_writes()
        self.later(timedelta(minutes=1))
        self.sandbox.svea.resend_webhooks(last=1000, copies=1)
        if self.store is not None:
            self.sandbox.magento.outbox.resend(last=1000, copies=1)
        await self.works()
        for kind in ("sale", "shop_document"):
            await self.ledger.subjects.retry_where(connection=CONNECTION, kind=kind)
        await self.works()
        assert self.accepted_writes() == made
        assert self.shop_writes() == in_shop
        assert self.books() == books

    async def retry(self, checkout_id: int) -> None:
        await self.ledger.subjects.retry([(await self.sale(checkout_id)).id])
        await self.works()

    async def declare(self, **changes: Any) -> None:
        await self.ledger.connections.put(ConnectionDeclaration.model_validate(a_declaration(**changes)))

    # ── what stands in the books ──────────────────────────────────────────────────────────────────

    def books(self, on: str | None = None) -> dict[int, Decimal]:
        """Balance by account, debit positive, accounts at zero left out; of one day, or of all."""
        day = date.fromisoformat(on) if on else None
        found = self.company.books.by_account(day, day)
        return {account: amount for account, amount in found.items() if amount}

    def books_by_date(self) -> dict[tuple[str, int], Decimal]:
        """Sum by date and account, debit positive, zeros left out."""
        found: dict[tuple[str, int], Decimal] = {}
        for voucher in self.company.vouchers:
            for row in voucher.rows:
                key = (voucher.date.isoformat(), row.account)
                found[key] = found.get(key, Decimal(0)) + row.debit - row.credit
        return {key: amount for key, amount in found.items() if amount}

    @property
    def orders(self) -> list[Mapping[str, Any]]:
        return list(self.company.orders.values())

    @property
    def invoices(self) -> list[Mapping[str, Any]]:
        """Invoices and credit invoices that are not cancelled."""
        return [invoice for invoice in self.company.invoices.values() if not invoice["Cancelled"]]

    def writes(self) -> list[str]:
        """Method and path of every call that was meant to change something."""
        return [f"{call.method} {call.path}" for call in self.company.writes() if "oauth" not in call.path]

    def accepted_writes(self) -> list[str]:
        calls = [call for call in self.company.writes() if "oauth" not in call.path and call.status < 400]
        return [f"{call.method} {call.path}" for call in calls]

    def shop_writes(self) -> list[str]:
        """The same for the shop."""
        calls = self.store.writes() if self.store is not None else []
        made = [call for call in calls if call.status < 400]
        return [f"{call.method} {call.path.rpartition('/rest')[2]}" for call in made]

    def calls(self) -> list[str]:
        return [f"{call.method} {call.path}" for call in self.company.calls if "oauth" not in call.path]


def kronor(**accounts: str) -> dict[int, Decimal]:
    """``kronor(_1510="547.00")`` -> {1510: Decimal("547.00")}: a book by account, debit positive."""
    return {int(name[1:]): Decimal(amount) for name, amount in accounts.items()}


@asynccontextmanager
async def a_world(
    database_url: str, redis_url: str, clock: Clock, declaration: Mapping[str, Any] | None = None
) -> AsyncIterator[World]:
    """Everything is wired in one process; callbacks really go through the gateway."""
    service = a_service(redis_url, database_url=database_url)
    ledger = await Ledger.open(database_url, keys=[Fernet.generate_key().decode()], clock=clock, migrate=True)
    queue = await Queue.connect(service)
    app = create_app(ledger=ledger, queue=queue, service=service, clock=clock)
    gateway_transport = httpx.ASGITransport(app=app)
    sandbox = Sandbox(SandboxClock(source=clock), webhook_transport=gateway_transport)
    company = _open_accounts(sandbox)
    store = _open_shop(sandbox) if (declaration or {}).get("magento") else None
    sandbox_app = create_sandbox_app(sandbox, in_process=True)
    transport = httpx.ASGITransport(app=sandbox_app)
    shop = Workshop(ledger, service, queue, "test", clock, random=lambda: 0.5, transport=transport)
    await ledger.connections.put(ConnectionDeclaration.model_validate(declaration or a_declaration()))
    await ledger.connections.set_active(CONNECTION, True)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=gateway_transport, base_url="http://gateway") as gateway,
    ):
        await _subscribe(sandbox)
        try:
            yield World(sandbox, company, ledger, shop, gateway, clock, store)
        finally:
            # A notice that is cancelled while the gateway stores it leaves its connection to PostgreSQL open.
            with suppress(TimeoutError):
                await sandbox.magento.outbox.settle(timeout_seconds=1)
            await sandbox.aclose()
            await shop.close()
            await queue.close()
            await ledger.close()


def _open_accounts(sandbox: Sandbox) -> Company:
    for name, (merchant_id, country, currency, locale) in MARKETS.items():
        sandbox.svea.add_merchant(merchant_id, secret_of(name), country, currency, locale)
    sandbox.fortnox.add_integration("sluss-test", "sluss-test-secret")
    return sandbox.fortnox.add_company(TENANT, rate_limit=False)


def _open_shop(sandbox: Sandbox) -> Shop:
    store = sandbox.magento.add_shop("default", **SHOP_KEYS)
    store.subscribe(f"http://gateway/webhooks/magento/{CONNECTION}", WEBHOOK_SECRET)
    return store


async def _subscribe(sandbox: Sandbox) -> None:
    for name, (merchant_id, *_) in MARKETS.items():
        url = f"http://gateway/webhooks/svea/{CONNECTION}/{name}/{TOKEN}"
        subscription = sandbox.svea.subscriptions.add(
            f"sub-{name}", merchant_id=merchant_id, url=url, events=EVENT_NAMES
        )
        subscription.verified = True


def numbers_of(documents: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(document["DocumentNumber"]) for document in documents]
