"""A world whose merchant has a Magento shop with products."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from services.sandbox.magento.shop import Shop
from services.sync_worker.converge import converge
from shared.ledger.records import IncomingEvent, Subject
from tests.support.world import CONNECTION, World

TOLD = count()
KEYS = {
    "consumer_key": "p" * 32,
    "consumer_secret": "s" * 32,
    "access_token": "t" * 32,
    "access_token_secret": "u" * 32,
}


async def a_shop(world: World, **products: Any) -> Shop:
    """The merchant gets a shop; ``products`` are settings of that section."""
    shop = world.sandbox.magento.add_shop(**KEYS)
    await declare_products(world, **products)
    return shop


def fill(shop: Shop, number: int) -> None:
    """GEN-00001 and so on: all for sale, all alike."""
    for n in range(1, number + 1):
        shop.catalogue.add(f"GEN-{n:05}", f"Vara {n}", 125)


async def declare_products(world: World, **products: Any) -> None:
    """Sales do not wait for an order in the shop: that is what other journeys are about."""
    magento = {"base_url": "http://sandbox/magento", "order_wait": 0, **KEYS}
    await world.declare(magento=magento, products=products)


async def hears_of(world: World, product: int) -> Subject:
    """A webhook named the product."""
    await told(world, "magento", "product.updated", "article", str(product))
    await world.works()
    return await article_subject(world, product)


async def sweeps(world: World, job: str = "products") -> Subject:
    """A tick of a job, and everything that comes of it."""
    await told(world, "schedule", job, job, CONNECTION)
    await world.works()
    return await the_job(world, job)


async def begins(world: World, job: str = "products") -> Subject:
    """A tick of a job, and one run of it."""
    await told(world, "schedule", job, job, CONNECTION)
    (wake,) = await world.ledger.subjects.due(10)
    await converge(world.shop, wake.subject_id)
    return await the_job(world, job)


async def told(world: World, source: str, name: str, kind: str, key: str) -> None:
    event = IncomingEvent(CONNECTION, source, name, f"{name}|{key}|{next(TOLD)}", kind, key, lane="bulk")
    await world.ledger.inbox.accept([event])


async def the_job(world: World, job: str = "products") -> Subject:
    found = await world.ledger.subjects.find(CONNECTION, job, CONNECTION)
    assert found is not None
    return found


async def article_subject(world: World, product: int) -> Subject:
    found = await world.ledger.subjects.find(CONNECTION, "article", str(product))
    assert found is not None, f"no subject for product {product}"
    return found


def article(world: World, number: str) -> Mapping[str, Any]:
    return world.company.articles[number]


def since(world: World, before: int) -> list[str]:
    """The calls to Fortnox after the first so many."""
    return world.calls()[before:]


def prices(world: World) -> dict[tuple[str, str], Decimal]:
    """List and quantity -> price, of the only article there is."""
    return {
        (one["PriceList"], f"{Decimal(one['FromQuantity']):f}"): Decimal(one["Price"])
        for one in world.company.prices.values()
    }


def a_price_list(world: World, code: str) -> None:
    record = {"Code": code, "Comments": "", "Description": code, "PreSelected": False}
    world.company.store(world.company.price_lists, code, record)
