"""Journeys of an article: a product of the shop in, an article and its prices in Fortnox out."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.sandbox.magento.catalogue_products import TierPrice
from services.sandbox.magento.shop import Shop
from services.sync_worker.preview import preview
from tests.journeys.test_sale import A01
from tests.support.shop_products import (
    a_price_list,
    a_shop,
    article,
    article_subject,
    declare_products,
    hears_of,
    prices,
    since,
    sweeps,
)
from tests.support.world import CONNECTION, World


@pytest.fixture
async def shop(world: World) -> Shop:
    return await a_shop(world)


# ── one product ───────────────────────────────────────────────────────────────────────────────────


async def test_a_new_product_is_one_article_for_one_call(world: World, shop: Shop) -> None:
    mug = shop.catalogue.add("MUGG-1", "Kaffemugg blå", 125, ean="7310865004703")
    await hears_of(world, shop.catalogue.add("FIRST", "Första", 1))  # from now on the unit is known
    before = len(world.calls())

    subject = await hears_of(world, mug)

    assert (subject.state, subject.problem) == ("done", None)
    assert since(world, before) == ["POST /3/articles"]
    made = article(world, "MUGG-1")
    assert (made["Description"], made["EAN"], made["Unit"]) == ("Kaffemugg blå", "7310865004703", "st")
    assert (made["Type"], made["StockGoods"], made["Active"]) == ("STOCK", False, True)
    assert (made["VAT"], made["SalesAccount"], made["EUAccount"]) == (25, 3001, 3108)
    assert (made["EUVATAccount"], made["ExportAccount"]) == (3106, 3105)


async def test_the_same_product_again_is_no_call_and_a_changed_one_is_one(world: World, shop: Shop) -> None:
    mug = shop.catalogue.add("MUGG-1", "Mugg", 125)
    await hears_of(world, mug)
    before = len(world.calls())

    world.on("2026-05-05")
    await hears_of(world, mug)
    assert since(world, before) == []

    shop.catalogue.change("MUGG-1", name="Mugg med öra")
    world.on("2026-05-06")
    await hears_of(world, mug)

    assert since(world, before) == ["PUT /3/articles/MUGG-1"]
    assert world.company.calls[-1].body == {"Article": {"Description": "Mugg med öra"}}
    assert article(world, "MUGG-1")["Description"] == "Mugg med öra"


async def test_a_preview_says_what_a_run_writes_and_writes_nothing(world: World, shop: Shop) -> None:
    mug = shop.catalogue.add("MUGG-1", "Mugg", 125)
    stranger = await world.ledger.subjects.find(CONNECTION, "article", str(mug))
    assert stranger is None
    await hears_of(world, mug)
    shop.catalogue.change("MUGG-1", name="Kopp")
    made = len(world.writes())

    said = await preview(world.shop, await article_subject(world, mug))

    assert len(world.writes()) == made
    assert (said["outcome"], said["postings"]) == ("would_book", [])
    draft = next(one for one in said["drafts"] if one["kind"] == "article")
    assert (draft["description"], draft["exists"], draft["number"]) == ("Kopp", True, "MUGG-1")


async def test_an_article_that_a_sale_made_is_adopted_and_says_what_the_shop_says(
    world: World, shop: Shop
) -> None:
    world.buys(*A01)
    await world.works()
    assert article(world, "SKU-MUGG")["EAN"] == ""
    mug = shop.catalogue.add("SKU-MUGG", "Kaffemugg blå", 249, ean="7310865004703")

    subject = await hears_of(world, mug)

    assert subject.state == "done"
    assert list(world.company.articles) == ["SKU-MUGG"]
    assert article(world, "SKU-MUGG")["Description"] == "Kaffemugg blå"
    assert article(world, "SKU-MUGG")["EAN"] == "7310865004703"


async def test_a_sale_after_the_product_makes_no_article_and_changes_none(world: World, shop: Shop) -> None:
    await hears_of(world, shop.catalogue.add("SKU-MUGG", "Kaffemugg blå", 249))
    before = len(world.calls())

    world.buys(*A01)
    await world.works()
    world.on("2026-05-05")
    await sweeps(world)

    assert [call for call in since(world, before) if "article" in call] == []
    assert article(world, "SKU-MUGG")["Description"] == "Kaffemugg blå"


async def test_an_article_that_people_made_is_found_and_only_what_differs_is_sent(
    world: World, shop: Shop
) -> None:
    fortnox = (await world.shop.kit(CONNECTION)).fortnox
    await fortnox.create_article(
        {"ArticleNumber": "MUGG-1", "Description": "Mugg", "VAT": Decimal(25), "EAN": "1", "StockGoods": True}
    )
    before = len(world.calls())

    subject = await hears_of(world, shop.catalogue.add("MUGG-1", "Mugg", 125, ean="7310865004703"))

    assert subject.state == "done"
    assert [call for call in since(world, before) if "units" not in call] == [
        "POST /3/articles",  # refused: the number is taken
        "GET /3/articles/MUGG-1",
        "PUT /3/articles/MUGG-1",
    ]
    assert world.company.calls[-1].body == {"Article": {"EAN": "7310865004703", "Unit": "st"}}
    assert article(world, "MUGG-1")["StockGoods"] is True  # the merchant's choice stays


async def test_an_article_that_somebody_deleted_is_made_anew(world: World, shop: Shop) -> None:
    mug = shop.catalogue.add("MUGG-1", "Mugg", 125)
    await hears_of(world, mug)
    del world.company.articles["MUGG-1"]
    shop.catalogue.change("MUGG-1", name="Kopp")
    world.on("2026-05-05")

    assert (await hears_of(world, mug)).state == "done"
    assert article(world, "MUGG-1")["Description"] == "Kopp"


async def test_variants_are_articles_and_their_parents_are_not(world: World, shop: Shop) -> None:
    shop.catalogue.add("TSHIRT-R", "T-shirt röd", 199, visibility=1)
    shop.catalogue.add("TSHIRT-B", "T-shirt blå", 199, visibility=1)
    parent = shop.catalogue.add(
        "TSHIRT", "T-shirt", type_id="configurable", variants=["TSHIRT-R", "TSHIRT-B"]
    )
    shop.catalogue.add("GUIDE", "Handbok", 99, type_id="downloadable")
    shop.catalogue.add("KIT", "Paket", 300, type_id="bundle", price_type="1")
    shop.catalogue.add("MIX", "Blandpaket", type_id="bundle", price_type="0")
    shop.catalogue.add("GROUP", "Samling", type_id="grouped")

    await sweeps(world)

    kinds = {number: one["Type"] for number, one in world.company.articles.items()}
    assert kinds == {"TSHIRT-R": "STOCK", "TSHIRT-B": "STOCK", "GUIDE": "SERVICE", "KIT": "STOCK"}
    told = await hears_of(world, parent)
    assert (told.state, told.reason) == ("skipped", "what it holds are articles themselves")


async def test_a_disabled_or_deleted_product_makes_its_article_inactive(world: World, shop: Shop) -> None:
    mug = shop.catalogue.add("MUGG-1", "Mugg", 125)
    cup = shop.catalogue.add("KOPP-1", "Kopp", 99)
    never = shop.catalogue.add("NY", "Ny", 99, status=2)
    await sweeps(world)
    assert set(world.company.articles) == {"MUGG-1", "KOPP-1"}

    world.on("2026-05-05")
    shop.catalogue.change("MUGG-1", status=2)
    shop.catalogue.delete("KOPP-1")
    await hears_of(world, mug)
    assert (await hears_of(world, cup)).state == "done"
    assert (await hears_of(world, never)).state == "skipped"
    assert {number: one["Active"] for number, one in world.company.articles.items()} == {
        "MUGG-1": False,
        "KOPP-1": False,
    }

    world.on("2026-05-06")
    shop.catalogue.change("MUGG-1", status=1)
    await hears_of(world, mug)
    assert article(world, "MUGG-1")["Active"] is True


async def test_a_late_sale_of_a_disabled_product_wakes_its_article_until_the_next_pass(
    world: World, shop: Shop
) -> None:
    mug = shop.catalogue.add("SKU-MUGG", "Mugg", 249)
    await hears_of(world, mug)
    shop.catalogue.change("SKU-MUGG", status=2)
    world.on("2026-05-05")
    await hears_of(world, mug)
    assert article(world, "SKU-MUGG")["Active"] is False

    sale = world.buys(*A01)
    await world.works()
    world.later(timedelta(seconds=2))
    await world.works()

    assert (await world.sale(sale)).state == "done"
    assert [row["ArticleNumber"] for row in world.orders[0]["OrderRows"]] == ["SKU-MUGG", ""]
    assert article(world, "SKU-MUGG")["Active"] is True
    await sweeps(world, "products_full")
    assert article(world, "SKU-MUGG")["Active"] is False


async def test_a_new_sku_is_a_new_article_and_the_old_one_rests(world: World, shop: Shop) -> None:
    mug = shop.catalogue.add("MUGG-1", "Mugg", 125)
    await hears_of(world, mug)
    shop.catalogue.change("MUGG-1", new_sku="MUGG-2")
    world.on("2026-05-05")

    assert (await hears_of(world, mug)).state == "done"
    assert {number: one["Active"] for number, one in world.company.articles.items()} == {
        "MUGG-1": False,
        "MUGG-2": True,
    }


async def test_a_product_made_again_with_the_same_sku_takes_the_article_over(
    world: World, shop: Shop
) -> None:
    await hears_of(world, shop.catalogue.add("MUGG-1", "Mugg", 125))
    shop.catalogue.delete("MUGG-1")
    again = shop.catalogue.add("MUGG-1", "Mugg igen", 125)

    assert (await hears_of(world, again)).state == "done"
    assert article(world, "MUGG-1")["Description"] == "Mugg igen"


async def test_a_sku_that_fortnox_refuses_has_a_number_that_it_takes(world: World, shop: Shop) -> None:
    await hears_of(world, shop.catalogue.add("10.5 mm åtta", "Borr", 125))

    assert list(world.company.articles) == ["10+2E5+20mm+20+C3+A5tta"]


async def test_a_tax_class_without_a_rate_says_which_line_to_add(world: World, shop: Shop) -> None:
    book = shop.catalogue.add("BOK", "Bok", 100, tax_class=5)

    subject = await hears_of(world, book)
    assert subject.state == "needs_attention"
    assert subject.problem is not None
    assert subject.problem.code == "missing_tax_class"
    assert "{tax_class: 5, rate: ...}" in subject.problem.message
    assert world.company.articles == {}

    await declare_products(world, article_lines=[{"tax_class": 5, "rate": 6}])
    await world.ledger.subjects.retry([subject.id])
    await world.works()
    assert article(world, "BOK")["VAT"] == 6


async def test_a_unit_that_fortnox_lacks_is_made_once(world: World, shop: Shop) -> None:
    await declare_products(world, unit="krt")
    shop.catalogue.add("A", "A", 1)
    shop.catalogue.add("B", "B", 1)
    await sweeps(world)

    assert world.writes().count("POST /3/units") == 1
    assert article(world, "B")["Unit"] == "krt"


# ── prices ────────────────────────────────────────────────────────────────────────────────────────


async def test_prices_go_into_the_lists_of_their_websites(world: World, shop: Shop) -> None:
    a_price_list(world, "EUR")
    lines = [{"price_list": "A", "tiers": True}, {"price_list": "EUR", "currency": "EUR", "website": "eu"}]
    await declare_products(world, prices=lines)
    eu_store = next(view for view in shop.pages.views if view.website_id == 2)
    mug = shop.catalogue.add("MUGG-1", "Mugg", 125)
    shop.catalogue.change("MUGG-1", store_id=eu_store.store_id, price=Decimal("11.90"))
    await hears_of(world, mug)

    assert prices(world) == {("A", "0"): Decimal("100.00"), ("EUR", "0"): Decimal("9.52")}

    before = len(world.calls())
    shop.catalogue.change("MUGG-1", price=Decimal(150))
    world.on("2026-05-05")
    await hears_of(world, mug)

    assert since(world, before) == ["PUT /3/prices/A/MUGG-1/0"]
    assert prices(world)["A", "0"] == Decimal("120.00")


async def test_a_price_that_a_person_made_is_changed_not_doubled(world: World, shop: Shop) -> None:
    await declare_products(world, prices=[{"price_list": "A"}])
    fortnox = (await world.shop.kit(CONNECTION)).fortnox
    await fortnox.create_article({"ArticleNumber": "MUGG-1", "Description": "Mugg"})
    await fortnox.create_price("A", "MUGG-1", Decimal(0), Decimal(1))

    await hears_of(world, shop.catalogue.add("MUGG-1", "Mugg", 125))

    assert prices(world) == {("A", "0"): Decimal("100.00")}


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("quantity", [0, 1])
async def test_a_price_is_one_price_however_fortnox_keeps_it(
    world: World, shop: Shop, refused: bool, at_once: bool, quantity: int
) -> None:
    world.company.change(refuse_second_price=refused, new_article_has_price=at_once, base_price_from=quantity)
    await declare_products(world, prices=[{"price_list": "A"}])

    mug = shop.catalogue.add("MUGG-1", "Mugg", 125)
    assert (await hears_of(world, mug)).state == "done"
    assert prices(world) == {("A", str(quantity)): Decimal("100.00")}

    shop.catalogue.change("MUGG-1", price=Decimal(150))
    world.on("2026-05-05")
    assert (await hears_of(world, mug)).state == "done"
    assert prices(world) == {("A", str(quantity)): Decimal("120.00")}


async def test_a_tier_that_the_shop_removes_is_removed(world: World, shop: Shop) -> None:
    await declare_products(world, prices=[{"price_list": "A", "tiers": True}])
    mug = shop.catalogue.add("MUGG-1", "Mugg", 125)
    tier = TierPrice(website_id=0, group_id=32000, quantity=Decimal(10), value=Decimal(100))
    shop.catalogue.change("MUGG-1", tier_prices=[tier])
    await hears_of(world, mug)
    assert prices(world) == {("A", "0"): Decimal("100.00"), ("A", "10"): Decimal("80.00")}

    shop.catalogue.change("MUGG-1", tier_prices=[])
    world.on("2026-05-05")
    await hears_of(world, mug)
    assert prices(world) == {("A", "0"): Decimal("100.00")}


async def test_an_article_in_another_case_is_the_same_where_fortnox_says_so(world: World, shop: Shop) -> None:
    world.company.change(article_case_matters=False)
    fortnox = (await world.shop.kit(CONNECTION)).fortnox
    await fortnox.create_article({"ArticleNumber": "mugg-1", "Description": "Gammal"})

    assert (await hears_of(world, shop.catalogue.add("MUGG-1", "Mugg", 125))).state == "done"
    assert {number: one["Description"] for number, one in world.company.articles.items()} == {
        "mugg-1": "Mugg"
    }


async def test_two_products_that_differ_in_case_only_never_share_an_article(world: World, shop: Shop) -> None:
    mug = shop.catalogue.add("MUGG-1", "Mugg", 125)
    await hears_of(world, mug)
    twin = shop.catalogue.add("TVILLING", "Tvilling", 99)
    shop.catalogue.get("TVILLING").sku = "mugg-1"  # an import into the database, past Magento's own check

    subject = await hears_of(world, twin)

    assert subject.problem is not None
    assert (subject.state, subject.problem.code) == ("needs_attention", "article_number_clash")
    assert subject.problem.facts["other_product"] == str(mug)
    assert list(world.company.articles) == ["MUGG-1"]
    assert article(world, "MUGG-1")["Description"] == "Mugg"


async def test_a_list_in_another_currency_is_not_written(world: World, shop: Shop) -> None:
    await declare_products(world, prices=[{"price_list": "A", "website": "eu"}])

    subject = await hears_of(world, shop.catalogue.add("MUGG-1", "Mugg", 125))

    assert subject.problem is not None
    assert (subject.state, subject.problem.code) == ("needs_attention", "price_line_unfit")
    assert world.company.articles == {}


async def test_a_price_list_that_fortnox_lacks_stops_the_pass_before_the_first_product(
    world: World, shop: Shop
) -> None:
    await declare_products(world, prices=[{"price_list": "B"}])
    shop.catalogue.add("MUGG-1", "Mugg", 125)

    subject = await sweeps(world)

    assert subject.problem is not None
    assert (subject.problem.code, world.company.articles) == ("price_line_unfit", {})
