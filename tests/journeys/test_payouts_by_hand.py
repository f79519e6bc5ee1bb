"""Journeys of a person at a payout: a row matched by hand through the API, a look at what became of it."""

from datetime import timedelta
from typing import Any

from tests.journeys.test_payouts import (
    evening,
    invoiced_by_hand,
    paid_by_hand,
    payout_of,
    reports,
    rows_of,
    sold,
    three_sales,
    world_with_clearing,
)
from tests.journeys.test_sale_backfill import ask
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import CONNECTION, World, kronor

__all__ = ["world_with_clearing"]


async def match(world: World, day: str, row: str, body: dict[str, Any]) -> None:
    payout = await payout_of(world, day)
    await ask(world, "POST", f"/payouts/{payout.id}/rows/{row}/match", body)
    await world.works()


async def looks_again(world: World) -> None:
    """Everything about payouts once more: nothing is written, and every row says what it said."""
    made, said = world.accepted_writes(), [(row.state, row.documents) for row in await all_rows(world)]
    world.later(timedelta(minutes=1))
    await world.ledger.subjects.retry_where(connection=CONNECTION, kind="payout")
    await world.works()
    assert world.accepted_writes() == made
    assert [(row.state, row.documents) for row in await all_rows(world)] == said


async def all_rows(world: World) -> list[Any]:
    page = await world.ledger.payout_lists.page(CONNECTION)
    return [row for one in page.items for row in await world.ledger.payouts.rows(one.subject_id)]


async def test_a_parked_row_is_matched_by_hand_to_an_invoice_that_somebody_else_made(
    world_with_clearing: World,
) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    await invoiced_by_hand(world, "another-number", "500.00")
    number = str(world.invoices[0]["DocumentNumber"])
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of((7709999, 1), "500.00", fee("Credit", "7.50")))
    await evening(world)
    (row,) = await rows_of(world, "2026-05-08")
    assert row.state == "parked"

    world.on("2026-05-11")
    await match(world, "2026-05-08", row.row_key, {"invoice_number": number})

    (row,) = await rows_of(world, "2026-05-08")
    assert (row.state, row.documents) == ("settled", (number,))
    assert world.books("2026-05-11") == kronor(_2999="500.00", _1510="-500.00")
    await looks_again(world)


async def test_money_for_an_invoice_paid_by_hand_goes_to_another_invoice_of_the_buyer(
    world_with_clearing: World,
) -> None:
    world = world_with_clearing
    first, *_ = await three_sales(world)
    paid_twice = next(str(one["DocumentNumber"]) for one in world.invoices if one["Total"] == 547)
    other = next(str(one["DocumentNumber"]) for one in world.invoices if one["Total"] == 1250)
    await paid_by_hand(world, paid_twice, "547.00")
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(first, "547.00", fee("Credit", "8.21")))
    await evening(world)
    world.later(timedelta(seconds=30))
    await world.works()
    (row,) = await rows_of(world, "2026-05-08")
    assert row.state == "parked"

    world.on("2026-05-11")
    await match(world, "2026-05-08", row.row_key, {"invoice_number": other})

    (row,) = await rows_of(world, "2026-05-08")
    assert (row.state, row.documents) == ("settled", (other,))
    assert world.books("2026-05-11") == kronor(_2999="547.00", _1510="-547.00")
    await looks_again(world)


async def test_a_row_that_found_somebody_elses_invoice_says_so_when_it_is_looked_at_again(
    world_with_clearing: World,
) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    await invoiced_by_hand(world, "100000777", "500.00")
    world.on("2026-05-08")
    reports(
        world,
        "2026-05-08",
        a_row_of(None, "500.00", fee("Credit", "7.50"), externalOrderNo="100000777"),
    )
    await evening(world)
    assert [row.state for row in await rows_of(world, "2026-05-08")] == ["matched"]

    await looks_again(world)


async def test_an_invoice_paid_in_two_payouts_is_open_by_what_the_first_left(
    world_with_clearing: World,
) -> None:
    """What is taken off an invoice is the money and its fees."""
    world = world_with_clearing
    world.on("2026-05-05")
    sale = sold(world, "1000.00")
    await world.works()
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(sale, "600.00", fee("Credit", "9.00")))
    await evening(world)
    world.on("2026-05-09")
    reports(world, "2026-05-09", a_row_of(sale, "400.00", fee("Credit", "6.00")))
    await evening(world)

    assert [row.state for row in await rows_of(world, "2026-05-08")] == ["differs"]
    assert [row.state for row in await rows_of(world, "2026-05-09")] == ["matched"]
    assert world.invoices[0]["Balance"] == 0
