"""Settings of products: contradictions are refused with their path."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.settings.products import ProductSettings


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"prices": [{"price_list": "A"}, {"price_list": "A"}]}, "same price list"),
        ({"price_owner": "fortnox", "prices": [{"price_list": "A"}, {"price_list": "B"}]}, "same website"),
        ({"price_owner": "svea"}, "price_owner"),
        ({"prices": [{"price_list": "A", "customer_group": 3}]}, "needs tiers"),
        ({"prices": [{"price_list": "a list"}]}, "prices.0.price_list"),
        ({"article_lines": [{"rate": 25}]}, "tax_class or category"),
        ({"keep": ["name"]}, "keep.0"),
        ({"unit": ""}, "unit"),
    ],
)
def test_what_cannot_be_is_refused(declared: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        ProductSettings.model_validate(declared)


def test_by_default_everything_follows_the_shop_and_no_price_is_written() -> None:
    settings = ProductSettings()

    assert settings.keep == ("description", "ean", "unit", "vat", "accounts", "active", "prices")
    assert settings.prices == ()


def test_a_list_goes_one_way_and_may_be_that_of_several_websites_where_fortnox_owns_it() -> None:
    lines = [{"price_list": "A", "website": "base"}, {"price_list": "A", "website": "b2b"}]

    to_shop = ProductSettings.model_validate({"price_owner": "fortnox", "prices": lines})
    to_fortnox = ProductSettings.model_validate({"prices": lines[:1]})

    assert (len(to_shop.prices_to_shop), to_shop.prices_to_fortnox) == (2, ())
    assert (to_fortnox.prices_to_shop, len(to_fortnox.prices_to_fortnox)) == ((), 1)
