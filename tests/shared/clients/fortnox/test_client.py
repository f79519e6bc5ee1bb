"""Each call against the Fortnox stand-in: what goes out, what comes back, and what a fault becomes."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest
from redis.asyncio import Redis

from services.sandbox.faults import Drop, Status, System, When
from services.sandbox.fortnox.company import Company
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.errors import ArticleMissing, CustomerMissing, NotFound
from shared.clients.http import CallRecord
from shared.domain.errors import (
    ConnectionRevoked,
    InDoubt,
    MissingAccount,
    MissingCurrency,
    MissingFinancialYear,
    PeriodLocked,
    RefusedByFortnox,
    Unavailable,
    UnknownVatRate,
)
from tests.shared.clients.scripted import Script, answers
from tests.shared.clients.support import TENANT, World, a_row, an_invoice, an_order


async def a_customer(fortnox: FortnoxClient) -> str:
    return (await fortnox.create_customer({"Name": "Anna Ek", "Type": "PRIVATE"})).number


# ── the company ───────────────────────────────────────────────────────────────────────────────────


async def test_the_company_says_who_it_is(fortnox: FortnoxClient) -> None:
    company = await fortnox.company()

    assert (company.name, company.database_number) == ("Provbolaget AB", TENANT)


async def test_the_last_locked_day_is_a_date_or_none(fortnox: FortnoxClient, company: Company) -> None:
    assert await fortnox.locked_until() is None

    company.locked_until = date(2025, 12, 31)
    assert await fortnox.locked_until() == date(2025, 12, 31)


async def test_the_financial_year_of_a_day_or_none(fortnox: FortnoxClient) -> None:
    year = await fortnox.financial_year(date(2026, 5, 4))

    assert year is not None
    assert (year.from_date, year.to_date) == (date(2026, 1, 1), date(2026, 12, 31))
    assert year.accounting_method == "ACCRUAL"
    assert await fortnox.financial_year(date(1999, 5, 4)) is None


async def test_a_currency_or_none(fortnox: FortnoxClient, company: Company) -> None:
    company.currencies.pop("NOK", None)

    assert await fortnox.currency("NOK") is None
    sek = await fortnox.currency("SEK")
    assert sek is not None
    assert (sek.code, sek.unit) == ("SEK", Decimal(1))
    assert "SEK" in {currency.code for currency in await fortnox.currencies()}


async def test_predefined_accounts_by_name(fortnox: FortnoxClient) -> None:
    accounts = await fortnox.predefined_accounts()

    assert accounts["OUTVAT_MP1"] == 2611
    assert accounts["CUSTCLAIM"] == 1510


async def test_one_account_or_none_and_all_accounts_of_a_year(fortnox: FortnoxClient) -> None:
    year = await fortnox.financial_year(date(2026, 5, 4))
    assert year is not None

    account = await fortnox.account(3001, year.id)
    assert account is not None
    assert (account.number, account.active, account.vat_code) == (3001, True, "MP1")
    assert await fortnox.account(9998) is None
    assert 3001 in {each.number for each in await fortnox.accounts(year.id)}


# ── registers ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_customer_is_made_changed_found_and_missed(fortnox: FortnoxClient) -> None:
    made = await fortnox.create_customer(
        {"Name": "Conan O'Neil 🎉", "Email": "conan@example.test", "CountryCode": "NO", "ZipCode": "0150"}
    )
    changed = await fortnox.update_customer(made.number, {"City": "Oslo", "ZipCode": "12345-6789-0000"})

    assert (made.name, made.country_code, made.email) == ("Conan O’Neil", "NO", "conan@example.test")
    assert (changed.city, changed.zip_code, changed.name) == ("Oslo", "1234567890", "Conan O’Neil")
    assert await fortnox.customer(made.number) == changed
    assert await fortnox.customer("no-such") is None
    assert [head.number for head in await fortnox.find_customers(email="conan@")] == [made.number]


async def test_an_article_is_made_changed_and_missed(fortnox: FortnoxClient) -> None:
    made = await fortnox.create_article(
        {"ArticleNumber": "A/1+x_y-2", "Description": 'Mugg "stor"', "VAT": Decimal(25), "SalesAccount": 3001}
    )
    await fortnox.update_article("A/1+x_y-2", {"Description": "Mugg"})
    found = await fortnox.article("A/1+x_y-2")

    assert (made.number, made.description) == ("A/1+x_y-2", "Mugg ’stor’")
    assert found is not None
    assert (found.description, found.vat, found.sales_account) == ("Mugg", Decimal(25), 3001)
    assert await fortnox.article("no-such") is None


async def test_all_customers_come_page_by_page(fortnox: FortnoxClient, records: list[CallRecord]) -> None:
    for number in range(3):
        await fortnox.create_customer({"Name": f"Kund {number}"})

    found = [customer.name async for customer in fortnox.customers_changed_since(None)]

    assert found == ["Kund 0", "Kund 1", "Kund 2"]
    assert records[-1].path == "/3/customers?sortby=customernumber&limit=500&page=1"


async def test_customers_changed_since_an_instant_are_never_missed(
    fortnox: FortnoxClient, world: World
) -> None:
    await fortnox.create_customer({"Name": "Old"})
    world.clock.set(datetime(2026, 5, 5, 7, 0, tzinfo=UTC))
    await fortnox.create_customer({"Name": "New"})

    found = [c.name async for c in fortnox.customers_changed_since(datetime(2026, 5, 5, 6, 59, tzinfo=UTC))]

    assert found == ["New"]


async def test_every_page_of_a_list_is_read(world: World) -> None:
    def page(number: int) -> httpx.Response:
        meta = {"@TotalResources": 501, "@TotalPages": 2, "@CurrentPage": number}
        customer = {"CustomerNumber": str(number), "Name": "x"}
        return answers(200, {"MetaInformation": meta, "Customers": [customer]})

    fortnox = world.fortnox()
    await fortnox.company()  # has a token now
    script = Script([page(1), page(2)])
    fortnox._http._transport = script

    assert [head.number for head in await fortnox.find_customers(name="x")] == ["1", "2"]
    assert [request.url.params["page"] for request in script.requests] == ["1", "2"]


# ── documents ─────────────────────────────────────────────────────────────────────────────────────


async def test_an_order_comes_back_with_its_rows_and_totals(fortnox: FortnoxClient) -> None:
    customer = await a_customer(fortnox)

    order = await fortnox.create_order(an_order(customer, a_row(), a_row(Price=Decimal("89.50"))))

    assert order.total == Decimal("677.00")
    assert (order.vat_included, order.currency, order.cancelled) == (True, "SEK", False)
    assert (order.external_reference1, order.your_order_number) == ("svea-9300101", "100000101")
    assert [(row.price, row.delivered_quantity, row.vat) for row in order.rows] == [
        (Decimal("249.00"), Decimal(2), Decimal(25)),
        (Decimal("89.50"), Decimal(2), Decimal(25)),
    ]
    assert order.invoice_reference is None
    assert await fortnox.order(order.number) == order


async def test_a_reference_is_compared_exactly_although_fortnox_searches_substrings(
    fortnox: FortnoxClient,
) -> None:
    customer = await a_customer(fortnox)
    for reference in ("1001", "21001", "1001-b"):
        await fortnox.create_order(an_order(customer, ExternalInvoiceReference1=reference))
        await fortnox.create_invoice_document(an_invoice(customer, ExternalInvoiceReference1=reference))

    orders = await fortnox.find_orders(external_reference="1001")
    invoices = await fortnox.find_invoices(external_reference="1001")

    assert [order.external_reference1 for order in orders] == ["1001"]
    assert [invoice.external_reference1 for invoice in invoices] == ["1001"]
    assert await fortnox.find_orders(external_reference="none such") == []


async def test_an_order_is_changed_with_all_its_rows_and_cancelled(fortnox: FortnoxClient) -> None:
    order = await fortnox.create_order(an_order(await a_customer(fortnox)))

    changed = await fortnox.update_order(order.number, {"OrderRows": [a_row(Price=Decimal(100)), a_row()]})
    cancelled = await fortnox.cancel_order(order.number)

    assert (changed.total, len(changed.rows)) == (Decimal("698.00"), 2)
    assert cancelled.cancelled


@pytest.mark.parametrize("shape", ["Invoice", "Order"])
async def test_an_order_becomes_an_invoice_whatever_fortnox_answers(
    fortnox: FortnoxClient, company: Company, shape: str
) -> None:
    company.change(createinvoice_answers=shape)
    order = await fortnox.create_order(an_order(await a_customer(fortnox)))

    number, shown = await fortnox.create_invoice(order.number)

    invoice = await fortnox.invoice(number)
    assert (shown is not None) is (shape == "Invoice")
    assert (invoice.order_reference, invoice.total) == (order.number, order.total)
    assert (await fortnox.order(order.number)).invoice_reference == number


async def test_an_invoice_is_booked_and_credited_and_each_says_which_is_which(fortnox: FortnoxClient) -> None:
    invoice = await fortnox.create_invoice_document(an_invoice(await a_customer(fortnox)))

    booked = await fortnox.bookkeep(invoice.number)
    original = await fortnox.credit(invoice.number)

    assert (invoice.booked, booked.booked) == (False, True)
    assert booked.voucher is not None
    assert original.number == invoice.number
    assert original.credit_invoice_reference is not None
    credit = await fortnox.invoice(original.credit_invoice_reference)
    assert (credit.credit, credit.invoice_reference, credit.total) == (
        True,
        invoice.number,
        Decimal("-498.00"),
    )
    assert (original.credit, original.invoice_reference) == (False, None)


async def test_an_unbooked_invoice_is_changed_and_cancelled(fortnox: FortnoxClient) -> None:
    invoice = await fortnox.create_invoice_document(an_invoice(await a_customer(fortnox)))

    changed = await fortnox.update_invoice(
        invoice.number, {"InvoiceDate": date(2026, 5, 3), "ExternalInvoiceReference2": "9300101"}
    )
    cancelled = await fortnox.cancel_invoice(invoice.number)

    assert (changed.invoice_date, changed.external_reference2) == (date(2026, 5, 3), "9300101")
    assert (changed.total, len(changed.rows)) == (invoice.total, 1)
    assert cancelled.cancelled


async def test_one_method_is_one_request(fortnox: FortnoxClient, company: Company) -> None:
    customer = await a_customer(fortnox)
    order = await fortnox.create_order(an_order(customer))
    number, _ = await fortnox.create_invoice(order.number)
    await fortnox.bookkeep(number)

    assert [(call.method, call.path) for call in company.calls] == [
        ("POST", "/3/customers"),
        ("POST", "/3/orders"),
        ("PUT", f"/3/orders/{order.number}/createinvoice"),
        ("PUT", f"/3/invoices/{number}/bookkeep"),
    ]


# ── refusals ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_document_that_is_not_there_is_not_found(fortnox: FortnoxClient) -> None:
    with pytest.raises(NotFound, match="2000439"):
        await fortnox.order("4711")
    with pytest.raises(NotFound, match="2000434"):
        await fortnox.invoice("4711")


async def test_an_order_for_a_customer_or_article_that_is_missing_says_which(fortnox: FortnoxClient) -> None:
    with pytest.raises(CustomerMissing):
        await fortnox.create_order(an_order("no-such"))
    with pytest.raises(ArticleMissing):
        await fortnox.create_order(an_order(await a_customer(fortnox), a_row(ArticleNumber="no-such")))


async def test_settings_that_are_missing_are_named_by_family(
    fortnox: FortnoxClient, company: Company
) -> None:
    customer = await a_customer(fortnox)

    with pytest.raises(MissingAccount, match="3999"):
        await fortnox.create_invoice_document(an_invoice(customer, a_row(AccountNumber=3999)))
    with pytest.raises(MissingCurrency):
        await fortnox.create_invoice_document(an_invoice(customer, Currency="ISK"))
    with pytest.raises(UnknownVatRate, match="17"):
        await fortnox.create_invoice_document(an_invoice(customer, a_row(VAT=Decimal(17))))
    with pytest.raises(MissingFinancialYear, match="1999"):
        await fortnox.create_invoice_document(an_invoice(customer, OrderDate=date(1999, 5, 4)))

    invoice = await fortnox.create_invoice_document(an_invoice(customer))
    company.locked_until = date(2026, 5, 31)
    with pytest.raises(PeriodLocked, match="2026-05-31"):
        await fortnox.bookkeep(invoice.number)


async def test_booking_twice_is_refused_and_not_a_bug(fortnox: FortnoxClient) -> None:
    invoice = await fortnox.create_invoice_document(an_invoice(await a_customer(fortnox)))
    await fortnox.bookkeep(invoice.number)

    with pytest.raises(RefusedByFortnox):
        await fortnox.bookkeep(invoice.number)


# ── faults ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_lost_answer_to_a_create_is_in_doubt_and_the_document_is_there_once(
    fortnox: FortnoxClient, world: World, company: Company
) -> None:
    customer = await a_customer(fortnox)
    world.fault(Drop(When.AFTER), path="^/3/orders$")

    with pytest.raises(InDoubt):
        await fortnox.create_order(an_order(customer))

    assert len(company.orders) == 1
    assert len(await fortnox.find_orders(external_reference="svea-9300101")) == 1


async def test_a_create_that_never_arrived_is_in_doubt_too_and_nothing_is_there(
    fortnox: FortnoxClient, world: World
) -> None:
    customer = await a_customer(fortnox)
    world.fault(Drop(When.BEFORE), path="^/3/orders$")

    with pytest.raises(InDoubt):
        await fortnox.create_order(an_order(customer))

    assert await fortnox.find_orders(external_reference="svea-9300101") == []


@pytest.mark.parametrize("action", ["bookkeep", "credit", "cancel"])
async def test_a_lost_answer_to_an_action_is_in_doubt(
    fortnox: FortnoxClient, world: World, action: str
) -> None:
    invoice = await fortnox.create_invoice_document(an_invoice(await a_customer(fortnox)))
    if action == "credit":
        await fortnox.bookkeep(invoice.number)
    act = {"bookkeep": fortnox.bookkeep, "credit": fortnox.credit, "cancel": fortnox.cancel_invoice}[action]
    rule = world.fault(Drop(When.AFTER), path=f"/{action}$")

    with pytest.raises(InDoubt):
        await act(invoice.number)

    assert rule.seen == 1


async def test_an_update_with_all_rows_is_repeated_after_a_lost_answer(
    fortnox: FortnoxClient, world: World
) -> None:
    order = await fortnox.create_order(an_order(await a_customer(fortnox)))
    world.fault(Drop(When.AFTER), path="^/3/orders/")

    changed = await fortnox.update_order(order.number, {"OrderRows": [a_row(Price=Decimal(10))]})

    assert (changed.total, len(changed.rows)) == (Decimal("20.00"), 1)


async def test_a_read_survives_a_500_and_a_dropped_connection(fortnox: FortnoxClient, world: World) -> None:
    world.fault(Status(500, b"<html>"), path="companyinformation")
    world.fault(Drop(When.BEFORE), path="companyinformation")

    assert (await fortnox.company()).database_number == TENANT


async def test_html_instead_of_a_document_after_a_write_is_in_doubt(
    fortnox: FortnoxClient, world: World
) -> None:
    customer = await a_customer(fortnox)
    world.fault(Status(200, b"<html>maintenance</html>"), path="^/3/orders$")

    with pytest.raises(InDoubt, match="unreadably"):
        await fortnox.create_order(an_order(customer))


async def test_a_429_is_waited_out_by_everybody_and_the_write_happens_once(
    world: World, company: Company, redis_url: str
) -> None:
    redis = Redis.from_url(redis_url)
    fortnox = world.fortnox(redis)
    customer = await a_customer(fortnox)
    world.fault(Status(429, b"<html>429</html>", {"Retry-After": "1"}), path="^/3/orders$")

    order = await fortnox.create_order(an_order(customer))

    assert list(company.orders) == [order.number]
    await redis.aclose()


@pytest.mark.slow
async def test_a_storm_of_429_ends_as_unavailable(world: World, redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    fortnox = world.fortnox(redis)
    await fortnox.company()
    world.fault(Status(429), path="^/3/", times=None)

    with pytest.raises(Unavailable):
        await fortnox.create_order(an_order("1"))
    await redis.aclose()


@pytest.mark.slow
async def test_forty_calls_at_once_stay_within_fortnox_limit(
    world: World, company: Company, redis_url: str
) -> None:
    company.change(rate_limit=True)
    redis = Redis.from_url(redis_url)
    fortnox = world.fortnox(redis)

    async def read(_: int) -> str:
        return (await fortnox.company()).name

    names = await asyncio.gather(*(read(number) for number in range(40)))

    assert names == ["Provbolaget AB"] * 40
    assert company.too_many_requests == 0
    await redis.aclose()


# ── credentials ───────────────────────────────────────────────────────────────────────────────────


async def test_a_token_that_fortnox_forgot_is_renewed_once_and_the_call_goes_on(
    fortnox: FortnoxClient, world: World
) -> None:
    await fortnox.company()
    world.sandbox.fortnox.oauth.access_tokens.clear()

    assert (await fortnox.company()).database_number == TENANT


async def test_a_consent_that_was_taken_back_is_said_and_not_retried(
    fortnox: FortnoxClient, world: World, records: list[CallRecord]
) -> None:
    await fortnox.company()
    world.fault(Status(401, b'{"message":"unauthorized"}'), path="^/3/", times=None)

    with pytest.raises(ConnectionRevoked, match="unauthorized"):
        await fortnox.company()

    assert [record.status for record in records if record.system == "fortnox"] == [200, 401, 401]


async def test_lanes_share_one_pool_and_one_token(fortnox: FortnoxClient, records: list[CallRecord]) -> None:
    await fortnox.company()
    await fortnox.in_lane("bulk").company()

    assert fortnox.in_lane("bulk").lane == "bulk"
    assert [record.system for record in records] == ["fortnox_oauth", "fortnox", "fortnox"]


async def test_the_oauth_server_that_is_down_is_unavailable_and_no_document_is_in_doubt(
    fortnox: FortnoxClient, world: World
) -> None:
    world.fault(Status(503), system=System.FORTNOX_OAUTH, times=None)

    with pytest.raises(Unavailable):
        await fortnox.create_order(an_order("1"))
