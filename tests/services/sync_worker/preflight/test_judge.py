"""What was seen -> findings: each rule alone, on a company that is otherwise as it should be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.fortnox.chart import standard_accounts
from services.sync_worker.callbacks import SVEA_EVENTS
from services.sync_worker.preflight.judge import judge
from services.sync_worker.preflight.seen import FortnoxSeen, Locked, Seen, SveaSeen, Year
from shared.clients.fortnox.wire_catalogue import PriceList
from shared.clients.fortnox.wire_company import CompanyInformation, Currency, FinancialYear, FortnoxAccount
from shared.clients.fortnox.wire_payments import ModeOfPayment
from shared.clients.fortnox.wire_vouchers import VoucherSeries
from shared.clients.magento import probe
from shared.clients.magento.wire_shop import StoreConfig, Website
from shared.clients.svea.wire import Subscription
from shared.domain.findings import CURES, POINT_AT_SETTINGS, Finding, Report, compared, from_json, to_json
from shared.domain.fixes import CurrencyDraft, fixes_for
from shared.settings.connections import ConnectionDeclaration
from tests.support.paths import REPOSITORY
from tests.support.world import a_declaration, a_shop

TODAY = date(2026, 5, 4)
YEAR = FinancialYear(2, date(2026, 1, 1), date(2026, 12, 31), "ACCRUAL")


def declared(**changes: Any) -> ConnectionDeclaration:
    """One market, in Finland."""
    (market,) = (one for one in a_declaration()["markets"] if one["name"] == "fi")
    market |= {"accounts": {"clearing": 1582}, "mode_of_payment": "SVEAFI"}
    return ConnectionDeclaration.model_validate(a_declaration(markets=[market]) | changes)


def chart(**changes: dict[str, Any]) -> dict[int, FortnoxAccount]:
    """The reference company's; ``_3001={"active": False}`` changes one account, None removes it."""
    found = {
        one.number: FortnoxAccount(one.number, one.description, True, one.vat_code, "ALLOWED", "ALLOWED", 2)
        for one in standard_accounts().values()
    }
    for name, change in changes.items():
        found[int(name[1:])] = replace(found[int(name[1:])], **change)
    return found


def seen(fortnox: dict[str, Any] | None = None, **changes: Any) -> Seen:
    """Nothing is wrong with it."""
    series = {"S": VoucherSeries("S", "Svea", True, 2)}
    facts: dict[str, Any] = {
        "company": CompanyInformation("Provbolaget AB", "556000-0000", 1234567, "SE", "", "", ""),
        "locked": Locked(None),
        "years": (Year(TODAY, YEAR, chart(), series),),
        "predefined": {"OUTVAT_MP1": 2611, "OUTVAT_MP2": 2621, "OUTVAT_MP3": 2631},
        "currencies": {"EUR": Currency("EUR", "", Decimal(1), Decimal(11), Decimal("11.20"), None, True)},
        "modes": {"SVEAFI": ModeOfPayment("SVEAFI", "", 1582)},
        "price_lists": (),
        "rounding": (),
        "warehouse": False,
    } | (fortnox or {})
    callback = Subscription("1", "https://sluss.example.com/x", SVEA_EVENTS, True)
    given: dict[str, Any] = {
        "today": TODAY,
        "public_url": "https://sluss.example.com",
        "fortnox": FortnoxSeen(**facts),
        "svea": [SveaSeen("fi", True, callback)],
    }
    return Seen(**(given | changes))


def a_year(accounts: dict[int, FortnoxAccount]) -> dict[str, Any]:
    return {"years": (Year(TODAY, YEAR, accounts, {"S": VoucherSeries("S", "", True, 2)}),)}


def told(report: Report) -> list[tuple[str, str, bool]]:
    return [(one.code, one.about, one.blocking) for one in report.findings]


def test_nothing_is_said_of_what_is_right() -> None:
    report = judge(seen(), declared())

    assert (told(report), report.not_examined) == ([], {})


def test_an_account_that_only_a_default_names_does_not_block() -> None:
    accounts = chart()
    del accounts[3108]
    del accounts[3001]

    assert told(judge(seen(a_year(accounts)), declared())) == [
        ("missing_account", "3001 in 2026", True),
        ("missing_account", "3108 in 2026", False),
    ]


@pytest.mark.parametrize(
    ("account", "change", "code"),
    [
        ("_3001", {"cost_center_settings": "MANDATORY"}, "account_needs_dimension"),
        ("_3001", {"project_settings": "Mandatory"}, "account_needs_dimension"),
        ("_3162", {"vat_code": "MP1"}, "account_vat_code"),
        ("_3162", {"vat_code": "DE19"}, "account_vat_code"),
        ("_2611", {"active": False}, "missing_account"),
        ("_1582", {"active": False}, "missing_account"),
    ],
)
def test_what_is_wrong_with_an_account_is_said_once(account: str, change: dict[str, Any], code: str) -> None:
    report = judge(seen(a_year(chart(**{account: change}))), declared())

    assert told(report) == [(code, f"{account[1:]} in 2026", True)]


@pytest.mark.parametrize("account", ["_3105", "_3108", "_3004"])
def test_swedish_vat_on_an_account_without_vat_is_found(account: str) -> None:
    report = judge(seen(a_year(chart(**{account: {"vat_code": "MP1"}}))), declared())

    assert [one.code for one in report.findings] == ["account_vat_code"]


@pytest.mark.parametrize(
    ("account", "code", "needs"),
    [
        ("_3001", None, "MP1"),  # box 05 would lack the sale, although its VAT is in box 10
        ("_3108", None, "VTEU"),
        ("_3105", "VTEU", "E"),
        ("_3305", "E", "OTTU"),
        ("_3308", "VTEU", "FTEU"),
        ("_3521", "FTEU", "VTEU"),
        ("_3004", "OMSS", "MF"),
    ],
)
def test_a_code_that_puts_the_base_into_another_box_is_told_and_stops_nothing(
    account: str, code: str | None, needs: str
) -> None:
    report = judge(seen(a_year(chart(**{account: {"vat_code": code}}))), declared())

    assert told(report) == [("account_vat_code", f"{account[1:]} in 2026", False)]
    assert report.findings[0].facts["expected"] == needs


def test_a_service_account_is_looked_at_like_the_others() -> None:
    accounts = chart()
    del accounts[3308]

    assert told(judge(seen(a_year(accounts)), declared())) == [("missing_account", "3308 in 2026", False)]


def test_a_currency_that_only_the_shop_sells_in_is_told_and_stops_nothing() -> None:
    stores = (STORE, replace(STORE, store_id=2, code="pl", display_currency="PLN"))

    report = judge(seen(shop=a_seen_shop(stores=stores)), declared(magento=a_shop()))

    assert told(report) == [("missing_currency", "PLN", False)]


def test_an_account_of_oss_needs_no_code_of_its_own_since_rows_name_it() -> None:
    assert told(judge(seen(a_year(chart(_3162={"vat_code": None}))), declared())) == []


def test_a_payment_without_a_mode_names_its_account_itself() -> None:
    settings = declared()
    (market,) = settings.markets
    settings = settings.model_copy(update={"markets": (market.model_copy(update={"mode_of_payment": None}),)})

    assert told(judge(seen({"modes": {}}), settings)) == []


def test_nothing_of_payouts_is_asked_where_they_are_switched_off() -> None:
    accounts = chart()
    for number in (1582, 6040, 6064, 2641, 2999):
        del accounts[number]
    without: dict[str, Any] = {"years": (Year(TODAY, YEAR, accounts, {}),), "modes": {}}

    assert told(judge(seen(without), declared(sync={"payouts": False}))) == []


@pytest.mark.parametrize(
    ("locked", "active_from", "code"),
    [
        (date(2026, 4, 30), "2026-05-01", []),
        (date(2026, 5, 1), "2026-05-01", ["period_locked"]),
        (date(2026, 5, 3), None, []),
        (date(2026, 5, 4), None, ["period_locked"]),
    ],
)
def test_a_lock_matters_from_the_first_day_that_is_booked(
    locked: date, active_from: str | None, code: list[str]
) -> None:
    report = judge(seen({"locked": Locked(locked)}), declared(active_from=active_from))

    assert [one.code for one in report.findings] == code


def test_a_currency_without_a_rate_is_as_good_as_none_unless_the_rate_is_declared() -> None:
    without = {"currencies": {"EUR": Currency("EUR", "", Decimal(1), None, None, None, False)}}
    fixed = {"source": "fixed", "fixed": {"EUR": "11.20"}}

    assert told(judge(seen(without), declared())) == [("missing_currency", "EUR", True)]
    assert told(judge(seen(without), declared(rates=fixed))) == []


def test_a_currency_is_made_at_the_declared_rate_and_never_at_an_invented_one() -> None:
    fixed = {"source": "fixed", "fixed": {"EUR": "11.20"}}
    unknown = judge(seen({"currencies": {}}), declared()).findings
    known = judge(seen({"currencies": {}}), declared(rates=fixed)).findings

    assert fixes_for(unknown, ["missing_currency"]) == ()
    assert fixes_for(known, ["missing_currency"]) == (CurrencyDraft("CURRENCY-EUR", "EUR", Decimal("11.20")),)
    assert fixes_for(known, ["missing_account"]) == ()


def test_another_company_than_the_declared_one_is_found() -> None:
    company = CompanyInformation("Byrån AB", "", 7654321, "NO", "", "", "")

    report = judge(seen({"company": company}), declared())

    assert told(report) == [("wrong_company", "tenant_id", True), ("wrong_company", "company_country", True)]


def test_the_year_in_which_booking_begins_is_looked_at_too() -> None:
    years = (Year(date(2025, 12, 1), None), *(seen().fortnox.years or ()))

    report = judge(seen({"years": years}), declared(active_from="2025-12-01"))

    assert told(report) == [("missing_financial_year", "2025-12-01", True)]


def test_markets_on_one_clearing_account_are_told_of() -> None:
    first = declared().markets[0]
    second = first.model_copy(update={"name": "fi2"})
    settings = declared().model_copy(update={"markets": (first, second)})

    assert told(judge(seen(), settings)) == [("clearing_account_shared", "1582", False)]


@pytest.mark.parametrize(
    "callback",
    [
        None,
        Subscription("1", "u", SVEA_EVENTS, False),
        Subscription("1", "u", SVEA_EVENTS[:3], True),
    ],
)
def test_svea_must_call_us_of_everything_once_it_has_had_time_to(callback: Subscription | None) -> None:
    silent = [SveaSeen("fi", True, callback)]

    assert told(judge(seen(svea=silent), declared())) == [("callbacks_missing", "fi", False)]
    assert told(judge(seen(svea=silent, subscribed=False), declared())) == []


def test_an_address_that_svea_cannot_reach_is_told_of() -> None:
    report = judge(seen(public_url="http://127.0.0.1:8080", svea=[SveaSeen("fi", True)]), declared())

    assert told(report) == [("public_url_local", "SLUSS_PUBLIC_URL", False)]


# ── the shop ──────────────────────────────────────────────────────────────────────────────────────

STORE = StoreConfig(1, "default", 1, "sv_SE", "EUR", "EUR", "UTC", "https://shop.example.com")
PRICES = {"prices": [{"price_list": "A", "currency": "SEK"}, {"price_list": "B", "currency": "EUR"}]}


def a_seen_shop(**changes: Any) -> probe.Finding:
    facts: dict[str, Any] = {
        "state": probe.State.WORKS,
        "websites": (Website(1, "base", "Main"),),
        "stores": (STORE,),
        "has_inventory": True,
        "has_our_module": False,
    }
    return probe.Finding(**(facts | changes))


def test_a_shop_without_keys_is_not_connected() -> None:
    settings = declared(magento={"base_url": "https://shop.example.com"})

    assert told(judge(seen(), settings)) == [("shop_not_connected", "shop", True)]


def test_wrong_keys_are_one_finding_and_each_missing_right_is_one() -> None:
    gone = (probe.Missing("Magento_Sales::sales_creditmemo", "credit memos"),)
    wrong = a_seen_shop(state=probe.State.WRONG_CREDENTIALS, message="no", stores=())
    poor = a_seen_shop(state=probe.State.MISSING_RIGHTS, missing=gone)

    assert told(judge(seen(shop=wrong), declared(magento=a_shop()))) == [
        ("magento_credentials", "shop", True)
    ]
    assert told(judge(seen(shop=poor), declared(magento=a_shop()))) == [
        ("magento_rights", "Magento_Sales::sales_creditmemo", True)
    ]


def test_the_module_is_missed_only_where_something_needs_it() -> None:
    needs = declared(magento=a_shop(refunds={"to_shop": True}))

    assert told(judge(seen(shop=a_seen_shop()), declared(magento=a_shop()))) == []
    assert told(judge(seen(shop=a_seen_shop()), needs)) == [("shop_module_missing", "module", False)]


def test_price_lists_are_compared_with_both_sides() -> None:
    lists = (PriceList(code="B", description="", preselected=False),)
    settings = declared(magento=a_shop(), products=PRICES)

    report = judge(seen({"price_lists": lists}, shop=a_seen_shop()), settings)

    assert told(report) == [("missing_price_list", "A", False), ("price_list_currency", "A", False)]


# ── reports ───────────────────────────────────────────────────────────────────────────────────────


def test_what_could_not_be_looked_at_is_neither_found_nor_green() -> None:
    before = judge(seen({"currencies": {}, "warehouse": True}), declared())
    now = compared(judge(seen({"currencies": None}), declared()), before.findings)

    assert told(now) == [("missing_currency", "EUR", True)]
    assert [one.code for one in now.green] == ["warehouse_on"]
    assert set(now.not_examined) == {"currencies"}


def test_a_report_is_kept_as_it_was() -> None:
    findings = judge(seen({"currencies": {}, "warehouse": True}), declared()).findings

    assert from_json(to_json(findings)) == findings


def test_every_code_has_a_page_that_says_what_to_do() -> None:
    pages = {page.stem: page.read_text() for page in (REPOSITORY / "docs" / "problems").glob("*.md")}

    assert [code for code in CURES if "## What to do" not in pages.get(code, "")] == []
    assert [code for code in POINT_AT_SETTINGS if code not in pages] == []
    with pytest.raises(ValueError, match="no code of a finding"):
        Finding("made_up", "fortnox", "x", "x")
