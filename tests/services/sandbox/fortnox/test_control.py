"""The read-out for tests in other processes."""

import httpx

from services.sandbox.fortnox.company import Company, SandboxFortnox
from tests.services.sandbox.fortnox.api import TENANT, Api, a_row
from tests.services.sandbox.fortnox.test_files import an_id, connecting
from tests.services.sandbox.fortnox.test_vouchers import a_voucher

CONTROL = "http://sandbox/_control/fortnox"


async def test_the_books_are_read_by_account_and_date(api: Api, http: httpx.AsyncClient) -> None:
    await api.booked_invoice(a_row(), InvoiceDate="2026-04-30")
    await api.booked_invoice(a_row())

    whole = await http.get(f"{CONTROL}/companies/{TENANT}/books")
    may = await http.get(f"{CONTROL}/companies/{TENANT}/books", params={"from_date": "2026-05-01"})

    assert whole.json() == {"accounts": {"1510": "996.00", "2611": "-199.20", "3001": "-796.80"}}
    assert may.json() == {"accounts": {"1510": "498.00", "2611": "-99.60", "3001": "-398.40"}}


async def test_vouchers_documents_and_calls_are_read_in_full(api: Api, http: httpx.AsyncClient) -> None:
    await api.booked_invoice(a_row())

    vouchers = (await http.get(f"{CONTROL}/companies/{TENANT}/vouchers")).json()["vouchers"]
    documents = (await http.get(f"{CONTROL}/companies/{TENANT}/documents")).json()
    calls = (await http.get(f"{CONTROL}/companies/{TENANT}/calls")).json()

    assert (vouchers[0]["series"], vouchers[0]["rows"][0]) == (
        "B",
        {
            "account": 1510,
            "debit": "498.00",
            "credit": "0.00",
            "description": "",
            "transaction_information": "",
        },
    )
    assert (documents["invoices"][0]["Total"], len(documents["customers"])) == (498, 1)
    assert [call["method"] for call in calls["calls"]] == ["POST", "POST", "PUT"]
    assert calls["calls"][1]["body"]["Invoice"]["VATIncluded"] is True


async def test_the_call_log_can_be_emptied(api: Api, http: httpx.AsyncClient, company: Company) -> None:
    await api.customer()

    assert (await http.delete(f"{CONTROL}/companies/{TENANT}/calls")).status_code == 204
    assert company.calls == []


async def test_settings_are_changed_by_name(http: httpx.AsyncClient, company: Company) -> None:
    answer = await http.patch(
        f"{CONTROL}/companies/{TENANT}",
        json={
            "locked_until": "2026-03-31",
            "rounds_to_kronor": True,
            "accounts": [{"number": 3165, "description": "OSS Frankrike"}],
            "currencies": [{"code": "GBP", "description": "Pund", "buy_rate": "13.1", "sell_rate": "13.2"}],
            "vat_codes": [{"code": "MP1", "rate": "25", "account": 2611}],
            "financial_years": [{"id": 9, "from_date": "2026-01-01", "to_date": "2026-12-31"}],
        },
    )

    shown = answer.json()
    assert answer.status_code == 200
    assert (shown["locked_until"], shown["switches"]["rounds_to_kronor"]) == ("2026-03-31", True)
    assert (3165 in shown["accounts"], 3001 in shown["accounts"]) == (True, True)
    assert (shown["currencies"]["GBP"], shown["currencies"]["EUR"]) == ("13.2", "11.20")
    assert [code.code for code in company.vat_codes] == ["MP1"]
    assert [year.id for year in company.financial_years] == [9]


async def test_a_setting_that_does_not_exist_is_named(http: httpx.AsyncClient) -> None:
    answer = await http.patch(f"{CONTROL}/companies/{TENANT}", json={"colour": "blue"})

    assert (answer.status_code, answer.json()) == (400, {"error": "a company has no setting 'colour'"})


async def test_companies_and_integrations_are_added(http: httpx.AsyncClient, fortnox: SandboxFortnox) -> None:
    integration = {"client_id": "other", "client_secret": "s", "redirect_uri": "https://other.test/"}
    await http.post(f"{CONTROL}/integrations", json=integration)
    added = await http.post(f"{CONTROL}/companies", json={"tenant_id": 7, "warehouse": True})

    token = await http.post(
        "/oauth-v1/token",
        data={"grant_type": "client_credentials"},
        auth=("other", "s"),
        headers={"TenantId": "7"},
    )
    assert (added.status_code, token.status_code) == (201, 200)
    assert fortnox.company(7).switches.warehouse
    listed = (await http.get(f"{CONTROL}/companies")).json()["companies"]
    assert [company["tenant_id"] for company in listed] == [TENANT, 7]


async def test_an_unknown_company_is_not_found(http: httpx.AsyncClient) -> None:
    assert (await http.get(f"{CONTROL}/companies/1/books")).status_code == 404


async def test_a_consent_can_be_withdrawn(api: Api, http: httpx.AsyncClient) -> None:
    await http.delete(f"{CONTROL}/companies/{TENANT}/consent")

    assert (await api.call("GET", "/3/orders")).status_code == 401


async def test_files_are_read_with_the_vouchers_that_they_explain(api: Api, http: httpx.AsyncClient) -> None:
    await api.ok("POST", "/3/vouchers", a_voucher())
    connected, other = await an_id(api), await an_id(api)
    await api.ok("POST", "/3/voucherfileconnections", connecting(connected))

    files = (await http.get(f"{CONTROL}/companies/{TENANT}/files")).json()["files"]

    assert {file["id"]: file["voucher"] for file in files} == {
        connected: {"file_id": connected, "series": "S", "number": "1", "year": 2},
        other: None,
    }
