"""What a connection to a shop can and cannot do is found, and said apart."""

import httpx
import pytest

from shared.clients.magento.probe import NEEDS, State, probe
from shared.domain.errors import Unavailable
from tests.shared.clients.magento.scripted import ScriptedShop, a_list, an_answer
from tests.shared.clients.magento.support import recorded

REFUSED = recorded("auth/forbidden_acl")["response"]["message"]


def a_shop_that_works(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /store/websites", "auth/bearer_integration_token_enabled")
    shop.says_as_recorded("GET /store/storeConfigs", "base/store_storeConfigs")
    shop.says_as_recorded("GET /inventory/sources", "base/inventory_sources")
    for need in NEEDS[1:]:
        shop.says(f"GET {need.path}", a_list([]))


def refused(resource: str) -> httpx.Response:
    return an_answer({"message": REFUSED, "parameters": {"resources": resource}}, 401)


async def test_a_shop_that_works_shows_what_it_is(shop: ScriptedShop) -> None:
    a_shop_that_works(shop)

    found = await probe(shop.client)

    assert (found.state, found.missing) == (State.WORKS, ())
    assert found.base_currencies == {"SEK"}
    assert [site.code for site in found.websites] == ["eu", "base"]
    assert (found.has_inventory, found.has_our_module, found.version) == (True, False, "")
    assert {request.method for request in shop.asked} == {"GET"}
    assert len(shop.asked) == 15


async def test_each_missing_right_is_named_as_magento_names_it(shop: ScriptedShop) -> None:
    a_shop_that_works(shop)
    shop.now_says("GET /creditmemos", refused("Magento_Sales::sales_creditmemo"))
    shop.now_says("GET /inventory/sources", refused("Magento_InventoryApi::source"))

    found = await probe(shop.client)

    assert found.state is State.MISSING_RIGHTS
    assert [(gone.resource, gone.purpose) for gone in found.missing] == [
        ("Magento_Sales::sales_creditmemo", "credit memos")
    ]
    assert found.has_inventory is None


async def test_without_the_right_to_see_stores_the_rest_is_probed(shop: ScriptedShop) -> None:
    shop.says("GET /store/websites", refused("Magento_Backend::store"))
    for need in NEEDS[1:]:
        shop.says(f"GET {need.path}", a_list([]))

    found = await probe(shop.client)

    assert found.state is State.MISSING_RIGHTS
    assert (found.websites, found.stores, found.has_inventory) == ((), (), False)


@pytest.mark.parametrize(
    "name", ["bad_signature", "consumer_unknown", "token_unknown", "token_short", "consumer_short"]
)
async def test_wrong_credentials_are_found_at_the_first_call(shop: ScriptedShop, name: str) -> None:
    shop.says_as_recorded("GET /store/websites", f"auth/{name}")

    found = await probe(shop.client)

    assert found.state is State.WRONG_CREDENTIALS
    assert recorded(f"auth/{name}")["response"]["message"] in found.message
    assert len(shop.asked) == 1


async def test_a_caller_that_is_refused_everything_is_nobody_to_magento(shop: ScriptedShop) -> None:
    for need in NEEDS:
        shop.says(f"GET {need.path}", refused(need.resource))

    found = await probe(shop.client)

    assert (found.state, len(found.missing)) == (State.NOBODY, len(NEEDS))
    assert len(shop.asked) == len(NEEDS)


async def test_a_shop_in_maintenance_is_not_judged(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /store/websites", "errors/maintenance_mode")

    with pytest.raises(Unavailable):
        await probe(shop.client)
