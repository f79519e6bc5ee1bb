"""Guesses can be turned: each switch changes what it says and nothing is guessed twice."""

import json
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.switches import Switches
from tests.services.sandbox.fortnox.api import Api, a_row, an_order_row, money
from tests.support.clock import Clock

BALANCE = "/api/warehouse/status-v1/stockbalance"

EXPORT = a_row(DeliveredQuantity="1", Price=100, VAT=0, AccountNumber=3105)


async def test_a_vat_code_on_the_row_can_be_ignored(api: Api, company: Company) -> None:
    company.change(vat_code_on_row=False)
    await api.booked_invoice(a_row(VATCode="DK25", AccountNumber=3163))

    assert company.books.by_account() == money(a1510="498.00", a2611="-99.60", a3163="-398.40")


async def test_a_negative_invoice_can_count_as_a_credit(api: Api, company: Company) -> None:
    company.change(negative_invoice_is_credit=True)

    assert (await api.invoice(a_row(DeliveredQuantity="-1")))["Credit"] == "true"
    assert (await api.invoice(a_row()))["Credit"] == "false"


async def test_a_balance_can_be_in_sek(api: Api, company: Company) -> None:
    company.change(balance_in_sek=True)
    await api.booked_invoice(EXPORT, Currency="EUR", CurrencyRate=11.2)
    await api.booked_payment("1", 560, AmountCurrency=50, CurrencyRate=11.2)
    half = company.invoices["1"]["Balance"]
    await api.booked_payment("1", 565, AmountCurrency=50, CurrencyRate=11.3)

    assert (half, company.invoices["1"]["Balance"]) == (560, 0)
    assert company.books.balance(3960) == Decimal("-5.00")


async def test_a_rate_can_be_per_one_unit_whatever_the_unit(api: Api, company: Company) -> None:
    company.change(rate_is_per_unit=False)
    company.currencies["NOK"].unit = Decimal(100)
    await api.booked_invoice(EXPORT, Currency="NOK", CurrencyRate=0.98)

    assert company.books.balance(1510) == Decimal("98.00")


async def test_an_overpayment_can_be_taken(api: Api, company: Company) -> None:
    company.change(refuse_overpayment=False)
    await api.booked_invoice(a_row())
    await api.booked_payment("1", 500)

    assert company.invoices["1"]["Balance"] == -2
    assert company.books.balance(1510) == Decimal("-2.00")


async def test_write_offs_on_credits_can_be_refused(api: Api, company: Company) -> None:
    company.change(write_offs_on_credits=False)
    await api.booked_invoice(a_row())
    await api.ok("PUT", "/3/invoices/1/credit")
    await api.ok("PUT", "/3/invoices/2/bookkeep")

    body = {"InvoiceNumber": 2, "Amount": -490, "WriteOffs": [{"AccountNumber": 6040, "Amount": -8}]}
    refused = await api.refused("POST", "/3/invoicepayments", {"InvoicePayment": body})
    assert refused == (400, refusals.SETTLES_TOO_MUCH)


@pytest.mark.parametrize(("touches", "found"), [(False, 0), (True, 1)])
async def test_a_payment_may_or_may_not_touch_its_invoice(
    api: Api, company: Company, clock: Clock, *, touches: bool, found: int
) -> None:
    company.change(payment_touches_invoice=touches)
    await api.booked_invoice(a_row())
    clock.advance(timedelta(minutes=10))
    await api.booked_payment("1", 498)

    listed = await api.ok("GET", "/3/invoices", lastmodified="2026-05-04 09:05")
    assert len(listed["Invoices"]) == found


@pytest.mark.parametrize(("touches", "found"), [(False, 0), (True, 1)])
async def test_a_stock_movement_may_or_may_not_touch_its_article(
    api: Api, company: Company, clock: Clock, *, touches: bool, found: int
) -> None:
    company.change(stock_touches_article=touches)
    await api.article("MUGG", StockGoods=True, QuantityInStock=5)
    clock.advance(timedelta(minutes=10))
    await api.booked_invoice(a_row(ArticleNumber="MUGG"))

    listed = await api.ok("GET", "/3/articles", lastmodified="2026-05-04 09:05")
    assert len(listed["Articles"]) == found


@pytest.mark.parametrize(("leaves_when", "made", "booked"), [("booked", 5, 3), ("made", 3, 3)])
async def test_goods_of_an_order_leave_when_its_invoice_is_made_or_when_it_is_booked(
    api: Api, company: Company, leaves_when: str, made: int, booked: int
) -> None:
    company.change(stock_leaves_when=leaves_when)
    await api.article("MUGG", StockGoods=True, QuantityInStock=5)
    order = await api.order(an_order_row(ArticleNumber="MUGG", OrderedQuantity="2", DeliveredQuantity="2"))

    invoice = await api.ok("PUT", f"/3/orders/{order['DocumentNumber']}/createinvoice")
    assert company.articles["MUGG"]["QuantityInStock"] == made
    await api.ok("PUT", f"/3/invoices/{invoice['DocumentNumber']}/bookkeep")
    assert company.articles["MUGG"]["QuantityInStock"] == booked


async def test_the_stock_balance_is_by_stock_point_and_of_so_many_articles_at_once(
    api: Api, company: Company
) -> None:
    company.change(warehouse=True, most_balances=2)
    for number in ("A", "B"):
        await api.article(number, StockGoods=True)
        company.articles[number]["QuantityInStock"] = Decimal(9)
    company.stock_points["A"] = {"SYD": Decimal(4)}
    company.articles["A"]["DefaultStockPoint"] = "SYD"
    await api.order(an_order_row(ArticleNumber="A", OrderedQuantity="3"))

    answer = await api.call("GET", BALANCE, itemIds="A,B", stockPointCodes="SYD")
    assert answer.json() == [
        {"itemId": "A", "stockPointCode": "SYD", "availableStock": 1, "inStock": 4},
    ]
    everywhere = await api.call("GET", BALANCE, itemIds="A,B")
    assert [(row["itemId"], row["stockPointCode"], row["inStock"]) for row in everywhere.json()] == [
        ("A", "MAIN", 5),
        ("A", "SYD", 4),
        ("B", "MAIN", 9),
    ]
    assert await api.refused("GET", BALANCE, itemIds="A,B,C") == (400, refusals.TOO_MANY_ITEMS)


async def test_null_and_empty_text_can_be_read_otherwise(api: Api, company: Company) -> None:
    company.change(refuse_null=False, empty_string_blanks=True)
    await api.invoice(a_row(), Comments="kvar", YourReference="kvar")

    changed = await api.ok("PUT", "/3/invoices/1", {"Invoice": {"Comments": "", "YourReference": None}})

    assert (changed["Comments"], changed["YourReference"]) == ("", "kvar")


async def test_inactive_customers_and_odd_addresses_can_be_let_through(api: Api, company: Company) -> None:
    company.change(refuse_inactive=False, refuse_bad_email=False)
    customer = await api.customer(Active=False, Email="anna")

    assert (await api.invoice(a_row(), CustomerNumber=customer))["Total"] == 498


async def test_any_accept_header_can_be_let_through(api: Api, company: Company) -> None:
    company.change(strict_accept=False)

    assert (await api.http.get("/3/orders", headers={**api.headers, "Accept": "*/*"})).status_code == 200


async def test_negative_stock_can_be_delivered_with_the_warehouse_module(api: Api, company: Company) -> None:
    await api.article("MUGG", StockGoods=True)
    company.change(warehouse=True, negative_stock=True)

    order = await api.order(an_order_row(ArticleNumber="MUGG"), DeliveryState="delivery")
    assert order["Total"] == 498


def test_an_unknown_setting_is_a_type_error(company: Company) -> None:
    with pytest.raises(TypeError, match="no setting 'colour'"):
        company.change(colour="blue")


def test_every_switch_and_every_invented_code_is_on_the_page(repository: Path) -> None:
    page = (repository / "docs" / "sandbox-fortnox.md").read_text()
    codes = [value for value in vars(refusals).values() if isinstance(value, int) and value > 2999000]

    assert [each.name for each in fields(Switches) if f"`{each.name}`" not in page] == []
    assert [code for code in codes if str(code) not in page] == []


SAMPLES = (
    "order-create-request.json",
    "invoice-create-request-oss-fi-eur.json",
    "credit-invoice-second-refund-request.json",
)


@pytest.mark.parametrize("name", SAMPLES)
async def test_requests_composed_from_the_fact_sheet_are_taken(
    api: Api, company: Company, shared_material: Path, name: str
) -> None:
    company.accounts[3121] = company.accounts[3162]
    for number in ("M-10045", "M-10046"):
        await api.customer(CustomerNumber=number)
    for number in ("SKU-1001", "FRAKT"):
        await api.article(number)
    sample = json.loads((shared_material / "apis" / "fortnox-samples" / name).read_text())
    wrapper = next(iter(sample))

    created = await api.ok("POST", f"/3/{wrapper.lower()}s", sample)

    assert created["Total"] == {SAMPLES[0]: 1047, SAMPLES[1]: Decimal("125.5"), SAMPLES[2]: -49}[name]
