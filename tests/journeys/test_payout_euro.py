"""Journeys of a payout in euro over days whose rates differ: what was begun at a rate ends at that rate."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.test_payout_lies import dies_after
from tests.journeys.test_payouts import evening, heard_of, reports
from tests.journeys.test_payouts_by_hand import looks_again
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import World, a_declaration, a_row, kronor

CLEARING, BANK = 1582, 1981
DAY = "2026-05-08"


@pytest.fixture
async def finnish(world: World) -> World:
    first, second, third, *others = a_declaration()["markets"]
    accounts = {"clearing": CLEARING, "bank": BANK}
    await world.declare(markets=[first, second, third | {"accounts": accounts}, *others])
    world.on("2026-05-05")
    return world


def sells(world: World, amounts: Sequence[str]) -> list[tuple[int, int]]:
    found = []
    for number, amount in enumerate(amounts):
        checkout = world.buys(a_row("Bastu", amount, vat="25.5"), market="fi", number=f"30000010{number}")
        found.append((checkout, world.sandbox.svea.deliver(checkout)))
    return found


def has_rate(world: World, rate: str) -> None:
    euro = world.company.currencies["EUR"]
    world.company.currencies["EUR"] = replace(euro, buy_rate=Decimal(rate), sell_rate=Decimal(rate))
    world.later(timedelta(minutes=15))


def is_settled(world: World, *rows: Any, day: str = DAY, **how: Any) -> None:
    reports(world, day, *rows, currency="EUR", merchant="700003", **how)


async def test_a_parked_row_settles_at_the_rate_that_it_was_parked_at(finnish: World) -> None:
    """Booked at 11.20, paid out at 11.50, found when a euro is 12.00: nothing is left where it waited."""
    world = finnish
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(lose=-1)
    (sale,) = sells(world, ["100.40"])
    world.on(DAY)
    has_rate(world, "11.50")
    is_settled(world, a_row_of(sale, "100.40", fee("Credit", "1.40")))
    await evening(world)
    assert world.books(DAY) == kronor(_1981="1138.50", _6040="16.10", _2999="-1154.60")

    world.on("2026-05-11")
    has_rate(world, "12.00")
    await heard_of(world, sale[0])

    assert 2999 not in world.books()
    assert CLEARING not in world.books()
    assert [invoice["Balance"] for invoice in world.invoices] == [0]
    await looks_again(world)


async def test_a_payout_that_is_cut_off_ends_at_the_rate_that_it_began_at(finnish: World) -> None:
    """The worker dies in the middle, and the euro moves before the next one takes over."""
    world = finnish
    sales = sells(world, ["100.40", "200.80", "50.20"])
    await world.works()
    world.on(DAY)
    has_rate(world, "11.50")
    amounts = ("100.40", "200.80", "50.20")
    is_settled(
        world,
        *(a_row_of(sale, amount, fee("Credit", "1.40")) for sale, amount in zip(sales, amounts, strict=True)),
    )
    world.shop = replace(world.shop, checkpoint=dies_after(2))
    await evening(world)
    world.shop = replace(world.shop, checkpoint=dies_after(99))
    has_rate(world, "12.00")
    world.later(timedelta(hours=2))
    await world.works()

    assert CLEARING not in world.books()
    assert world.books()[BANK] == Decimal("3992.80"), "347.20 at 11.50"
    await looks_again(world)


async def test_a_debt_in_euro_that_is_paid_off_at_another_rate_leaves_nothing(finnish: World) -> None:
    """100.00 owed at 11.20 is 1120; netted at 11.50 it is 1150: a loss of 30."""
    world = finnish
    (refunded, later) = sells(world, ["100.00", "300.00"])
    await world.works()
    world.on("2026-05-06")
    world.sandbox.svea.credit_amount(*refunded, 10000)
    await world.works()
    world.on("2026-05-07")
    is_settled(world, a_row_of(refunded, "-100.00", kind="Credit"), day="2026-05-07")
    await evening(world)
    assert world.books()[CLEARING] == Decimal("-1120.00")

    world.on(DAY)
    has_rate(world, "11.50")
    is_settled(world, a_row_of(later, "300.00"), opening="-100.00")
    await evening(world)

    assert world.books(DAY) == kronor(
        _1981="2300.00", _1582="1120.00", _1510="-3360.00", _3960="-90.00", _7960="30.00"
    )
    assert CLEARING not in world.books()
    await looks_again(world)
