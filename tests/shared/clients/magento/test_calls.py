"""Pages, limits, second attempts: what every part of the client stands on."""

import asyncio
from typing import Any

import httpx
import pytest

from shared.clients.magento import calls
from shared.clients.magento.calls import Gate
from shared.clients.magento.errors import NoRoute
from shared.domain.errors import (
    InDoubt,
    MagentoCredentials,
    MagentoRights,
    Unavailable,
    UnreadableAnswer,
)
from tests.shared.clients.magento.scripted import ScriptedShop, a_list, an_answer
from tests.shared.clients.magento.support import recorded
from tests.support.clock import Clock

INVALID = {"message": "The signature is invalid. Verify and try again."}
MASKED = recorded("errors/orders_bad_field")["response"]


def a_product(number: int) -> dict[str, Any]:
    return {"id": number, "sku": f"SKU-{number}", "name": "Mugg", "type_id": "simple", "status": 1}


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────


async def ids_of(shop: ScriptedShop, **how: Any) -> list[int]:
    return [product.product_id async for product in shop.client.products(**how)]


async def test_pages_are_asked_for_by_the_last_id_seen(shop: ScriptedShop) -> None:
    shop.says(
        "GET /products",
        a_list([a_product(3), a_product(7)], 5),
        a_list([a_product(8), a_product(20)], 3),
        a_list([a_product(21)], 1),
    )

    assert await ids_of(shop, size=2) == [3, 7, 8, 20, 21]

    assert [shop.filters(page) for page in range(3)] == [
        [("entity_id", "gt", "0")],
        [("entity_id", "gt", "7")],
        [("entity_id", "gt", "20")],
    ]
    query = shop.query()
    assert (query["searchCriteria[pageSize]"], query["searchCriteria[currentPage]"]) == ("2", "1")
    assert query["searchCriteria[sortOrders][0][field]"] == "entity_id"
    assert query["searchCriteria[sortOrders][0][direction]"] == "ASC"


async def test_a_load_goes_on_behind_the_id_where_it_broke_off(shop: ScriptedShop) -> None:
    shop.says("GET /products", a_list([a_product(8)], 1))

    assert await ids_of(shop, after=7) == [8]
    assert shop.filters() == [("entity_id", "gt", "7")]


@pytest.mark.parametrize("items", [[], None])
async def test_nothing_found_may_be_an_empty_list_or_null(shop: ScriptedShop, items: Any) -> None:
    shop.says("GET /products", a_list(items))

    assert await ids_of(shop) == []
    assert len(shop.asked) == 1


async def test_without_a_count_an_empty_page_is_the_end(shop: ScriptedShop) -> None:
    shop.says("GET /products", {"items": [a_product(1)]}, {"items": None})

    assert await ids_of(shop) == [1]
    assert len(shop.asked) == 2


async def test_a_list_that_does_not_filter_is_not_read_for_ever(shop: ScriptedShop) -> None:
    shop.says("GET /products", a_list([a_product(1), a_product(2)], 50))

    with pytest.raises(UnreadableAnswer, match="id 2 after id 2"):
        await ids_of(shop)


async def test_a_shop_that_limits_pages_is_asked_for_less_from_then_on(shop: ScriptedShop) -> None:
    limit = {"message": "Maximum SearchCriteria pageSize is %max", "parameters": {"max": 20}}
    shop.says("GET /products", an_answer(limit, 400), a_list([a_product(1)]))

    assert await ids_of(shop) == [1]
    assert await ids_of(shop) == [1]

    asked = [shop.query(at)["searchCriteria[pageSize]"] for at in range(3)]
    assert asked == ["100", "20", "20"]


async def test_short_lists_stop_when_an_old_server_repeats_its_last_page(shop: ScriptedShop) -> None:
    group = {"id": 0, "code": "NOT LOGGED IN"}
    shop.says("GET /customerGroups/search", a_list([group], 9))

    assert [found.code for found in await shop.client.customer_groups()] == ["NOT LOGGED IN"]
    assert [shop.query(at)["searchCriteria[currentPage]"] for at in range(2)] == ["1", "2"]


# ── second attempts ───────────────────────────────────────────────────────────────────────────────


async def test_a_path_with_a_slash_is_signed_the_other_way_once_it_was_refused(shop: ScriptedShop) -> None:
    shop.says("GET /configurable-products/A%2FB/children", an_answer(INVALID, 401), [])

    await shop.client.variants("A/B")
    await shop.client.variants("A/B")

    assert len(shop.asked) == 3
    signatures = [request.headers["authorization"] for request in shop.asked]
    assert len(set(signatures)) == 3
    assert [request.url.raw_path for request in shop.asked] == [
        b"/rest/V1/configurable-products/A%2FB/children"
    ] * 3


async def test_wrong_secrets_are_not_learned_from(shop: ScriptedShop) -> None:
    shop.says("GET /configurable-products/A%2FB/children", INVALID, status=401)

    for _ in range(2):
        with pytest.raises(MagentoCredentials, match="signature is invalid"):
            await shop.client.variants("A/B")

    assert len(shop.asked) == 4
    assert shop.client._shop.authentication.undo_escapes is True


async def test_a_plain_path_with_a_wrong_signature_is_not_tried_again(shop: ScriptedShop) -> None:
    shop.says("GET /orders/7", INVALID, status=401)

    with pytest.raises(MagentoCredentials):
        await shop.client.order(7)

    assert len(shop.asked) == 1


async def test_a_refused_nonce_gets_one_more_attempt_with_a_new_one(shop: ScriptedShop) -> None:
    shop.says("POST all/products/cost", an_answer(recorded("auth/nonce_reused")["response"], 401), [])

    await shop.client.save_costs([{"sku": "A", "cost": 1, "store_id": 0}])

    nonces = [request.headers["authorization"].split("oauth_nonce=")[1][:34] for request in shop.asked]
    assert len(nonces) == len(set(nonces)) == 2


async def test_missing_rights_are_not_tried_again(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /orders/7", "auth/forbidden_acl")

    with pytest.raises(MagentoRights, match="Magento_Sales::actions_view"):
        await shop.client.order(7)

    assert len(shop.asked) == 1


async def test_a_read_with_a_masked_error_is_tried_once_more(
    shop: ScriptedShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MASKED_PAUSE_SECONDS", 0.0)
    shop.says("GET /orders/7", MASKED, status=500)

    with pytest.raises(Unavailable, match="Report ID") as caught:
        await shop.client.order(7)

    assert len(shop.asked) == 2
    assert caught.value.facts["report"] == "webapi-6b00d343bf5ac"


async def test_a_write_with_a_masked_error_is_in_doubt_and_not_repeated(shop: ScriptedShop) -> None:
    shop.says("POST /customers", MASKED, status=500)

    with pytest.raises(InDoubt):
        await shop.client.create_customer({"email": "anna@example.com"})

    assert len(shop.asked) == 1


async def test_maintenance_is_not_asked_again_at_once(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /orders/7", "errors/maintenance_mode")
    shop.says_as_recorded("POST /customers", "errors/maintenance_mode")

    for call in (shop.client.order(7), shop.client.create_customer({})):
        with pytest.raises(Unavailable, match="maintenance") as caught:
            await call
        assert caught.value.retry_after is not None

    assert len(shop.asked) == 2


async def test_a_page_of_something_else_names_the_base_address(shop: ScriptedShop) -> None:
    shop.says("GET /orders/7", httpx.Response(200, text="<html>Welcome</html>"))

    with pytest.raises(UnreadableAnswer, match="is base_url the shop's own address"):
        await shop.client.order(7)


async def test_an_address_without_a_shop_is_no_missing_order(shop: ScriptedShop) -> None:
    shop.says("GET /orders/7", "<title>404 Not Found</title>", status=404)

    with pytest.raises(NoRoute):
        await shop.client.order(7)


# ── what is sent ──────────────────────────────────────────────────────────────────────────────────


async def test_every_call_asks_for_json_and_is_recorded_without_its_numbers(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /orders/9", "orders/coupon_shippingtax/order")

    await shop.client.order(9)

    assert shop.asked[0].headers["accept"] == "application/json"
    assert [record.endpoint for record in shop.records] == ["GET /rest/V1/orders/{n}"]
    assert shop.records[0].path == "/rest/V1/orders/9"


async def test_spaces_are_sent_as_percent_20(shop: ScriptedShop, clock: Clock) -> None:
    shop.says("GET /products", a_list([]))

    await ids_of(shop, since=clock())

    assert b"2026-05-04%2007%3A00%3A00" in shop.asked[0].url.query
    assert b"+" not in shop.asked[0].url.query


async def test_a_bearer_is_sent_where_the_merchant_says_so(clock: Clock) -> None:
    shop = ScriptedShop(clock, authentication="bearer")
    shop.says("GET /products", a_list([]))

    await ids_of(shop)

    assert shop.asked[0].headers["authorization"] == "Bearer at0123456789abcdefghijklmnopqrst"


# ── the gate ──────────────────────────────────────────────────────────────────────────────────────


async def test_four_at_once_and_one_place_for_sales() -> None:
    gate, inside = Gate(4), {"bulk": 0, "sale": 0}
    go_on = asyncio.Event()

    async def one(lane: str) -> None:
        async with gate.through(lane):
            inside[lane] += 1
            await go_on.wait()

    bulk = [asyncio.create_task(one("bulk")) for _ in range(6)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    sales = [asyncio.create_task(one("sale")) for _ in range(2)]
    for _ in range(5):
        await asyncio.sleep(0)

    assert inside == {"bulk": 3, "sale": 1}
    go_on.set()
    await asyncio.gather(*bulk, *sales)
    assert inside == {"bulk": 6, "sale": 2}


def test_an_empty_part_never_becomes_an_address() -> None:
    for text in ("", ".", ".."):
        with pytest.raises(ValueError, match="is no part of a path"):
            calls.part(text)
