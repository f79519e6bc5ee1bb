"""Journeys of stock: from Fortnox to the shop, open orders counted once (issue 5)."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.faults import FaultRule, Status, System
from services.sandbox.magento.lines import Line
from services.sandbox.magento.stock import Source
from services.sync_worker.preview import preview
from shared.domain.catalogue import article_number
from shared.ledger.stock import BookedSale
from tests.journeys.test_shop_sale import a01
from tests.support.shop_products import hears_of as hears_of_product
from tests.support.shop_stock import (
    buys,
    hears_of,
    in_words,
    lies,
    salable,
    sells,
    set_stock,
    shelf,
    status,
    stock_subject,
    stock_writes,
    sweeps,
)
from tests.support.world import World

MUG = "SKU-MUGG"
HOURS_2 = timedelta(hours=2)


@pytest.fixture
async def world(shop_world: World) -> World:
    """A shop that is told of stock; its orders are paid outside Svea, and the shop alone tells of them."""
    shop_world.on("2026-05-04")
    await set_stock(shop_world)
    return shop_world


async def test_the_shop_is_told_what_differs_and_nothing_again(world: World) -> None:
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


async def test_a_single_article_is_told_by_itself(world: World) -> None:
    lies(world, "A", 5)
    sells(world, "A", 3)

    subject = await hears_of(world, "A")

    assert subject.state == "done"
    assert shelf(world, "A") == 5
    (draft,) = subject.summary["plan"]["drafts"]
    assert [(row["before"], row["quantity"]) for row in draft["rows"]] == [("3", "5")]
    await hears_of(world, "A")
    assert len(stock_writes(world)) == 1


async def test_a_preview_says_what_would_be_told_and_tells_nothing(world: World) -> None:
    lies(world, "A", 5)
    sells(world, "A", 3)
    subject = await hears_of(world, "A")
    lies(world, "A", 9)
    before = len(stock_writes(world))

    said = await preview(world.shop, subject)

    assert said["outcome"] == "would_book"
    assert [row["quantity"] for row in said["drafts"][0]["rows"]] == ["9"]
    assert said["explanations"] == ["A: 9 in default"]
    assert len(stock_writes(world)) == before


# ── which articles ────────────────────────────────────────────────────────────────────────────────


async def test_no_row_is_made_for_what_is_no_product_with_stock_of_its_own(world: World) -> None:
    for number in ("NOPE", "TROJA", "A"):
        lies(world, number, 5)
    sells(world, "TROJA", type_id="configurable")
    sells(world, "A")  # a product that lies in no source yet
    world.magento.stock.items.clear()

    assert in_words(await sweeps(world)).startswith(
        "3 articles looked at: 1 told, 0 as they were, 2 left out"
    )

    assert sorted(key for key, _ in world.magento.stock.items) == ["a"]
    subject = await hears_of(world, "NOPE")
    assert (subject.state, subject.reason) == ("skipped", "the shop has no product NOPE")
    subject = await hears_of(world, "TROJA")
    assert subject.reason == "a configurable product has no stock of its own"


async def test_only_articles_for_the_web_shop_are_told_unless_all_are(world: World) -> None:
    lies(world, "A", 5, WebshopArticle=False)
    sells(world, "A", 3)

    assert in_words(await sweeps(world)).startswith("1 articles looked at: 0 told, 0 as they were, 1 left")
    await set_stock(world, articles="all")
    assert in_words(await sweeps(world)).startswith("1 articles looked at: 1 told")

    assert shelf(world, "A") == 5


async def test_an_article_that_nobody_counts_does_not_empty_the_shop(world: World) -> None:
    lies(world, "TRYCK", 0, StockGoods=False)
    sells(world, "TRYCK", 40)
    lies(world, "MUGG", 0)
    sells(world, "MUGG", 2)
    await world.works()  # the products' own articles
    asked = world.calls().count("GET /3/articles/TRYCK")

    job = await sweeps(world)

    assert in_words(job) == "2 articles looked at: 1 told, 0 as they were, 1 left out, 0 stopped"
    assert (shelf(world, "TRYCK"), shelf(world, "MUGG")) == (40, 0)
    await sweeps(world)
    assert world.calls().count("GET /3/articles/TRYCK") == asked + 1
    subject = await hears_of(world, "TRYCK")
    assert subject.reason == "the article is not stock goods in Fortnox: nobody counts it"

    lies(world, "TRYCK", 7, StockGoods=True)
    await sweeps(world)
    assert shelf(world, "TRYCK") == 7


async def test_a_sku_is_found_by_its_article_number_in_any_spelling(world: World) -> None:
    long = "En mycket lång benämning på en mugg som är blå och har ett öra"
    skus = ("10.5 mm", "Åmål", long, "lower-case")
    for sku in skus:
        product = sells(world, sku, 1)
        await hears_of_product(world, product)
    for number in list(world.company.articles):
        lies(world, number, 5, StockGoods=True, WebshopArticle=True)
    assert article_number(long) in world.company.articles
    world.magento.stock.items["lower-case", "default"].sku = "LOWER-case"

    await sweeps(world)

    assert [shelf(world, sku) for sku in skus] == [5, 5, 5, 5]
    assert len(world.magento.stock.items) == 4


# ── open orders ───────────────────────────────────────────────────────────────────────────────────


async def test_an_open_order_is_counted_once_through_its_whole_life(world: World) -> None:
    lies(world, MUG, 10)
    sells(world, MUG, 10)
    order = buys(world, Line(MUG, "Mugg", "249.00", quantity=3))
    await sweeps(world)  # the shop holds it, and Fortnox may not have heard yet
    assert salable(world, MUG) == 7

    await world.works()
    assert [row["ReservedQuantity"] for row in world.orders[0]["OrderRows"]] == ["3"]
    await sweeps(world)
    assert (shelf(world, MUG), salable(world, MUG)) == (10, 7)

    world.magento.ship(order, {MUG: 2})
    await sweeps(world)
    assert (shelf(world, MUG), salable(world, MUG)) == (8, 7)

    world.magento.invoice(order)
    await world.works()
    assert world.company.articles[MUG]["QuantityInStock"] == 7
    await sweeps(world)
    assert (shelf(world, MUG), salable(world, MUG)) == (8, 7)

    world.magento.ship(order)
    await sweeps(world)
    assert (shelf(world, MUG), salable(world, MUG)) == (7, 7)
    assert stock_writes(world) == [], "what both sides did by themselves needs no telling"


async def test_goods_that_arrive_while_orders_are_open_are_all_for_sale(world: World) -> None:
    lies(world, MUG, 3)
    sells(world, MUG, 3)
    buys(world, Line(MUG, "Mugg", "249.00", quantity=3))
    await world.works()
    lies(world, MUG, 13)

    await hears_of(world, MUG)

    assert (shelf(world, MUG), salable(world, MUG)) == (13, 10)
    assert status(world, MUG) == 1


async def test_what_is_sold_out_but_not_sent_stays_where_it_lies(world: World) -> None:
    """The source keeps what its orders need: without it Magento refuses to ship."""
    lies(world, MUG, 3)
    sells(world, MUG, 9)
    order = buys(world, Line(MUG, "Mugg", "249.00", quantity=3))
    await world.works()

    await sweeps(world)

    assert (shelf(world, MUG), salable(world, MUG)) == (3, 0)
    world.magento.ship(order)
    assert shelf(world, MUG) == 0


async def test_an_order_of_another_channel_is_taken_off(world: World) -> None:
    lies(world, MUG, 10)
    sells(world, MUG, 10)
    fortnox = (await world.shop.kit("acme")).fortnox
    customer = await fortnox.create_customer({"Name": "Butiken", "Type": "PRIVATE"})
    row = {"ArticleNumber": MUG, "OrderedQuantity": Decimal(4), "DeliveredQuantity": Decimal(4)}
    await fortnox.create_order(
        {"CustomerNumber": customer.number, "OrderRows": [row | {"Price": 100, "VAT": 25}]}
    )

    await sweeps(world)

    assert (shelf(world, MUG), salable(world, MUG)) == (6, 6)


async def test_what_was_shipped_before_fortnox_heard_of_it_does_not_come_back(world: World) -> None:
    lies(world, MUG, 10)
    sells(world, MUG, 10)
    world.company.change(locked_until=world.clock().date())  # nothing can be booked
    order = buys(world, Line(MUG, "Mugg", "249.00", quantity=4))
    world.magento.invoice(order)
    await world.works()
    world.magento.ship(order, {MUG: 3})
    await world.works()
    assert world.orders == [] or world.company.articles[MUG]["QuantityInStock"] == 10

    await sweeps(world)

    assert salable(world, MUG) == 6
    world.magento.ship(order)
    await world.works()
    await sweeps(world)
    assert (shelf(world, MUG), salable(world, MUG)) == (6, 6)


async def test_a_cancelled_order_gives_its_pieces_back_once(world: World) -> None:
    lies(world, MUG, 10)
    sells(world, MUG, 10)
    order = buys(world, Line(MUG, "Mugg", "249.00", quantity=4), state="new")
    await world.works()
    await sweeps(world)
    assert salable(world, MUG) == 6

    world.magento.cancel(order)
    await world.works()
    await sweeps(world)

    assert (shelf(world, MUG), salable(world, MUG)) == (10, 10)


@pytest.mark.parametrize("leaves_when", ["booked", "made"])
async def test_whenever_fortnox_takes_goods_out_no_piece_is_sold_twice(
    world: World, leaves_when: str
) -> None:
    """An invoice that is made and cannot be booked: nobody knows whether its goods are still there."""
    world.company.change(stock_leaves_when=leaves_when)
    lies(world, MUG, 10)
    sells(world, MUG, 10)
    order = buys(world, Line(MUG, "Mugg", "249.00", quantity=4))
    await world.works()
    world.company.locked_until = world.clock().date()
    world.magento.invoice(order)
    await world.works()
    await sweeps(world)
    assert salable(world, MUG) <= 6
    world.magento.ship(order)
    for minutes in (0, 20):  # what the shop's orders hold is read anew after ten
        world.later(timedelta(minutes=minutes))
        await sweeps(world)
        assert salable(world, MUG) <= 6

    world.company.locked_until = None
    world.later(HOURS_2)
    await world.works()
    assert world.invoices[0]["Booked"] is True
    await sweeps(world)
    assert salable(world, MUG) == 6


async def test_variants_and_parts_are_held_by_what_they_are_sold_as(world: World) -> None:
    for sku in ("TROJA-R", "KOPP", "FAT", "SKED"):
        lies(world, sku, 20)
        sells(world, sku, 20)
    lies(world, "FAST", 20, WebshopArticle=False)
    dynamic = (Line("KOPP", "Kopp", "100.00", quantity=2), Line("FAT", "Fat", "50.00"))
    fixed = (Line("SKED", "Sked", quantity=4),)
    order = buys(
        world,
        Line("TROJA-R", "Tröja röd", "299.00", quantity=3, kind="configurable"),
        Line("PAKET", "Paket", "250.00", quantity=2, kind="bundle_dynamic", children=dynamic),
        Line("FAST", "Fast paket", "400.00", kind="bundle_fixed", children=fixed),
    )
    await world.works()
    await sweeps(world)

    def shown() -> Mapping[str, Any]:
        return {sku: salable(world, sku) for sku in ("TROJA-R", "KOPP", "FAT", "SKED")}

    # Fortnox reserves the bundle FAST and knows nothing of its spoons: the shop alone holds them.
    assert shown() == {"TROJA-R": 17, "KOPP": 16, "FAT": 18, "SKED": 16}
    assert stock_writes(world) == []
    rows = {item["sku"]: int(item["item_id"]) for item in reversed(world.magento.sales.order(order).items)}
    world.magento.sales.ship(order, {rows["TROJA-R"]: Decimal(1), rows["PAKET"]: Decimal(1)})
    await sweeps(world)
    assert shown() == {"TROJA-R": 17, "KOPP": 16, "FAT": 18, "SKED": 16}
    world.magento.invoice(order)
    await world.works()
    await sweeps(world)
    assert shown() == {"TROJA-R": 17, "KOPP": 16, "FAT": 18, "SKED": 16}
    assert stock_writes(world) == []


async def test_a_merchant_may_have_the_disposable_stock_as_it_is(world: World) -> None:
    await set_stock(world, open_orders="left")
    lies(world, MUG, 10)
    sells(world, MUG, 10)
    buys(world, Line(MUG, "Mugg", "249.00", quantity=3))
    await world.works()

    await sweeps(world)

    assert shelf(world, MUG) == 7
    assert not [call for call in world.magento.calls if "state" in call.query]


# ── where ─────────────────────────────────────────────────────────────────────────────────────────


TWO = [{"source": "default"}, {"source": "lager2", "stock_points": ["SYD"]}]


async def test_stock_points_lie_in_sources(world: World) -> None:
    world.company.change(warehouse=True)
    await set_stock(world, sources=TWO)
    world.magento.stock.sources["lager2"] = Source("lager2", "Lager 2")
    lies(world, "A", 9)
    lies(world, "B", 4)
    world.company.stock_points["A"] = {"SYD": Decimal(3), "NORR": Decimal(1)}
    for sku in "AB":
        sells(world, sku, 1)

    await sweeps(world)

    assert [shelf(world, "A", source) for source in ("default", "lager2")] == [6, 3]
    assert [shelf(world, "B", source) for source in ("default", "lager2")] == [4, None]
    assert len(stock_writes(world)) == 1
    world.company.stock_points["A"] = {"SYD": Decimal(0), "NORR": Decimal(1)}
    await hears_of(world, "A")
    assert [shelf(world, "A", source) for source in ("default", "lager2")] == [9, 0]
    assert [status(world, "A", source) for source in ("default", "lager2")] == [1, 0]


async def test_with_the_warehouse_module_one_source_gets_all_stock_points(world: World) -> None:
    world.company.change(warehouse=True)
    lies(world, "A", 9)
    world.company.stock_points["A"] = {"SYD": Decimal(3)}
    sells(world, "A", 1)

    await sweeps(world)

    assert shelf(world, "A") == 9
    assert [call for call in world.calls() if "stockbalance" in call] == [
        "GET /api/warehouse/status-v1/stockbalance"
    ]


@pytest.mark.parametrize("answered", [403, 404, 400])
async def test_a_company_without_the_module_is_told_by_its_articles(world: World, answered: int) -> None:
    refused = Status(answered, b'{"error": "forbidden"}')
    world.sandbox.faults.add(FaultRule(System.FORTNOX, refused, path="/api/warehouse/"))
    lies(world, "A", 9)
    sells(world, "A", 1)

    assert (await sweeps(world)).state == "done"

    assert shelf(world, "A") == 9


async def test_stock_points_that_nobody_tells_of_are_asked_about(world: World) -> None:
    await set_stock(world, sources=[{"source": "default", "stock_points": ["MAIN"]}])
    lies(world, "A", 9)
    sells(world, "A", 1)

    job = await sweeps(world)

    assert (job.state, job.problem and job.problem.code) == ("needs_attention", "stock_points_unreadable")
    assert stock_writes(world) == []


async def test_a_source_that_the_shop_does_not_have_is_asked_about(world: World) -> None:
    await set_stock(world, sources=[{"source": "malmo"}])
    lies(world, "A", 9)
    sells(world, "A", 1)

    job = await sweeps(world)

    assert job.problem is not None
    assert job.problem.message == "the shop has no source malmo; it has default"
    assert stock_writes(world) == []


async def test_a_shop_without_inventory_management_is_told_article_by_article(world: World) -> None:
    world.magento.stock.has_sources = False
    for number, pieces in (("A", 10), ("B/1", 5), ("NOPE", 3)):
        lies(world, number, pieces)
    sells(world, "A", 10)
    sells(world, "B/1", 1)
    order = buys(world, Line("A", "Mugg", "249.00", quantity=3))
    assert shelf(world, "A") == 7
    await sweeps(world)  # not in Fortnox yet
    assert shelf(world, "A") == 7
    await world.works()

    await sweeps(world)

    assert [shelf(world, sku) for sku in ("A", "B/1")] == [7, 5]
    world.magento.ship(order)
    world.magento.invoice(order)
    await world.works()
    await sweeps(world)
    assert shelf(world, "A") == 7
    assert stock_writes(world) == ["PUT /rest/all/V1/products/B%2F1/stockItems/1"]
    assert (await stock_subject_or_none(world, "A")) is None


async def stock_subject_or_none(world: World, number: str) -> object:
    return await world.ledger.subjects.find("acme", "stock", number)


# ── switched off ──────────────────────────────────────────────────────────────────────────────────


async def test_stock_that_is_switched_off_is_not_told(world: World) -> None:
    lies(world, "A", 5)
    sells(world, "A", 3)
    await set_stock(world, off=True)

    assert (await sweeps(world)).reason == "stock is switched off for this connection"
    assert (await hears_of(world, "A")).reason == "stock is switched off for this connection"

    assert stock_writes(world) == []
    assert (await stock_subject(world, "A")).state == "skipped"


async def test_two_articles_do_not_tell_one_product_by_turns(world: World) -> None:
    """SKU and number are compared without regard to case, and Fortnox may tell the two apart."""
    lies(world, "mugg", 5)
    lies(world, "MUGG", 9)
    sells(world, "MUGG", 1)

    job = await sweeps(world)

    assert in_words(job) == "2 articles looked at: 1 told, 0 as they were, 1 left out, 0 stopped"
    assert shelf(world, "MUGG") == 9
    assert in_words(await sweeps(world)).startswith("2 articles looked at: 0 told, 1 as they were, 1 left")


async def test_what_is_known_of_an_order_is_asked_of_the_ledger_once(world: World) -> None:
    lies(world, MUG, 50)
    sells(world, MUG, 50)
    for _ in range(3):
        buys(world, Line(MUG, "Mugg", "249.00"))
    await world.works()
    asked: list[int] = []
    booked = world.ledger.sales_stock.booked

    async def counted(connection: str, subjects: Collection[str]) -> dict[str, BookedSale]:
        asked.append(len(subjects))
        return await booked(connection, subjects)

    world.ledger.sales_stock.booked = counted  # type: ignore[method-assign]
    for _ in range(3):
        world.later(timedelta(minutes=3))
        await hears_of(world, MUG)

    assert asked == [3, 0, 0]
    assert (shelf(world, MUG), salable(world, MUG)) == (50, 47)


async def test_a_sale_that_svea_and_the_shop_tell_of_is_counted_once(world: World) -> None:
    lies(world, MUG, 10)
    sells(world, MUG, 10)
    checkout, order = a01(world)  # two mugs
    await sweeps(world)
    assert salable(world, MUG) == 8
    await world.works()
    assert (await world.sale(checkout)).state == "done"

    lies(world, MUG, 15)
    await sweeps(world)
    assert (shelf(world, MUG), salable(world, MUG)) == (15, 13)
    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout)
    world.magento.invoice(order)
    await world.works()
    assert world.company.articles[MUG]["QuantityInStock"] == 13
    await sweeps(world)
    assert (shelf(world, MUG), salable(world, MUG)) == (15, 13)
    world.magento.ship(order)
    await sweeps(world)
    assert (shelf(world, MUG), salable(world, MUG)) == (13, 13)
    assert len(stock_writes(world)) == 1


async def test_a_refund_that_returns_goods_is_right_on_both_sides(world: World) -> None:
    lies(world, MUG, 10)
    sells(world, MUG, 10)
    order = buys(world, Line(MUG, "Mugg", "249.00", quantity=4))
    world.magento.invoice(order)
    await world.works()
    world.magento.ship(order)
    await sweeps(world)
    assert (shelf(world, MUG), salable(world, MUG)) == (6, 6)

    world.on("2026-05-06")
    world.magento.refund(order, {MUG: 1}, return_to_stock=[MUG])
    await world.works()
    assert world.company.articles[MUG]["QuantityInStock"] == 7
    await sweeps(world)

    assert (shelf(world, MUG), salable(world, MUG)) == (7, 7)
    assert stock_writes(world) == []
