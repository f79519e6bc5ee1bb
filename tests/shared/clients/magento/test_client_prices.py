"""Tier prices and the price scope, call by call: what is sent, and that products are never parted."""

import json
from decimal import Decimal
from typing import Any

import pytest

from shared.clients.magento.wire_catalogue import KeptTier, PriceProblem
from shared.domain.errors import RefusedByMagento
from tests.shared.clients.magento.scripted import ScriptedShop, an_answer
from tests.support.paths import REPOSITORY

LIMIT = {"message": 'Maximum items of type "%type" is %max', "parameters": {"type": "X", "max": 4}}
RECORDED = REPOSITORY / "tests" / "recorded" / "price"
TIERS, GONE = "all/products/tier-prices", "all/products/tier-prices-delete"


def a_tier(sku: str, quantity: int) -> dict[str, Any]:
    place = {"sku": sku, "website_id": 0, "customer_group": "all groups", "quantity": quantity}
    return place | {"price": Decimal("9.5"), "price_type": "fixed"}


def sent(shop: ScriptedShop) -> list[list[str]]:
    """SKUs of each call."""
    return [[row["sku"] for row in json.loads(call.content)["prices"]] for call in shop.asked]


async def test_the_recorded_tier_is_sent_as_it_was_taken(shop: ScriptedShop) -> None:
    recorded = json.loads((RECORDED / "magento-tier-price.json").read_text())
    shop.says(f"POST {TIERS}", an_answer(recorded["response"]))

    problems = await shop.client.save_tier_prices(recorded["request"]["body"]["prices"])

    assert problems == ()
    assert json.loads(shop.asked[0].content) == recorded["request"]["body"]
    assert shop.asked[0].url.path.endswith("/rest/all/V1/products/tier-prices")


async def test_tiers_are_read_with_their_group_and_kind(shop: ScriptedShop) -> None:
    tier = a_tier("MUGG", 10) | {"price_type": "discount", "price": 15}
    shop.says(f"POST {TIERS}-information", an_answer([tier]))

    assert await shop.client.tier_prices(["MUGG", "MUGG"]) == (
        KeptTier("MUGG", 0, "all groups", Decimal(10), Decimal(15), is_percent=True),
    )
    assert json.loads(shop.asked[0].content) == {"skus": ["MUGG"]}


async def test_rows_of_one_product_are_never_parted_when_they_replace_others(shop: ScriptedShop) -> None:
    rows = [a_tier(sku, quantity) for sku in ("A", "B", "C") for quantity in (1, 2, 3)]
    shop.says(f"PUT {TIERS}", an_answer(LIMIT, 400), an_answer([]))

    assert await shop.client.replace_tier_prices(rows) == ()

    assert sent(shop) == [list("AAABBBCCC"), ["A"] * 3, ["B"] * 3, ["C"] * 3]


async def test_a_product_with_more_rows_than_the_shop_takes_is_refused_and_not_parted(
    shop: ScriptedShop,
) -> None:
    shop.says(f"PUT {TIERS}", an_answer(LIMIT, 400))

    with pytest.raises(RefusedByMagento, match="Maximum items"):
        await shop.client.replace_tier_prices([a_tier("A", quantity) for quantity in range(1, 8)])

    assert len(shop.asked) == 1


async def test_what_was_refused_is_told_in_words(shop: ScriptedShop) -> None:
    text = "Invalid attribute SKU = %SKU. Row ID: SKU = %SKU, Website ID: %websiteId"
    shop.says(f"POST {GONE}", an_answer([{"message": text, "parameters": ["NOPE", "0"]}]))

    (problem,) = await shop.client.delete_tier_prices([a_tier("NOPE", 1)])

    assert isinstance(problem, PriceProblem)
    assert problem.parameters == ("NOPE", "0")


@pytest.mark.parametrize("scope", ["global", "website"])
async def test_the_price_scope_is_that_of_the_attribute(shop: ScriptedShop, scope: str) -> None:
    shop.says("GET /products/attributes/price", an_answer({"attribute_code": "price", "scope": scope}))

    assert await shop.client.price_scope() == scope


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        ({"prices_include_tax": True}, 200, True),
        ({"prices_include_tax": False}, 200, False),
        ({}, 200, None),
        ({"message": "Request does not match any route."}, 404, None),
        ({"message": "The consumer isn't authorized to access %resources."}, 401, None),
    ],
)
async def test_whether_prices_include_vat_only_our_module_can_tell(
    shop: ScriptedShop, answer: dict[str, Any], status: int, told: bool | None
) -> None:
    shop.says("GET /sluss/tax-display", an_answer(answer, status))

    assert await shop.client.prices_include_vat() is told
