"""Journeys of card money that never passes Svea: no payout has it, and the tie-out does not wait for it."""

from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.test_payouts import CLEARING, evening, reports, rows_of, sold
from tests.journeys.test_payouts_by_hand import looks_again
from tests.journeys.test_tie_out import left, lines, tied_out
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import MARKETS, World, a_declaration, kronor

ACQUIRER = 1584
OWN_CARD, SVEAS_CARD = "SVEACARDPAY", "SVEACARDPAY_PF"


async def declared(world: World, **market: Any) -> World:
    first, *others = a_declaration()["markets"]
    await world.declare(
        markets=[first | {"accounts": CLEARING, "mode_of_payment": "SVEASE"} | market, *others]
    )
    world.company.accounts[ACQUIRER] = world.company.accounts[1580]
    merchant = MARKETS["se"][0]
    world.sandbox.svea.merchant(merchant).settles_itself = True
    return world


async def two_sales(world: World) -> None:
    """One paid through Svea and one through the merchant's own acquirer; the second in part refunded."""
    world.on("2026-05-05")
    own = sold(world, "547.00", payment=OWN_CARD, number="1")
    sold(world, "1000.00", payment=SVEAS_CARD, number="2")
    await world.works()
    world.on("2026-05-06")
    world.sandbox.svea.credit_amount(*own, 10000)
    await world.works()
    world.on("2026-05-08")
    await evening(world)


async def test_it_is_paid_to_the_acquirers_account_the_day_it_is_made(world: World) -> None:
    await declared(world, paid_elsewhere={OWN_CARD: ACQUIRER})
    await two_sales(world)

    assert {invoice["Balance"] for invoice in world.invoices} == {0}
    books = world.books()
    assert (books[ACQUIRER], 1510 in books, 1581 in books) == (Decimal(447), False, False)
    said = await tied_out(world, "2026-05-31")
    assert (left(said), said["difference"]["amount"]) == (("0.00", "0.00", "0.00"), "0.00")
    assert lines(said)["paid_without_svea"] == "-447.00"
    await looks_again(world)
    await world.hears_everything_again()


async def test_without_an_account_it_stays_open_and_svea_is_expected_to_pay_nothing(world: World) -> None:
    await declared(world)
    await two_sales(world)

    assert sorted(invoice["Balance"] for invoice in world.invoices) == [-100, 0, 547]
    said = await tied_out(world, "2026-05-31")
    assert (left(said), said["owed_by_svea"]["amount"]) == (("547.00", "-100.00", "0.00"), "0.00")


@pytest.mark.parametrize("written", ["SveaCardPay", "SVEACARDPAY"])
async def test_a_payout_that_has_it_all_the_same_is_parked(world: World, written: str) -> None:
    """The merchant was mistaken, or Svea is: nothing is paid twice, and a person is told."""
    await declared(world, paid_elsewhere={written: ACQUIRER})
    world.sandbox.svea.merchant(MARKETS["se"][0]).settles_itself = False
    world.on("2026-05-05")
    own = sold(world, "547.00", payment=OWN_CARD)
    await world.works()
    world.on("2026-05-08")
    body = a_row_of(own, "547.00", fee("Credit", "8.21"))
    reports(world, "2026-05-08", body)
    await evening(world)

    assert [row.state for row in await rows_of(world, "2026-05-08")] == ["parked"]
    assert world.books("2026-05-08") == kronor(_1930="538.79", _6040="8.21", _2999="-547.00")
