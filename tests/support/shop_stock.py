"""A merchant whose stock is in Fortnox and whose shop sells it."""

from decimal import Decimal
from typing import Any

from services.sandbox.fortnox.register_fields import ARTICLE
from services.sandbox.magento.lines import Line
from shared.ledger.records import Subject
from shared.settings.connections import ConnectionDeclaration
from tests.support.shop_products import the_job, told
from tests.support.world import CONNECTION, World, a_declaration, a_shop


def with_stock(*, off: bool = False, **stock: Any) -> dict[str, Any]:
    """A declaration whose shop's orders are booked at once."""
    return a_declaration(magento=a_shop(order_wait=0), stock=stock, sync={"stock": not off})


async def set_stock(world: World, **stock: Any) -> None:
    await world.ledger.connections.put(ConnectionDeclaration.model_validate(with_stock(**stock)))


def lies(world: World, number: str, pieces: str | int, **fields: Any) -> None:
    """So many pieces of an article lie in Fortnox; it is stock goods, and marked for the shop."""
    record = world.company.articles.get(number)
    if record is None:
        record = ARTICLE.fresh() | {"@url": "", "ArticleNumber": number, "Description": number}
        record |= {"VAT": Decimal(25), "StockGoods": True, "WebshopArticle": True}
    record |= {"QuantityInStock": Decimal(pieces)} | fields
    world.company.store(world.company.articles, number, record)


def sells(world: World, sku: str, pieces: str | int | None = None, **fields: Any) -> int:
    """A product of the shop, with what its source has."""
    product = world.magento.catalogue.add(sku, sku, 125, **fields)
    if pieces is not None:
        world.magento.stock.put(sku, Decimal(pieces))
    return product


def buys(world: World, *lines: Line, state: str = "processing") -> int:
    """An order that was paid outside Svea."""
    return world.magento.orders(*lines, state=state, payment="checkmo")


def shelf(world: World, sku: str, source: str = "default") -> Any:
    """Pieces in a source; None where the SKU has no row."""
    item = world.magento.stock.item(sku, source)
    return None if item is None else item.quantity


def salable(world: World, sku: str) -> Any:
    """What the shop still sells."""
    return world.magento.stock.salable(sku, 1)


def status(world: World, sku: str, source: str = "default") -> int | None:
    item = world.magento.stock.item(sku, source)
    return None if item is None else item.status


async def sweeps(world: World, job: str = "stock_full") -> Subject:
    await told(world, "schedule", job, job, CONNECTION)
    await world.works()
    return await the_job(world, job)


async def hears_of(world: World, number: str) -> Subject:
    """Fortnox told that the article changed."""
    await told(world, "fortnox", "article-updated-v1", "stock", number)
    await world.works()
    return await stock_subject(world, number)


async def stock_subject(world: World, number: str) -> Subject:
    found = await world.ledger.subjects.find(CONNECTION, "stock", number)
    assert found is not None, f"nobody has looked at the stock of {number}"
    return found


def stock_writes(world: World) -> list[str]:
    """The calls that told the shop a quantity."""
    return [
        f"{call.method} {call.path}"
        for call in world.magento.writes()
        if "source-items" in call.path or "stockItems" in call.path
    ]


def in_words(subject: Subject) -> str:
    (note,) = subject.summary["notes"]
    return str(note)
