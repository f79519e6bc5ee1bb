"""Redis holds nothing that matters: emptied or killed with sales in flight, none is lost, none doubled."""

import asyncio
from decimal import Decimal

import psutil
import pytest

from tests.support.processes_world import CREW, ITS_BOOKS, House, Shop, until

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

SALES_PER_SHOP = 10


async def thirty_sales(house: House, name: str) -> tuple[list[Shop], "asyncio.Future[list[int]]"]:
    """Three shops whose buyers all come at once, each with a story of three events."""
    shops = [await house.opens(f"{name}-{number}") for number in range(3)]
    stories = [
        shop.whole_story(shop.buys(email=f"buyer{number}@example.com"))
        for shop in shops
        for number in range(SALES_PER_SHOP)
    ]
    return shops, asyncio.gather(*stories)


def must_be_booked_once(shops: list[Shop]) -> None:
    expected = {account: amount * SALES_PER_SHOP for account, amount in ITS_BOOKS.items()}
    for shop in shops:
        assert shop.books() == expected
        assert shop.documents() == {
            "customers": SALES_PER_SHOP,
            "articles": 1,
            "orders": SALES_PER_SHOP,
            "invoices": SALES_PER_SHOP,
            "credits": SALES_PER_SHOP,
            "vouchers": 2 * SALES_PER_SHOP,
            "cancelled": 0,
            "unbooked": 0,
        }


def workers(house: House) -> set[int]:
    (crew,) = house.running(CREW)
    return {child.pid for child in psutil.Process(crew.pid).children()}


def booked(shops: list[Shop]) -> Decimal:
    return Decimal(sum(len(shop.company.vouchers) for shop in shops))


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_redis_emptied_again_and_again_loses_no_sale_and_books_none_twice(house: House) -> None:
    before = workers(house)
    shops, stories = await thirty_sales(house, "flushed")

    for vouchers in (1, 15, 30, 45):
        await until(lambda: booked(shops) >= vouchers, what=f"{vouchers} vouchers")  # noqa: B023
        house.redis.flush()

    await stories
    must_be_booked_once(shops)
    assert workers(house) == before
    house.must_have_survived()


@pytest.mark.postgres
@pytest.mark.parametrize("house", ["postgres"], indirect=True)
async def test_redis_killed_and_started_again_loses_no_sale_and_books_none_twice(house: House) -> None:
    before = workers(house)
    shops, stories = await thirty_sales(house, "restarted")

    await until(lambda: booked(shops) >= 5, what="five vouchers")
    house.redis.kill()
    await asyncio.sleep(1)
    house.redis.start()

    await stories
    must_be_booked_once(shops)
    assert workers(house) == before
    house.must_have_survived()
