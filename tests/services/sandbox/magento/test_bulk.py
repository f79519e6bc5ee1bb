"""Asynchronous calls of the Magento stand-in, against the recorded ones and with the consumer asleep."""

from __future__ import annotations

import json
import pickle
from datetime import timedelta
from typing import Any

import pytest

from services.sandbox.magento.shop import Shop
from services.sandbox.magento.stock import Source
from tests.services.sandbox.magento.support import MagentoCaller, recorded, search, shape
from tests.support.clock import Clock

MUGS = "/rest/async/bulk/V1/inventory/source-items"
PRODUCTS = "/rest/all/async/bulk/V1/products"


@pytest.fixture
async def mugs(shop: Shop) -> Shop:
    shop.catalogue.add("SKU-1001", "Kaffemugg blå", 125, weight=0.5, quantity=97)
    shop.catalogue.add("SKU-1002", "Bok", 112)
    shop.stock.sources["lager2"] = Source("lager2", "Lager 2")
    return shop


async def ask(call: MagentoCaller, name: str, status: int = 202) -> Any:
    """What was recorded under `async/`, asked again."""
    request = recorded(f"async/{name}")["request"]
    answer = await call(request["method"], request["path"], request["body"])
    assert answer.status_code == status, answer.text
    return answer.json()


def unnumbered(shown: Any) -> Any:
    """Without what is new each time: uuids, hashes, instants, and what products came to have as numbers."""
    new = (
        "bulk_uuid",
        "bulk_id",
        "data_hash",
        "start_time",
        "result_serialized_data",
        "extension_attributes",
    )
    if isinstance(shown, dict):
        return {name: unnumbered(one) for name, one in shown.items() if name not in new}
    return [unnumbered(one) for one in shown] if isinstance(shown, list) else shown


@pytest.mark.parametrize(
    ("accepted", "status", "detailed"),
    [
        ("bulk_source_items_accept", "status_source_items", "detailed_source_items"),
        ("bulk_products_accept", "status_products", "detailed_products"),
        ("bulk_products_bySku_accept", "status_bySku", "detailed_bySku"),
        ("single_accept", "status_single", "detailed_single"),
    ],
)
async def test_what_became_of_a_bulk_is_told_as_recorded(
    mugs: Shop, call: MagentoCaller, accepted: str, status: str, detailed: str
) -> None:
    answer = await ask(call, accepted)

    uuid = answer["bulk_uuid"]
    told = await call.get(f"/rest/V1/bulk/{uuid}/status")
    in_detail = await call.get(f"/rest/V1/bulk/{uuid}/detailed-status")

    assert unnumbered(answer) == unnumbered(recorded(f"async/{accepted}")["response"])
    assert unnumbered(told) == unnumbered(recorded(f"async/{status}")["response"])
    expected = recorded(f"async/{detailed}")["response"]
    assert unnumbered(in_detail) == unnumbered(expected)
    assert _result_fields(in_detail) == _result_fields(expected)


async def test_without_a_consumer_operations_stay_open(mugs: Shop, call: MagentoCaller) -> None:
    mugs.bulk.consumer_runs = False

    uuid = (await ask(call, "bulk_source_items_accept"))["bulk_uuid"]

    told = await call.get(f"/rest/V1/bulk/{uuid}/detailed-status")
    counts = [await call.get(f"/rest/V1/bulk/{uuid}/operation-status/{status}") for status in range(1, 6)]
    found = await call.get(f"/rest/V1/bulk/?{search(bulk_uuid=f'eq:{uuid}')}")
    assert unnumbered(told) == unnumbered(recorded("async/detailed_status_done")["response"])
    assert counts == [recorded(f"async/operation_count_{status}")["response"] for status in range(1, 6)]
    assert shape(found["items"]) == shape(recorded("async/bulk_search")["response"]["items"])
    assert mugs.stock.item("SKU-1001", "lager2") is None


async def test_a_consumer_that_comes_back_does_what_was_left(mugs: Shop, call: MagentoCaller) -> None:
    mugs.bulk.consumer_runs = False
    await ask(call, "bulk_source_items_accept")

    assert await mugs.bulk.work(at_most=1) == 1
    item = mugs.stock.item("SKU-1001", "lager2")
    assert item is not None
    assert item.quantity == 200
    assert mugs.stock.item("SKU-1002", "lager2") is None
    assert await mugs.bulk.work() == 3


async def test_a_consumer_takes_its_time(mugs: Shop, call: MagentoCaller, clock: Clock) -> None:
    mugs.bulk.consumer_seconds = 4

    uuid = (await ask(call, "bulk_source_items_accept"))["bulk_uuid"]
    at_once = await call.get(f"/rest/V1/bulk/{uuid}/operation-status/4")
    clock.advance(timedelta(seconds=5))

    assert at_once == 4
    assert await call.get(f"/rest/V1/bulk/{uuid}/operation-status/4") == 0


async def test_one_body_of_a_wrong_type_refuses_the_whole(mugs: Shop, call: MagentoCaller) -> None:
    answer = await ask(call, "bulk_mixed_types", status=400)

    assert answer == recorded("async/bulk_mixed_types")["response"]
    assert mugs.bulk.bulks == {}


async def test_an_empty_list_is_accepted(mugs: Shop, call: MagentoCaller) -> None:
    answer = await call("POST", PRODUCTS, [])

    assert (answer.status_code, answer.json()["request_items"]) == (202, [])


async def test_rights_are_checked_before_anything_is_queued(mugs: Shop, call: MagentoCaller) -> None:
    mugs.integration.resources = set()

    answer = await call("POST", MUGS, [{"sourceItems": []}])

    assert (answer.status_code, answer.json()) == (401, recorded("auth/forbidden_bulk")["response"])
    assert mugs.bulk.bulks == {}


def _result_fields(told: Any) -> list[Any]:
    """The fields of the saved things, which come as JSON inside JSON."""
    results = [one["result_serialized_data"] for one in told["operations_list"]]
    return [None if one is None else sorted(json.loads(one)) for one in results]


async def test_operations_that_wait_can_be_kept(mugs: Shop, call: MagentoCaller) -> None:
    mugs.bulk.consumer_runs = False
    await ask(call, "bulk_products_accept")

    kept = pickle.loads(pickle.dumps(next(iter(mugs.bulk.bulks.values())).operations[0].route))

    assert kept.pattern == "/V1/products"
