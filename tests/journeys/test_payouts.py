"""Journeys of a payout: reports read in the evening, booked to the öre (acceptance D01-D16, E07)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.svea.merchants import ReportsAccess
from services.sync_worker.preview import preview
from shared.clients.fortnox.client import FortnoxClient
from shared.ledger.ids import subject_id
from shared.ledger.payouts import PayoutRowRecord
from shared.ledger.records import IncomingEvent
from tests.journeys.test_chores import chore
from tests.journeys.test_sale_backfill import ask
from tests.support.payout_reports import CLIENT, a_row_of, fee, report_of
from tests.support.world import CONNECTION, World, a_declaration, a_row, kronor

CLEARING = {"clearing": 1581, "bank": 1930}


def sold(
    world: World, amount: str, *, payment: str = "SVEACARDPAY_PF", number: str = "100000101"
) -> tuple[int, int]:
    """A sale of one thing, delivered at once: (checkout id, delivery id)."""
    checkout = world.buys(a_row("Mugg", amount), payment_type=payment, number=number)
    return checkout, world.sandbox.svea.deliver(checkout)


def reports(
    world: World,
    day: str,
    *rows: dict[str, Any],
    opening: str = "0",
    paid: str | None = None,
    currency: str = "SEK",
    merchant: str = "700001",
) -> None:
    """What Svea's report of that day says."""
    body = report_of(day, rows, opening=opening, paid=paid, currency=currency)
    world.sandbox.svea.reports[merchant, date.fromisoformat(day)] = body


def key_of(day: str) -> str:
    return f"se.{CLIENT}.{day}.SEK"


async def rows_of(world: World, day: str) -> list[PayoutRowRecord]:
    return await world.ledger.payouts.rows(subject_id(CONNECTION, "payout", key_of(day)))


async def evening(world: World) -> None:
    assert await chore(world, "payouts") == "done"


async def payout_of(world: World, day: str) -> Any:
    found = await world.ledger.subjects.find(CONNECTION, "payout", key_of(day))
    assert found is not None
    return found


@pytest.fixture
async def world_with_clearing(world: World) -> World:
    first, *others = a_declaration()["markets"]
    await world.declare(markets=[first | {"accounts": CLEARING, "mode_of_payment": "SVEASE"}, *others])
    return world


async def fortnox(world: World) -> FortnoxClient:
    """The merchant's own hands."""
    return (await world.shop.kit(CONNECTION)).fortnox


async def paid_by_hand(world: World, number: str, amount: str) -> None:
    payment = await (await fortnox(world)).create_payment(
        {
            "InvoiceNumber": int(number),
            "Amount": Decimal(amount),
            "PaymentDate": world.clock().date(),
            "ModeOfPaymentAccount": 1930,
        }
    )
    await (await fortnox(world)).bookkeep_payment(payment.number)


async def invoiced_by_hand(world: World, order_number: str, amount: str) -> None:
    customer = await (await fortnox(world)).create_customer({"Name": "Kalle Kund", "Type": "PRIVATE"})
    invoice = await (await fortnox(world)).create_invoice_document(
        {
            "CustomerNumber": customer.number,
            "YourOrderNumber": order_number,
            "InvoiceDate": world.clock().date(),
            "InvoiceRows": [
                {
                    "Description": "Mugg",
                    "Price": Decimal(amount),
                    "DeliveredQuantity": Decimal(1),
                    "VAT": Decimal(0),
                    "AccountNumber": 3004,
                }
            ],
        }
    )
    await (await fortnox(world)).bookkeep(invoice.number)


async def heard_of(world: World, checkout: int) -> None:
    """The sale is told of late, by a backfill."""
    await ask(world, "POST", f"/connections/{CONNECTION}/backfill", {"checkout_ids": [checkout]})
    await world.works()


async def three_sales(world: World) -> list[tuple[int, int]]:
    world.on("2026-05-05")
    sales = [sold(world, amount, number=f"10{n}") for n, amount in enumerate(("547.00", "199.00", "1250.00"))]
    await world.works()
    return sales


async def test_d01_a_card_payout_pays_each_invoice_and_ties_out(world_with_clearing: World) -> None:
    world = world_with_clearing
    sales = await three_sales(world)
    rows = [
        a_row_of(sales[0], "547.00", fee("Credit", "8.21")),
        a_row_of(sales[1], "199.00", fee("Credit", "2.99")),
        a_row_of(sales[2], "1250.00", fee("Credit", "18.75")),
    ]
    world.on("2026-05-08")
    reports(world, "2026-05-08", *rows)
    await evening(world)
    assert world.books("2026-05-08") == kronor(_1930="1966.05", _6040="29.95", _1510="-1996.00")
    assert [invoice["Balance"] for invoice in world.invoices] == [0, 0, 0]
    assert [row.state for row in await rows_of(world, "2026-05-08")] == ["matched"] * 3
    assert (await payout_of(world, "2026-05-08")).state == "done"

    made = world.accepted_writes()
    world.later(timedelta(minutes=1))
    reports(world, "2026-05-08", *reversed(rows))
    await evening(world)
    await world.ledger.subjects.retry_where(connection=CONNECTION, kind="payout")
    await world.works()
    assert world.accepted_writes() == made


async def test_a_row_costs_two_calls(world_with_clearing: World) -> None:
    world = world_with_clearing
    sales = await three_sales(world)
    world.on("2026-05-08")
    reports(world, "2026-05-08", *(a_row_of(sale, "547.00") for sale in sales[:1]))
    before = len(world.writes())
    await evening(world)
    written = [call for call in world.writes()[before:] if "voucher" not in call and "inbox" not in call]
    assert len(written) == 2


async def test_d02_fees_with_vat_are_sveas_own_numbers(world_with_clearing: World) -> None:
    world = world_with_clearing
    world.on("2026-05-18")
    sale = sold(world, "547.00", payment="INVOICE")
    await world.works()
    world.on("2026-05-20")
    fees = (fee("Credit", "16.14", "4.04"), fee("Admin", "15.00", "3.75"))
    reports(world, "2026-05-20", a_row_of(sale, "547.00", *fees, payment="Invoice"))
    await evening(world)
    assert world.books("2026-05-20") == kronor(_1930="508.07", _6064="31.14", _2641="7.79", _1510="-547.00")


async def test_d03_a_refund_and_a_manual_row_in_one_payout(world_with_clearing: World) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    first = sold(world, "547.00", number="1")
    second = sold(world, "1250.00", number="2")
    await world.works()
    world.on("2026-05-08")
    world.sandbox.svea.credit_amount(first[0], first[1], 24900)
    await world.works()
    world.on("2026-05-15")
    reports(
        world,
        "2026-05-15",
        a_row_of(first, "547.00", fee("Credit", "8.21")),
        a_row_of(second, "1250.00", fee("Credit", "18.75")),
        a_row_of(first, "-249.00", kind="Credit"),
        a_row_of(None, "0", fee("Service", "28.00", "7.00"), kind="Manual", comment="chargeback"),
    )
    await evening(world)
    assert world.books("2026-05-15") == kronor(_1930="1486.04", _6040="54.96", _2641="7.00", _1510="-1548.00")
    assert {invoice["Balance"] for invoice in world.invoices} == {0}


async def test_d06_a_row_without_an_invoice_is_parked_and_settles_itself(world_with_clearing: World) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    known = sold(world, "547.00", number="1")
    await world.works()
    world.on("2026-05-14")
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(lose=-1)
    unknown = sold(world, "399.00", number="2")
    world.on("2026-05-15")
    reports(
        world,
        "2026-05-15",
        a_row_of(known, "547.00", fee("Credit", "8.21")),
        a_row_of(unknown, "399.00", fee("Credit", "5.99")),
    )
    await evening(world)
    assert world.books("2026-05-15") == kronor(
        _1930="931.80", _6040="14.20", _1510="-547.00", _2999="-399.00"
    )
    assert [row.state for row in await rows_of(world, "2026-05-15")] == ["matched", "parked"]
    assert str(unknown[0]) in (await rows_of(world, "2026-05-15"))[1].why

    world.on("2026-05-18")
    await heard_of(world, unknown[0])
    assert world.books("2026-05-18") == kronor(_2999="399.00", _1510="-399.00")
    assert [row.state for row in await rows_of(world, "2026-05-15")] == ["matched", "settled"]


async def test_d07_refunds_larger_than_sales_are_carried_as_a_debt(world_with_clearing: World) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    small, refunded, later = (
        sold(world, "199.00", number="1"),
        sold(world, "547.00", number="2"),
        sold(world, "1000.00", number="3"),
    )
    await world.works()
    world.on("2026-05-14")
    world.sandbox.svea.credit_amount(*refunded, 54700)
    await world.works()
    world.on("2026-05-15")
    reports(
        world,
        "2026-05-15",
        a_row_of(small, "199.00", fee("Credit", "2.99")),
        a_row_of(refunded, "-547.00", kind="Credit"),
    )
    await evening(world)
    assert world.books("2026-05-15") == kronor(_1581="-350.99", _6040="2.99", _1510="348.00")
    world.on("2026-05-16")
    reports(world, "2026-05-16", a_row_of(later, "1000.00", fee("Credit", "15.00")), opening="-350.99")
    await evening(world)
    assert world.books("2026-05-16") == kronor(
        _1930="634.01", _1581="350.99", _6040="15.00", _1510="-1000.00"
    )


async def test_d15_a_report_that_changed_books_nothing_over(world_with_clearing: World) -> None:
    world = world_with_clearing
    (sale, *_) = await three_sales(world)
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(sale, "547.00", fee("Credit", "2.99")))
    await evening(world)
    books = world.books()
    world.later(timedelta(hours=1))
    reports(world, "2026-05-08", a_row_of(sale, "547.00", fee("Credit", "3.99")))
    await evening(world)
    payout = await payout_of(world, "2026-05-08")
    assert payout.problem.code == "payout_changed"
    assert "fee 2.99 SEK is now 3.99 SEK" in payout.problem.message
    assert "fee 1.00" in payout.problem.facts["correction"]
    assert payout.problem.facts["voucher"] == "1930 credit 1.00; 6040 debit 1.00"
    assert world.books() == books
    said = await preview(world.shop, payout)
    assert (said["outcome"], said["problem"]["code"]) == ("would_book", "payout_changed")
    assert [one for one in said["postings"] if one["new"]] == []


async def test_d16_rows_that_do_not_sum_to_what_was_paid_book_nothing(world_with_clearing: World) -> None:
    world = world_with_clearing
    (sale, *_) = await three_sales(world)
    world.on("2026-05-15")
    reports(world, "2026-05-15", a_row_of(sale, "1486.04"), paid="1476.04")
    await evening(world)
    payout = await payout_of(world, "2026-05-15")
    assert payout.problem.code == "unbalanced"
    assert "rows 1486.04 SEK, paid 1476.04 SEK, difference -10.00 SEK" in payout.problem.message
    assert world.books("2026-05-15") == {}


async def test_e07_a_preview_of_a_payout_is_what_is_booked(world_with_clearing: World) -> None:
    world = world_with_clearing
    sales = await three_sales(world)
    world.on("2026-05-08")
    reports(
        world,
        "2026-05-08",
        a_row_of(sales[0], "547.00", fee("Credit", "8.21")),
        a_row_of((7709999, 1), "399.00", fee("Credit", "5.99")),
    )
    svea = (await world.shop.kit(CONNECTION)).svea["se"]
    ((payout, report),) = await svea.payouts(date(2026, 5, 8), market="se")
    await world.ledger.payouts.store(CONNECTION, payout, report)
    told = IncomingEvent(CONNECTION, "schedule", "payout_report", "once", "payout", payout.key, lane="settle")
    await world.ledger.inbox.accept([told])
    before, writes = world.books_by_date(), world.writes()
    said = await preview(world.shop, await payout_of(world, "2026-05-08"))
    assert world.writes() == writes
    await world.works()
    expected = dict(before)
    for one in said["postings"]:
        key = (one["date"], one["account"])
        expected[key] = expected.get(key, Decimal(0)) + Decimal(one["debit"]) - Decimal(one["credit"])
    assert {key: amount for key, amount in expected.items() if amount} == world.books_by_date()


async def test_an_invoice_paid_by_hand_gets_no_second_payment(world_with_clearing: World) -> None:
    world = world_with_clearing
    (sale, *_) = await three_sales(world)
    world.on("2026-05-07")
    (invoice,) = [one for one in world.invoices if one["Total"] == 547]
    await paid_by_hand(world, str(invoice["DocumentNumber"]), "547.00")
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(sale, "547.00", fee("Credit", "8.21")))
    await evening(world)
    world.later(timedelta(seconds=30))
    await world.works()
    assert world.books("2026-05-08") == kronor(_1930="538.79", _6040="8.21", _2999="-547.00")
    assert [row.state for row in await rows_of(world, "2026-05-08")] == ["parked"]


async def test_an_invoice_that_somebody_else_made_is_found_by_order_number(
    world_with_clearing: World,
) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    await invoiced_by_hand(world, "100000777", "500.00")
    world.on("2026-05-08")
    reports(
        world, "2026-05-08", a_row_of(None, "500.00", fee("Credit", "7.50"), externalOrderNo="100000777-2")
    )
    await evening(world)
    assert [row.state for row in await rows_of(world, "2026-05-08")] == ["matched"]
    assert world.books("2026-05-08") == kronor(_1930="492.50", _6040="7.50", _1510="-500.00")


async def test_a_payout_before_the_invoice_day_is_an_advance_until_then(world_with_clearing: World) -> None:
    world = world_with_clearing
    world.on("2026-06-02")
    sale = sold(world, "547.00")
    await world.works()
    reports(world, "2026-05-30", a_row_of(sale, "547.00", fee("Credit", "8.21")))
    await evening(world)
    assert world.books("2026-05-30") == kronor(_1930="538.79", _6040="8.21", _2420="-547.00")
    books = world.books("2026-06-02")
    assert (books[2420], 1510 in books) == (Decimal("547.00"), False)


async def test_a_locked_day_waits_for_a_person_to_choose(world_with_clearing: World) -> None:
    world = world_with_clearing
    (sale, *_) = await three_sales(world)
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(sale, "547.00", fee("Credit", "8.21")))
    world.company.locked_until = date(2026, 5, 31)
    await evening(world)
    payout = await payout_of(world, "2026-05-08")
    assert payout.problem.code == "period_locked"
    await world.ledger.booking_days.choose(
        payout.id, date(2026, 6, 1), reason="May is reported", chosen_by="a test"
    )
    world.on("2026-06-01")
    await world.ledger.subjects.retry([payout.id])
    await world.works()
    assert world.books("2026-06-01") == kronor(_1930="538.79", _6040="8.21", _1510="-547.00")


async def test_the_raw_report_is_attached_to_the_voucher(world_with_clearing: World) -> None:
    world = world_with_clearing
    (sale, *_) = await three_sales(world)
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(sale, "547.00", fee("Credit", "8.21")))
    await evening(world)
    links = await world.ledger.links.for_subject((await payout_of(world, "2026-05-08")).id)
    assert {link.kind for link in links} == {"payment", "voucher", "attachment"}


@pytest.mark.parametrize("printed", [None, "11.50", "0.0869565"])
async def test_a_payout_in_euro_realises_the_exchange_difference(world: World, printed: str | None) -> None:
    """Booked at 11.20, paid at 11.50: by Fortnox' rate, or by Svea's, whichever way it prints it."""
    first, second, third, *others = a_declaration()["markets"]
    accounts = {"clearing": 1582, "bank": 1981}
    await world.declare(markets=[first, second, third | {"accounts": accounts}, *others])
    world.on("2026-05-05")
    checkout = world.buys(a_row("Bastu", "100.40", vat="25.5"), market="fi", number="300000101")
    sale = (checkout, world.sandbox.svea.deliver(checkout))
    await world.works()
    world.on("2026-05-08")
    rate = Decimal("11.50")
    world.company.currencies["EUR"] = replace(world.company.currencies["EUR"], buy_rate=rate, sell_rate=rate)
    world.later(timedelta(minutes=15))
    paid_in: dict[str, Any] = {}
    if printed is not None:
        paid_in = {"destinationCurrency": "SEK", "exchangeRate": float(printed)}
    row = a_row_of(sale, "100.40", fee("Credit", "1.40"), **paid_in)
    reports(world, "2026-05-08", row, currency="EUR", merchant="700003")
    await evening(world)
    assert world.books("2026-05-08") == kronor(
        _1981="1138.50", _6040="16.10", _1510="-1124.48", _3960="-30.12"
    )
    assert [invoice["Balance"] for invoice in world.invoices] == [0]


async def test_a_row_without_a_checkout_is_known_by_sveas_invoice_number(world_with_clearing: World) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    sale = sold(world, "547.00", payment="INVOICE")
    await world.works()
    number = world.sandbox.svea.order(sale[0]).deliveries[0].invoice_id
    assert number
    world.on("2026-05-08")
    row = a_row_of(None, "547.00", payment="Invoice", sveaInvoiceNo=number)
    reports(world, "2026-05-08", row)
    await evening(world)
    assert [one.state for one in await rows_of(world, "2026-05-08")] == ["matched"]


async def test_an_order_number_of_another_market_is_another_order(world_with_clearing: World) -> None:
    """Both shops have an order 1; only the Norwegian one is booked, and the payout is Swedish."""
    world = world_with_clearing
    world.on("2026-05-05")
    checkout = world.buys(a_row("Mugg", "547.00", vat="25"), market="no", number="1")
    world.sandbox.svea.deliver(checkout)
    await world.works()
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(None, "547.00", externalOrderNo="1"))
    await evening(world)
    assert [one.state for one in await rows_of(world, "2026-05-08")] == ["parked"]


@pytest.mark.parametrize("refused", [ReportsAccess.FORBIDDEN, ReportsAccess.UNAUTHORIZED])
async def test_a_market_without_reports_does_not_stop_the_others(
    world_with_clearing: World, refused: ReportsAccess
) -> None:
    world = world_with_clearing
    (sale, *_) = await three_sales(world)
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(sale, "547.00", fee("Credit", "8.21")))
    world.sandbox.svea.merchant("700002").reports_access = refused
    assert await chore(world, "payouts") == "needs_attention"
    found = await world.ledger.subjects.find(CONNECTION, "payouts", CONNECTION)
    assert found is not None
    assert found.problem is not None
    assert found.problem.code == "reports_not_activated"
    assert world.books("2026-05-08") == kronor(_1930="538.79", _6040="8.21", _1510="-547.00")


@pytest.mark.parametrize(("pattern", "said"), [(r"Order (\d+)", "Order 100000777 web"), (None, "100000777")])
async def test_the_merchants_own_field_and_pattern_find_the_order(
    world: World, pattern: str | None, said: str
) -> None:
    first, *others = a_declaration()["markets"]
    await world.declare(
        markets=[first | {"accounts": CLEARING, "mode_of_payment": "SVEASE"}, *others],
        order_number_pattern=pattern,
    )
    world.on("2026-05-05")
    await invoiced_by_hand(world, said, "500.00")
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(None, "500.00", externalOrderNo="100000777"))
    await evening(world)
    assert [row.state for row in await rows_of(world, "2026-05-08")] == ["matched"]
