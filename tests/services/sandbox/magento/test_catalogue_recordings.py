"""Every answer recorded of catalogue, customers, stock and shop pages, asked of the stand-in.

The shop is first brought to where the real one was, mostly by the very requests that were recorded.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.magento.shop import Shop
from services.sandbox.magento.stock import Source, StockOfChannels
from tests.services.sandbox.magento.support import MagentoCaller, recorded, shape

CREATED_FIRST = ("create_SKU-1001", "create_SKU-1002", "create_VIRT-1")

EXACT = [
    *(f"base/store_{name}" for name in ("websites", "storeGroups", "storeViews")),
    *(f"base/country_{code}" for code in ("DE", "DK", "FI", "NO", "SE")),
    *(f"base/{name}" for name in ("directory_currency", "inventory_sources", "inventory_stocks")),
    *(f"base/{name}" for name in ("customerGroups_search", "modules")),
]
ERRORS = [
    "customer_404",
    "customer_address_missing",
    "customer_bad_email",
    "customer_duplicate",
    "customer_missing_fields",
    "product_404",
    "product_bad_attrset",
    "product_no_attrset",
    "product_no_name",
    "product_put_404",
    "products_no_criteria",
    "search_bad_field",
    "source_items_alpha_qty",
    "source_items_bad_sku",
    "source_items_bad_source",
    "source_items_delete_missing",
    "source_items_empty",
    "source_items_missing_status",
    "source_items_negative",
    "source_items_null_qty",
    "source_items_unknown_field",
    "source_items_wrong_root",
    "default_source_link",
    "bulk_unknown",
    "bulk_unknown_detailed",
    "bulk_missing_param",
    "bulk_not_list",
    "async_get",
    "bad_store_code",
    "method_not_allowed",
    "route_404",
]
BEYOND_THE_END = ["lists/customers_page_past_end", "lists/source_items_page_past_end"]
STOCK = [
    "dump_index",
    "export_salable",
    "is_salable",
    "salable_qty",
    "source_items_delete",
    "source_items_get",
    "source_items_save",
    "source_items_string_qty",
    "source_create",
    "stock_item",
    "stock_item_put",
    "stock_resolver",
    "stock_source_links_create",
    "stock_status",
]


@pytest.fixture
async def real(shop: Shop, call: MagentoCaller) -> Shop:
    """The shop of the recordings: its products, its one customer, its two further sources."""
    shop.module_installed = False
    for name in CREATED_FIRST:
        await again(call, f"product/{name}")
    shop.catalogue.add("SKU/slash 1003", "Slash & space", "99.9", weight=Decimal("0.5"), quantity=100)
    shop.catalogue.attributes.add("farg", kind="select", label="Färg", options=["Röd", "Blå"])
    for sku, name, value in (("TSHIRT-R", "T-shirt Röd", 4), ("TSHIRT-B", "T-shirt Blå", 5)):
        weight = Decimal("0.2")
        shop.catalogue.add(sku, name, 199, visibility=1, weight=weight, farg=value, quantity=50)
    await again(call, "product/create_bundle")
    await again(call, "customer/create")
    shop.stock.sources |= {code: Source(code, code.capitalize()) for code in ("lager2", "lager3")}
    shop.stock.stocks[1].websites = ["eu"]
    shop.stock.stocks[2] = StockOfChannels(2, "Nordic stock", ["base"], {"lager2": 1, "lager3": 2})
    for sku in ("SKU-1001", "SKU-1002", "SKU/slash 1003", "TSHIRT-R", "TSHIRT-B", "VIRT-1"):
        shop.stock.put(sku, Decimal(101), "lager2")
    shop.stock.put("SKU-1001", Decimal("7.5"), "lager3")
    shop.calls.clear()
    return shop


async def again(call: MagentoCaller, name: str) -> tuple[int, Any]:
    """Ask what was asked; the status and the answer."""
    request = recorded(name)["request"]
    body = request["body"].encode() if isinstance(request["body"], str) else request["body"]
    path = request["path"].replace("[", "%5B").replace("]", "%5D")
    answer = await call(request["method"], path, body)
    return answer.status_code, answer.json()


def by_code(answer: Any) -> Any:
    """Custom attributes by their code: their order means nothing."""
    if isinstance(answer, dict):
        shown = {name: by_code(one) for name, one in answer.items()}
        if "custom_attributes" in shown:
            shown["custom_attributes"] = {
                one["attribute_code"]: one["value"] for one in answer["custom_attributes"]
            }
        return shown
    return [by_code(one) for one in answer] if isinstance(answer, list) else answer


@pytest.mark.parametrize("name", EXACT)
async def test_what_never_changes_is_answered_to_the_letter(
    call: MagentoCaller, shop: Shop, name: str
) -> None:
    shop.module_installed = False

    status, answer = await again(call, name)

    assert (status, answer) == (recorded(name)["status"], recorded(name)["response"])


@pytest.mark.parametrize("name", ERRORS)
async def test_refusals_have_the_status_and_the_words_of_the_real_shop(
    real: Shop, call: MagentoCaller, name: str
) -> None:
    status, answer = await again(call, f"errors/{name}")

    expected = recorded(f"errors/{name}")
    assert (status, answer) == (expected["status"], expected["response"])


@pytest.mark.parametrize("name", STOCK)
async def test_stock_answers_have_the_shape_of_the_real_ones(
    real: Shop, call: MagentoCaller, name: str
) -> None:
    status, answer = await again(call, f"stock/{name}")

    expected = recorded(f"stock/{name}")
    assert status == expected["status"]
    assert _first(shape(answer)) == _first(shape(expected["response"]))


@pytest.mark.parametrize("name", BEYOND_THE_END)
async def test_beyond_the_last_page_are_no_items_and_the_right_count(
    real: Shop, call: MagentoCaller, name: str
) -> None:
    status, answer = await again(call, name)

    assert status == 200
    assert answer["items"] is None
    assert answer["total_count"] > 0


async def test_product_pages_beyond_the_end_and_above_every_count(real: Shop, call: MagentoCaller) -> None:
    beyond = (await again(call, "errors/products_page_beyond_last"))[1]
    whole = (await again(call, "errors/products_page_1000"))[1]

    expected = recorded("errors/products_page_beyond_last")["response"]
    assert beyond == expected | {"total_count": len(real.catalogue)}
    assert whole == {"total_count": len(real.catalogue)}


async def test_a_stock_is_created_with_the_next_number(shop: Shop, call: MagentoCaller) -> None:
    assert await again(call, "stock/stock_create") == (200, 2)
    assert shop.stock.stock_of("base").stock_id == 2
    assert shop.stock.stock_of("eu").stock_id == 1


async def test_an_unknown_sku_is_saved_and_shown(real: Shop, call: MagentoCaller) -> None:
    await again(call, "errors/source_items_bad_sku")

    assert await again(call, "stock/source_items_of_unknown_sku_after_save") == (
        200,
        recorded("stock/source_items_of_unknown_sku_after_save")["response"],
    )


@pytest.mark.parametrize("name", [*CREATED_FIRST, "create_bundle"])
async def test_a_created_product_is_shown_as_recorded(call: MagentoCaller, shop: Shop, name: str) -> None:
    for first in CREATED_FIRST:
        if first != name:
            await again(call, f"product/{first}")

    status, answer = await again(call, f"product/{name}")

    assert status == 200
    assert _settled(answer) == _settled(recorded(f"product/{name}")["response"])


@pytest.mark.parametrize("name", ["get_simple", "get_bundle", "put_price_default_scope"])
async def test_a_product_is_shown_as_recorded(real: Shop, call: MagentoCaller, name: str) -> None:
    status, answer = await again(call, f"product/{name}")

    assert status == 200
    assert _settled(answer) == _settled(recorded(f"product/{name}")["response"])


async def test_a_configurable_and_its_variants_are_shown_as_recorded(real: Shop, call: MagentoCaller) -> None:
    request = json.loads(json.dumps(recorded("product/create_configurable")["request"]))
    variants = [real.catalogue.get(sku).entity_id for sku in ("TSHIRT-R", "TSHIRT-B")]
    request["body"]["product"]["extension_attributes"]["configurable_product_links"] = variants

    created = (await call("POST", request["path"], request["body"])).json()
    got = await call.get("/rest/V1/products/TSHIRT")
    children = await call.get("/rest/V1/configurable-products/TSHIRT/children")

    assert _settled(created) == _settled(recorded("product/create_configurable")["response"])
    assert _settled(got) == _settled(recorded("product/get_configurable")["response"])
    assert _settled(children) == _settled(recorded("product/configurable_children")["response"])


async def test_a_product_without_price_is_taken_and_shows_none(call: MagentoCaller, shop: Shop) -> None:
    status, answer = await again(call, "errors/product_no_price")

    assert status == 200
    assert _settled(answer) == _settled(recorded("errors/product_no_price")["response"])


async def test_a_product_without_sku_crashes_the_shop(call: MagentoCaller) -> None:
    request = recorded("errors/product_no_sku")["request"]

    answer = await call(request["method"], request["path"], request["body"])

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "text/plain;charset=UTF-8"
    assert answer.text == recorded("errors/product_no_sku")["response"]["_text"]


async def test_a_list_of_products_is_shown_as_recorded(real: Shop, call: MagentoCaller) -> None:
    await again(call, "product/special_price")
    real.catalogue.delete("VIRT-1")

    status, answer = await again(call, "lists/products_page")

    expected = recorded("lists/products_page")["response"]
    assert status == 200
    assert [shape(by_code(item)) for item in answer["items"]] == [
        shape(by_code(item)) for item in expected["items"]
    ]
    assert answer["search_criteria"] == expected["search_criteria"]
    special = by_code(answer["items"][0])["custom_attributes"]
    assert special["special_price"] == "99.000000"
    assert special["special_to_date"] == "2026-12-31 23:59:59"


async def test_prices_in_bulk_answer_200_with_what_was_not_taken(real: Shop, call: MagentoCaller) -> None:
    assert await again(call, "product/base_prices") == (200, recorded("product/base_prices")["response"])
    for name in ("base_prices_information", "base_prices_information_ok", "special_price", "tier_price"):
        assert await again(call, f"product/{name}") == (200, recorded(f"product/{name}")["response"])


async def test_an_attribute_is_created_as_recorded(call: MagentoCaller, shop: Shop) -> None:
    status, answer = await again(call, "product/attribute_create")

    assert (status, answer) == (200, recorded("product/attribute_create")["response"])


@pytest.mark.parametrize("name", ["create", "get", "search"])
async def test_a_customer_is_shown_as_recorded(call: MagentoCaller, shop: Shop, name: str) -> None:
    if name != "create":
        await again(call, "customer/create")

    status, answer = await again(call, f"customer/{name}")

    assert status == 200
    assert _timeless(answer) == _timeless(recorded(f"customer/{name}")["response"])


async def test_the_shops_configuration_has_the_recorded_fields(call: MagentoCaller, shop: Shop) -> None:
    status, answer = await again(call, "base/store_storeConfigs")

    assert status == 200
    assert shape(answer) == shape(recorded("base/store_storeConfigs")["response"])


async def test_tax_tables_have_the_recorded_fields(call: MagentoCaller, shop: Shop) -> None:
    _, classes = await again(call, "base/taxClasses_search")
    _, rule = await again(call, "base/taxrule_create")

    recorded_classes = recorded("base/taxClasses_search")["response"]
    assert classes["items"][:2] == recorded_classes["items"]
    assert shape(rule) == shape(recorded("base/taxrule_create")["response"])


async def test_a_stock_item_put_changes_the_default_source_only(real: Shop, call: MagentoCaller) -> None:
    await again(call, "stock/stock_item_put")

    _, answer = await again(call, "stock/source_items_after_stock_item_put")

    quantities = {item["source_code"]: item["quantity"] for item in answer["items"]}
    assert quantities == {"default": 55, "lager2": 101, "lager3": 7.5}


def _first(shown: Any) -> Any:
    """Lists of rows may be longer here or there: their first row stands for all."""
    if isinstance(shown, dict):
        return {name: _first(one) for name, one in shown.items()}
    return shown[:1] if isinstance(shown, list) else shown


def _timeless(shown: Any) -> Any:
    if isinstance(shown, dict):
        return {name: _timeless(one) for name, one in shown.items() if not name.endswith("_at")}
    return [_timeless(one) for one in shown] if isinstance(shown, list) else shown


def _settled(product: Any) -> Any:
    """Without instants and the numbers that depend on what was created before."""
    if isinstance(product, list):
        return [_settled(one) for one in product]
    if not isinstance(product, dict):
        return product
    shown = by_code(product)
    numbers = (
        "id",
        "item_id",
        "product_id",
        "option_id",
        "configurable_product_links",
        "created_at",
        "updated_at",
    )
    return {name: _settled(one) for name, one in shown.items() if name not in numbers}
