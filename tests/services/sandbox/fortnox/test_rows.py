from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.company import Company
from tests.services.sandbox.fortnox.api import Api, a_row, freight


def ids(document: Any) -> list[int]:
    return [row["RowId"] for row in document["InvoiceRows"]]


async def put_rows(api: Api, *rows: dict[str, object]) -> Any:
    answer: Any = await api.ok("PUT", "/3/invoices/1", {"Invoice": {"InvoiceRows": list(rows)}})
    return answer


async def test_rows_without_ids_are_matched_by_position(api: Api) -> None:
    before = await api.invoice(a_row(), freight())

    after = await put_rows(api, {"DeliveredQuantity": "1"})

    row = after["InvoiceRows"][0]
    assert (len(after["InvoiceRows"]), row["Description"], row["DeliveredQuantity"], row["Price"]) == (
        1,
        "Mugg",
        "1",
        249,
    )
    assert set(ids(before)).isdisjoint(ids(after))


async def test_with_one_row_id_rows_are_matched_by_id(api: Api) -> None:
    before = await api.invoice(a_row(), freight(), a_row(Description="Fat", Price=100))

    keep, change = before["InvoiceRows"][2]["RowId"], before["InvoiceRows"][0]["RowId"]
    after = await put_rows(api, {"RowId": keep}, {"RowId": change, "Price": 200}, freight(Price=10))

    shown = [(row["Description"], row["Price"]) for row in after["InvoiceRows"]]
    assert shown == [("Fat", 100), ("Mugg", 200), ("Frakt", 10)]
    assert set(ids(before)).isdisjoint(ids(after))


async def test_an_empty_list_removes_every_row(api: Api) -> None:
    await api.invoice(a_row())

    after = await put_rows(api)

    assert (after["InvoiceRows"], after["Total"]) == ([], 0)


async def test_row_ids_are_new_after_every_update(api: Api) -> None:
    before = await api.invoice(a_row())

    after = await api.ok("PUT", "/3/invoices/1", {"Invoice": {"Comments": "x"}})

    assert set(ids(before)).isdisjoint(ids(after))
    assert after["Total"] == before["Total"]


async def test_an_unknown_row_id_is_refused(api: Api, company: Company) -> None:
    await api.invoice(a_row())

    body = {"Invoice": {"InvoiceRows": [{"RowId": 999}]}}
    assert await api.refused("PUT", "/3/invoices/1", body) == (400, refusals.UNKNOWN_ROW)
    assert len(company.invoices["1"]["InvoiceRows"]) == 1


async def test_more_than_500_rows_are_refused(api: Api, company: Company) -> None:
    body = await api.invoice_body(*[a_row() for _ in range(501)])

    assert await api.refused("POST", "/3/invoices", body) == (400, refusals.TOO_MANY_ROWS)
    assert not company.invoices
    assert len((await api.invoice(*[a_row() for _ in range(500)]))["InvoiceRows"]) == 500


async def test_prices_and_quantities_are_rounded_to_two_decimals(api: Api) -> None:
    invoice = await api.invoice(a_row(DeliveredQuantity="1.125", Price=1.125))

    row = invoice["InvoiceRows"][0]
    assert (row["DeliveredQuantity"], row["Price"], row["Total"]) == (
        "1.13",
        Decimal("1.13"),
        Decimal("1.28"),
    )


async def test_customer_discount_freight_and_fee_leak_in_unless_sent(api: Api) -> None:
    customer = await api.customer(InvoiceDiscount=10, InvoiceFreight="50", InvoiceAdministrationFee="20")
    plain_row = {key: value for key, value in a_row().items() if key != "Discount"}
    bare = {"CustomerNumber": customer, "VATIncluded": True, "InvoiceRows": [plain_row]}

    leaked = await api.ok("POST", "/3/invoices", {"Invoice": bare})
    clean = await api.invoice(a_row(), CustomerNumber=customer)

    assert (leaked["InvoiceRows"][0]["Discount"], leaked["Freight"], leaked["AdministrationFee"]) == (
        10,
        50,
        20,
    )
    assert leaked["Total"] == Decimal("518.2")
    assert (clean["InvoiceRows"][0]["Discount"], clean["Freight"], clean["Total"]) == (0, 0, 498)


async def test_the_footer_takes_the_rate_most_rows_have(api: Api) -> None:
    invoice = await api.invoice(
        a_row(VAT=12, AccountNumber=3002), a_row(VAT=12, AccountNumber=3002), a_row(), Freight=112
    )

    assert invoice["FreightVAT"] == 12


async def test_a_text_row_with_blanked_numbers_counts_nothing(api: Api) -> None:
    blank = dict.fromkeys(("ArticleNumber", "AccountNumber", "Price", "DeliveredQuantity"), "API_BLANK")
    invoice = await api.invoice({"Description": "Kredit avseende faktura 5001", **blank}, a_row())

    row = invoice["InvoiceRows"][0]
    assert (row["Description"], row["AccountNumber"], row["DeliveredQuantity"]) == (
        "Kredit avseende faktura 5001",
        None,
        "0",
    )
    assert invoice["Total"] == 498


async def test_the_customers_vat_type_picks_the_articles_account(api: Api) -> None:
    await api.article("MUGG")
    export = await api.customer(VATType="EXPORT", CountryCode="NO")
    row = {"ArticleNumber": "MUGG", "DeliveredQuantity": "1", "Price": 100}

    at_home = (await api.invoice(row))["InvoiceRows"][0]
    abroad = (await api.invoice(row, CustomerNumber=export))["InvoiceRows"][0]

    assert (at_home["AccountNumber"], at_home["VAT"], at_home["Description"]) == (3001, 25, "Mugg")
    assert (abroad["AccountNumber"], abroad["VAT"]) == (3105, 0)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"ArticleNumber": "NOPE"}, 2001302),
        ({"AccountNumber": 3999}, 2001304),
        ({"AccountNumber": 6570}, 2000550),
        ({"VAT": 24}, refusals.VAT_RATE_NOT_SET_UP),
        ({"VATCode": "XX"}, refusals.VAT_CODE_UNKNOWN),
        ({"VATCode": "DE19"}, refusals.VAT_CODE_UNKNOWN),
        ({"Discount": 101}, refusals.DISCOUNT_ABOVE_ALL),
        ({"Description": ""}, 2003977),
        ({"Description": "O'Neil"}, 2000359),
        ({"Description": "x" * 256}, 2000107),
        ({"Price": "dyrt"}, 2000108),
        ({"Total": 498}, 2001399),
        ({"Colour": "blue"}, 2001399),
    ],
)
async def test_a_row_that_fortnox_would_not_take_is_refused(
    api: Api, company: Company, row: dict[str, object], code: int
) -> None:
    company.accounts[6570].active = False
    body = await api.invoice_body(a_row(**row))

    assert await api.refused("POST", "/3/invoices", body) == (400, code)
    assert not company.invoices


async def test_easy_vat_demands_an_account_for_an_own_rate(api: Api, company: Company) -> None:
    company.change(easy_vat=True)
    body = await api.invoice_body({"Description": "Tasse", "DeliveredQuantity": "1", "Price": 119, "VAT": 19})

    assert await api.refused("POST", "/3/invoices", body) == (400, 2004167)
    assert (await api.invoice(a_row(VAT=19, AccountNumber=3161)))["Total"] == 498
