from datetime import timedelta

import pytest

from services.sandbox.fortnox.company import Company
from tests.services.sandbox.fortnox.api import Api, a_row, an_order_row
from tests.support.clock import Clock


async def numbers(api: Api, path: str, **query: str) -> list[str]:
    answer = await api.ok("GET", path, **query)
    listed = next(value for name, value in answer.items() if name != "MetaInformation")
    return [item["DocumentNumber"] for item in listed]


async def test_a_search_is_a_substring_whatever_the_case(api: Api) -> None:
    for reference in ("S1001-O", "S21001-O", "s1001-o-x", "S7"):
        await api.order(an_order_row(), ExternalInvoiceReference1=reference)

    assert await numbers(api, "/3/orders", externalinvoicereference1="1001-o") == ["1", "2", "3"]
    assert await numbers(api, "/3/orders", externalinvoicereference1="S7") == ["4"]
    assert await numbers(api, "/3/orders", externalinvoicereference1="none") == []


async def test_pages_are_cut_by_limit_and_counted(api: Api, company: Company) -> None:
    for _ in range(5):
        await api.order(an_order_row())

    second = await api.ok("GET", "/3/orders", limit="2", page="2")
    by_offset = await api.ok("GET", "/3/orders", limit="2", offset="3")

    assert second["MetaInformation"] == {"@TotalResources": 5, "@TotalPages": 3, "@CurrentPage": 2}
    assert [order["DocumentNumber"] for order in second["Orders"]] == ["3", "4"]
    assert [order["DocumentNumber"] for order in by_offset["Orders"]] == ["4", "5"]


async def test_an_empty_list_has_no_pages(api: Api) -> None:
    answer = await api.ok("GET", "/3/invoices")

    assert answer["MetaInformation"] == {"@TotalResources": 0, "@TotalPages": 0, "@CurrentPage": 1}
    assert answer["Invoices"] == []


async def test_numbers_are_sorted_as_numbers(api: Api) -> None:
    for _ in range(11):
        await api.order(an_order_row())

    descending = await numbers(api, "/3/orders", sortby="documentnumber", sortorder="descending", limit="3")

    assert descending == ["11", "10", "9"]


async def test_orders_are_filtered_by_what_became_of_them(api: Api) -> None:
    for _ in range(3):
        await api.order(an_order_row())
    await api.ok("PUT", "/3/orders/1/createinvoice")
    await api.ok("PUT", "/3/orders/2/cancel")

    assert await numbers(api, "/3/orders", filter="invoicecreated") == ["1"]
    assert await numbers(api, "/3/orders", filter="cancelled") == ["2"]
    assert await numbers(api, "/3/orders", filter="invoicenotcreated") == ["3"]


async def test_invoices_are_filtered_by_how_far_they_are(api: Api, clock: Clock) -> None:
    await api.booked_invoice(a_row(), InvoiceDate="2026-03-01")
    await api.booked_invoice(a_row())
    await api.booked_payment("2", 498)
    await api.invoice(a_row(), YourOrderNumber="100000101")

    assert await numbers(api, "/3/invoices", filter="unpaid") == ["1"]
    assert await numbers(api, "/3/invoices", filter="unpaidoverdue") == ["1"]
    assert await numbers(api, "/3/invoices", filter="fullypaid") == ["2"]
    assert await numbers(api, "/3/invoices", filter="unbooked") == ["3"]
    assert await numbers(api, "/3/invoices", yourordernumber="0101") == ["3"]
    assert await numbers(api, "/3/invoices", fromdate="2026-05-01", todate="2026-05-04") == ["2", "3"]


async def test_lastmodified_is_swedish_local_time(api: Api, clock: Clock) -> None:
    await api.order(an_order_row())
    clock.advance(timedelta(minutes=10))
    await api.order(an_order_row())

    assert await numbers(api, "/3/orders", lastmodified="2026-05-04 09:05") == ["2"]
    assert await numbers(api, "/3/orders", lastmodified="2026-05-04 09:00:00") == ["1", "2"]
    clock.advance(timedelta(minutes=10))
    await api.ok("PUT", "/3/orders/1", {"Order": {"Comments": "x"}})
    assert await numbers(api, "/3/orders", lastmodified="2026-05-04 09:15") == ["1"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"filter": "doesntexist"}, 2000587),
        ({"colour": "blue"}, 2000588),
        ({"limit": "501"}, 2000588),
        ({"limit": "0"}, 2000588),
        ({"page": "0"}, 2000588),
        ({"sortby": "colour"}, 2000588),
        ({"lastmodified": "yesterday"}, 2000588),
    ],
)
async def test_a_query_that_fortnox_does_not_know_is_refused(
    api: Api, query: dict[str, str], code: int
) -> None:
    await api.invoice()

    assert await api.refused("GET", "/3/invoices", **query) == (400, code)


async def test_lists_show_numbers_as_text_where_fortnox_does(api: Api) -> None:
    await api.article("MUGG", StockGoods=True, QuantityInStock=12.5)
    await api.invoice()

    article = (await api.ok("GET", "/3/articles"))["Articles"][0]
    invoice = (await api.ok("GET", "/3/invoices"))["Invoices"][0]

    assert (article["QuantityInStock"], article["ReservedQuantity"], article["VAT"]) == ("12.5", "0", "25")
    assert (invoice["CurrencyRate"], invoice["CurrencyUnit"]) == ("1", 1)
