"""Stores, currencies, categories, taxes, and the shop module's own routes of the Magento stand-in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.magento.lines import Line
from services.sandbox.magento.shop import Shop
from tests.services.sandbox.magento.support import MagentoCaller, search


async def test_a_currency_without_a_rate_has_rate_0(shop: Shop, call: MagentoCaller) -> None:
    del shop.pages.rates["SEK", "NOK"]

    told = await call.get("/rest/V1/directory/currency")

    assert {one["currency_to"]: one["rate"] for one in told["exchange_rates"]}["NOK"] == 0


async def test_rates_are_those_of_the_store_views_website(shop: Shop, call: MagentoCaller) -> None:
    shop.pages.save_rates({("EUR", "SEK"): Decimal("11.4286")})

    told = await call.get("/rest/de_de/V1/directory/currency")

    assert told["base_currency_code"] == "EUR"
    assert told["exchange_rates"] == [
        {"currency_to": "EUR", "rate": 1},
        {"currency_to": "SEK", "rate": 11.4286},
    ]


async def test_the_module_writes_rates(shop: Shop, call: MagentoCaller) -> None:
    rates = [{"from": "SEK", "to": "EUR", "rate": 0.0912}, {"from": "EUR", "to": "SEK", "rate": 11}]

    answer = await call("POST", "/rest/V1/sluss/currency-rates", {"rates": rates})

    assert (answer.status_code, answer.json()) == (200, True)
    assert shop.pages.rates["SEK", "EUR"] == Decimal("0.0912")
    assert shop.pages.rates["EUR", "SEK"] == 11


@pytest.mark.parametrize("fault", [{"rate": 0}, {"rate": -1}, {"to": "euro"}])
async def test_one_rate_that_cannot_be_keeps_all_out(
    shop: Shop, call: MagentoCaller, fault: dict[str, Any]
) -> None:
    before = dict(shop.pages.rates)
    good = {"from": "SEK", "to": "EUR", "rate": 0.1}

    answer = await call("POST", "/rest/V1/sluss/currency-rates", {"rates": [good, good | fault]})

    assert answer.status_code == 400
    assert answer.json()["parameters"]["fieldName"] in fault
    assert shop.pages.rates == before


def test_the_core_takes_the_absolute_value_of_a_rate_and_passes_zeros_over(shop: Shop) -> None:
    shop.pages.save_rates({("SEK", "NOK"): Decimal("-1.02"), ("SEK", "USD"): Decimal(0)})

    assert shop.pages.rates["SEK", "NOK"] == Decimal("1.02")
    assert shop.pages.rates["SEK", "USD"] == Decimal("0.0951")


@pytest.mark.parametrize("path", ["version", "tax-display"])
async def test_the_modules_routes_are_there_only_with_the_module(
    shop: Shop, call: MagentoCaller, path: str
) -> None:
    assert (await call("GET", f"/rest/V1/sluss/{path}")).status_code == 200
    shop.module_installed = False

    answer = await call("GET", f"/rest/V1/sluss/{path}")

    assert (answer.status_code, answer.json()) == (404, {"message": "Request does not match any route."})


async def test_the_module_tells_what_svea_keeps_of_an_order(shop: Shop, call: MagentoCaller) -> None:
    order = shop.orders(Line("MUGG", "Mugg", "129"), svea_order_id=9300101, fee="29")

    told = await call.get(f"/rest/V1/sluss/orders/{order}/svea")

    assert told == {"svea_order_id": 9300101, "invoice_fee": "29.0000"}
    shop.svea_installed = False
    assert await call.get(f"/rest/V1/sluss/orders/{order}/svea") == []
    missing = await call("GET", "/rest/V1/sluss/orders/99/svea")
    assert (missing.status_code, missing.json()["parameters"]["fieldName"]) == (404, "orderId")


async def test_the_module_tells_how_vat_is_shown_and_computed(shop: Shop, call: MagentoCaller) -> None:
    shop.pages.shipping_display = 2

    assert await call.get("/rest/V1/sluss/tax-display") == {
        "price_display": 2,
        "shipping_display": 2,
        "prices_include_tax": True,
        "shipping_includes_tax": True,
        "discounts_include_tax": True,
        "cross_border_trade": False,
        "algorithm": "TOTAL_BASE_CALCULATION",
    }


async def test_configurations_are_those_of_the_asked_views(shop: Shop, call: MagentoCaller) -> None:
    all_of_them = await call.get("/rest/V1/store/storeConfigs")
    one = await call.get("/rest/V1/store/storeConfigs?storeCodes%5B%5D=de_de")

    assert [config["code"] for config in all_of_them] == ["default", "de_de", "en_eur"]
    assert [(config["code"], config["base_currency_code"]) for config in one] == [("de_de", "EUR")]


async def test_an_unknown_country_is_not_there(call: MagentoCaller) -> None:
    answer = await call("GET", "/rest/V1/directory/countries/XX")

    assert answer.status_code == 404
    assert len(await call.get("/rest/V1/directory/countries")) == 5


async def test_categories_are_a_tree_and_a_list(shop: Shop, call: MagentoCaller) -> None:
    category = {"parent_id": 2, "name": "Muggar", "is_active": True}
    made = (await call("POST", "/rest/V1/categories", {"category": category})).json()
    child = shop.catalogue.categories.add("Kaffemuggar", parent_id=made["id"])
    shop.catalogue.add("MUGG", "Mugg", 129, category_ids=[made["id"]])

    tree = await call.get("/rest/V1/categories")
    listed = await call.get(f"/rest/V1/categories/list?{search(entity_id=f'eq:{child}')}")

    assert (tree["id"], tree["children_data"][0]["name"]) == (2, "Muggar")
    assert tree["children_data"][0]["product_count"] == 1
    assert listed["items"][0]["path"] == f"1/2/{made['id']}/{child}"
    assert await call.get(f"/rest/V1/categories/{made['id']}/products") == [
        {"sku": "MUGG", "position": 0, "category_id": str(made["id"])}
    ]
    assert (await call("GET", "/rest/V1/categories/99")).status_code == 404


async def test_a_tax_class_comes_to_a_rate_by_its_rules(shop: Shop, call: MagentoCaller) -> None:
    made = (await call("POST", "/rest/V1/taxClasses", {"taxClass": _class("Böcker 6")})).json()
    rate = {"tax_country_id": "SE", "tax_postcode": "*", "rate": 6, "code": "SE 6"}
    made_rate = (await call("POST", "/rest/V1/taxRates", {"taxRate": rate})).json()
    rule = {"code": "Books", "priority": 0, "position": 0, "customer_tax_class_ids": [3]}
    rule |= {"product_tax_class_ids": [int(made)], "tax_rate_ids": [made_rate["id"]]}
    await call("POST", "/rest/V1/taxRules", {"rule": rule})

    rules = (await call.get(f"/rest/V1/taxRules/search?{search(page_size='50')}"))["items"]
    rates = (await call.get(f"/rest/V1/taxRates/search?{search(code='eq:SE 6')}"))["items"]

    assert made == "5"
    assert rules[-1]["tax_rate_ids"] == [rates[0]["id"]]
    assert (rates[0]["tax_country_id"], rates[0]["rate"]) == ("SE", 6)


async def test_attributes_and_sets_are_listed(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.attributes.add("ean", label="EAN")

    attribute = await call.get("/rest/V1/products/attributes/ean")
    sets = await call.get(f"/rest/V1/products/attribute-sets/sets/list?{search(page_size='5')}")

    assert (attribute["default_frontend_label"], attribute["is_user_defined"]) == ("EAN", True)
    assert [one["attribute_set_id"] for one in sets["items"]] == [4]
    assert (await call("GET", "/rest/V1/products/attributes/nosuch")).status_code == 404


def _class(name: str) -> dict[str, str]:
    return {"class_name": name, "class_type": "PRODUCT"}
