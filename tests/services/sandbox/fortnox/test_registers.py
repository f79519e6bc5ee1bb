"""Customers, articles, prices and the settings."""

from decimal import Decimal

import pytest

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.company import Company
from tests.services.sandbox.fortnox.api import Api, a_row, an_order_row


async def test_a_customers_country_is_set_by_code_and_shown_by_name(api: Api) -> None:
    customer = await api.ok("POST", "/3/customers", {"Customer": {"Name": "Anna", "CountryCode": "FI"}})

    assert (customer["Country"], customer["CountryCode"]) == ("Finland", "FI")
    invoice = await api.invoice(CustomerNumber=customer["CustomerNumber"])
    assert invoice["Country"] == "Finland"


async def test_a_put_changes_what_it_sends_and_nothing_else(api: Api) -> None:
    before = await api.ok("POST", "/3/customers", {"Customer": {"Name": "Anna", "City": "Lund"}})

    after = await api.ok("PUT", "/3/customers/1", {"Customer": {"Name": "Anna Ek"}})

    assert after == {**before, "Name": "Anna Ek"}


async def test_a_deleted_customer_number_is_never_free_again(api: Api) -> None:
    await api.customer(CustomerNumber="M-1")
    assert (await api.call("DELETE", "/3/customers/M-1")).status_code == 204

    again = {"Customer": {"Name": "Anna", "CustomerNumber": "M-1"}}
    assert await api.refused("POST", "/3/customers", again) == (400, 2000637)


async def test_a_customer_with_documents_cannot_be_deleted(api: Api, company: Company) -> None:
    await api.order(an_order_row())

    assert await api.refused("DELETE", "/3/customers/1") == (400, refusals.IN_USE)
    assert "1" in company.customers


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Name": "API_BLANK"}, refusals.MISSING_FIELD),
        ({"Country": "Sverige"}, 2001399),
        ({"CountryCode": "XX"}, refusals.NOT_ONE_OF),
        ({"CountryCode": "SWE"}, 2000107),
        ({"ZipCode": "12345678901"}, 2000107),
        ({"Email": "anna"}, refusals.BAD_EMAIL),
        ({"Name": "O'Neil"}, 2000359),
        ({"Currency": "GBP"}, 2004344),
        ({"VATType": "OSS"}, refusals.NOT_ONE_OF),
        ({"CustomerNumber": "M 1"}, 2000106),
        ({"SalesAccount": "3999"}, 2001304),
        ({"TermsOfPayment": "99"}, 2000429),
    ],
)
async def test_a_customer_that_fortnox_would_not_take_is_refused(
    api: Api, company: Company, fields: dict[str, object], code: int
) -> None:
    body = {"Customer": {"Name": "Anna", **fields}}

    assert await api.refused("POST", "/3/customers", body) == (400, code)
    assert not company.customers


async def test_a_customer_of_undefined_type_cannot_be_updated(api: Api, company: Company) -> None:
    await api.customer()
    company.customers["1"]["Type"] = "UNDEFINED"

    assert await api.refused("PUT", "/3/customers/1", {"Customer": {"City": "Lund"}}) == (400, 2001200)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"ArticleNumber": "A.1"}, 2000166),
        ({"ArticleNumber": "A 1"}, 2000166),
        ({"ArticleNumber": "MUGG"}, refusals.DUPLICATE_NUMBER),
        ({"ArticleNumber": "x" * 51}, 2000107),
        ({"Description": "x" * 201}, 2000107),
        ({"VAT": 24}, refusals.VAT_RATE_NOT_SET_UP),
        ({"SalesAccount": 3999}, 2001304),
        ({"Unit": "dussin"}, 2000432),
        ({"SalesPrice": 10}, 2001399),
    ],
)
async def test_an_article_that_fortnox_would_not_take_is_refused(
    api: Api, company: Company, fields: dict[str, object], code: int
) -> None:
    await api.article("MUGG")
    body = {"Article": {"Description": "Kopp", **fields}}

    assert await api.refused("POST", "/3/articles", body) == (400, code)
    assert list(company.articles) == ["MUGG"]


async def test_default_accounts_that_are_not_in_the_chart_make_a_later_put_fail(
    api: Api, company: Company
) -> None:
    await api.article("MUGG")
    del company.accounts[3108]

    assert await api.refused("PUT", "/3/articles/MUGG", {"Article": {"Note": "x"}}) == (400, 2001304)


async def test_with_the_warehouse_module_stock_cannot_be_set(api: Api, company: Company) -> None:
    await api.article("MUGG", StockGoods=True)
    company.change(warehouse=True)

    body = {"Article": {"QuantityInStock": 5}}
    assert await api.refused("PUT", "/3/articles/MUGG", body) == (400, 2001399)


async def test_a_row_without_a_price_takes_the_price_lists(api: Api) -> None:
    await api.article("MUGG")
    await api.ok("POST", "/3/prices", {"Price": {"PriceList": "A", "ArticleNumber": "MUGG", "Price": 80}})
    changed = await api.ok("PUT", "/3/prices/A/MUGG/0", {"Price": {"Price": 90}})

    invoice = await api.invoice({"ArticleNumber": "MUGG", "DeliveredQuantity": "1"})

    assert (changed["Price"], invoice["InvoiceRows"][0]["Price"]) == (90, 90)
    assert (await api.ok("GET", "/3/articles/MUGG"))["SalesPrice"] == 90
    assert await api.refused("GET", "/3/prices/A/KOPP/0") == (404, 2000430)


async def test_terms_of_payment_are_stored_in_upper_case(api: Api) -> None:
    body = {"TermsOfPayment": {"Code": "30days", "Description": "30 dagar"}}

    assert (await api.ok("POST", "/3/termsofpayments", body))["Code"] == "30DAYS"
    assert (await api.ok("GET", "/3/termsofpayments/30DAYS"))["Description"] == "30 dagar"


async def test_financial_years_are_found_by_date(api: Api) -> None:
    found = await api.ok("GET", "/3/financialyears", date="2026-05-04")
    none = await api.ok("GET", "/3/financialyears", date="2030-01-01")

    assert [(year["Id"], year["FromDate"]) for year in found["FinancialYears"]] == [(2, "2026-01-01")]
    assert none["FinancialYears"] == []


async def test_predefined_accounts_name_the_account_of_every_vat_code(api: Api) -> None:
    listed = await api.ok("GET", "/3/predefinedaccounts", limit="500")

    accounts = {item["Name"]: item["Account"] for item in listed["PreDefinedAccounts"]}
    assert {name: accounts[name] for name in ("OUTVAT_MP1", "OUTVAT_MP2", "OUTVAT_MP3", "CUSTCLAIM")} == {
        "OUTVAT_MP1": 2611,
        "OUTVAT_MP2": 2621,
        "OUTVAT_MP3": 2631,
        "CUSTCLAIM": 1510,
    }
    assert (accounts["OUTVAT_DK25"], accounts["OUTVAT_FI255"]) == (2673, 2672)


async def test_a_changed_predefined_account_is_used(api: Api, company: Company) -> None:
    body = {"PreDefinedAccount": {"Account": 2640}}
    await api.ok("PUT", "/3/predefinedaccounts/OUTVAT_MP1", body)
    await api.booked_invoice(a_row())

    assert company.books.balance(2640) == Decimal("-99.60")
    short, unknown = {"PreDefinedAccount": {"Account": 12}}, {"PreDefinedAccount": {"Account": 2999 + 1}}
    assert await api.refused("PUT", "/3/predefinedaccounts/OUTVAT_MP1", short) == (400, 2002462)
    assert await api.refused("PUT", "/3/predefinedaccounts/OUTVAT_MP1", unknown) == (400, 2001265)


async def test_automatic_currencies_cannot_be_changed_and_know_no_lastmodified(api: Api) -> None:
    body = {"Currency": {"SellRate": 12}}

    assert await api.refused("PUT", "/3/currencies/EUR", body) == (400, refusals.AUTOMATIC_CURRENCY)
    assert await api.refused("GET", "/3/currencies", lastmodified="2026-01-01") == (400, 2000588)
    assert await api.refused("GET", "/3/currencies/GBP") == (404, 2000427)
    assert (await api.ok("GET", "/3/currencies/EUR"))["SellRate"] == Decimal("11.2")


async def test_accounts_modes_series_and_terms_can_be_set_up(api: Api, company: Company) -> None:
    account = {"Account": {"Number": 3165, "Description": "OSS Frankrike", "VATCode": "DE19"}}
    await api.ok("POST", "/3/accounts", account)
    await api.ok("PUT", "/3/accounts/3165", {"Account": {"Active": False}})
    await api.ok("POST", "/3/modesofpayments", {"ModeOfPayment": {"Code": "SVEADK", "AccountNumber": "1581"}})
    await api.ok("POST", "/3/voucherseries", {"VoucherSeries": {"Code": "T", "Description": "Test"}})
    await api.ok("POST", "/3/units", {"Unit": {"Code": "par", "Description": "Par"}})

    assert (company.accounts[3165].active, company.accounts[3165].vat_code) == (False, "DE19")
    assert company.modes_of_payment["SVEADK"][1] == 1581
    assert company.voucher_series["T"].manual
    assert (await api.ok("GET", "/3/units/par"))["CodeEnglish"] == ""


async def test_a_document_with_an_inactive_account_is_refused(api: Api) -> None:
    await api.ok("PUT", "/3/accounts/3001", {"Account": {"Active": False}})
    body = await api.invoice_body(a_row())

    assert await api.refused("POST", "/3/invoices", body) == (400, 2000550)
    assert await api.refused("GET", "/3/accounts/3999") == (404, 2000423)


async def test_the_company_is_shown_with_its_tenant_id_as_number_and_as_text(api: Api) -> None:
    information = await api.ok("GET", "/3/companyinformation")
    settings = await api.ok("GET", "/3/settings/company")

    assert (information["DatabaseNumber"], settings["DatabaseNumber"]) == (1234567, "1234567")
    assert await api.ok("GET", "/3/settings/lockedperiod") == {"EndDate": None}
    assert (await api.ok("GET", "/3/me"))["SysAdmin"] is True


async def test_sales_with_rates_of_other_countries_count_against_the_eu_limit(api: Api) -> None:
    row = a_row(DeliveredQuantity="1", Price=119, VAT=19, AccountNumber=3161)
    await api.booked_invoice(row, Currency="EUR", CurrencyRate=11.20)

    limit = await api.ok("GET", "/3/euvatlimitregulation", year="2026")

    assert (limit["TotalExclVat"], limit["IsOverLimit"]) == (1120, False)


async def test_a_new_number_is_one_above_the_highest_there_ever_was(api: Api, company: Company) -> None:
    await api.article("101")
    await api.ok("POST", "/3/articles", {"Article": {"Description": "Hammare"}})
    await api.customer(CustomerNumber="7")
    await api.call("DELETE", "/3/customers/7")

    assert list(company.articles) == ["101", "102"]
    assert await api.customer() == "8"


async def test_the_stock_balance_of_the_warehouse_module_counts_open_orders(
    api: Api, company: Company
) -> None:
    await api.article("MUGG", StockGoods=True, QuantityInStock=20)
    await api.order(an_order_row(ArticleNumber="MUGG", OrderedQuantity="3"))
    company.change(warehouse=True)

    answer = await api.call("GET", "/api/warehouse/status-v1/stockbalance", itemIds="MUGG,NOPE")

    assert answer.json() == [
        {"itemId": "MUGG", "stockPointCode": "MAIN", "availableStock": 17, "inStock": 20},
        {"itemId": "NOPE", "stockPointCode": "MAIN", "availableStock": 0, "inStock": 0},
    ]


async def test_prices_are_listed_by_article_and_deleted_by_quantity(api: Api, company: Company) -> None:
    await api.article("MUGG")
    for quantity, price in ((0, 80), (10, 70)):
        body = {"PriceList": "A", "ArticleNumber": "MUGG", "FromQuantity": quantity, "Price": price}
        await api.ok("POST", "/3/prices", {"Price": body})

    listed = await api.ok("GET", "/3/prices/sublist/A/MUGG")
    everything = await api.ok("GET", "/3/prices")
    deleted = await api.call("DELETE", "/3/prices/A/MUGG/10")

    assert [(item["FromQuantity"], item["Price"]) for item in listed["Prices"]] == [(0, 80), (10, 70)]
    assert (everything["MetaInformation"]["@TotalResources"], deleted.status_code) == (2, 204)
    assert [price["Price"] for price in company.prices.values()] == [80]


async def test_a_financial_year_is_opened_once(api: Api) -> None:
    body = {"FinancialYear": {"FromDate": "2027-01-01", "ToDate": "2027-12-31"}}

    assert (await api.ok("POST", "/3/financialyears", body))["Id"] == 3
    assert (await api.ok("GET", "/3/financialyears/3"))["AccountingMethod"] == "ACCRUAL"
    assert await api.refused("POST", "/3/financialyears", body) == (400, refusals.DATE_ORDER)
    assert await api.refused("GET", "/3/financialyears/9") == (404, 2000491)


async def test_the_series_of_a_ledger_can_be_moved(api: Api) -> None:
    await api.ok("POST", "/3/voucherseries", {"VoucherSeries": {"Code": "K", "Manual": False}})
    await api.ok(
        "PUT", "/3/predefinedvoucherseries/INVOICE", {"PreDefinedVoucherSeries": {"VoucherSeries": "K"}}
    )

    assert (await api.booked_invoice(a_row()))["VoucherSeries"] == "K"
    listed = await api.ok("GET", "/3/predefinedvoucherseries")
    assert listed["PreDefinedVoucherSeriesCollection"][0]["VoucherSeries"] == "K"
    assert (await api.ok("GET", "/3/voucherseries/K"))["NextVoucherNumber"] == 2


async def test_what_the_books_use_cannot_be_deleted(api: Api, company: Company) -> None:
    await api.booked_invoice(a_row())

    assert await api.refused("DELETE", "/3/accounts/3001") == (400, refusals.IN_USE)
    for path in ("accounts/3990", "currencies/USD", "modesofpayments/OBS", "units/kg", "termsofpayments/K"):
        assert (await api.call("DELETE", f"/3/{path}")).status_code == 204
        assert (await api.call("GET", f"/3/{path}")).status_code == 404


async def test_delivery_terms_and_ways_are_registers_too(api: Api) -> None:
    await api.ok("POST", "/3/termsofdeliveries", {"TermsOfDelivery": {"Code": "fvl", "Description": "Fritt"}})
    await api.ok("POST", "/3/wayofdeliveries", {"WayOfDelivery": {"Code": "p", "Description": "Post"}})

    customer = await api.customer(TermsOfDelivery="FVL", WayOfDelivery="p")

    invoice = await api.invoice(a_row(), CustomerNumber=customer)
    assert (invoice["TermsOfDelivery"], invoice["WayOfDelivery"]) == ("FVL", "P")
    assert (await api.call("DELETE", "/3/termsofdeliveries/FVL")).status_code == 404


async def test_printing_gives_a_pdf_and_sending_marks_the_document(api: Api, company: Company) -> None:
    await api.invoice(a_row())

    preview = await api.call("GET", "/3/invoices/1/preview")
    sent_after_preview = company.invoices["1"]["Sent"]
    mailed = await api.ok("GET", "/3/invoices/1/email")

    assert (preview.headers["Content-Type"], preview.content[:5]) == ("application/pdf", b"%PDF-")
    assert (sent_after_preview, mailed["Sent"]) == (False, True)


async def test_an_own_currency_can_be_changed(api: Api) -> None:
    body = {"Currency": {"Code": "GBP", "Description": "Pund", "BuyRate": 13.1, "SellRate": 13.2}}
    await api.ok("POST", "/3/currencies", body)

    changed = await api.ok("PUT", "/3/currencies/GBP", {"Currency": {"SellRate": 13.5}})

    assert (changed["BuyRate"], changed["SellRate"], changed["Date"]) == (
        Decimal("13.1"),
        Decimal("13.5"),
        "2026-05-04",
    )
    assert await api.refused("POST", "/3/currencies", body) == (400, refusals.DUPLICATE_NUMBER)
