"""Lists of products, most of them generated: answers as if each were kept, and no memory."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from decimal import Decimal

import pytest

from services.sandbox.magento.products_search import ProductSearch
from services.sandbox.magento.search import Criteria, Filter, Sort
from services.sandbox.magento.shop import Shop
from tests.services.sandbox.magento.support import MagentoCaller, search
from tests.support.clock import Clock

BY_ID = (Sort("entity_id", True),)


def page(shop: Shop, *groups: tuple[Filter, ...], size: int | None = None, **options: object) -> list[int]:
    criteria = Criteria(groups, page_size=size, **options)  # type: ignore[arg-type]
    return [product.entity_id for product in shop.product_search.page(criteria, 0)[0]]


def total(shop: Shop, *groups: tuple[Filter, ...]) -> int:
    return shop.product_search.page(Criteria(groups, page_size=1), 0)[1]


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    """Three of our own, 1,000 generated, one more of our own, and a generated one that was changed."""
    for number in (1, 2, 3):
        shop.catalogue.add(f"OWN-{number}", f"Own {number}", 100 * number)
    shop.catalogue.generate(1_000)
    shop.catalogue.add("LAST", "Last", 5, status=2)
    shop.catalogue.change("gen-000500", price=Decimal(9999))
    return shop


def test_pages_follow_each_other_without_gap_or_repeat(stocked: Shop) -> None:
    seen: list[int] = []
    while found := page(
        stocked, (Filter("entity_id", str(seen[-1] if seen else 0), "gt"),), size=97, sorts=BY_ID
    ):
        seen += found

    assert seen == list(range(1, 1_005))
    assert len(stocked.catalogue) == 1_004


def test_numbered_pages_give_the_same(stocked: Shop) -> None:
    seen = [one for number in range(1, 13) for one in page(stocked, size=100, page=number, sorts=BY_ID)]

    assert seen == list(range(1, 1_005))


def test_a_falling_order_is_the_rising_one_turned_around(stocked: Shop) -> None:
    assert page(stocked, sorts=(Sort("entity_id", False),)) == list(range(1_004, 0, -1))


@pytest.mark.parametrize("condition", ["gt", "gteq", "lt", "lteq", "eq", "neq"])
@pytest.mark.parametrize("field", ["entity_id", "updated_at", "created_at", "price", "sku", "status"])
def test_generated_products_pass_the_filters_that_kept_ones_would(
    stocked: Shop, field: str, condition: str
) -> None:
    wanted = stocked.catalogue.by_id(321)
    assert wanted is not None
    one = Filter(field, str(wanted.column(field)), condition)

    quick = page(stocked, (one,), sorts=BY_ID)

    kept = ProductSearch(_all_kept(stocked).catalogue).page(Criteria(((one,),), sorts=BY_ID), 0)[0]
    assert quick == [product.entity_id for product in kept]
    assert total(stocked, (one,)) == len(quick)


def test_bounds_and_other_filters_together(stocked: Shop) -> None:
    after = (Filter("entity_id", "600", "gt"),)
    before = (Filter("entity_id", "610", "lteq"),)
    disabled_or_cheap = (Filter("status", "2"), Filter("price", "615", "gteq"))

    assert page(stocked, after, before, disabled_or_cheap, sorts=BY_ID) == [603, 608, 609, 610]


def test_an_updated_at_window_with_two_sorts(stocked: Shop) -> None:
    product = stocked.catalogue.by_id(900)
    assert product is not None
    sorts = (Sort("updated_at", True), Sort("entity_id", True))

    found = page(stocked, (Filter("updated_at", product.updated_at, "gteq"),), sorts=sorts, size=3)

    assert found == [900, 901, 902]


async def test_a_list_over_http_carries_skus_and_the_count(stocked: Shop, call: MagentoCaller) -> None:
    query = search(sku="like:gen-0009%", page_size="2")

    answer = await call.get(f"/rest/all/V1/products?{query}&fields=items%5Bsku%5D%2Ctotal_count")

    assert answer == {"items": [{"sku": "GEN-000900"}, {"sku": "GEN-000901"}], "total_count": 100}


async def test_a_list_shows_the_store_views_values(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)
    shop.catalogue.change("MUGG", store_id=3, name="Mug")
    query = search(name="eq:Mug")

    assert (await call.get(f"/rest/en_eur/V1/products?{query}"))["items"][0]["name"] == "Mug"
    assert (await call.get(f"/rest/all/V1/products?{query}"))["items"] == []


async def test_products_are_found_by_category_and_website(shop: Shop, call: MagentoCaller) -> None:
    cups = shop.catalogue.categories.add("Muggar")
    shop.catalogue.add("A", "A", 1, category_ids=[cups], website_ids=[1])
    shop.catalogue.add("B", "B", 1, website_ids=[2])

    by_category = await call.get(f"/rest/all/V1/products?{search(category_id=f'eq:{cups}')}")
    by_website = await call.get(f"/rest/all/V1/products?{search(website_id='eq:2')}")

    assert [item["sku"] for item in by_category["items"]] == ["A"]
    assert [item["sku"] for item in by_website["items"]] == ["B"]


def test_a_changed_generated_product_is_found_once_and_under_its_new_values(
    stocked: Shop, clock: Clock
) -> None:
    clock.advance(timedelta(hours=1))
    since = clock().strftime("%Y-%m-%d %H:%M:%S")

    stocked.catalogue.change("GEN-000001", name="Mine")

    assert page(stocked, (Filter("sku", "GEN-000001"),)) == [4]
    assert page(stocked, (Filter("updated_at", since, "gteq"),)) == [4]
    assert len(stocked.catalogue) == 1_004


def test_generated_products_cost_no_memory(shop: Shop) -> None:
    shop.catalogue.generate(10_000)
    enabled = (Filter("status", "1"),)
    tracemalloc.start()

    try:
        assert total(shop, enabled) == 9_900
        assert page(shop, enabled, (Filter("entity_id", "9990", "gt"),), size=3) == [9_991, 9_992, 9_993]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 500_000  # bytes: the ids of the matches, 8 bytes each, and a page


def _all_kept(shop: Shop) -> Shop:
    for product in list(shop.catalogue):
        shop.catalogue.ours(product)
    return shop
