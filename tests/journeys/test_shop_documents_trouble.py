"""Journeys of documents for a shop that is away, refuses or loses its answers: all arrive, none twice."""

import asyncio
from datetime import timedelta

import pytest

from services.sandbox.faults import Drop, FaultRule, Status, System, When
from services.sync_worker.converge import converge
from tests.journeys.test_chores import chore
from tests.journeys.test_shop_credit_notes import credits, given_back, memos, pieces
from tests.journeys.test_shop_sale import A01_AT_SVEA, MUGS, bought
from tests.support.shop_documents import comments, delivered_at_svea, document, tells, totals
from tests.support.world import World, a_row, freight

INVOICE, COMMENT, REFUND = r"/V1/order/\d+/invoice$", r"/V1/orders/\d+/comments$", r"/V1/order/\d+/refund$"


async def about_to_deliver(world: World) -> tuple[int, int]:
    """A01 is ordered and booked: (checkout, order)."""
    world.on("2026-05-04")
    checkout, order = bought(world, MUGS, at_svea=A01_AT_SVEA, svea_payment="INVOICE")
    await world.works()
    world.on("2026-05-05")
    return checkout, order


async def in_time(world: World, minutes: int = 5, times: int = 12) -> None:
    """An hour in steps, with everything that is due in each."""
    for _ in range(times):
        world.later(timedelta(minutes=minutes))
        await world.works()


async def test_an_hour_of_maintenance_delays_everything_and_loses_nothing(shop_world: World) -> None:
    world = shop_world
    checkout, _ = await about_to_deliver(world)
    world.sandbox.svea.deliver(checkout)
    await world.works()
    number = world.invoices[0]["DocumentNumber"]
    before = world.shop_writes()
    world.magento.broken = "maintenance"
    credit = await credits(world, number, pieces(world, SKU_MUGG=1))
    for _ in range(4):
        world.later(timedelta(minutes=15))
        await chore(world, "shop_documents")
    waiting = await document(world, credit)
    assert (waiting.state, waiting.problem and waiting.problem.code) == ("waiting", "unavailable")
    assert world.shop_writes() == before

    world.magento.broken = None
    await in_time(world, times=6)
    assert given_back(world) == [249]
    assert (await document(world, credit)).state == "done"


async def test_maintenance_between_the_booking_and_the_telling(shop_world: World) -> None:
    """The sale itself needs the shop, too; so only what writes is away."""
    world = shop_world
    checkout, order = await about_to_deliver(world)
    page = Status(503, b"<title>Error 503: Service Unavailable</title>")
    rules = [
        world.sandbox.faults.add(FaultRule(System.MAGENTO, page, "POST", path)) for path in (INVOICE, COMMENT)
    ]
    world.sandbox.svea.deliver(checkout)
    await world.works()
    await in_time(world)
    assert totals(world) == []
    assert rules[0].hits > 1

    world.sandbox.faults.clear()
    await in_time(world)
    assert totals(world) == [547]
    assert len(comments(world, order)) == 1


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("path", [INVOICE, COMMENT])
async def test_an_answer_that_is_lost_leaves_one_of_each(shop_world: World, path: str, when: When) -> None:
    world = shop_world
    checkout, order = await about_to_deliver(world)
    rule = world.sandbox.faults.add(FaultRule(System.MAGENTO, Drop(when), "POST", path, times=1))
    world.sandbox.svea.deliver(checkout)
    await world.works()
    assert rule.hits == 1
    await in_time(world)

    assert totals(world) == [547]
    assert len(comments(world, order)) == 1
    links = await world.ledger.links.for_subject(
        (await document(world, world.invoices[0]["DocumentNumber"])).id
    )
    assert {link.kind: link.state for link in links} == {"shop_invoice": "final", "shop_comment": "final"}


@pytest.mark.parametrize("when", list(When))
async def test_a_memo_whose_answer_is_lost_is_one_memo(shop_world: World, when: When) -> None:
    world = shop_world
    await delivered_at_svea(world)
    credit = await credits(world, world.invoices[0]["DocumentNumber"], pieces(world, SKU_MUGG=1))
    rule = world.sandbox.faults.add(FaultRule(System.MAGENTO, Drop(when), "POST", REFUND, times=1))
    await chore(world, "shop_documents")
    assert rule.hits == 1
    await in_time(world)

    assert given_back(world) == [249]
    assert (await document(world, credit)).state == "done"
    assert len(world.invoices) == 2


async def test_a_shop_that_is_slow_for_two_minutes_is_not_asked_for_a_second_memo(shop_world: World) -> None:
    """Nobody answers, we look for the memo when the shop must be done, and it was: long after the call."""
    world = shop_world
    _, order, _ = await delivered_at_svea(world)
    credit = await credits(world, world.invoices[0]["DocumentNumber"], pieces(world, SKU_MUGG=1))
    world.sandbox.faults.add(FaultRule(System.MAGENTO, Drop(When.BEFORE), "POST", REFUND, times=1))
    await chore(world, "shop_documents")
    for _ in range(4):
        world.later(timedelta(seconds=30))
        await world.works()
    assert (await document(world, credit)).state == "waiting"
    world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0", comment=f"Kreditfaktura {credit} [F{credit}]")
    await in_time(world, times=2)

    assert given_back(world) == [249]
    assert (await document(world, credit)).summary["documents"] == ["shop_refund 1"]


async def test_a_refused_invoice_asks_and_goes_on_once_it_is_allowed(shop_world: World) -> None:
    world = shop_world
    checkout, order = await about_to_deliver(world)
    refusal = Status(400, b'{"message": "Could not save an invoice, see error log for details"}')
    world.sandbox.faults.add(FaultRule(System.MAGENTO, refusal, "POST", INVOICE))
    world.sandbox.svea.deliver(checkout)
    await world.works()
    number = world.invoices[0]["DocumentNumber"]
    waiting = await document(world, number)
    assert (waiting.state, waiting.problem and waiting.problem.code) == (
        "needs_attention",
        "refused_by_magento",
    )
    assert comments(world, order) == []
    assert (await world.sale(checkout)).state == "done"

    world.sandbox.faults.clear()
    await in_time(world, minutes=20)
    assert totals(world) == [547]
    assert len(comments(world, order)) == 1


async def test_a_person_who_invoices_while_it_is_refused_has_made_the_invoice(shop_world: World) -> None:
    world = shop_world
    checkout, order = await about_to_deliver(world)
    world.sandbox.faults.add(
        FaultRule(System.MAGENTO, Status(400, b'{"message": "No."}'), "POST", INVOICE, times=1)
    )
    world.sandbox.svea.deliver(checkout)
    await world.works()
    world.magento.invoice(order)
    await in_time(world, minutes=20)

    assert totals(world) == [547]
    assert len(comments(world, order)) == 1


async def test_an_order_without_a_status_waits_for_a_person(shop_world: World) -> None:
    """A comment would have to send one, and whatever it sends would be made up."""
    world = shop_world
    checkout, order = await about_to_deliver(world)
    shown = world.magento.sales.order(order)
    world.sandbox.svea.deliver(checkout)
    world.magento.invoice(order)
    shown.fields["status"] = None
    await world.works()
    waiting = await document(world, world.invoices[0]["DocumentNumber"])
    assert waiting.problem is not None
    assert waiting.problem.code == "order_without_status"
    assert world.shop_writes() == []

    shown.fields["status"] = "processing"
    await world.ledger.subjects.retry([waiting.id])
    await world.works()
    assert len(comments(world, order)) == 1
    assert shown.fields["status"] == "processing"


async def test_two_workers_with_two_invoices_of_one_order_make_two(shop_world: World) -> None:
    """Both are of one mug: neither takes the other's for its own, in whatever order they look and write."""
    world = shop_world
    world.on("2026-05-04")
    at_svea = (a_row("Mugg", "249.00", pieces=2), freight("49.00"))
    checkout, order = bought(world, MUGS, at_svea=at_svea)
    await world.works()
    mug, postage = (row.row_id for row in world.sandbox.svea.order(checkout).rows)
    world.sandbox.svea.deliver(checkout, {mug: 100, postage: None})
    world.sandbox.svea.deliver(checkout, {mug: 100})
    await world.settles()
    await converge(world.shop, (await world.sale(checkout)).id)

    numbers = [one["DocumentNumber"] for one in world.invoices]
    waiting = [(await document(world, number)).id for number in numbers]
    await asyncio.gather(*(converge(world.shop, one) for one in waiting))
    await in_time(world, times=2)
    assert [sum(row["qty"] for row in one.items) for one in world.magento.sales.invoices.values()] == [1, 1]
    assert len(comments(world, order)) == 2


async def test_the_later_invoice_may_come_first(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    checkout, _ = bought(world, MUGS, at_svea=A01_AT_SVEA)
    await world.works()
    mug, postage = (row.row_id for row in world.sandbox.svea.order(checkout).rows)
    world.sandbox.svea.deliver(checkout, {mug: 100, postage: None})
    world.sandbox.svea.deliver(checkout, {mug: 100})
    await world.settles()
    await converge(world.shop, (await world.sale(checkout)).id)
    numbers = [one["DocumentNumber"] for one in world.invoices]
    for number in reversed(numbers):
        await converge(world.shop, (await document(world, number)).id)
        await world.settles()

    marks = [one.comments[0]["comment"] for one in world.magento.sales.invoices.values()]
    assert marks == [f"Faktura {number} [F{number}]" for number in reversed(numbers)]


async def test_the_same_event_a_hundred_times_is_one_document(shop_world: World) -> None:
    world = shop_world
    await delivered_at_svea(world)
    credit = await credits(world, world.invoices[0]["DocumentNumber"])
    for _ in range(3):
        await tells(world, credit)
        world.later(timedelta(seconds=30))
    subject = await document(world, credit)
    await asyncio.gather(*(converge(world.shop, subject.id) for _ in range(20)))

    assert given_back(world) == [547]


@pytest.mark.parametrize("number", ["999999", "0", "not-a-number", "1/../../3"])
async def test_a_number_that_fortnox_does_not_know_is_skipped(shop_world: World, number: str) -> None:
    world = shop_world
    await delivered_at_svea(world)
    before = world.shop_writes()
    await tells(world, number)

    assert (await document(world, number)).state == "skipped"
    assert world.shop_writes() == before


async def test_a_memo_of_the_shop_that_only_mentions_a_number_is_booked_as_ever(shop_world: World) -> None:
    """Our mark is what counts, not that somebody writes of an invoice."""
    world = shop_world
    _, order, _ = await delivered_at_svea(world)
    world.on("2026-05-08")
    world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0", comment="Kreditfaktura F12, se faktura 1")
    await world.works()

    assert [one["Total"] for one in world.invoices[1:]] == [-249]
    assert len(memos(world)) == 1


async def test_what_a_sale_had_to_tell_is_in_the_inbox_before_anybody_works_on_it(shop_world: World) -> None:
    world = shop_world
    checkout, _ = await about_to_deliver(world)
    world.sandbox.svea.deliver(checkout)
    await world.settles()
    await converge(world.shop, (await world.sale(checkout)).id)
    due = [await world.ledger.subjects.get(wake.subject_id) for wake in await world.ledger.subjects.due(10)]
    assert [(one.kind, one.lane) for one in due if one is not None] == [("shop_document", "settle")]

    await world.works()
    assert totals(world) == [547]
