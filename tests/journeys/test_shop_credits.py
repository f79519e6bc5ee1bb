"""Journeys of refunds seen in Magento: one credit invoice each, whoever tells first (acceptance C01-C08)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.sandbox.faults import FaultRule, Status, System
from services.sandbox.magento.lines import Line
from tests.journeys.test_shop_sale import A01_AT_SVEA, MUGS, paid_elsewhere
from tests.support.world import World, kronor

ONE_MUG = kronor(_3001="199.20", _2611="49.80", _1510="-249.00")


async def delivered(world: World, *, payment: str = "INVOICE") -> tuple[int, int, int]:
    """A01 in both, booked on 2026-05-05: (checkout id, delivery id, order id)."""
    world.on("2026-05-04")
    checkout = world.buys(*A01_AT_SVEA, payment_type=payment)
    order = world.magento.orders(
        MUGS, number="100000101", svea_order_id=checkout, state="processing", shipping="49"
    )
    await world.works()
    world.on("2026-05-05")
    delivery = world.sandbox.svea.deliver(checkout)
    world.magento.invoice(order, transaction_id=str(delivery))
    await world.works()
    return checkout, delivery, order


def credited_at_svea(world: World, checkout: int, delivery: int, pieces: int = 1) -> None:
    rows = world.sandbox.svea.order(checkout).deliveries[0].rows
    mug = next(row.row_id for row in rows if row.name == "Mugg")
    world.sandbox.svea.credit_rows(checkout, delivery, {mug: pieces * 100})


async def test_c01_a_full_refund_in_both_is_one_credit_invoice(shop_world: World) -> None:
    world = shop_world
    checkout, delivery, order = await delivered(world)
    world.on("2026-05-06")
    world.magento.refund(order, online=True)
    world.sandbox.svea.credit_rows(checkout, delivery)
    await world.works_as_previewed(checkout)
    invoice, credit = world.invoices
    assert (credit["Total"], credit["InvoiceDate"]) == (Decimal("-547.00"), "2026-05-06")
    assert credit["InvoiceReference"] == invoice["DocumentNumber"]
    assert world.books() == {}


async def test_c02_and_c03_every_partial_refund_books_itself(shop_world: World) -> None:
    world = shop_world
    checkout, delivery, order = await delivered(world)
    for day in ("2026-05-08", "2026-05-20"):
        world.on(day)
        world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0", online=True)
        credited_at_svea(world, checkout, delivery)
        await world.works_as_previewed(checkout)
        assert world.books(day) == ONE_MUG
    assert [one["Total"] for one in world.invoices[1:]] == [Decimal("-249.00")] * 2


@pytest.mark.parametrize("first", ["shop", "svea"])
async def test_c08_whoever_tells_first_it_is_one_credit(shop_world: World, first: str) -> None:
    """And hearing it three times changes nothing."""
    world = shop_world
    checkout, delivery, order = await delivered(world)
    world.on("2026-05-08")

    def in_shop() -> None:
        world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0", online=True)

    def at_svea() -> None:
        credited_at_svea(world, checkout, delivery)

    for step in (in_shop, at_svea) if first == "shop" else (at_svea, in_shop):
        step()
        await world.works()
        await world.retry(checkout)
    for _ in range(3):
        await world.hears_everything_again()
    assert [one["Total"] for one in world.invoices] == [Decimal("547.00"), Decimal("-249.00")]
    assert world.books("2026-05-08") == ONE_MUG


async def test_a_card_refund_is_split_as_its_memo_says(shop_world: World) -> None:
    """Svea gives a card refund one sum; the memo knows that it was the freight."""
    world = shop_world
    checkout, delivery, order = await delivered(world, payment="SVEACARDPAY_PF")
    world.on("2026-05-08")
    world.magento.refund(order, {"SKU-MUGG": 0}, shipping="39.20", online=True)
    world.sandbox.svea.credit_amount(checkout, delivery, 4900)
    await world.works_as_previewed(checkout)
    assert world.books("2026-05-08") == kronor(_3520="39.20", _2611="9.80", _1510="-49.00")


async def test_c06_a_return_with_a_handling_fee(shop_world: World) -> None:
    world = shop_world
    checkout, delivery, order = await delivered(world, payment="SVEACARDPAY_PF")
    world.on("2026-05-09")
    world.magento.refund(order, {"SKU-MUGG": 2}, shipping="0", fee="75", online=True)
    world.sandbox.svea.credit_amount(checkout, delivery, 42300)
    await world.works_as_previewed(checkout)
    assert world.books("2026-05-09") == kronor(_3001="398.40", _3540="-60.00", _2611="84.60", _1510="-423.00")


async def test_an_offline_memo_is_credited_and_sveas_later_refund_is_the_same(shop_world: World) -> None:
    world = shop_world
    checkout, delivery, order = await delivered(world)
    world.on("2026-05-08")
    world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0")
    await world.works()
    assert world.books("2026-05-08") == ONE_MUG
    world.on("2026-05-09")
    credited_at_svea(world, checkout, delivery)
    await world.works()
    assert world.books("2026-05-09") == {}
    assert (await world.sale(checkout)).state == "done"


async def test_amounts_that_disagree_are_held_and_nothing_else_is(shop_world: World) -> None:
    world = shop_world
    checkout, delivery, order = await delivered(world, payment="SVEACARDPAY_PF")
    world.on("2026-05-08")
    world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0")
    world.sandbox.svea.credit_amount(checkout, delivery, 20000)
    await world.works()
    sale = await world.sale(checkout)
    assert (sale.state, sale.problem and sale.problem.code) == ("needs_attention", "refunds_disagree")
    assert world.books("2026-05-08") == {}


async def test_credit_memos_of_an_order_paid_elsewhere(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world)
    world.magento.invoice(order)
    await world.works()
    for day, quantities, shipping, adjustment in (
        ("2026-05-08", {"SKU-MUGG": 1}, "0", "0"),
        ("2026-05-09", {"SKU-MUGG": 0}, "39.20", "0"),
        ("2026-05-10", {"SKU-MUGG": 0}, "0", "10"),
    ):
        world.on(day)
        world.magento.refund(order, quantities, shipping=shipping, adjustment=adjustment)
        await world.works_as_previewed(f"M{order}")
    assert [one["Total"] for one in world.invoices] == [
        Decimal("547.00"),
        Decimal("-249.00"),
        Decimal("-49.00"),
        Decimal("-10.00"),
    ]
    assert world.books("2026-05-10") == kronor(_3001="8.00", _2611="2.00", _1510="-10.00")


@pytest.mark.shop(payment_methods=[{"method": "bank*", "books": "paid", "account": 1940}])
async def test_a_sale_that_was_paid_at_once_is_paid_back_at_once(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world)
    world.magento.invoice(order)
    await world.works()
    world.on("2026-05-08")
    world.magento.refund(order)
    await world.works_as_previewed(f"M{order}")
    assert world.books() == {}
    assert [one["Balance"] for one in world.invoices] == [0, 0]


@pytest.mark.shop(refunds={"to_shop": True})
async def test_a_refund_made_at_svea_alone_becomes_an_offline_memo_once(shop_world: World) -> None:
    world = shop_world
    checkout, delivery, _ = await delivered(world)
    world.on("2026-05-08")
    credited_at_svea(world, checkout, delivery)
    await world.works()
    await world.retry(checkout)
    (memo,) = world.magento.sales.memos.values()
    assert memo.fields["grand_total"] == 249
    assert [one["Total"] for one in world.invoices] == [Decimal("547.00"), Decimal("-249.00")]
    assert world.books("2026-05-08") == ONE_MUG
    assert (await world.sale(checkout)).state == "done"


@pytest.mark.shop(refunds={"to_shop": True})
async def test_a_sum_that_svea_gave_back_becomes_a_memo_of_money_only(shop_world: World) -> None:
    world = shop_world
    checkout, delivery, _ = await delivered(world, payment="SVEACARDPAY_PF")
    world.on("2026-05-08")
    world.sandbox.svea.credit_amount(checkout, delivery, 10000)
    await world.works()
    (memo,) = world.magento.sales.memos.values()
    assert memo.fields["grand_total"] == 100
    assert (await world.sale(checkout)).state == "done"


async def test_more_lines_than_one_and_a_refund_across_deliveries(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world, MUGS, Line("SKU-BOK", "Bok", "106.00", rate="6"), shipping="0")
    world.magento.invoice(order, {"SKU-MUGG": 2})
    await world.works()
    world.magento.invoice(order)
    await world.works()
    world.on("2026-05-08")
    world.magento.refund(order)
    await world.works()
    assert world.books() == {}


@pytest.mark.shop(refunds={"to_shop": True})
async def test_a_memo_that_could_not_be_read_back_at_once_is_read_back_later(shop_world: World) -> None:
    """It is seen as the shop's own by then, and is still ours to compare and to call final."""
    world = shop_world
    checkout, delivery, _ = await delivered(world)
    world.on("2026-05-08")
    credited_at_svea(world, checkout, delivery)
    world.sandbox.faults.add(
        FaultRule(System.MAGENTO, Status(503), path="/V1/creditmemo/", method="GET", times=8)
    )
    await world.works()
    world.sandbox.faults.clear()
    await world.retry(checkout)
    sale = await world.sale(checkout)
    links = await world.ledger.links.for_subject(sale.id)
    assert [(link.state, link.number) for link in links if link.kind == "shop_refund"] == [("final", "1")]
    assert len(world.magento.sales.memos) == 1
    assert sale.state == "done"


@pytest.mark.shop(refunds={"to_shop": True}, documents={"wait": 180})
@pytest.mark.parametrize("stored", [True, False])
async def test_a_memo_that_the_shop_is_about_to_store_is_not_made_twice(
    shop_world: World, stored: bool
) -> None:
    """Magento asks Svea for the refund first; its memo can be seen when that is done."""
    world = shop_world
    checkout, delivery, order = await delivered(world)
    world.on("2026-05-08")
    credited_at_svea(world, checkout, delivery)
    await world.works()
    sale = await world.sale(checkout)
    assert (sale.state, sale.problem and sale.problem.code) == ("waiting", "not_yet")
    assert world.books("2026-05-08") == ONE_MUG

    if stored:
        world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0", online=True)
    world.later(timedelta(minutes=3, seconds=10))
    await world.works()
    assert [memo.fields["grand_total"] for memo in world.magento.sales.memos.values()] == [249]
    assert [one["Total"] for one in world.invoices] == [Decimal("547.00"), Decimal("-249.00")]
    assert (await world.sale(checkout)).state == "done"
