"""Journeys of stock: from Fortnox to the shop, open orders counted once (issue 5)."""

from decimal import Decimal

from services.sandbox.magento.lines import Line
from tests.support.shop_stock import (
    hears_of,
    in_words,
    lies,
    salable,
    sells,
    set_stock,
    shelf,
    status,
    stock_writes,
    sweeps,
)
from tests.support.world import World


async def test_the_shop_is_told_what_differs_and_nothing_again(shop_world: World) -> None:
    world = shop_world
    await set_stock(world)
    for number, pieces, before in (("A", 5, 3), ("B", 7, 7), ("C", 0, 2)):
        lies(world, number, pieces)
        sells(world, number, before)

    job = await sweeps(world)

    assert in_words(job) == "3 articles looked at: 2 told, 1 as they were, 0 left out, 0 stopped"
    assert [shelf(world, sku) for sku in "ABC"] == [5, 7, 0]
    assert [status(world, sku) for sku in "ABC"] == [1, 1, 0]
    assert len(stock_writes(world)) == 1

    assert in_words(await sweeps(world)).startswith("3 articles looked at: 0 told, 3 as they were")
    assert len(stock_writes(world)) == 1


async def test_a_single_article_is_told_by_itself(shop_world: World) -> None:
    world = shop_world
    await set_stock(world)
    lies(world, "A", 5)
    sells(world, "A", 3)

    subject = await hears_of(world, "A")

    assert subject.state == "done"
    assert shelf(world, "A") == 5
    assert [
        (one["rows"][0]["before"], one["rows"][0]["quantity"]) for one in subject.summary["plan"]["drafts"]
    ] == [("3", "5")]
    await hears_of(world, "A")
    assert len(stock_writes(world)) == 1


async def test_an_open_order_is_counted_once(shop_world: World) -> None:
    world = shop_world
    await set_stock(world)
    world.on("2026-05-04")
    lies(world, "SKU-MUGG", 10)
    sells(world, "SKU-MUGG", 10)
    world.magento.orders(
        Line("SKU-MUGG", "Mugg", "249.00", quantity=3), state="processing", payment="checkmo"
    )
    await world.works()
    assert [order["OrderRows"][0]["ArticleNumber"] for order in world.orders] == ["SKU-MUGG"]

    await hears_of(world, "SKU-MUGG")

    assert salable(world, "SKU-MUGG") == Decimal(7)
    assert shelf(world, "SKU-MUGG") == Decimal(10)
    assert stock_writes(world) == []
