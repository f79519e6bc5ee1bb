"""Stock that a person or the warehouse changes in Fortnox is in the shop within seconds."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.fortnox.articles import Articles
from services.sandbox.fortnox.collection import Ask
from services.sandbox.magento.lines import Line
from tests.support.listening import PATIENT, Ears, ears
from tests.support.shop_stock import buys, lies, salable, sells, set_stock, shelf, stock_subject, stock_writes
from tests.support.world import TENANT, World

MUG = "SKU-MUGG"


@pytest.fixture
async def world(shop_world: World) -> World:
    shop_world.on("2026-05-04")
    await set_stock(shop_world)
    lies(shop_world, MUG, 10)
    sells(shop_world, MUG, 10)
    await shop_world.works()
    shop_world.later(timedelta(minutes=1))  # what we write is an echo for some seconds
    return shop_world


async def listening(ears_: Ears) -> None:
    await ears_.redirect()
    ears_.pace = PATIENT
    ears_.start()
    await ears_.listen(TENANT)


def counts(world: World, **fields: Any) -> None:
    """A person saves the article in Fortnox."""
    Articles(world.company).answer(Ask("PUT", (MUG,), {}, {"Article": fields}))


async def test_a_counted_article_is_told_at_once(world: World) -> None:
    async with ears(world) as ears_:
        await listening(ears_)

        counts(world, QuantityInStock=25)
        await ears_.heard(1, name="article-updated")
        await world.works()

        assert shelf(world, MUG) == 25
        assert len(stock_writes(world)) == 1
        assert (await stock_subject(world, MUG)).state == "done"


async def test_a_sale_of_ours_moves_stock_on_both_sides_and_nothing_is_told(world: World) -> None:
    world.company.change(warehouse=True, negative_stock=True)
    async with ears(world) as ears_:
        await listening(ears_)

        order = buys(world, Line(MUG, "Mugg", "249.00", quantity=3))
        await world.works()
        world.magento.ship(order)
        await world.works()
        await ears_.quiet()
        await world.works()

        assert (shelf(world, MUG), salable(world, MUG)) == (7, 7)
        assert stock_writes(world) == []


async def test_a_save_that_changes_no_stock_is_looked_at_and_told_to_nobody(world: World) -> None:
    async with ears(world) as ears_:
        await listening(ears_)

        for text in ("Mugg, röd", "Mugg, blå"):
            counts(world, Description=text)
        await ears_.heard(2, name="article-updated")
        calls = len(world.calls())
        await world.works()

        assert stock_writes(world) == []
        assert world.calls()[calls:].count(f"GET /3/articles/{MUG}") == 1, "two events are one look"
        assert world.company.articles[MUG]["QuantityInStock"] == Decimal(10)
