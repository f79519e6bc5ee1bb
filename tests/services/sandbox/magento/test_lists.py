"""Searching orders, invoices and memos: criteria, pages, partial answers, as a real shop answered."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from services.sandbox.magento.lines import Line
from services.sandbox.magento.shop import Shop
from tests.services.sandbox.magento.support import MagentoCaller, recorded, search

MUG = Line("SKU-1001", "Kaffemugg blå", "125", 2)


@pytest.fixture
def thirteen(shop: Shop) -> list[int]:
    """Orders 1 to 13, as many as the recorded shop had."""
    return [shop.orders(MUG, shipping="49", payment="checkmo") for _ in range(13)]


@pytest.mark.parametrize(
    "name",
    [
        "orders_page_zero",
        "orders_page_past_end",
        "orders_snake_case",
        "orders_sort_lower",
        "orders_bare",
        "orders_in",
    ],
)
async def test_a_recorded_search_gives_the_recorded_answer(
    call: MagentoCaller, thirteen: list[int], name: str
) -> None:
    exchange = recorded(f"lists/{name}")

    answer = await call("GET", exchange["request"]["path"])

    assert len(thirteen) == 13
    assert (answer.status_code, answer.json()) == (200, exchange["response"])


@pytest.mark.parametrize("name", ["orders_bad_condition", "orders_no_criteria", "orders_sort_bad"])
async def test_a_recorded_odd_search_gives_the_recorded_answer(
    call: MagentoCaller, thirteen: list[int], name: str
) -> None:
    exchange = recorded(f"errors/{name}")

    answer = await call("GET", exchange["request"]["path"])

    assert len(thirteen) == 13
    assert (answer.status_code, answer.json()) == (exchange["status"], exchange["response"])


async def test_an_unknown_column_of_orders_is_a_500_with_a_report(
    call: MagentoCaller, thirteen: list[int]
) -> None:
    exchange = recorded("errors/orders_bad_field")

    answer = await call("GET", exchange["request"]["path"])

    assert len(thirteen) == 13
    report = len("webapi-6b00d343bf5ac")
    assert answer.status_code == 500
    assert answer.json()["message"][:-report] == exchange["response"]["message"][:-report]


async def test_a_page_of_orders_has_the_envelope_and_the_orders(
    call: MagentoCaller, thirteen: list[int]
) -> None:
    exchange = recorded("lists/orders_page")

    found = await call.get(exchange["request"]["path"])

    wanted = exchange["response"]
    assert found["search_criteria"] == wanted["search_criteria"]
    assert [one["entity_id"] for one in found["items"]] == [1, 2, 3]
    assert found["total_count"] == len(thirteen)
    assert set(found["items"][1]) - set(wanted["items"][1]) == set()


async def test_order_items_are_listed_with_the_same_keys(call: MagentoCaller, thirteen: list[int]) -> None:
    exchange = recorded("lists/order_items")

    found = await call.get(exchange["request"]["path"])

    assert len(thirteen) == 13
    assert found["search_criteria"] == exchange["response"]["search_criteria"]
    assert set(found["items"][0]) <= set(exchange["response"]["items"][0])


@pytest.mark.parametrize("kind", ["invoices", "creditmemos"])
async def test_beyond_the_last_page_items_are_null_under_a_filter(
    call: MagentoCaller, shop: Shop, thirteen: list[int], kind: str
) -> None:
    shop.invoice(thirteen[0])
    shop.refund(thirteen[0])

    found = await call.get(recorded(f"lists/{kind}_page_past_end")["request"]["path"])
    unfiltered = await call.get(f"/rest/V1/{kind}?{search(page_size='5', current_page='99')}")

    assert found == {"items": None, "total_count": 1}
    assert unfiltered["items"] == []


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("gt:11", [12, 13]),
        ("gteq:12", [12, 13]),
        ("lt:3", [1, 2]),
        ("lteq:2", [1, 2]),
        ("neq:1", list(range(2, 14))),
        ("in:3,5", [3, 5]),
        ("nin:1,2,3,4,5,6,7,8,9,10,11", [12, 13]),
        ("like:1%", [1, 10, 11, 12, 13]),
        ("null:1", []),
        ("notnull:1", list(range(1, 14))),
        ("finset:7", [7]),
        ("from:12", [12, 13]),
        ("to:2", [1, 2]),
    ],
)
async def test_each_condition_filters(
    call: MagentoCaller, thirteen: list[int], condition: str, wanted: list[int]
) -> None:
    found = await call.get(f"/rest/V1/orders?{search(entity_id=condition)}")

    assert len(thirteen) == 13
    assert [one["entity_id"] for one in found["items"]] == wanted


async def test_groups_are_joined_by_and_their_filters_by_or(call: MagentoCaller, thirteen: list[int]) -> None:
    where = "searchCriteria[filterGroups][{}][filters][{}][{}]={}"
    parts = [
        where.format(0, 0, "field", "entity_id"),
        where.format(0, 0, "value", "3"),
        where.format(0, 1, "field", "entity_id"),
        where.format(0, 1, "value", "4"),
        where.format(1, 0, "field", "increment_id"),
        where.format(1, 0, "value", "000000004"),
    ]
    query = "&".join(quote(one, safe="=") for one in parts)

    found = await call.get(f"/rest/V1/orders?{query}")

    assert len(thirteen) == 13
    assert [one["entity_id"] for one in found["items"]] == [4]


@pytest.mark.parametrize("fields", ["items[entity_id", "items entity_id", "items[entity_id]]"])
async def test_an_unreadable_partial_answer_is_an_empty_list(
    call: MagentoCaller, thirteen: list[int], fields: str
) -> None:
    found = await call.get(f"/rest/V1/orders?searchCriteria=&fields={quote(fields)}")

    assert len(thirteen) == 13
    assert found == []


async def test_partial_answers_reach_into_lists(call: MagentoCaller, thirteen: list[int]) -> None:
    fields = quote("increment_id,items[sku,qty_ordered],payment[method]")

    found = await call.get(f"/rest/V1/orders/{thirteen[0]}?fields={fields}")

    assert found == {
        "increment_id": "000000001",
        "items": [{"sku": "SKU-1001", "qty_ordered": 2}],
        "payment": {"method": "checkmo"},
    }
