from decimal import Decimal

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.company import Company
from tests.services.sandbox.fortnox.api import Api, an_order_row


async def test_totals_come_from_the_delivered_quantity(api: Api) -> None:
    ordered = await api.order(
        {key: value for key, value in an_order_row().items() if key != "DeliveredQuantity"}
    )
    delivered = await api.order(an_order_row())

    assert (ordered["OrderRows"][0]["DeliveredQuantity"], ordered["Total"]) == ("0", 0)
    assert (delivered["OrderRows"][0]["DeliveredQuantity"], delivered["Total"]) == ("2", 498)
    assert (delivered["Net"], delivered["TotalVAT"]) == (Decimal("398.4"), Decimal("99.6"))


async def test_createinvoice_makes_an_unbooked_invoice_of_today(api: Api, company: Company) -> None:
    await api.order(
        an_order_row(),
        OrderDate="2026-04-01",
        ExternalInvoiceReference1="S1-O",
        ExternalInvoiceReference2="7700101",
        YourOrderNumber="100000101",
        Currency="EUR",
        CurrencyRate=11.5,
    )

    invoice = await api.ok("PUT", "/3/orders/1/createinvoice")

    assert invoice == await api.ok("GET", "/3/invoices/1")
    assert (invoice["InvoiceDate"], invoice["DueDate"]) == ("2026-05-04", "2026-06-03")
    assert (invoice["OrderReference"], invoice["Booked"]) == ("1", False)
    assert (invoice["ExternalInvoiceReference1"], invoice["ExternalInvoiceReference2"]) == ("S1-O", "7700101")
    assert (invoice["YourOrderNumber"], invoice["VATIncluded"]) == ("100000101", True)
    assert (invoice["Currency"], invoice["CurrencyRate"], invoice["Total"]) == ("EUR", Decimal("11.5"), 498)
    assert (await api.ok("GET", "/3/orders/1"))["InvoiceReference"] == "1"
    assert company.vouchers == []


async def test_an_order_is_invoiced_once(api: Api, company: Company) -> None:
    await api.order(an_order_row())
    await api.ok("PUT", "/3/orders/1/createinvoice")

    assert await api.refused("PUT", "/3/orders/1/createinvoice") == (400, refusals.ALREADY_INVOICED)
    assert len(company.invoices) == 1


async def test_createinvoice_answers_in_the_order_shape_when_set_so(api: Api, company: Company) -> None:
    company.change(createinvoice_answers="Order", copies_references=False)
    await api.order(an_order_row(), ExternalInvoiceReference1="S1-O")

    answer = await api.call("PUT", "/3/orders/1/createinvoice")

    assert answer.json()["Order"]["InvoiceReference"] == "1"
    assert company.invoices["1"]["ExternalInvoiceReference1"] == ""


async def test_an_invoiced_or_cancelled_order_cannot_be_changed(api: Api, company: Company) -> None:
    await api.order(an_order_row())
    await api.order(an_order_row())
    await api.ok("PUT", "/3/orders/1/createinvoice")
    await api.ok("PUT", "/3/orders/2/cancel")

    change = {"Order": {"Comments": "sent"}}
    assert await api.refused("PUT", "/3/orders/1", change) == (400, refusals.ALREADY_INVOICED)
    assert await api.refused("PUT", "/3/orders/1/cancel") == (400, refusals.ALREADY_INVOICED)
    assert await api.refused("PUT", "/3/orders/2", change) == (400, refusals.CANCELLED)
    assert await api.refused("PUT", "/3/orders/2/createinvoice") == (400, refusals.CANCELLED)
    assert [order["Comments"] for order in company.orders.values()] == ["", ""]


async def test_createinvoice_in_a_locked_period_leaves_the_order_open(api: Api, company: Company) -> None:
    await api.order(an_order_row())
    company.change(locked_until=company.today())

    assert await api.refused("PUT", "/3/orders/1/createinvoice") == (400, 2000401)
    assert company.orders["1"]["InvoiceReference"] == "0"
    assert not company.invoices


async def test_a_backorder_of_the_rest_is_made_when_set_so(api: Api, company: Company) -> None:
    company.change(backorders=True)
    await api.order(an_order_row(OrderedQuantity="3"))
    await api.ok("PUT", "/3/orders/1/createinvoice")

    rest = company.orders["2"]
    assert (rest["OrderType"], rest["OrderRows"][0]["OrderedQuantity"], rest["Total"]) == (
        "Backorder",
        "1",
        0,
    )


async def test_marking_as_sent_changes_nothing_else(api: Api) -> None:
    before = await api.order(an_order_row())

    assert await api.ok("PUT", "/3/orders/1/externalprint") == {**before, "Sent": True}


async def test_stock_is_reserved_by_orders_and_taken_by_booked_invoices(api: Api) -> None:
    await api.article("MUGG", StockGoods=True, QuantityInStock=10)
    await api.order(an_order_row(ArticleNumber="MUGG"))
    reserved = await api.ok("GET", "/3/articles/MUGG")
    await api.ok("PUT", "/3/orders/1/createinvoice")
    await api.ok("PUT", "/3/invoices/1/bookkeep")
    taken = await api.ok("GET", "/3/articles/MUGG")

    names = ("QuantityInStock", "ReservedQuantity", "DisposableQuantity")
    assert [reserved[name] for name in names] == [10, 2, 8]
    assert [taken[name] for name in names] == [8, 0, 8]


async def test_with_the_warehouse_module_an_empty_stock_delivers_nothing(api: Api, company: Company) -> None:
    await api.article("MUGG", StockGoods=True)
    company.change(warehouse=True)

    order = await api.order(an_order_row(ArticleNumber="MUGG"), DeliveryState="delivery")

    assert (order["OrderRows"][0]["DeliveredQuantity"], order["Total"]) == ("0", 0)
    company.articles["MUGG"]["QuantityInStock"] += 5
    filled = await api.order(an_order_row(ArticleNumber="MUGG"), DeliveryState="delivery")
    waiting = await api.order(an_order_row(ArticleNumber="MUGG"))
    assert (filled["Total"], waiting["Total"]) == (498, 0)
    assert await api.refused("PUT", "/3/orders/3/warehouseready") == (400, 2003124)


async def test_with_the_warehouse_module_an_invoice_must_be_warehouse_ready(
    api: Api, company: Company
) -> None:
    await api.article("MUGG", StockGoods=True, QuantityInStock=5)
    company.change(warehouse=True)
    await api.order(an_order_row(ArticleNumber="MUGG"), DeliveryState="delivery")
    await api.ok("PUT", "/3/orders/1/createinvoice")

    assert await api.refused("PUT", "/3/invoices/1/bookkeep") == (400, 2003498)
    assert company.vouchers == []
    await api.ok("PUT", "/3/invoices/1/warehouseready")
    assert (await api.ok("PUT", "/3/invoices/1/bookkeep"))["Booked"] is True
    assert company.articles["MUGG"]["QuantityInStock"] == 3


async def test_warehouse_ready_orders_cannot_be_changed(api: Api, company: Company) -> None:
    company.change(warehouse=True)
    await api.order(an_order_row(), DeliveryState="delivery")
    await api.ok("PUT", "/3/orders/1/warehouseready")

    assert await api.refused("PUT", "/3/orders/1", {"Order": {"Comments": "x"}}) == (400, 2003125)
    assert await api.ok("GET", "/api/warehouse/tenants-v4") == {"activated": True, "tenantId": 1234567}
