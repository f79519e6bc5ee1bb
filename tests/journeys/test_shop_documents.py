"""Journeys of invoices from Fortnox to the shop: its own invoice, comments and status, each once."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from services.sandbox.magento.lines import Line
from services.sync_worker.converge import converge
from tests.journeys.test_chores import chore
from tests.journeys.test_shop_sale import A01_AT_SVEA, MUGS, bought, paid_elsewhere
from tests.support.shop_documents import (
    OF_EVERY_KIND,
    OF_EVERY_KIND_AT_SVEA,
    an_invoice_by_hand,
    comments,
    delivered_at_svea,
    document,
    fortnox,
    pays,
    tells,
    totals,
)
from tests.support.world import CONNECTION, World, a_row, a_shop, freight


async def test_an_invoice_gives_the_order_its_invoice_and_a_comment(shop_world: World) -> None:
    world = shop_world
    _, order, _ = await delivered_at_svea(world)

    (invoice,) = world.invoices
    number = invoice["DocumentNumber"]
    assert totals(world) == [547]
    due, ocr = invoice["DueDate"], invoice["OCR"]
    said = f"Faktura {number} av 2026-05-05: 547,00 SEK. Förfaller {due}. OCR {ocr}. [F{number}-N]"
    assert comments(world, order) == [said]
    assert world.shop_writes() == [f"POST /V1/order/{order}/invoice", f"POST /V1/orders/{order}/comments"]
    assert (await document(world, number)).state == "done"


async def test_an_order_that_was_invoiced_in_the_shop_first_gets_the_comment_only(shop_world: World) -> None:
    """By an online capture, for example: Svea's module delivers when the shop invoices."""
    world = shop_world
    world.on("2026-05-04")
    checkout, order = bought(world, MUGS, at_svea=A01_AT_SVEA)
    await world.works()
    world.on("2026-05-05")
    delivery = world.sandbox.svea.deliver(checkout)
    world.magento.invoice(order, transaction_id=str(delivery))
    await world.works()

    assert totals(world) == [547]
    assert world.shop_writes() == [f"POST /V1/orders/{order}/comments"]


async def test_the_shops_invoice_is_never_captured(shop_world: World) -> None:
    """A capture would deliver at Svea a second time."""
    world = shop_world
    await delivered_at_svea(world)

    (made, _) = [json.loads(call.body) for call in world.magento.writes()]
    assert made["capture"] is False
    assert made["items"] == [{"order_item_id": 1, "qty": 2}]


async def test_an_order_paid_elsewhere_has_its_invoice_and_gets_the_comment(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world)
    world.magento.invoice(order)
    await world.works()

    (invoice,) = world.invoices
    assert totals(world) == [547]
    assert [text.split(":")[0] for text in comments(world, order)] == [
        f"Faktura {invoice['DocumentNumber']} av 2026-05-04"
    ]


# ── in parts ──────────────────────────────────────────────────────────────────────────────────────

THREE = Line("SKU-MUGG", "Mugg", "249.00", quantity=3)


async def test_each_delivery_at_svea_is_an_invoice_of_its_pieces(shop_world: World) -> None:
    """The shop puts the whole freight on the first; what Svea put where is told and stops nothing."""
    world = shop_world
    world.on("2026-05-04")
    at_svea = (a_row("Mugg", "249.00", pieces=3), freight("49.00"))
    checkout, order = bought(world, THREE, at_svea=at_svea)
    await world.works()
    mug, postage = (row.row_id for row in world.sandbox.svea.order(checkout).rows)
    for day, rows in (("2026-05-05", {mug: 200}), ("2026-05-08", {mug: 100, postage: None})):
        world.on(day)
        world.sandbox.svea.deliver(checkout, rows)
        await world.works()

    assert [one["Total"] for one in world.invoices] == [Decimal("498.00"), Decimal("298.00")]
    assert totals(world) == [547, 249]
    assert len(comments(world, order)) == 2
    (second,) = [one for one in world.invoices if one["Total"] == Decimal("298.00")]
    subject = await document(world, second["DocumentNumber"])
    assert subject.summary["notes"] == [
        "invoice 000000002 in Magento is of 249.00 SEK, Fortnox' of 298.00 SEK"
    ]


async def test_a_delivery_made_in_the_shop_and_one_made_at_svea_are_two_invoices(shop_world: World) -> None:
    """The captured one has Svea's number in the shop; the other one is of the same piece, and is made."""
    world = shop_world
    world.on("2026-05-04")
    at_svea = (a_row("Mugg", "249.00", pieces=3), freight("49.00"))
    checkout, _ = bought(world, THREE, at_svea=at_svea)
    await world.works()
    mug, postage = (row.row_id for row in world.sandbox.svea.order(checkout).rows)
    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout, {mug: 100, postage: None})
    delivery = world.sandbox.svea.deliver(checkout, {mug: 100})
    world.magento.invoice(1, {"SKU-MUGG": 1}, transaction_id=str(delivery))
    await world.works()

    assert [one["Total"] for one in world.invoices] == [Decimal("298.00"), Decimal("249.00")]
    pieces = [sum(row["qty"] for row in one.items) for one in world.magento.sales.invoices.values()]
    assert pieces == [1, 1]


async def test_an_invoice_that_a_person_made_in_the_shop_is_of_the_earlier_delivery(
    shop_world: World,
) -> None:
    """Without a number of Svea's on it: it is taken for what was delivered first."""
    world = shop_world
    world.on("2026-05-04")
    at_svea = (a_row("Mugg", "249.00", pieces=3), freight("49.00"))
    checkout, order = bought(world, THREE, at_svea=at_svea)
    await world.works()
    world.magento.invoice(order, {"SKU-MUGG": 2})
    mug, postage = (row.row_id for row in world.sandbox.svea.order(checkout).rows)
    for day, rows in (("2026-05-05", {mug: 200, postage: None}), ("2026-05-08", {mug: 100})):
        world.on(day)
        world.sandbox.svea.deliver(checkout, rows)
        await world.works()

    assert totals(world) == [547, 249]


@pytest.mark.shop(invoice_at="shipment")
async def test_an_order_that_is_invoiced_by_shipment_gets_an_invoice_for_each(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world, THREE)
    await world.works()
    for day, pieces in (("2026-05-05", {"SKU-MUGG": 2}), ("2026-05-11", {"SKU-MUGG": 1})):
        world.on(day)
        world.magento.ship(order, pieces)
        await world.works()

    assert [one["Total"] for one in world.invoices] == [Decimal("547.00"), Decimal("249.00")]
    assert totals(world) == [547, 249]
    assert world.magento.sales.order(order).state == "complete"


async def test_configurables_and_bundles_are_invoiced_by_the_lines_that_have_the_money(
    shop_world: World,
) -> None:
    world = shop_world
    world.on("2026-05-12")
    checkout, order = bought(world, *OF_EVERY_KIND, at_svea=OF_EVERY_KIND_AT_SVEA, shipping="0")
    await world.works()
    shirt, dynamic, fixed = (row.row_id for row in world.sandbox.svea.order(checkout).rows)
    for day, rows in (("2026-05-13", {shirt: 100}), ("2026-05-14", {dynamic: None, fixed: None, shirt: 100})):
        world.on(day)
        world.sandbox.svea.deliver(checkout, rows)
        await world.works()

    assert totals(world) == [299, 1099]
    assert world.magento.sales.order(order).fields["total_due"] == 0
    subject = await document(world, world.invoices[1]["DocumentNumber"])
    assert subject.state == "done"


@pytest.mark.shop(invoice_at="shipment")
async def test_an_order_in_euro_on_a_shop_in_kronor(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(
        world,
        Line("SKU-BASTU", "Bastu", "25.10", quantity=2, rate="25.5"),
        currency="EUR",
        rate="0.0875",
        country="FI",
        shipping="0",
    )
    await world.works()
    world.on("2026-05-05")
    world.magento.ship(order, {"SKU-BASTU": 1})
    await world.works()

    (made,) = world.magento.sales.invoices.values()
    assert (made.fields["grand_total"], made.fields["order_currency_code"]) == (Decimal("25.10"), "EUR")
    assert "25,10 EUR" in comments(world, order)[0]


async def test_rows_that_the_order_does_not_have_ask_a_person_who_makes_the_invoice(
    shop_world: World,
) -> None:
    world = shop_world
    world.on("2026-05-04")
    checkout, order = bought(world, MUGS, at_svea=A01_AT_SVEA, svea_payment="INVOICE")
    await world.works()
    world.sandbox.svea.add_rows(checkout, [a_row("Extra", "100.00", article="EXTRA-1")])
    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout)
    await world.works()

    (invoice,) = world.invoices
    waiting = await document(world, invoice["DocumentNumber"])
    assert waiting.problem is not None
    assert (waiting.state, waiting.problem.code) == ("needs_attention", "shop_invoice_unmatched")
    assert waiting.problem.facts["rows"] == "1 x EXTRA-1"
    assert world.shop_writes() == []

    world.magento.invoice(order)
    await world.ledger.subjects.retry([waiting.id])
    await world.works()
    assert world.shop_writes() == [f"POST /V1/orders/{order}/comments"]


# ── states and statuses ───────────────────────────────────────────────────────────────────────────


async def test_a_comment_leaves_the_status_as_it_is(shop_world: World) -> None:
    world = shop_world
    world.magento.sales.statuses["processing"].append("packas")
    world.on("2026-05-04")
    checkout, order = bought(world, MUGS, at_svea=A01_AT_SVEA)
    world.magento.sales.order(order).fields["status"] = "packas"
    await world.works()
    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout)
    await world.works()

    assert len(comments(world, order)) == 1
    assert world.magento.sales.order(order).fields["status"] == "packas"


@pytest.mark.shop(documents={"invoiced_status": {"processing": "fakturerad"}, "visible": False})
async def test_the_order_gets_the_status_that_the_merchant_chose(shop_world: World) -> None:
    world = shop_world
    world.magento.sales.statuses["processing"].append("fakturerad")
    _, order, _ = await delivered_at_svea(world)

    shown = world.magento.sales.order(order)
    assert (shown.state, shown.fields["status"]) == ("processing", "fakturerad")
    assert [one["is_visible_on_front"] for one in shown.histories if "[F" in one["comment"]] == [0]


@pytest.mark.shop(documents={"invoiced_status": {"processing": "complete"}})
async def test_a_status_of_another_state_is_left_out_and_told(shop_world: World) -> None:
    world = shop_world
    _, order, _ = await delivered_at_svea(world)

    shown = world.magento.sales.order(order)
    assert (shown.state, shown.fields["status"]) == ("processing", "processing")
    assert len(comments(world, order)) == 1
    subject = await document(world, world.invoices[0]["DocumentNumber"])
    assert subject.summary["notes"][0].startswith("order 100000101 keeps its status processing: ")


async def test_a_held_order_waits_until_it_is_let_go(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    checkout, order = bought(world, MUGS, at_svea=A01_AT_SVEA)
    await world.works()
    world.magento.hold(order)
    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout)
    await world.works()
    waiting = await document(world, world.invoices[0]["DocumentNumber"])
    assert (waiting.state, world.shop_writes()) == ("waiting", [])

    world.magento.unhold(order)
    world.later(timedelta(minutes=31))
    await world.works()
    assert totals(world) == [547]
    assert len(comments(world, order)) == 1


async def test_a_cancelled_order_gets_no_invoice_and_a_person_is_told(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    checkout, order = bought(world, MUGS, at_svea=A01_AT_SVEA)
    await world.works()
    world.magento.cancel(order)
    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout)
    await world.works()

    assert totals(world) == []
    assert world.magento.sales.order(order).fields["status"] == "canceled"
    subject = await document(world, world.invoices[0]["DocumentNumber"])
    assert [advice["code"] for advice in subject.summary["plan"]["advice"]] == ["shop_order_cancelled"]
    assert len(comments(world, order)) == 1


# ── paid ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.shop(documents={"paid_status": {"processing": "fraud"}})
@pytest.mark.parametrize("touches", [True, False])
async def test_a_paid_invoice_is_told_once_by_the_sweep(shop_world: World, touches: bool) -> None:
    """Whether a payment moves the invoice's time of change is not known."""
    world = shop_world
    world.company.switches.payment_touches_invoice = touches
    _, order, _ = await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    world.on("2026-05-12")
    assert await chore(world, "shop_documents") == "done"
    assert len(comments(world, order)) == 1

    await pays(world, number, "547.00")
    for _ in range(2):
        world.later(timedelta(minutes=15))
        assert await chore(world, "shop_documents") == "done"

    assert comments(world, order)[1:] == [f"Faktura {number} är betald 2026-05-12. [F{number}-P]"]
    assert world.magento.sales.order(order).fields["status"] == "fraud"


@pytest.mark.shop(payment_methods=[{"method": "bank*", "books": "paid", "account": 1940}])
async def test_an_invoice_that_is_paid_at_once_is_told_as_both(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world)
    world.magento.invoice(order)
    await world.works()

    number = world.invoices[0]["DocumentNumber"]
    assert [text.split(" ")[2] for text in comments(world, order)] == ["av", "är"]
    assert comments(world, order)[1] == f"Faktura {number} är betald 2026-05-04. [F{number}-P]"


async def test_an_invoice_that_was_credited_and_not_paid_is_not_told_as_paid(shop_world: World) -> None:
    world = shop_world
    world.company.switches.credit_settles_original = True
    checkout, order, delivery = await delivered_at_svea(world)
    world.on("2026-05-08")
    world.sandbox.svea.credit_rows(checkout, delivery)
    await world.works()
    assert world.invoices[0]["Balance"] == 0

    assert await chore(world, "shop_documents_full") == "done"
    assert len(comments(world, order)) == 1


# ── what a sale does not tell ─────────────────────────────────────────────────────────────────────


async def test_an_order_that_a_person_invoices_in_fortnox_is_found_by_the_sweep(shop_world: World) -> None:
    world = shop_world
    await world.declare(magento=a_shop(), sync={"invoices": False})
    world.on("2026-05-04")
    checkout, order = bought(world, MUGS, at_svea=A01_AT_SVEA)
    await world.works()
    number, _ = await (await fortnox(world)).create_invoice(world.orders[0]["DocumentNumber"])
    assert await chore(world, "shop_documents") == "done"
    assert totals(world) == []

    await (await fortnox(world)).bookkeep(number)
    world.later(timedelta(minutes=15))
    assert await chore(world, "shop_documents") == "done"
    assert totals(world) == [547]
    assert len(comments(world, order)) == 1
    assert (await document(world, number)).state == "done"
    assert (await world.sale(checkout)).state == "done"


async def test_an_invoice_of_which_nobody_told_is_found_by_the_sweep(shop_world: World) -> None:
    """The process ended between the booking and the telling."""
    world = shop_world
    world.on("2026-05-04")
    checkout, _ = bought(world, MUGS, at_svea=A01_AT_SVEA)
    await world.works()
    await world.declare(magento=a_shop(), sync={"shop_invoices": False})
    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout)
    await world.works()
    assert await world.ledger.subjects.page(CONNECTION, kind="shop_document") is not None
    assert world.shop_writes() == []

    await world.declare(magento=a_shop())
    assert await chore(world, "shop_documents") == "done"
    assert totals(world) == [547]


async def test_invoices_of_no_sale_are_none_of_the_shops_business(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    number = await an_invoice_by_hand(world)
    assert await chore(world, "shop_documents") == "done"
    await tells(world, number)

    assert world.shop_writes() == []
    assert (await document(world, number)).reason == f"invoice {number} is of no sale that was booked here"


async def test_a_shop_that_does_not_want_to_hear_of_invoices_does_not(shop_world: World) -> None:
    world = shop_world
    await world.declare(magento=a_shop(), sync={"shop_invoices": False})
    await delivered_at_svea(world)
    await tells(world, world.invoices[0]["DocumentNumber"])

    assert world.shop_writes() == []
    subject = await document(world, world.invoices[0]["DocumentNumber"])
    assert (subject.state, subject.reason) == ("skipped", "the shop is not told of invoices")


@pytest.mark.shop(documents={"make_invoice": False, "paid_comment": None, "pdf_link": "https://a.se/{ocr}"})
async def test_only_a_comment_where_the_merchant_wants_that(shop_world: World) -> None:
    world = shop_world
    _, order, _ = await delivered_at_svea(world)
    number, ocr = world.invoices[0]["DocumentNumber"], world.invoices[0]["OCR"]
    await pays(world, number, "547.00")
    assert await chore(world, "shop_documents") == "done"

    assert totals(world) == []
    (text,) = comments(world, order)
    assert text.endswith(f"OCR {ocr}. https://a.se/{ocr} [F{number}-N]")


async def test_an_invoice_costs_one_call_to_fortnox_and_six_to_the_shop(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    checkout, _ = bought(world, MUGS, at_svea=A01_AT_SVEA)
    await world.works()
    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout)
    await world.settles()
    await converge(world.shop, (await world.sale(checkout)).id)
    number = world.invoices[0]["DocumentNumber"]
    at_fortnox, in_shop = len(world.calls()), len(world.magento.calls)
    await converge(world.shop, (await document(world, number)).id)

    assert world.calls()[at_fortnox:] == [f"GET /3/invoices/{number}"]
    paths = [f"{call.method} {call.path.rpartition('/V1')[2]}" for call in world.magento.calls[in_shop:]]
    assert paths == [
        "GET /orders/1",
        "GET /invoices",
        "POST /order/1/invoice",
        "GET /invoices/1",
        "GET /orders/1",
        "POST /orders/1/comments",
    ]


async def test_what_has_been_told_costs_one_call_to_hear_again(shop_world: World) -> None:
    world = shop_world
    await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    at_fortnox, in_shop = len(world.calls()), len(world.magento.calls)
    await tells(world, number)

    assert world.calls()[at_fortnox:] == [f"GET /3/invoices/{number}"]
    assert len(world.magento.calls) == in_shop


async def test_what_has_been_told_to_the_end_costs_no_call_at_all(shop_world: World) -> None:
    world = shop_world
    await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    await pays(world, number, "547.00")
    assert await chore(world, "shop_documents") == "done"
    at_fortnox, in_shop = len(world.calls()), len(world.magento.calls)
    await tells(world, number)

    assert (world.calls()[at_fortnox:], len(world.magento.calls)) == ([], in_shop)
    said = f"the shop has been told of invoice {number} and of its payment"
    assert (await document(world, number)).reason == said


# ── in good time, and not of old times ────────────────────────────────────────────────────────────


@pytest.mark.shop(documents={"wait": 180})
async def test_an_invoice_that_the_shop_is_about_to_store_is_not_made_twice(shop_world: World) -> None:
    """Svea delivers while the shop's capture runs; our sale is booked before its invoice can be seen."""
    world = shop_world
    world.on("2026-05-04")
    at_svea = (a_row("Mugg", "249.00", pieces=3), freight("49.00"))
    checkout, order = bought(world, THREE, at_svea=at_svea)
    await world.works()
    world.on("2026-05-05")
    mug, postage = (row.row_id for row in world.sandbox.svea.order(checkout).rows)
    delivery = world.sandbox.svea.deliver(checkout, {mug: 100, postage: None})
    await world.works()
    waiting = await document(world, world.invoices[0]["DocumentNumber"])
    assert (waiting.state, waiting.problem and waiting.problem.code) == ("waiting", "not_yet")

    world.magento.invoice(order, {"SKU-MUGG": 1}, transaction_id=str(delivery))
    world.later(timedelta(minutes=3, seconds=10))
    await world.works()
    assert totals(world) == [298]
    assert len(comments(world, order)) == 1


@pytest.mark.shop(documents={"wait": 180})
async def test_an_invoice_that_the_shop_never_makes_is_made_after_the_wait(shop_world: World) -> None:
    world = shop_world
    await delivered_at_svea(world)
    assert totals(world) == []

    world.later(timedelta(minutes=3, seconds=10))
    await world.works()
    assert totals(world) == [547]


async def test_a_shop_that_begins_to_listen_is_not_told_of_old_times(shop_world: World) -> None:
    """Nor after a time in which it did not listen."""
    world = shop_world
    await world.declare(magento=a_shop(), sync={"shop_invoices": False})
    await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    assert await chore(world, "shop_documents") == "done"
    world.on("2026-05-20")
    await world.declare(magento=a_shop())
    await pays(world, number, "547.00")
    assert await chore(world, "shop_documents") == "done"
    world.later(timedelta(minutes=15))
    assert await chore(world, "shop_documents_full") == "done"
    await tells(world, number)

    assert world.shop_writes() == []
    said = f"invoice {number} is older than what the shop is told of"
    assert (await document(world, number)).reason == said
