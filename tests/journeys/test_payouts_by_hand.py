"""Journeys of a person at a payout: a row matched by hand through the API, a look at what became of it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.fortnox.payments import InvoicePayments
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


# ── a payment that was removed ────────────────────────────────────────────────────────────────────


def number_of(world: World, total: int) -> str:
    return next(str(one["DocumentNumber"]) for one in world.invoices if one["Total"] == total)


async def has_paid_the_wrong_invoice(world: World) -> str:
    """The row's key: 547.00 of a payout on the 8th has paid an invoice that it is not about."""
    first, *_ = await three_sales(world)
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(first, "547.00", fee("Credit", "8.21")))
    await evening(world)
    (row,) = await rows_of(world, "2026-05-08")
    assert row.state == "matched"
    return row.row_key


async def problem_of(world: World, day: str = "2026-05-08") -> str | None:
    problem = (await payout_of(world, day)).problem
    return problem.code if problem else None


async def test_a_row_whose_payment_was_removed_pays_another_invoice(world_with_clearing: World) -> None:
    world = world_with_clearing
    key = await has_paid_the_wrong_invoice(world)
    world.on("2026-05-11")
    (paid,) = world.company.payments
    InvoicePayments(world.company).take_back(paid)
    assert world.books("2026-05-08") == kronor(_1930="538.79", _1581="-538.79")

    chosen = {"invoice_number": number_of(world, 1250), "payment_removed": True}
    await match(world, "2026-05-08", key, chosen)

    (row,) = await rows_of(world, "2026-05-08")
    assert (row.state, row.documents) == ("settled", (number_of(world, 1250),))
    assert world.books("2026-05-08") == kronor(_1930="538.79", _6040="8.21", _2999="-547.00")
    assert world.books("2026-05-11") == kronor(_2999="547.00", _1510="-547.00")
    assert {one["Total"]: one["Balance"] for one in world.invoices} == {547: 547, 199: 199, 1250: 703}
    await looks_again(world)


async def test_a_payment_that_still_stands_is_told_and_nothing_is_written(world_with_clearing: World) -> None:
    world = world_with_clearing
    key = await has_paid_the_wrong_invoice(world)
    books = world.books()
    world.on("2026-05-11")
    chosen = {"invoice_number": number_of(world, 1250), "payment_removed": True}
    await match(world, "2026-05-08", key, chosen)
    assert (await problem_of(world), world.books()) == ("payment_stands", books)

    await match(world, "2026-05-08", key, {"undo": True})
    assert (await problem_of(world), world.books()) == (None, books)
    assert [row.state for row in await rows_of(world, "2026-05-08")] == ["matched"]
    await looks_again(world)


async def test_it_goes_on_when_the_payment_is_removed_after_all(world_with_clearing: World) -> None:
    world = world_with_clearing
    key = await has_paid_the_wrong_invoice(world)
    chosen = {"invoice_number": number_of(world, 1250), "payment_removed": True}
    await match(world, "2026-05-08", key, chosen)
    assert await problem_of(world) == "payment_stands"

    InvoicePayments(world.company).take_back(next(iter(world.company.payments)))
    world.later(timedelta(hours=2))
    await world.works()

    assert await problem_of(world) is None
    assert 1581 not in world.books()
    assert [row.state for row in await rows_of(world, "2026-05-08")] == ["settled"]


async def test_a_payment_is_removed_twice_and_paid_a_third_time(world_with_clearing: World) -> None:
    """The second time it is a settlement: what it took goes back to where it waited."""
    world = world_with_clearing
    key = await has_paid_the_wrong_invoice(world)
    for day, total in (("2026-05-11", 1250), ("2026-05-12", 547)):
        world.on(day)
        InvoicePayments(world.company).take_back(next(iter(world.company.payments)))
        chosen = {"invoice_number": number_of(world, total), "payment_removed": True}
        await match(world, "2026-05-08", key, chosen)

    assert world.books() | {3001: Decimal(0), 2611: Decimal(0)} == kronor(
        _1930="538.79", _6040="8.21", _1510="1449.00", _3001="0", _2611="0"
    )
    assert len(world.company.payments) == 1
    assert {one["Total"]: one["Balance"] for one in world.invoices} == {547: 0, 199: 199, 1250: 1250}
    await looks_again(world)


async def test_a_removed_payment_in_a_month_that_is_locked_since_is_put_back_today(
    world_with_clearing: World,
) -> None:
    world = world_with_clearing
    key = await has_paid_the_wrong_invoice(world)
    InvoicePayments(world.company).take_back(next(iter(world.company.payments)))
    world.company.locked_until = date(2026, 5, 31)
    world.on("2026-06-03")
    await match(world, "2026-05-08", key, {"payment_removed": True})

    assert world.books("2026-06-03") == kronor(_1581="538.79", _6040="8.21", _1510="-547.00")
    assert [row.state for row in await rows_of(world, "2026-05-08")] == ["settled"]
    await looks_again(world)


@pytest.mark.parametrize("total", [199, 1250])
async def test_an_invoice_of_another_amount_takes_what_is_open_and_the_rest_waits(
    world_with_clearing: World, total: int
) -> None:
    world = world_with_clearing
    key = await has_paid_the_wrong_invoice(world)
    InvoicePayments(world.company).take_back(next(iter(world.company.payments)))
    chosen = {"invoice_number": number_of(world, total), "payment_removed": True}
    await match(world, "2026-05-08", key, chosen)

    rest = min(total - 547, 0)
    (row,) = await rows_of(world, "2026-05-08")
    assert row.state == ("differs" if rest else "settled")
    assert (world.books().get(2999, Decimal(0)), 1581 in world.books()) == (Decimal(rest), False)
    await looks_again(world)
