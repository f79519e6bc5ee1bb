"""The pre-flight check: what it finds, what it does not invent, what turns green, what it makes good."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.sandbox.fortnox.chart import VoucherSeries
from shared.clients.magento.probe import NEEDS
from shared.domain.findings import Finding, Report
from shared.ledger.records import IncomingEvent
from shared.settings.connections import ConnectionDeclaration
from tests.journeys.test_sale_backfill import ask
from tests.support.clock import Clock
from tests.support.world import CONNECTION, World, a_declaration, a_row, a_shop, a_world

MINUTE = timedelta(minutes=1)
ACCOUNTS = {"se": (1581, "SVEASE"), "fi": (1582, "SVEAFI"), "no": (1583, "SVEANO")}


def a_clean_declaration(**changes: Any) -> dict[str, Any]:
    """The markets that the reference company has accounts and modes of payment for."""
    declared = a_declaration(active_from="2026-05-01")
    markets = [
        market
        | {
            "accounts": {"clearing": ACCOUNTS[market["name"]][0], "bank": 1930},
            "mode_of_payment": ACCOUNTS[market["name"]][1],
        }
        for market in declared["markets"]
        if market["name"] in ACCOUNTS
    ]
    return declared | {"markets": markets} | changes


@pytest.fixture
async def clean(ledger_url: str, redis_url: str, clock: Clock) -> AsyncIterator[World]:
    """A company, a shop and key sets that nothing is wrong with."""
    declaration = a_clean_declaration(magento=a_shop())
    async with a_world(ledger_url, redis_url, clock, declaration) as world:
        world.shop.service = world.shop.service.model_copy(update={"public_url": "http://gateway"})
        yield world


async def checked(world: World) -> Report:
    """The report of a check that is made now."""
    await run(world, "preflight")
    stored = await world.ledger.preflights.last(CONNECTION)
    assert stored is not None
    return stored.report


async def run(world: World, kind: str) -> None:
    world.later(by=MINUTE)
    event = IncomingEvent(CONNECTION, "operator", kind, f"{kind}|{world.clock()}", kind, CONNECTION)
    await world.ledger.inbox.accept([event])
    await world.works()
    subject = await world.ledger.subjects.find(CONNECTION, kind, CONNECTION)
    assert subject is not None
    assert subject.state == "done", subject.problem


def told(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(one.code, one.about) for one in findings}


async def test_of_a_company_that_nothing_is_wrong_with_nothing_is_said(clean: World) -> None:
    report = await checked(clean)

    assert report.findings == ()
    assert report.not_examined == {}
    assert clean.writes() == []


def ten_faults(world: World) -> set[tuple[str, str]]:
    """One in each corner; what the check should say of each."""
    company = world.company
    del company.accounts[6064]
    company.accounts[3162].active = False
    company.accounts[3161].vat_code = "MP1"
    del company.currencies["NOK"]
    company.modes_of_payment["SVEAFI"] = ("Svea Finland", 1580)
    company.voucher_series["S"] = VoucherSeries("S", "Svea", manual=False)
    company.change(locked_until=date(2026, 5, 3), warehouse=True, accounting_method="CASH")
    world.sandbox.svea.merchants["700002"].secret = "rotated-at-svea"
    return {
        ("missing_account", "6064 in 2026"),
        ("missing_account", "3162 in 2026"),
        ("account_vat_code", "3161 in 2026"),
        ("missing_currency", "NOK"),
        ("missing_mode_of_payment", "SVEAFI"),
        ("missing_voucher_series", "S in 2026"),
        ("period_locked", "lock"),
        ("warehouse_on", "warehouse"),
        ("cash_method", "2026-01-01 to 2026-12-31"),
        ("connection_revoked", "no"),
    }


async def test_ten_planted_faults_are_ten_findings(clean: World) -> None:
    expected = ten_faults(clean)

    report = await checked(clean)

    assert told(report.findings) == expected
    assert len(report.findings) == 10
    assert all(one.blocking and one.cure for one in report.findings)
    assert clean.writes() == []


async def test_what_is_put_right_turns_green_and_the_rest_stays(clean: World) -> None:
    expected = ten_faults(clean)
    await checked(clean)

    clean.company.change(locked_until=None, warehouse=False)
    report = await checked(clean)

    assert told(report.green) == {("period_locked", "lock"), ("warehouse_on", "warehouse")}
    assert told(report.findings) == expected - told(report.green)


async def test_what_cannot_be_looked_at_does_not_turn_green(clean: World) -> None:
    expected = ten_faults(clean)
    await checked(clean)

    clean.sandbox.fortnox.oauth.withdraw("sluss-test", clean.company.tenant_id)
    clean.company.service_consent = False
    report = await checked(clean)

    assert report.green == ()
    assert told(report.findings) == expected | {("connection_revoked", "fortnox")}


async def test_a_scope_that_is_missing_is_named_and_nothing_is_invented_for_it(clean: World) -> None:
    clean.company.scopes = tuple(one for one in clean.company.scopes if one not in ("currency", "payment"))

    report = await checked(clean)

    assert told(report.findings) == {("missing_rights", "currency"), ("missing_rights", "payment")}
    assert set(report.not_examined) == {"currencies"}


async def test_a_consent_that_is_older_than_files_on_vouchers_is_told_and_stops_nothing(clean: World) -> None:
    for_files = ("archive", "connectfile", "inbox")
    clean.company.scopes = tuple(one for one in clean.company.scopes if one not in for_files)

    report = await checked(clean)

    assert told(report.findings) == {("missing_rights", scope) for scope in for_files}
    assert [one.blocking for one in report.findings] == [False, False, False]


async def test_it_runs_before_the_connection_is_active(clean: World) -> None:
    await clean.ledger.connections.set_active(CONNECTION, False)
    del clean.company.currencies["NOK"]

    report = await checked(clean)

    assert told(report.findings) == {("missing_currency", "NOK")}


async def test_a_sale_that_fortnox_rounded_tells_of_the_setting(clean: World) -> None:
    await clean.ledger.connections.put(ConnectionDeclaration.model_validate(a_clean_declaration()))
    clean.company.change(rounds_to_kronor=True)
    clean.buys(a_row(price="99.50"))
    await clean.works()

    report = await checked(clean)

    assert told(report.findings) == {("sales_stopped", "mismatch")}
    assert "öresavrundning" in report.findings[0].message


async def test_so_does_the_newest_invoice_and_one_with_ore_says_that_it_is_off(clean: World) -> None:
    clean.company.change(rounds_to_kronor=True)
    await an_invoice_by_hand(clean, "99.50")
    assert told((await checked(clean)).findings) == {("rounding_on", "rounding")}

    clean.company.change(rounds_to_kronor=False)
    await an_invoice_by_hand(clean, "99.50")
    report = await checked(clean)

    assert (told(report.findings), told(report.green)) == (set(), {("rounding_on", "rounding")})


async def an_invoice_by_hand(world: World, price: str) -> None:
    fortnox = (await world.shop.kit(CONNECTION)).fortnox
    customer = await fortnox.create_customer({"Name": "Ute i butiken", "Type": "PRIVATE"})
    row = {"Description": "Mugg", "Price": Decimal(price), "DeliveredQuantity": 1, "VAT": 25}
    payload = {"CustomerNumber": customer.number, "VATIncluded": True, "InvoiceRows": [row]}
    await fortnox.create_invoice_document(payload)


async def test_a_sale_that_stops_for_a_setting_wakes_the_check_once_an_hour(clean: World) -> None:
    await clean.ledger.connections.put(ConnectionDeclaration.model_validate(a_clean_declaration()))
    del clean.company.currencies["EUR"]
    for number in ("100000101", "100000102"):
        clean.buys(a_row(vat="25.5"), market="fi", number=number)
    await clean.works()

    stored = await clean.ledger.preflights.last(CONNECTION)

    assert stored is not None
    assert told(stored.report.findings) == {("missing_currency", "EUR")}
    assert len([call for call in clean.calls() if call == "GET /3/companyinformation"]) == 1


async def test_a_right_that_the_shop_takes_back_is_named_as_magento_names_it(clean: World) -> None:
    granted = {need.resource for need in NEEDS if need.resource != "Magento_Sales::sales_creditmemo"} | {
        "Magento_InventoryApi::source"
    }
    clean.magento.integration.resources = granted

    report = await checked(clean)

    assert told(report.findings) == {("magento_rights", "Magento_Sales::sales_creditmemo")}


async def test_a_callback_that_svea_lost_is_told_of_once_it_has_had_time_to_subscribe(clean: World) -> None:
    await clean.ledger.connections.set_active(CONNECTION, True)
    for subscription in clean.sandbox.svea.subscriptions.of("700001"):
        subscription.verified = False
    assert (await checked(clean)).findings == ()

    clean.later(MINUTE * 10)
    report = await checked(clean)

    assert told(report.findings) == {("callbacks_missing", "se")}
    assert not report.blocking


class FortnoxIsDown(httpx.AsyncBaseTransport):
    """Everybody else answers."""

    def __init__(self, others: httpx.AsyncBaseTransport) -> None:
        self._others = others

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/fortnox"):
            return httpx.Response(503)
        return await self._others.handle_async_request(request)


async def test_a_fortnox_that_does_not_answer_is_one_finding_and_ends_the_check(clean: World) -> None:
    answering = clean.shop.transport
    assert isinstance(answering, httpx.AsyncBaseTransport)
    clean.shop.transport = FortnoxIsDown(answering)

    report = await checked(clean)

    assert told(report.findings) == {("unavailable", "fortnox")}
    assert {"accounts", "currencies", "lock"} <= set(report.not_examined)

    clean.shop.transport = answering
    assert told((await checked(clean)).green) == {("unavailable", "fortnox")}


def fixable(world: World) -> None:
    del world.company.currencies["NOK"]
    del world.company.modes_of_payment["SVEAFI"]
    del world.company.voucher_series["S"]


async def fixes(world: World, *codes: str, preview: bool) -> Any:
    """What the run of a fix says, and its drafts."""
    started = await ask(
        world, "POST", f"/connections/{CONNECTION}/preflight/fix?wait=0", {"codes": codes, "preview": preview}
    )
    await world.works()
    return (await ask(world, "GET", f"/runs/{started['run_id']}"))["items"][0]


CODES = ("missing_currency", "missing_mode_of_payment", "missing_voucher_series")


async def test_what_is_made_is_what_was_previewed(clean: World) -> None:
    await clean.ledger.connections.put(declared_with_rates())
    fixable(clean)

    previewed = await fixes(clean, *CODES, preview=True)
    assert clean.writes() == []
    made = await fixes(clean, *CODES, preview=False)

    assert (previewed["state"], made["state"]) == ("would_make", "done")
    assert previewed["facts"]["result"] == made["facts"]["result"]
    assert sorted(clean.accepted_writes()) == [
        "POST /3/currencies",
        "POST /3/modesofpayments",
        "POST /3/voucherseries",
    ]
    assert clean.company.modes_of_payment["SVEAFI"] == ("Svea fi", 1582)
    assert clean.company.voucher_series["S"].manual
    stored = await clean.ledger.preflights.last(CONNECTION)
    assert stored is not None
    assert stored.report.findings == ()


async def test_a_fix_twice_makes_nothing_twice_and_what_was_removed_since_is_made_again(
    clean: World,
) -> None:
    del clean.company.modes_of_payment["SVEAFI"]
    await fixes(clean, "missing_mode_of_payment", preview=False)

    again = await fixes(clean, "missing_mode_of_payment", preview=False)
    assert again["state"] == "skipped"
    del clean.company.modes_of_payment["SVEAFI"]
    await fixes(clean, "missing_mode_of_payment", preview=False)

    assert clean.accepted_writes() == ["POST /3/modesofpayments"] * 2


def declared_with_rates() -> ConnectionDeclaration:
    rates = {"source": "fixed", "fixed": {"NOK": "0.98", "EUR": "11.20"}}
    return ConnectionDeclaration.model_validate(a_clean_declaration(rates=rates))
