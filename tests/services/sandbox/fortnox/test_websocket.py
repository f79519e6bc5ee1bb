"""The event stream: commands of the guide, an event for every change, replay, and its guesses."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from services.local.ports import free_port
from services.sandbox.fortnox.app import create_fortnox_app
from services.sandbox.fortnox.company import Company, SandboxFortnox
from services.sandbox.fortnox.invoices import Invoices
from tests.services.sandbox.fortnox.api import CLIENT_SECRET, TENANT, Api
from tests.support.clock import Clock
from tests.support.processes_world import LOOPBACK, serving

SECONDS = 5.0


class Ear:
    """One raw connection, with the words of the guide."""

    def __init__(self, socket: ClientConnection, token: str) -> None:
        self.socket, self.token = socket, token

    async def ask(self, command: str, **payload: Any) -> dict[str, Any]:
        await self.socket.send(json.dumps({"command": command, **payload}))
        return await self.next()

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(SECONDS):
            found: dict[str, Any] = json.loads(await self.socket.recv())
            return found

    async def add_tenants(self, *tokens: str, secret: str = CLIENT_SECRET) -> dict[str, Any]:
        shown = [f"Bearer {token}" for token in tokens or (self.token,)]
        return await self.ask("add-tenants-v1", clientSecret=secret, accessTokens=shown)

    async def subscribe(self, **topics: str | None) -> None:
        await self.add_tenants()
        wanted = [{"topic": t} if o is None else {"topic": t, "offset": o} for t, o in topics.items()]
        assert (await self.ask("add-topics-v1", topics=wanted))["result"] == "ok"
        assert (await self.ask("subscribe-v1"))["result"] == "ok"

    async def types(self, count: int) -> list[str]:
        return [(await self.next())["type"] for _ in range(count)]

    async def silence(self) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await self.socket.recv()


@pytest.fixture
async def url(fortnox: SandboxFortnox) -> AsyncIterator[str]:
    port = free_port()
    async with serving(create_fortnox_app(fortnox), port):
        yield f"ws://{LOOPBACK}:{port}/topics-v1"
        fortnox.stream.cut()


@pytest.fixture
async def ear(url: str, api: Api) -> AsyncIterator[Ear]:
    async with connect(url, proxy=None) as socket:
        yield Ear(socket, api.headers["Authorization"].removeprefix("Bearer "))


async def test_tenants_topics_and_subscribing_are_answered_as_in_the_guide(ear: Ear) -> None:
    assert await ear.ask("subscribe-v1") == {
        "response": "subscribe-v1",
        "result": "error",
        "message": "add tenants and topics first",
    }
    assert await ear.add_tenants() == {
        "response": "add-tenants-v1",
        "result": "ok",
        "tenantIds": {f"Bearer {ear.token}": TENANT},
    }
    assert (await ear.ask("list-tenants-v1"))["tenants"] == [TENANT]
    topics = [{"topic": "invoices"}, {"topic": "weather"}]
    assert await ear.ask("add-topics-v1", topics=topics) == {
        "response": "add-topics-v1",
        "result": "error",
        "invalidTopics": ["weather"],
    }
    assert await ear.ask("subscribe-v1") == {"response": "subscribe-v1", "result": "ok"}
    assert (await ear.ask("remove-tenants-v1", tenants=[TENANT]))["result"] == "ok"
    assert (await ear.ask("list-tenants-v1"))["tenants"] == []


@pytest.mark.parametrize("secret", ["", "another"])
async def test_a_token_needs_the_secret_of_its_integration(ear: Ear, secret: str) -> None:
    answer = await ear.add_tenants(secret=secret)

    assert (answer["result"], answer["invalidTokens"]) == ("error", [f"Bearer {ear.token}"])


async def test_a_bad_token_keeps_a_good_one_from_nothing(ear: Ear) -> None:
    answer = await ear.add_tenants(ear.token, "made.up.token")

    assert answer["invalidTokens"] == ["Bearer made.up.token"]
    assert answer["tenantIds"] == {f"Bearer {ear.token}": TENANT}


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"command":"order-coffee-v1"}', '{"topic":"x"}'])
async def test_what_is_no_command_is_answered_with_an_error(ear: Ear, text: str) -> None:
    await ear.socket.send(text)

    assert (await ear.next())["result"] == "error"


async def test_the_life_of_an_invoice_is_told_in_order(ear: Ear, api: Api, company: Company) -> None:
    order = await api.order({"Description": "x", "OrderedQuantity": 1, "DeliveredQuantity": 1, "Price": 10})
    await ear.subscribe(invoices=None, vouchers=None)

    await api.ok("PUT", f"/3/orders/{order['DocumentNumber']}/createinvoice")
    await api.ok("PUT", "/3/invoices/1", {"Invoice": {"YourReference": "Anna"}})
    await api.ok("PUT", "/3/invoices/1/bookkeep")
    await api.ok("PUT", "/3/invoices/1/credit")
    await api.ok("PUT", "/3/invoices/2/cancel")

    told = [await ear.next() for _ in range(7)]
    assert sorted(one["type"] for one in told if one["topic"] == "vouchers") == ["voucher-created-v1"]
    assert [(one["type"], one["entityId"]) for one in told if one["topic"] == "invoices"] == [
        ("invoice-created-v1", "1"),
        ("invoice-updated-v1", "1"),
        ("invoice-bookkeep-v1", "1"),
        ("invoice-created-v1", "2"),
        ("invoice-updated-v1", "1"),
        ("invoice-cancelled-v1", "2"),
    ]
    (voucher,) = [one for one in told if one["topic"] == "vouchers"]
    assert (voucher["series"], voucher["id"], voucher["year"]) == ("B", "1", "2")
    assert voucher["timestamp"] == "2026-05-04T09:00:00+02:00"


async def test_payments_registers_and_rates_are_told_under_their_names(
    ear: Ear, api: Api, company: Company
) -> None:
    await ear.subscribe(invoices=None, customers=None, articles=None, currencies=None)

    number = await api.customer()
    await api.ok("PUT", f"/3/customers/{number}", {"Customer": {"City": "Lund"}})
    await api.ok("DELETE", f"/3/customers/{number}")
    assert await ear.types(3) == ["customer-created-v1", "customer-updated-v2", "customer-deleted-v1"]

    await api.article("A")
    await api.ok("DELETE", "/3/articles/A")
    assert await ear.types(2) == ["article-created-v1", "article-deleted-v1"]

    company.change(currencies={**company.currencies, "EUR": _dearer(company)})
    assert await ear.types(1) == ["currency-updated-v1"]


def _dearer(company: Company) -> Any:
    return replace(company.currencies["EUR"], sell_rate=Decimal("12.00"))


async def test_a_payment_names_its_invoice_once_it_is_booked(ear: Ear, api: Api) -> None:
    order = await api.order({"Description": "x", "OrderedQuantity": 1, "DeliveredQuantity": 1, "Price": 10})
    await api.ok("PUT", f"/3/orders/{order['DocumentNumber']}/createinvoice")
    await api.ok("PUT", "/3/invoices/1/bookkeep")
    await ear.subscribe(invoices=None)

    payment = {"InvoiceNumber": 1, "Amount": 10, "PaymentDate": "2026-05-04", "ModeOfPayment": "BG"}
    made = await api.ok("POST", "/3/invoicepayments", {"InvoicePayment": payment})
    await ear.silence()
    await api.ok("PUT", f"/3/invoicepayments/{made['Number']}/bookkeep")

    event = await ear.next()
    assert (event["type"], event["entityId"]) == ("invoicepayment-bookkeep-v1", "1")


async def test_with_lager_goods_that_leave_are_told_by_article(ear: Ear, api: Api, company: Company) -> None:
    company.change(warehouse=True, negative_stock=True)
    await api.article("A", StockGoods=True)
    row = {"ArticleNumber": "A", "OrderedQuantity": 1, "DeliveredQuantity": 1, "Price": 10}
    order = await api.order(row)
    number = order["DocumentNumber"]
    await ear.subscribe(**{"warehouse-stockbalances": None})

    await api.ok("PUT", f"/3/orders/{number}", {"Order": {"DeliveryState": "delivery", "OrderRows": [row]}})
    await api.ok("PUT", f"/3/orders/{number}/warehouseready")

    event = await ear.next()
    assert (event["type"], event["entityId"]) == ("warehouse-stockbalance-changed-v1", "A")


# ── replay ────────────────────────────────────────────────────────────────────────────────────────


async def _offset_of_the_first(api: Api, fortnox: SandboxFortnox) -> str:
    for number in "ABC":
        await api.article(number)
    return fortnox.stream.changes.by_topic["articles"][0].offset


@pytest.mark.parametrize(("again", "expected"), [(False, ["B", "C"]), (True, ["A", "B", "C"])])
async def test_what_came_after_an_offset_is_sent_again(
    ear: Ear, api: Api, fortnox: SandboxFortnox, again: bool, expected: list[str]
) -> None:
    fortnox.stream.change(offset_is_sent_again=again)
    offset = await _offset_of_the_first(api, fortnox)

    await ear.subscribe(articles=offset)

    assert [(await ear.next())["entityId"] for _ in expected] == expected


@pytest.mark.parametrize("days", [14, 15])
async def test_after_a_fortnight_an_offset_is_refused(
    ear: Ear, api: Api, fortnox: SandboxFortnox, clock: Clock, days: int
) -> None:
    offset = await _offset_of_the_first(api, fortnox)
    clock.advance(timedelta(days=days))
    token = fortnox.oauth.client_credentials("sluss-test", TENANT, ("article",))["access_token"]
    await ear.add_tenants(str(token))

    answer = await ear.ask("add-topics-v1", topics=[{"topic": "articles", "offset": offset}])

    assert answer["result"] == ("ok" if days == 14 else "error")


async def test_without_an_offset_events_begin_now_and_strangers_hear_nothing(
    ear: Ear, api: Api, fortnox: SandboxFortnox
) -> None:
    await _offset_of_the_first(api, fortnox)
    other = fortnox.add_company(7)
    await ear.subscribe(articles=None)

    other.store(other.articles, "SECRET", {})
    await ear.silence()
    await api.article("D")

    assert (await ear.next())["entityId"] == "D"


# ── how it behaves ────────────────────────────────────────────────────────────────────────────────


async def test_connecting_may_be_refused(url: str, fortnox: SandboxFortnox) -> None:
    fortnox.stream.change(refuse_status=429, refuse_times=1, retry_after="7")

    with pytest.raises(InvalidStatus) as refused:
        await connect(url, proxy=None)
    async with connect(url, proxy=None):
        pass

    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"


@pytest.mark.parametrize("end", ["closes", "silent", "nothing"])
async def test_a_token_that_ends(
    ear: Ear, api: Api, fortnox: SandboxFortnox, company: Company, clock: Clock, end: str
) -> None:
    fortnox.stream.change(token_end=end)
    await ear.subscribe(articles=None)

    clock.advance(timedelta(hours=1))
    company.store(company.articles, "A", {})

    if end == "closes":
        with pytest.raises(ConnectionClosed):
            await ear.next()
    elif end == "silent":
        await ear.silence()
    else:
        assert (await ear.next())["entityId"] == "A"


async def test_the_control_shows_changes_cuts_and_speaks(
    ear: Ear, http: httpx.AsyncClient, fortnox: SandboxFortnox, company: Company
) -> None:
    await ear.subscribe(articles=None)
    control = "http://sandbox/_control/fortnox/stream"

    shown = (await http.get(control)).json()
    assert (shown["connections"], shown["tenants"]) == (1, [TENANT])
    assert (await http.patch(control, json={"lose": 1, "copies": 2})).json()["copies"] == 2
    company.store(company.articles, "LOST", {})
    company.store(company.articles, "A", {})
    assert [(await ear.next())["entityId"] for _ in range(2)] == ["A", "A"]
    await http.post(f"{control}/frames", content='{"topic":"odd"}')
    assert await ear.next() == {"topic": "odd"}
    assert (await http.patch(control, json={"volume": 11})).status_code == 400
    assert (await http.post(f"{control}/cut")).json() == {"cut": 1}
    with pytest.raises(ConnectionClosed):
        await ear.next()


async def test_a_document_pressed_in_fortnox_is_told_like_one_of_the_api(
    ear: Ear, api: Api, company: Company
) -> None:
    order = await api.order({"Description": "x", "OrderedQuantity": 1, "DeliveredQuantity": 1, "Price": 10})
    await api.ok("PUT", f"/3/orders/{order['DocumentNumber']}/createinvoice")
    await ear.subscribe(invoices=None)

    Invoices(company).act("1", "PUT bookkeep")

    assert await ear.types(1) == ["invoice-bookkeep-v1"]
