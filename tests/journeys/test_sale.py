"""Journeys of a sale: webhook in, ledger effect out (acceptance A01, A02, A06, A08, E07)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.world import World, a_row, freight, kronor

A01 = (a_row("Mugg", "249.00", pieces=2), freight("49.00"))
A01_BOOKS = kronor(_1510="547.00", _3001="-398.40", _3520="-39.20", _2611="-109.40")


def by_account(postings: list[dict[str, Any]], *, only_new: bool = True) -> dict[int, Decimal]:
    """What a preview says would be booked, debit positive."""
    found: dict[int, Decimal] = {}
    for one in postings:
        if one["new"] or not only_new:
            amount = Decimal(one["debit"]) - Decimal(one["credit"])
            found[one["account"]] = found.get(one["account"], Decimal(0)) + amount
    return {account: amount for account, amount in found.items() if amount}


async def test_a01_a_delivered_sale_becomes_one_booked_invoice_of_its_order(world: World) -> None:
    world.on("2026-05-04")
    sale = world.buys(*A01)
    await world.works()
    assert [order["Total"] for order in world.orders] == [Decimal("547.00")]
    assert world.books() == {}

    world.on("2026-05-05")
    world.sandbox.svea.deliver(sale)
    await world.works_as_previewed(sale)

    assert (await world.sale(sale)).state == "done"
    assert world.books("2026-05-05") == A01_BOOKS
    (invoice,) = world.invoices
    assert invoice["Booked"] is True
    assert (invoice["Total"], invoice["RoundOff"]) == (Decimal("547.00"), Decimal(0))
    assert (invoice["Freight"], invoice["AdministrationFee"]) == (0, 0)
    assert invoice["InvoiceDate"] == "2026-05-05"
    assert invoice["ExternalInvoiceReference1"] == f"S{sale}-O"  # needs no patch, so none is made
    assert invoice["ExternalInvoiceReference2"] == str(sale)
    assert invoice["YourOrderNumber"] == "100000101"
    assert [order["ExternalInvoiceReference1"] for order in world.orders] == [f"S{sale}-O"]


async def test_a02_each_rate_lands_on_its_own_sales_and_vat_account(world: World) -> None:
    world.on("2026-03-16")
    sale = world.buys(
        a_row("Skjorta", "299.00"),
        a_row("Kaffe", "89.00", pieces=2, vat="12"),
        a_row("Bok", "159.00", vat="6"),
        freight("59.00"),
    )
    world.on("2026-03-17")
    world.sandbox.svea.deliver(sale)
    await world.works_as_previewed(sale)

    assert world.books("2026-03-17") == kronor(
        _1510="695.00",
        _3001="-239.20",
        _3002="-158.93",
        _3003="-150.00",
        _3520="-47.20",
        _2611="-71.60",
        _2621="-19.07",
        _2631="-9.00",
    )


async def test_a06_the_invoice_fee_that_svea_adds_is_revenue_with_vat(world: World) -> None:
    world.sandbox.svea.merchant("700001").invoice_fee = 2900
    world.on("2026-05-04")
    sale = world.buys(*A01, payment_type="INVOICE")
    world.on("2026-05-05")
    world.sandbox.svea.deliver(sale)
    await world.works_as_previewed(sale)

    assert world.books("2026-05-05") == kronor(
        _1510="576.00", _3001="-398.40", _3520="-39.20", _3540="-23.20", _2611="-115.20"
    )


@pytest.mark.parametrize("seen_between", [True, False], ids=["one by one", "both at once"])
async def test_a08_each_delivery_is_its_own_invoice_and_together_they_are_the_order(
    world: World, seen_between: bool
) -> None:
    world.on("2026-05-04")
    sale = world.buys(a_row("Mugg", "249.00", pieces=3), freight("49.00"))
    await world.works()
    mug, post = (row.row_id for row in world.sandbox.svea.order(sale).rows)

    world.on("2026-05-05")
    world.sandbox.svea.deliver(sale, {mug: 200, post: 100})
    if seen_between:
        await world.works_as_previewed(sale)
    world.on("2026-05-11")
    world.sandbox.svea.deliver(sale)
    world.sandbox.svea.resend_webhooks(last=2, copies=2)
    await world.works_as_previewed(sale)

    assert [invoice["Total"] for invoice in world.invoices] == [Decimal("547.00"), Decimal("249.00")]
    assert world.books("2026-05-05") == A01_BOOKS
    assert world.books("2026-05-11") == kronor(_1510="249.00", _3001="-199.20", _2611="-49.80")
    assert [order["InvoiceReference"] for order in world.orders] == [
        invoice["DocumentNumber"] for invoice in world.invoices
    ]


async def test_the_rest_of_a_partial_delivery_waits_as_an_order_of_its_own(world: World) -> None:
    sale = world.buys(a_row("Mugg", "249.00", pieces=3), freight("49.00"), payment_type="INVOICE")
    await world.works()
    mug, post = (row.row_id for row in world.sandbox.svea.order(sale).rows)
    world.sandbox.svea.deliver(sale, {mug: 200, post: 100})
    await world.works()

    assert [(order["Total"], order["Cancelled"]) for order in world.orders] == [
        (Decimal("547.00"), False),
        (Decimal("249.00"), False),
    ]

    world.sandbox.svea.cancel_rows(sale, [row.row_id for row in world.sandbox.svea.order(sale).rows])
    await world.works()

    assert [order["Cancelled"] for order in world.orders] == [False, True]
    assert [invoice["Total"] for invoice in world.invoices] == [Decimal("547.00")]


async def test_a_preview_says_what_the_run_then_books_and_writes_nothing(world: World) -> None:
    world.on("2026-05-04")
    sale = world.buys(*A01)
    await world.works()
    world.on("2026-05-05")
    world.sandbox.svea.deliver(sale)
    await world.sandbox.svea.settle()
    before = world.writes()

    said = await world.preview(sale)
    assert world.writes() == before

    await world.works()
    assert said["outcome"] == "would_book"
    assert by_account(said["postings"]) == world.books() == A01_BOOKS
    assert {one["date"] for one in said["postings"]} == {"2026-05-05"}
    again = await world.preview(sale)
    assert by_account(again["postings"]) == {}


async def test_delivered_before_created_books_the_same(world: World) -> None:
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(lose=2)
    world.on("2026-05-05")
    sale = world.buys(*A01)
    world.sandbox.svea.deliver(sale)
    await world.works()
    assert world.orders == []

    world.sandbox.svea.resend_webhooks(last=1)
    await world.works()

    assert world.books() == A01_BOOKS


async def test_a_pending_order_waits_and_is_booked_once_svea_releases_it(world: World) -> None:
    sale = world.buys(*A01, pending=True, payment_type="INVOICE")
    await world.works()
    waiting = await world.sale(sale)
    assert (waiting.state, waiting.problem and waiting.problem.code) == ("waiting", "not_yet")
    assert world.writes() == []

    world.sandbox.svea.release_pending(sale)
    await world.works()

    assert (await world.sale(sale)).state == "done"
    assert [order["Total"] for order in world.orders] == [Decimal("547.00")]


async def test_a_cancelled_order_is_cancelled_in_fortnox_and_never_invoiced(world: World) -> None:
    sale = world.buys(*A01)
    await world.works()

    world.sandbox.svea.cancel(sale)
    await world.works()

    assert [order["Cancelled"] for order in world.orders] == [True]
    assert world.invoices == []
    assert world.books() == {}


async def test_an_order_that_expired_undelivered_is_cancelled_in_fortnox(world: World) -> None:
    sale = world.buys(*A01, payment_type="INVOICE")
    await world.works()

    world.sandbox.svea.expire(sale)
    await world.works()

    assert [order["Cancelled"] for order in world.orders] == [True]
    assert (await world.sale(sale)).state == "done"


async def test_an_order_that_was_cancelled_before_we_saw_it_writes_nothing(world: World) -> None:
    sale = world.buys(*A01)
    world.sandbox.svea.cancel(sale)
    await world.works()

    subject = await world.sale(sale)
    assert subject.state == "skipped"
    assert str(subject.reason).startswith("cancelled before anything was booked")
    assert world.writes() == []


async def test_of_two_sessions_for_one_cart_only_the_confirmed_one_is_booked(world: World) -> None:
    world.checkout(*A01, number="100000103")
    sale = world.buys(*A01, number="100000103-2", payment_type="SWISH_PF")
    await world.works()

    assert [invoice["YourOrderNumber"] for invoice in world.invoices] == ["100000103-2"]
    assert [invoice["ExternalInvoiceReference2"] for invoice in world.invoices] == [str(sale)]


async def test_a_zero_total_is_nothing_to_book_and_says_so(world: World) -> None:
    sale = world.buys(a_row("Mugg", "199.00"), a_row("Rabatt", "-199.00", article="discount25"))
    await world.works()

    subject = await world.sale(sale)
    assert (subject.state, subject.reason) == ("skipped", "the order's total is zero")
    assert world.writes() == []


async def test_discounts_of_both_kinds_lower_revenue_and_vat(world: World) -> None:
    sale = world.buys(
        a_row("Skidor", "2499.00", discount_percent=1000),
        a_row("Mugg", "129.00", pieces=3, discount_amount=3870),
        a_row("Rabatt", "-50.00", article="discount25"),
    )
    world.sandbox.svea.deliver(sale)
    await world.works()

    assert world.books() == kronor(_1510="2547.40", _3001="-2037.92", _2611="-509.48")


async def test_öre_that_do_not_divide_stand_on_rows_that_sum_exactly(world: World) -> None:
    sale = world.buys(a_row("Mugg", "33.33", pieces=2, discount_percent=500))
    world.sandbox.svea.deliver(sale)
    await world.works()

    (invoice,) = world.invoices
    assert invoice["Total"] == Decimal("63.33")
    assert [(row["DeliveredQuantity"], row["Price"]) for row in invoice["InvoiceRows"]] == [
        ("1", Decimal("31.66")),
        ("1", Decimal("31.67")),
    ]


async def test_a_gift_card_pays_and_leaves_revenue_and_vat_whole(world: World) -> None:
    sale = world.buys(*A01, a_row("Presentkort", "-200.00", vat="0", article="gift-card-discount"))
    world.sandbox.svea.deliver(sale)
    await world.works()

    assert world.books() == kronor(
        _1510="347.00", _2421="200.00", _3001="-398.40", _3520="-39.20", _2611="-109.40"
    )


async def test_more_rows_than_fortnox_takes_are_gathered_and_sum_exactly(world: World) -> None:
    rows = [
        a_row(f"Vara {n}", "10.07", vat=("25", "12", "6")[n % 3], article=f"V{n % 7}") for n in range(620)
    ]
    sale = world.buys(*rows)
    world.sandbox.svea.deliver(sale)
    await world.works()

    (invoice,) = world.invoices
    assert invoice["Total"] == Decimal("10.07") * 620
    assert len(invoice["InvoiceRows"]) == 500


async def test_a_company_is_found_by_its_number_and_named_by_full_name(world: World) -> None:
    from services.sandbox.svea.orders import Customer

    firm = {"FullName": "Provbolag, Handel & Co AB", "StreetAddress": "Gatan 2", "PostalCode": "11122"}
    company = Customer(national_id="5560360793", is_company=True, email="inkop@example.com")
    for number in ("100000201", "100000202"):
        world.buys(*A01, number=number, customer=company, address=firm)
        await world.works()

    (customer,) = world.company.customers.values()
    assert (customer["Name"], customer["Type"]) == ("Provbolag, Handel & Co AB", "COMPANY")
    assert customer["OrganisationNumber"] == "556036-0793"
    assert len({order["CustomerNumber"] for order in world.orders}) == 1


async def test_an_empty_billing_address_is_the_shipping_address(world: World) -> None:
    from services.sandbox.svea.orders import BillingShape

    world.buys(*A01, billing_shape=BillingShape.BLANK)
    await world.works()

    (order,) = world.orders
    assert (order["CustomerName"], order["Address1"], order["City"]) == (
        "Tilda Testsson",
        "Provgatan 1",
        "Stockholm",
    )


async def test_a_returning_customer_is_one_customer_and_costs_no_look_up(world: World) -> None:
    world.buys(*A01)
    await world.works()
    before = len(world.calls())

    world.buys(*A01, number="100000102")
    await world.works()

    assert len(world.company.customers) == 1
    assert world.calls()[before:] == ["POST /3/orders"]


async def test_a_customer_who_moved_is_updated_by_the_new_sale_and_not_undone_by_the_old(
    world: World,
) -> None:
    old = world.buys(*A01)
    await world.works()
    world.buys(*A01, number="100000102", address={"StreetAddress": "Nygatan 9"})
    await world.works()
    world.sandbox.svea.deliver(old)
    await world.works()

    (customer,) = world.company.customers.values()
    assert customer["Address1"] == "Nygatan 9"
    assert [call for call in world.writes() if call.startswith("PUT /3/customers")] == ["PUT /3/customers/1"]


async def test_a_customer_that_the_merchant_had_already_is_used(world: World) -> None:
    world.buys(*A01)
    await world.works()
    (number,) = world.company.customers
    world.company.customers[number]["Email"] = "other@example.com"
    world.company.customers["77"] = {
        **world.company.customers[number],
        "CustomerNumber": "77",
        "Email": "anna@example.com",
        "Name": "anna andersson",
    }
    from services.sandbox.svea.orders import Customer

    world.buys(
        *A01,
        number="100000104",
        customer=Customer(email="Anna@Example.com"),
        address={"FullName": "Andersson, Anna"},
    )
    await world.works()

    assert world.orders[-1]["CustomerNumber"] == "77"
    assert len(world.company.customers) == 2


async def test_oss_and_export_and_voec_sales_keep_out_of_the_swedish_accounts(world: World) -> None:
    world.on("2026-05-05")
    germany = world.buys(a_row("Väska", "119.00", vat="19"), market="de", number="1")
    denmark = world.buys(a_row("Mugg", "250.00"), market="dk", number="2")
    norway = world.buys(a_row("Tält", "950.00", vat="0"), freight("50.00", vat="0"), market="no", number="3")
    for sale in (germany, denmark, norway):
        world.sandbox.svea.deliver(sale)
    await world.works()

    assert world.books() == kronor(
        _1510=str(Decimal("1332.80") + Decimal("375.00") + Decimal("980.00")),
        _3161="-1120.00",
        _2671="-212.80",
        _3163="-300.00",
        _2673="-75.00",
        _3105="-931.00",
        _3522="-49.00",
    )
    assert {invoice["CurrencyRate"] for invoice in world.invoices} == {
        Decimal("11.20"),
        Decimal("1.50"),
        Decimal("0.98"),
    }


async def test_the_sweep_finds_a_delivery_whose_webhook_never_came(world: World) -> None:
    from services.scheduler.trigger import trigger_due_jobs

    sale = world.buys(*A01)
    await world.works()
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(lose=1)
    world.sandbox.svea.deliver(sale)
    await world.works()
    assert world.invoices == []

    world.later(timedelta(minutes=20))
    await trigger_due_jobs(world.ledger, world.clock)
    await world.works()

    assert [invoice["Total"] for invoice in world.invoices] == [Decimal("547.00")]
