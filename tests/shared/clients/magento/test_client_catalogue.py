"""Products, prices, stock and tax, call by call, against recorded answers."""

from decimal import Decimal
from typing import Any

import pytest

from shared.clients.fields import Fields
from shared.clients.magento.wire_catalogue import BasePrice, Product, to_product
from tests.shared.clients.magento.scripted import ScriptedShop, a_list
from tests.shared.clients.magento.support import answers, documents, recorded, sample, samples

LIMIT = {"message": 'Maximum items of type "%type" is %max', "parameters": {"type": "X", "max": 2}}


def a_product(name: str) -> Product:
    return to_product(Fields(sample(f"products/{name}"), of="product"))


def found_products() -> list[Any]:
    found = (*answers("product", "lists"), *samples("products"))
    return [
        pytest.param(product, id=f"{name}-{position}")
        for name, answer in found
        if isinstance(answer, dict)
        for position, product in enumerate(documents(answer))
        if "type_id" in product
    ]


# ── what a product says ───────────────────────────────────────────────────────────────────────────


PRODUCTS = found_products()


@pytest.mark.parametrize("found", PRODUCTS)
def test_every_product_that_was_recorded_or_composed_is_read(found: dict[str, Any]) -> None:
    product = to_product(Fields(found, of="product"))

    assert (product.product_id, product.sku, product.kind) == (found["id"], found["sku"], found["type_id"])
    assert set(product.attributes) == {item["attribute_code"] for item in found["custom_attributes"]}


def test_there_are_as_many_products_as_were_recorded_and_composed() -> None:
    assert len(PRODUCTS) == 23


def test_a_simple_product_has_its_prices_and_attributes() -> None:
    mug = a_product("simple")

    assert (mug.price, mug.tax_class_id, mug.attribute("cost"), mug.attribute("ean")) == (
        Decimal(129),
        2,
        "40.000000",
        "7300000000012",
    )
    assert (mug.is_enabled, mug.website_ids, mug.category_ids) == (True, (1,), (3,))
    assert [(tier.customer_group_id, tier.price, tier.percent) for tier in mug.tier_prices] == [
        (4, Decimal(119), None),
        (32000, Decimal("109.65"), Decimal(15)),
    ]


def test_kinds_that_are_made_of_others_name_their_parts() -> None:
    assert a_product("configurable-parent").child_ids != ()
    assert a_product("grouped").associated == ("MUGG-VIT", "LJUS-1")
    assert [(part.sku, part.quantity) for part in a_product("bundle-dynamic").bundle] == [
        ("MUGG-VIT", Decimal(1)),
        ("KAFFE-500", Decimal(2)),
    ]
    assert a_product("bundle-dynamic").has_dynamic_price
    assert not a_product("bundle-fixed").has_dynamic_price
    assert a_product("grouped").price is None


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_product_is_looked_for_by_filter_and_the_exact_case_is_preferred(shop: ScriptedShop) -> None:
    lower = recorded("product/get_simple")["response"] | {"id": 90, "sku": "sku-1001"}
    upper = recorded("product/get_simple")["response"]
    shop.says("GET /products", a_list([lower, upper]))

    exact, alike = await shop.client.product("SKU-1001"), await shop.client.product("Sku-1001")

    assert (exact and exact.product_id, alike and alike.product_id) == (1, 90)
    assert shop.filters()[0] == ("sku", "in", "Sku-1001")
    assert shop.asked[0].url.path == "/rest/V1/products"


async def test_a_sku_with_a_comma_is_compared_whole(shop: ScriptedShop) -> None:
    shop.says("GET /products", a_list([]))

    assert await shop.client.products_with_skus(["A,1", "B", "C,2"]) == ()

    assert [shop.filters(at)[:-1] for at in range(2)] == [
        [("sku", "in", "B")],
        [("sku", "eq", "A,1"), ("sku", "eq", "C,2")],
    ]


async def test_many_skus_are_looked_for_in_several_calls(shop: ScriptedShop) -> None:
    shop.says("GET /products", a_list([]))

    await shop.client.products_with_skus([f"SKU-{number}" for number in range(61)] * 2)

    assert [len(shop.filters(at)[0][2].split(",")) for at in range(len(shop.asked))] == [30, 30, 1]


async def test_a_product_is_read_by_id(shop: ScriptedShop) -> None:
    shop.says("GET /products", a_list([recorded("product/get_simple")["response"]]))

    product = await shop.client.product_by_id(1)

    assert product is not None
    assert product.sku == "SKU-1001"
    assert ("entity_id", "eq", "1") in shop.filters()


async def test_variants_are_read_as_products(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /configurable-products/TSHIRT/children", "product/configurable_children")

    assert [product.sku for product in await shop.client.variants("TSHIRT")] == ["TSHIRT-R", "TSHIRT-B"]


async def test_options_of_an_attribute_are_read_without_the_empty_one(shop: ScriptedShop) -> None:
    options = recorded("product/attribute_create")["response"]["options"]
    shop.says("GET /products/attributes/farg/options", options)
    shop.says("GET /products/attributes/none/options", recorded("errors/product_404")["response"], status=404)

    found = await shop.client.attribute_options("farg")

    assert [(option.value, option.label) for option in found] == [("4", "Röd"), ("5", "Blå")]
    assert await shop.client.attribute_options("none") == ()


async def test_tax_is_read(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /taxClasses/search", "base/taxClasses_search")
    shop.says("GET /taxRates/search", sample("tax/tax-rates-search"))
    shop.says("GET /taxRules/search", sample("tax/tax-rules-search"))

    classes, rates, rules = (
        await shop.client.tax_classes(),
        await shop.client.tax_rates(),
        await shop.client.tax_rules(),
    )

    assert [(found.class_id, found.kind) for found in classes] == [(2, "PRODUCT"), (3, "CUSTOMER")]
    assert [(rate.country, rate.percent) for rate in rates][3] == ("FI", Decimal("25.5"))
    assert (rules[0].product_classes, rules[0].rate_ids) == ((2, 6), (1,))


# ── writing ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_product_is_saved_for_all_stores_by_its_sku(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST all/products", "product/create_SKU-1001")

    saved = await shop.client.save_product({"sku": "SKU-1001", "price": Decimal("125.00")})

    assert saved.product_id == 1
    assert shop.calls == ["POST all/products"]
    assert shop.asked[0].content == b'{"product":{"sku":"SKU-1001","price":125.00}}'


async def test_rows_that_were_refused_are_told_though_the_answer_is_200(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST all/products/base-prices", "product/base_prices")

    problems = await shop.client.save_base_prices([{"sku": "NOPE-9", "price": 1, "store_id": 0}])

    assert [(problem.message, problem.parameters) for problem in problems] == [
        ("Invalid attribute SKU = NOPE-9.", ("SKU", "NOPE-9")),
        ("Invalid attribute Price = -1.", ("Price", "-1")),
    ]


async def test_prices_as_they_are_kept_are_read(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST all/products/base-prices-information", "product/base_prices_information_ok")

    prices = await shop.client.base_prices(["SKU-1001", "NOPE-9"])

    assert prices == (BasePrice("SKU-1001", 0, Decimal(126)),)
    assert shop.body() == {"skus": ["SKU-1001", "NOPE-9"]}
