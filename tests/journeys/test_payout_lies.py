"""Journeys of reports that lie, and of books changed by hand: the bank ties out, nothing is paid twice."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.documents import Draft
from tests.journeys.test_chores import chore
from tests.journeys.test_payouts import (
    CLEARING,
    evening,
    heard_of,
    paid_by_hand,
    payout_of,
    reports,
    rows_of,
    sold,
    three_sales,
    world_with_clearing,
)
from tests.journeys.test_payouts_by_hand import all_rows, looks_again, number_of, problem_of
from tests.support.payout_reports import a_row_of, fee, report_of
from tests.support.world import CONNECTION, MARKETS, World, a_declaration, a_row, kronor, secret_of

__all__ = ["world_with_clearing"]

DAY = "2026-05-08"
NO_FEE_VAT = fee("Credit", "8.21")


async def states(world: World, day: str = DAY) -> list[str]:
    return [row.state for row in await rows_of(world, day)]


async def chore_problem(world: World) -> str | None:
    found = await world.ledger.subjects.find(CONNECTION, "payouts", CONNECTION)
    assert found is not None
    return found.problem.message if found.problem else None


async def test_two_groups_of_one_name_are_not_booked_and_stop_nothing_else(
    world_with_clearing: World,
) -> None:
    world = world_with_clearing
    first, second, _ = await three_sales(world)
    world.on(DAY)
    groups = [
        json.loads(report_of(DAY, [row]))["clientReports"][0]
        for row in (a_row_of(first, "547.00", NO_FEE_VAT), a_row_of(second, "199.00"))
    ]
    world.sandbox.svea.reports["700001", date(2026, 5, 8)] = json.dumps({"clientReports": groups}).encode()
    reports(world, "2026-05-07", a_row_of(second, "199.00", fee("Credit", "2.99")))

    assert await chore(world, "payouts") == "needs_attention"

    problem = await chore_problem(world)
    assert problem is not None
    assert "payout se.79021.2026-05-08.SEK 2 times, with 538.79 SEK and 199.00 SEK paid" in problem
    assert world.books(DAY) == {}
    assert world.books("2026-05-07") == kronor(_1930="196.01", _6040="2.99", _1510="-199.00")


async def test_a_report_that_cannot_be_read_stops_no_other_day(world_with_clearing: World) -> None:
    world = world_with_clearing
    first, *_ = await three_sales(world)
    world.on(DAY)
    world.sandbox.svea.reports["700001", date(2026, 5, 6)] = b'{"clientReports": [{"clientId": 1}]}'
    reports(world, DAY, a_row_of(first, "547.00", NO_FEE_VAT))

    assert await chore(world, "payouts") == "needs_attention"

    assert world.books(DAY) == kronor(_1930="538.79", _6040="8.21", _1510="-547.00")


async def test_a_row_that_is_there_twice_pays_once_and_the_bank_ties_out(world_with_clearing: World) -> None:
    world = world_with_clearing
    first, *_ = await three_sales(world)
    world.on(DAY)
    twice = a_row_of(first, "547.00", NO_FEE_VAT)
    reports(world, DAY, twice, twice)
    await evening(world)

    assert await states(world) == ["matched", "parked"]
    assert "other rows of the payout take all of" in (await rows_of(world, DAY))[1].why
    assert world.books(DAY) == kronor(_1930="1077.58", _6040="16.42", _1510="-547.00", _2999="-547.00")
    await looks_again(world)


async def test_a_kind_of_row_that_nobody_knows_waits_for_a_person(world_with_clearing: World) -> None:
    world = world_with_clearing
    first, *_ = await three_sales(world)
    world.on(DAY)
    strange = a_row_of(None, "-20.00", fee("Service", "4.00", "1.00"), kind="Rebate", comment="?")
    reports(world, DAY, a_row_of(first, "547.00", NO_FEE_VAT), strange)
    await evening(world)

    assert await states(world) == ["matched", "differs"]
    assert "Rebate is no kind of row that is known" in (await rows_of(world, DAY))[1].why
    assert world.books(DAY) == kronor(
        _1930="513.79", _6040="12.21", _2641="1.00", _2999="20.00", _1510="-547.00"
    )
    advice = (await payout_of(world, DAY)).summary["plan"]["advice"]
    assert [one["code"] for one in advice] == ["payout_row_differs"]
    await looks_again(world)


async def test_a_checkout_of_another_key_set_is_not_matched(world_with_clearing: World) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    checkout = world.buys(a_row("Mugg", "547.00", vat="25"), market="no", number="1")
    sale = (checkout, world.sandbox.svea.deliver(checkout))
    await world.works()
    world.on(DAY)
    reports(world, DAY, a_row_of(sale, "547.00", NO_FEE_VAT))
    await evening(world)

    (row,) = await rows_of(world, DAY)
    assert (row.state, f"Svea order {checkout} was sold in market no" in row.why) == ("parked", True)
    assert {one["Balance"] for one in world.invoices} == {Decimal(547)}
    await looks_again(world)


@pytest.fixture
async def two_swedish_shops(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Both sell in SEK, each with a key set of its own, and count their orders alike."""
    monkeypatch.setitem(MARKETS, "second", ("700006", "SE", "SEK", "sv-SE"))
    world.sandbox.svea.add_merchant("700006", secret_of("second"), "SE", "SEK", "sv-SE")
    first, *others = a_declaration()["markets"][:-1]
    second = a_declaration()["markets"][-1]
    accounts = {"accounts": CLEARING, "mode_of_payment": "SVEASE"}
    await world.declare(markets=[first | accounts, *others, second | accounts])
    return world


async def test_two_shops_that_count_their_orders_alike_are_paid_each_by_its_own_svea(
    two_swedish_shops: World,
) -> None:
    """The row names no checkout, and both invoices have its order number and its amount."""
    world = two_swedish_shops
    world.on("2026-05-05")
    checkouts = [
        world.buys(a_row("Mugg", "547.00"), market=market, number="1") for market in ("se", "second")
    ]
    for checkout in checkouts:
        world.sandbox.svea.deliver(checkout)
        await heard_of(world, checkout)
    assert len(world.invoices) == 2
    world.on(DAY)
    row = a_row_of(None, "547.00", NO_FEE_VAT, externalOrderNo="1")
    reports(world, DAY, row, merchant="700006")
    await evening(world)

    (paid,) = [one for one in world.invoices if not one["Balance"]]
    assert paid["ExternalInvoiceReference2"] == str(checkouts[1])


async def test_a_delivery_without_an_invoice_does_not_pay_that_of_another_delivery(
    world_with_clearing: World,
) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    checkout = world.buys(a_row("Mugg", "249.00"), a_row("Fat", "249.00"), payment_type="INVOICE", number="1")
    rows = world.sandbox.svea.order(checkout).rows
    first = world.sandbox.svea.deliver(checkout, {rows[0].row_id: None})
    await world.works()
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(lose=-1)
    second = world.sandbox.svea.deliver(checkout, {rows[1].row_id: None})
    world.on(DAY)
    late = a_row_of((checkout, second), "249.00", fee("Credit", "5.00", "1.25"), payment="Invoice")
    reports(world, DAY, late)
    await evening(world)
    (row,) = await rows_of(world, DAY)
    assert (row.state, f"delivery {second}" in row.why) == ("parked", True)

    world.on("2026-05-11")
    await heard_of(world, checkout)

    assert await states(world) == ["settled"]
    balances = {one["ExternalInvoiceReference1"].rpartition("-")[2]: one["Balance"] for one in world.invoices}
    assert {balances[name] for name in balances if name.endswith(str(second))} == {0}
    assert sorted(balances.values()) == [0, 249]
    assert first != second


# ── books that were changed by hand ───────────────────────────────────────────────────────────────


async def test_a_parked_row_whose_invoice_is_paid_by_hand_stays_parked_and_asks_no_more(
    world_with_clearing: World,
) -> None:
    """Refused once it is read back; it is not tried again and again."""
    world = world_with_clearing
    world.on("2026-05-05")
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(lose=-1)
    unknown = sold(world, "547.00")
    world.on(DAY)
    reports(world, DAY, a_row_of(unknown, "547.00", NO_FEE_VAT))
    await evening(world)
    world.on("2026-05-11")

    async def is_paid_at_once(step: str, draft: Draft) -> None:
        if (step, draft.kind) == ("linked", "invoice"):
            await paid_by_hand(world, number_of(world, 547), "547.00")

    world.shop = replace(world.shop, checkpoint=is_paid_at_once)
    await heard_of(world, unknown[0])
    for _ in range(5):
        world.later(timedelta(seconds=30))
        await world.works()

    assert await states(world) == ["parked"]
    assert world.books()[2999] == Decimal("-547.00")
    refused = [call for call in world.company.writes() if call.status >= 400]
    assert len([call for call in refused if "invoicepayments" in call.path]) == 1
    assert (await payout_of(world, DAY)).state == "done"


async def test_an_invoice_that_is_paid_in_part_by_hand_takes_the_rest(world_with_clearing: World) -> None:
    world = world_with_clearing
    first, *_ = await three_sales(world)
    await paid_by_hand(world, number_of(world, 547), "200.00")
    world.on(DAY)
    reports(world, DAY, a_row_of(first, "547.00", NO_FEE_VAT))
    await evening(world)
    assert await problem_of(world) == "refused_by_fortnox"

    world.later(timedelta(hours=2))
    await world.works()

    assert await states(world) == ["differs"]
    assert world.books(DAY) == kronor(_1930="538.79", _6040="8.21", _2999="-200.00", _1510="-347.00")
    await looks_again(world)


class Died(Exception):
    """The worker ends here."""


async def test_a_report_that_changes_while_it_is_booked_is_booked_to_its_end_as_it_was(
    world_with_clearing: World,
) -> None:
    """Half of it is in the books; the other half follows, and then a person is told what changed."""
    world = world_with_clearing
    sales = await three_sales(world)
    old = [a_row_of(sale, amount, fee("Credit", "3.00")) for sale, amount in zip(sales, AMOUNTS, strict=True)]
    new = [a_row_of(sale, amount, fee("Credit", "4.00")) for sale, amount in zip(sales, AMOUNTS, strict=True)]
    world.on(DAY)
    reports(world, DAY, *old)
    world.shop = replace(world.shop, checkpoint=dies_after(2))
    await evening(world)
    assert len(world.company.payments) == 2

    world.later(timedelta(hours=1))
    reports(world, DAY, *new)
    world.shop = replace(world.shop, checkpoint=dies_after(99))
    await evening(world)
    world.later(timedelta(hours=2))
    await world.works()

    assert await problem_of(world) == "payout_changed"
    assert world.books(DAY) == kronor(_1930="1987.00", _6040="9.00", _1510="-1996.00")
    assert len(world.company.payments) == 3
    assert await states(world) == ["matched"] * 3
    await looks_again(world)


AMOUNTS = ("547.00", "199.00", "1250.00")


def dies_after(payments: int) -> Any:
    made = 0

    async def checkpoint(step: str, draft: Draft) -> None:
        nonlocal made
        if (step, draft.kind) == ("linked", "payment"):
            made += 1
            if made == payments:
                raise Died

    return checkpoint


async def test_a_row_that_waits_settles_although_its_payout_has_changed(world_with_clearing: World) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(lose=-1)
    unknown = sold(world, "399.00")
    world.on(DAY)
    reports(world, DAY, a_row_of(unknown, "399.00", fee("Credit", "5.99")))
    await evening(world)
    world.later(timedelta(hours=1))
    reports(world, DAY, a_row_of(unknown, "399.00", fee("Credit", "6.99")))
    await evening(world)
    assert await problem_of(world) == "payout_changed"

    world.on("2026-05-11")
    await heard_of(world, unknown[0])

    assert world.books("2026-05-11") == kronor(_2999="399.00", _1510="-399.00")
    assert await states(world) == ["settled"]
    assert await problem_of(world) == "payout_changed"


async def test_a_choice_that_a_person_made_outlives_a_report_that_is_put_right(
    world_with_clearing: World,
) -> None:
    world = world_with_clearing
    await three_sales(world)
    world.on(DAY)
    row = a_row_of((7709999, 1), "547.00", NO_FEE_VAT)
    reports(world, DAY, row, paid="1.00")
    await evening(world)
    assert await problem_of(world) == "unbalanced"
    (stored,) = await all_rows(world)
    await world.ledger.payouts.choose_document(stored.payout_id, stored.row_key, number_of(world, 547))

    world.later(timedelta(hours=1))
    reports(world, DAY, row)
    await evening(world)

    assert await states(world) == ["matched"]
    assert world.books(DAY) == kronor(_1930="538.79", _6040="8.21", _1510="-547.00")
