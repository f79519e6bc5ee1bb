"""A worker is killed at every step of the booking engine, and the books are those of an undisturbed sale."""

import asyncio

import pytest

from tests.support.processes_world import ITS_BOOKS, ITS_DOCUMENTS, House, Shop, now_utc
from tests.support.world import a_row, freight

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

MADE = ("customer", "article", "order", "invoice", "credit_invoice")
KINDS = {
    "intended": MADE,
    "answered": MADE,
    "created": MADE,
    "compared": ("order", "invoice", "credit_invoice"),  # customers and articles are done when made
    "finalised": ("invoice", "credit_invoice"),
    "linked": ("invoice", "credit_invoice"),
}


async def armed(house: House, step: str, kind: str) -> Shop:
    """A shop whose first worker to reach this step dies there."""
    shop = await house.opens(f"{step}-{kind}-{len(house.shops)}")
    (house.armed / f"{shop.name}.{step}.{kind}").touch()
    return shop


def somebody_died(shop: Shop) -> bool:
    return not list(shop.house.armed.glob(f"{shop.name}.*"))


async def test_a_sale_that_nobody_disturbs_has_these_books(house: House) -> None:
    shop = await house.opens("undisturbed")

    await shop.whole_story()

    assert shop.documents() == ITS_DOCUMENTS
    assert shop.books() == ITS_BOOKS


@pytest.mark.parametrize("step", list(KINDS))
async def test_a_worker_killed_at_this_step_leaves_the_books_of_an_undisturbed_sale(
    house: House, step: str
) -> None:
    shops = [await armed(house, step, kind) for kind in KINDS[step]]

    await asyncio.gather(*(shop.whole_story() for shop in shops))

    assert [shop.name for shop in shops if not somebody_died(shop)] == []
    assert {shop.name: shop.documents() for shop in shops} == {shop.name: ITS_DOCUMENTS for shop in shops}
    assert {shop.name: shop.books() for shop in shops} == {shop.name: ITS_BOOKS for shop in shops}
    house.must_have_survived()


async def test_a_customer_that_a_killed_worker_left_behind_is_found_however_fresh_our_register_is(
    house: House,
) -> None:
    shop = await armed(house, "answered", "customer")
    await house.ledger.customers.set_synced_at(shop.name, now_utc())

    await shop.whole_story()

    assert somebody_died(shop)
    assert shop.documents() == ITS_DOCUMENTS


async def test_a_worker_killed_before_it_has_the_lease_delays_a_sale_by_seconds(house: House) -> None:
    shop = await house.opens("picked-up")
    (house.armed / "picked_up").touch()

    sale = shop.buys()
    await shop.done(sale, wanted=1, within=30)

    assert not (house.armed / "picked_up").exists()
    assert shop.documents()["orders"] == 1


async def test_a_worker_killed_after_it_changed_an_order_leaves_one_changed_order(house: House) -> None:
    shop = await armed(house, "updated", "order")
    sale = shop.buys(a_row("Mugg", "249.00"), freight("49.00"))
    await shop.done(sale, wanted=1)

    house.sandbox.svea.update_rows(sale, {1: {"Quantity": 200}})
    await shop.done(sale, wanted=2)
    shop.refunds_a_mug(sale, shop.delivers(sale))
    await shop.done(sale, wanted=4)

    assert somebody_died(shop)
    assert shop.documents() == ITS_DOCUMENTS
    assert shop.books() == ITS_BOOKS


async def test_a_worker_killed_after_it_changed_a_customer_leaves_one_customer(house: House) -> None:
    shop = await armed(house, "updated", "customer")
    await shop.done(shop.buys(), wanted=1)

    sale = shop.buys(billing=_moved(), shipping=_moved())
    await shop.done(sale, wanted=1)

    assert somebody_died(shop)
    assert [customer["Address1"] for customer in shop.company.customers.values()] == ["Nygatan 2"]
    assert shop.documents()["orders"] == 2


async def test_a_worker_killed_after_it_cancelled_an_order_leaves_it_cancelled(house: House) -> None:
    shop = await armed(house, "cancelled", "order")
    sale = shop.buys()
    await shop.done(sale, wanted=1)

    house.sandbox.svea.cancel(sale)
    await shop.done(sale, wanted=2)

    assert somebody_died(shop)
    assert [order["Cancelled"] for order in shop.company.orders.values()] == [True]
    assert shop.books() == {}


def _moved() -> dict[str, str]:
    return {
        "FullName": "Testsson, Tilda",
        "StreetAddress": "Nygatan 2",
        "PostalCode": "11122",
        "City": "Stockholm",
        "CountryCode": "SE",
    }
