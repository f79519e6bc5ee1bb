"""Products of the Magento stand-in: types, store scope, what moves `updated_at`, and what a save refuses."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from services.sandbox.magento.catalogue_products import download
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.shop import Shop
from tests.services.sandbox.magento.support import MagentoCaller
from tests.support.clock import Clock

ALL, DEFAULT, OTHER_VIEW, OTHER_WEBSITE = "/rest/all", "/rest/default", "/rest/en_eur", "/rest/de_de"


async def price(call: MagentoCaller, where: str, sku: str = "MUGG") -> Any:
    return (await call.get(f"{where}/V1/products/{sku}"))["price"]


def attributes(product: dict[str, Any]) -> dict[str, Any]:
    return {one["attribute_code"]: one["value"] for one in product["custom_attributes"]}


# ---- finding ---------------------------------------------------------------------------------------------


async def test_a_sku_is_found_in_any_case_and_saved_without_blanks_around_it(
    shop: Shop, call: MagentoCaller
) -> None:
    await call("POST", "/rest/all/V1/products", _new(" Mugg-1 "))

    assert (await call.get("/rest/V1/products/mUGG-1"))["sku"] == "Mugg-1"
    assert (await call("GET", "/rest/V1/products/%20Mugg-1")).status_code == 404


@pytest.mark.parametrize("sku", ["A/B", "A+B", "A B", "A%B", "A&B", "Å#?", "A:B,C;D=E@$"])
async def test_a_sku_with_odd_characters_is_found_where_it_is_escaped(
    shop: Shop, call: MagentoCaller, sku: str
) -> None:
    shop.catalogue.add(sku, "Odd", 10)
    sent = quote(sku, safe="")
    signed = sent
    for one in "$&+,/:;=@":
        signed = signed.replace(quote(one, safe=""), one)

    answer = await call(
        "GET",
        f"/rest/V1/products/{sent}",
        signed_url=f"http://sandbox/magento/default/rest/V1/products/{signed}",
    )

    assert (answer.status_code, answer.json()["sku"]) == (200, sku)


# ---- types -----------------------------------------------------------------------------------------------


async def test_every_type_shows_its_parts(shop: Shop, call: MagentoCaller) -> None:
    add = shop.catalogue.add
    add("RED", "Red", 199, visibility=1)
    add("SHIRT", "Shirt", 199, type_id="configurable", variants=["RED"])
    add("SET", "Set", type_id="grouped", links=[_grouped("SET", "RED")])
    book = download(1, "EPUB", "https://files.test/1")
    add("BOOK", "Book", 99, type_id="downloadable", downloads=[book])
    add("BOX", "Box", 349, type_id="bundle", price_type=1, options=[_option("BOX", "RED")])
    add("LESSON", "Lesson", 500, type_id="virtual")

    shown = {
        sku: await call.get(f"/rest/V1/products/{sku}") for sku in ("SHIRT", "SET", "BOOK", "BOX", "LESSON")
    }

    parts = {sku: product["extension_attributes"] for sku, product in shown.items()}
    assert parts["SHIRT"]["configurable_product_links"] == [1]
    assert shown["SHIRT"]["price"] == 0
    assert "price" not in shown["SET"]
    assert shown["SET"]["product_links"][0]["linked_product_sku"] == "RED"
    assert parts["BOOK"]["downloadable_product_links"][0]["title"] == "EPUB"
    assert shown["BOX"]["price"] == 349
    assert parts["BOX"]["bundle_product_options"][0]["product_links"][0]["price"] == 199
    assert "weight" not in shown["LESSON"]
    assert await call.get("/rest/V1/products/SET/links/associated") == shown["SET"]["product_links"]
    assert (await call.get("/rest/V1/configurable-products/SHIRT/children"))[0]["sku"] == "RED"
    assert (await call.get("/rest/V1/bundle-products/BOX/children"))[0]["sku"] == "RED"


async def test_attributes_of_the_merchants_own_are_text_and_decimals_have_six_places(
    shop: Shop, call: MagentoCaller
) -> None:
    category = shop.catalogue.categories.add("Muggar")
    shop.catalogue.add("MUGG", "Mugg", 129, ean="7300000000012", cost="40", category_ids=[category])

    product = await call.get("/rest/V1/products/MUGG")

    shown = attributes(product)
    assert (shown["ean"], shown["cost"], shown["tax_class_id"]) == ("7300000000012", "40.000000", "2")
    assert shown["category_ids"] == [str(category)]
    assert product["extension_attributes"]["category_links"] == [
        {"position": 0, "category_id": str(category)}
    ]


# ---- saving ----------------------------------------------------------------------------------------------


async def test_a_post_of_a_known_sku_changes_only_what_it_sends(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 129, ean="1", quantity=7)

    answer = await call("POST", "/rest/all/V1/products", {"product": {"sku": "mugg", "price": 139}})

    product = answer.json()
    assert (product["sku"], product["price"], product["name"]) == ("MUGG", 139, "Mugg")
    assert attributes(product)["ean"] == "1"
    assert product["extension_attributes"]["stock_item"]["qty"] == 7


async def test_the_sku_of_the_path_wins(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 129)

    await call("PUT", "/rest/all/V1/products/MUGG", {"product": {"sku": "OTHER", "price": 139}})

    assert shop.catalogue.get("MUGG").values["price"] == 139
    assert shop.catalogue.find("OTHER") is None


async def test_a_put_changes_attributes_and_drops_those_the_shop_does_not_have(
    shop: Shop, call: MagentoCaller
) -> None:
    shop.catalogue.add("MUGG", "Mugg", 129, ean="1")
    sent = [{"attribute_code": "ean", "value": "2"}, {"attribute_code": "nobody", "value": "x"}]

    await call("PUT", "/rest/all/V1/products/MUGG", {"product": {"custom_attributes": sent}})

    shown = attributes(await call.get("/rest/all/V1/products/MUGG"))
    assert shown["ean"] == "2"
    assert "nobody" not in shown


async def test_two_names_with_one_url_key_clash(shop: Shop, call: MagentoCaller) -> None:
    await call("POST", "/rest/all/V1/products", _new("A"))

    answer = await call("POST", "/rest/all/V1/products", _new("B"))

    assert answer.status_code == 400
    assert answer.json() == {"message": "URL key for specified store already exists."}
    assert shop.catalogue.find("B") is None


def test_a_refused_change_changes_nothing(shop: Shop) -> None:
    shop.catalogue.add("A", "Mugg", 1)
    shop.catalogue.add("B", "Kopp", 1)

    with pytest.raises(Refused):
        shop.catalogue.change("B", url_key="mugg", price=Decimal(2))

    assert shop.catalogue.get("B").values["price"] == 1
    shop.catalogue.change("A", name="Still free to change")


async def test_a_sku_has_64_characters_at_most(shop: Shop, call: MagentoCaller) -> None:
    answer = await call("POST", "/rest/all/V1/products", _new("A" * 65))

    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "SKU length should be 64 characters maximum.",
    )


async def test_a_deleted_product_is_gone(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 129)

    answer = await call("DELETE", "/rest/V1/products/MUGG")

    assert answer.json() is True
    assert (await call("GET", "/rest/V1/products/MUGG")).status_code == 404


# ---- store scope (magento-measured 4) ----------------------------------------------------------------------


async def test_an_override_is_not_moved_by_the_default_any_more(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)

    await _put_price(call, "/rest/all", 120)
    await _put_price(call, "/rest", 125)
    await _put_price(call, "/rest/all", 130)

    prices = [await price(call, where) for where in (ALL, DEFAULT, OTHER_VIEW, OTHER_WEBSITE)]
    assert prices == [130, 125, 125, 130]  # the price is the website's, the other website has the default


async def test_a_name_is_the_store_views_own(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)

    await call("PUT", "/rest/en_eur/V1/products/MUGG", {"product": {"name": "Mug"}})

    names = {
        where: (await call.get(f"{where}/V1/products/MUGG"))["name"] for where in (ALL, DEFAULT, OTHER_VIEW)
    }
    assert names == {ALL: "Mugg", DEFAULT: "Mugg", OTHER_VIEW: "Mug"}


async def test_base_prices_write_a_scope_by_number(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)
    sent = [{"sku": "MUGG", "price": 110, "store_id": 0}, {"sku": "mugg", "price": 115, "store_id": 1}]

    await call("POST", "/rest/V1/products/base-prices", {"prices": sent})

    assert [await price(call, where) for where in (ALL, DEFAULT, OTHER_WEBSITE)] == [110, 115, 110]
    told = await call("POST", "/rest/V1/products/base-prices-information", {"skus": ["MUGG"]})
    assert [(one["store_id"], one["price"]) for one in told.json()] == [(0, 110), (1, 115), (3, 115)]


# ---- prices in bulk ----------------------------------------------------------------------------------------


async def test_costs_are_saved_shown_and_taken_away(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)
    shop.catalogue.add("SHIRT", "Shirt", type_id="configurable")
    costs = [{"sku": "MUGG", "cost": 41.5, "store_id": 0}, {"sku": "SHIRT", "cost": 1, "store_id": 0}]

    faults = (await call("POST", "/rest/V1/products/cost", {"prices": costs})).json()
    told = (await call("POST", "/rest/V1/products/cost-information", {"skus": ["MUGG"]})).json()
    gone = (await call("POST", "/rest/V1/products/cost-delete", {"skus": ["MUGG"]})).json()

    assert [fault["parameters"] for fault in faults] == [["SKU", "SHIRT"]]
    assert told == [{"cost": 41.5, "store_id": 0, "sku": "MUGG"}]
    assert gone is True
    assert (await call("POST", "/rest/V1/products/cost-information", {"skus": ["MUGG"]})).json() == []


async def test_tier_prices_are_added_by_post_and_replaced_by_put(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)
    shop.groups.add("Företag SE")

    await _tiers(call, "POST", _tier(90, 10), _tier(15, 50, group="Företag SE", price_type="discount"))
    both = await call.get("/rest/all/V1/products/MUGG")
    faults = await _tiers(call, "PUT", _tier(80, 10), _tier(1, 1, group="Nobody"))
    told = await call("POST", "/rest/V1/products/tier-prices-information", {"skus": ["MUGG"]})

    assert [(one["customer_group_id"], one["qty"], one["value"]) for one in both["tier_prices"]] == [
        (32000, 10, 90),
        (4, 50, 85),
    ]
    assert [fault["parameters"] for fault in faults] == [["MUGG", "0", "Nobody", "1"]]
    assert faults[0]["message"].startswith("No such entity with Customer Group = %customerGroup. Row ID: ")
    assert [(one["price"], one["customer_group"]) for one in told.json()] == [(80, "all groups")]


async def test_a_tier_for_every_website_stands_in_the_way_of_one_of_a_website(
    shop: Shop, call: MagentoCaller
) -> None:
    """Added, it is refused; all of them replaced, both stand where the currencies differ (source)."""
    shop.catalogue.add("MUGG", "Mugg", 100)
    await _tiers(call, "POST", _tier(90, 10))

    added = await _tiers(call, "POST", _tier(9, 10) | {"website_id": 2})
    same_currency = await _tiers(call, "PUT", _tier(90, 10), _tier(80, 10) | {"website_id": 1})
    replaced = await _tiers(call, "PUT", _tier(90, 10), _tier(9, 10) | {"website_id": 2})

    assert added[0]["message"].startswith("We found a duplicate website")
    assert len(same_currency) == 2
    assert replaced == []
    kept = shop.catalogue.get("MUGG").tier_prices
    assert [(one.website_id, one.value) for one in kept] == [(0, Decimal(90)), (2, Decimal(9))]


async def test_a_tier_is_deleted_by_group_quantity_and_price(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)
    await _tiers(call, "POST", _tier(90, 10), _tier(80, 20))

    path = "/rest/V1/products/tier-prices-delete"
    await call("POST", path, {"prices": [_tier(85, 20)]})
    assert len(shop.catalogue.get("MUGG").tier_prices) == 2, "another price is another tier"
    await call("POST", path, {"prices": [_tier(80, 20)]})

    assert [one.quantity for one in shop.catalogue.get("MUGG").tier_prices] == [10]


async def test_rows_that_tier_prices_refuse(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)
    shop.catalogue.add("KIT", "Paket", 300, type_id="bundle", price_type="1")

    faults = await _tiers(
        call,
        "POST",
        _tier(90, 10) | {"sku": "NOPE"},
        _tier(-1, 10),
        _tier(90, 0),
        _tier(90, 10) | {"website_id": 7},
        _tier(90, 10) | {"sku": "KIT"},
        _tier(70, 30),
    )

    words = [fault["message"].partition(" = ")[0].removeprefix("Invalid attribute ") for fault in faults]
    assert words == ["SKU", "Price", "Quantity", "Website ID", "Price Type"]
    assert [one.quantity for one in shop.catalogue.get("MUGG").tier_prices] == [30]


async def test_special_prices_are_shown_with_their_days(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)
    special = {"sku": "MUGG", "price": 79, "store_id": 0}
    special |= {"price_from": "2026-11-27 00:00:00", "price_to": "2026-11-30 23:59:59"}

    await call("POST", "/rest/V1/products/special-price", {"prices": [special]})

    told = await call("POST", "/rest/V1/products/special-price-information", {"skus": ["MUGG"]})
    assert told.json() == [special]


# ---- what moves updated_at (recorded: updated_at_bumps) ----------------------------------------------------


async def test_a_put_moves_updated_at_even_with_the_same_price(
    shop: Shop, call: MagentoCaller, clock: Clock
) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)
    before = shop.catalogue.get("MUGG").updated_at
    clock.advance(timedelta(seconds=5))

    await _put_price(call, "/rest/all", 100)

    assert shop.catalogue.get("MUGG").updated_at > before


async def test_base_prices_stock_and_sales_do_not_move_updated_at(
    shop: Shop, call: MagentoCaller, clock: Clock
) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100, quantity=5)
    before = shop.catalogue.get("MUGG").updated_at
    clock.advance(timedelta(seconds=5))
    item = {"sku": "MUGG", "source_code": "default", "quantity": 4, "status": 1}

    price_ = {"sku": "MUGG", "price": 110, "store_id": 0}
    await call("POST", "/rest/V1/products/base-prices", {"prices": [price_]})
    await call("POST", "/rest/V1/inventory/source-items", {"sourceItems": [item]})
    shop.stock.placed(1, {"MUGG": Decimal(1)})

    assert shop.catalogue.get("MUGG").updated_at == before


def test_a_change_is_told_and_a_bulk_price_is_not(shop: Shop) -> None:
    told: list[tuple[str, Any]] = []
    shop.catalogue.tell = lambda event, entity, store_id: told.append((event, entity["sku"]))
    shop.catalogue.add("MUGG", "Mugg", 100)

    shop.catalogue.change("MUGG", status=2)
    shop.catalogue.change("MUGG", new_sku="KOPP", tax_class=4)
    shop.catalogue.delete("KOPP")

    assert told == [
        ("product.created", "MUGG"),
        ("product.updated", "MUGG"),
        ("product.updated", "KOPP"),
        ("product.deleted", "KOPP"),
    ]


async def _put_price(call: MagentoCaller, where: str, wanted: int) -> None:
    answer = await call("PUT", f"{where}/V1/products/MUGG", {"product": {"price": wanted}})
    assert answer.status_code == 200, answer.text


async def _tiers(call: MagentoCaller, method: str, *prices: dict[str, Any]) -> Any:
    return (await call(method, "/rest/V1/products/tier-prices", {"prices": list(prices)})).json()


def _tier(
    price: int, quantity: int, *, group: str = "ALL GROUPS", price_type: str = "fixed"
) -> dict[str, Any]:
    place = {"sku": "MUGG", "website_id": 0, "customer_group": group}
    return place | {"price": price, "price_type": price_type, "quantity": quantity}


def _new(sku: str) -> dict[str, Any]:
    return {"product": {"sku": sku, "name": "Mugg", "price": 100, "attribute_set_id": 4, "type_id": "simple"}}


def _grouped(sku: str, member: str) -> dict[str, Any]:
    link = {"sku": sku, "link_type": "associated", "linked_product_sku": member}
    return link | {"linked_product_type": "simple", "position": 1, "extension_attributes": {"qty": 1}}


def _option(sku: str, member: str) -> dict[str, Any]:
    link = {"id": "1", "sku": member, "option_id": 1, "qty": 1, "position": 1, "is_default": True}
    link |= {"price": None, "price_type": None, "can_change_quantity": 0}
    option = {"option_id": 1, "title": "Part", "required": True, "type": "select", "position": 1, "sku": sku}
    return option | {"product_links": [link]}
