"""Stock, call by call, against recorded answers: what lies where, what orders hold, what is told."""

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from shared.clients.fields import Fields
from shared.clients.magento.client_stock import OPEN_STATES
from shared.clients.magento.wire_stock import ORDER_FIELDS, SourceItem, to_order_goods
from shared.clients.packing import packed
from shared.domain.errors import RefusedByMagento
from tests.shared.clients.magento.scripted import ScriptedShop, a_list, an_answer
from tests.shared.clients.magento.support import answers, documents, samples

LIMIT = {"message": 'Maximum items of type "%type" is %max', "parameters": {"type": "X", "max": 2}}
ORDERS = [
    pytest.param(order, id=f"{name}-{position}")
    for name, answer in (*answers("orders", "rounding", "lists"), *samples("orders"))
    if isinstance(answer, dict)
    for position, order in enumerate(documents(answer))
    if "items" in order and "increment_id" in order and "store_id" in order and "state" in order
]


async def test_what_lies_where_is_read(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /inventory/source-items", "stock/source_items_get")

    found = await shop.client.source_items(["SKU-1001"])

    assert found is not None
    assert found[2] == SourceItem("SKU-1001", "lager3", Decimal("7.5"), True)


async def test_a_shop_without_inventory_management_has_no_source_items(shop: ScriptedShop) -> None:
    assert await shop.client.source_items(["SKU-1001"]) is None


async def test_a_shop_that_limits_lists_gets_them_in_parts(shop: ScriptedShop) -> None:
    shop.says("POST all/inventory/source-items", an_answer(LIMIT, 400), [])
    items = [{"sku": f"S{n}", "source_code": "default", "quantity": n, "status": 1} for n in range(5)]

    await shop.client.save_source_items(items)
    await shop.client.save_source_items(items[:3])

    assert [len(shop.body(at)["sourceItems"]) for at in range(len(shop.asked))] == [5, 2, 2, 1, 2, 1]


async def test_a_bad_row_of_stock_refuses_the_call(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST all/inventory/source-items", "errors/source_items_missing_status")

    with pytest.raises(RefusedByMagento, match='"status" should be numeric'):
        await shop.client.save_source_items([{"sku": "A", "source_code": "default", "quantity": 1}])


# ── what orders hold ──────────────────────────────────────────────────────────────────────────────


def goods(*items: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    """SKU -> wanted, shipped, unshipped."""
    order = {"entity_id": 7, "increment_id": "000000007", "state": "processing", "items": list(items)}
    found = to_order_goods(Fields(order, of="order"))
    return {one.sku: (f"{one.wanted:f}", f"{one.shipped:f}", f"{one.unshipped:f}") for one in found.goods}


def an_item(item_id: int, sku: str, ordered: int, **more: Any) -> dict[str, Any]:
    return {"item_id": item_id, "sku": sku, "product_type": "simple", "qty_ordered": ordered} | more


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({}, ("5", "0", "5")),
        ({"qty_shipped": 2}, ("5", "2", "3")),
        ({"qty_canceled": 1}, ("4", "0", "4")),
        ({"qty_shipped": 2, "qty_refunded": 2}, ("5", "2", "3")),
        ({"qty_shipped": 1, "qty_refunded": 3}, ("5", "1", "2")),
        ({"qty_canceled": 5}, ("0", "0", "0")),
        ({"qty_invoiced": 5}, ("5", "0", "5")),
        ({"is_virtual": "1", "qty_invoiced": 5}, ("5", "5", "0")),
    ],
)
def test_what_is_left_to_ship(item: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert goods(an_item(1, "A", 5, **item)) == {"A": expected}


def test_a_variant_is_shipped_with_what_it_hangs_below() -> None:
    parent = an_item(1, "TRÖJA-R", 3, product_type="configurable", qty_shipped=2)

    assert goods(parent, an_item(2, "TRÖJA-R", 3, parent_item_id=1)) == {"TRÖJA-R": ("3", "2", "1")}


def test_parts_of_a_bundle_are_shipped_together_or_by_themselves() -> None:
    parts = (an_item(2, "A", 4, parent_item_id=1), an_item(3, "B", 2, parent_item_id=1, qty_shipped=2))

    together = goods(an_item(1, "PAKET", 2, product_type="bundle", qty_shipped=1), *parts)
    assert together == {"A": ("4", "2", "2"), "B": ("2", "2", "0")}
    apart = goods(an_item(1, "PAKET", 2, product_type="bundle"), *parts)
    assert apart == {"A": ("4", "0", "4"), "B": ("2", "2", "0")}


@pytest.mark.parametrize("order", ORDERS)
def test_every_recorded_order_is_read(order: dict[str, Any]) -> None:
    found = to_order_goods(Fields(order, of="order"))

    assert found.goods
    assert all(0 <= one.unshipped <= one.wanted for one in found.goods)
    if found.state in ("complete", "closed", "canceled"):
        assert {one.unshipped for one in found.goods} == {0}


async def test_open_orders_are_asked_for_by_state_and_only_their_pieces(shop: ScriptedShop) -> None:
    order = {"entity_id": 7, "increment_id": "000000007", "state": "new", "items": [an_item(1, "A", 2)]}
    shop.says("GET /orders", a_list([order]))

    (found,) = [order async for order in shop.client.open_orders()]

    assert (found.entity_id, [one.sku for one in found.goods]) == (7, ["A"])
    asked = dict(parse_qsl(shop.asked[0].url.query.decode()))
    assert asked["searchCriteria[filterGroups][0][filters][0][value]"] == ",".join(OPEN_STATES)
    assert asked["fields"] == ORDER_FIELDS


# ── addresses that are short enough ───────────────────────────────────────────────────────────────


def test_values_are_packed_by_their_length() -> None:
    short = [f"GEN-{n:06}" for n in range(1000)]
    long = ["Å" * 64 + str(n) for n in range(40)]

    assert [len(some) for some in packed(short)] == [384, 384, 232]
    assert [len(some) for some in packed(long)] == [12, 12, 12, 4]
    assert [one for some in packed([*short, *long]) for one in some] == [*short, *long]
    assert [len(some) for some in packed(short, 250)] == [250, 250, 250, 250]
    assert list(packed(["", "A", "A"])) == [["A"]]


# ── telling ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_stock_item_of_before_is_written_by_its_sku(shop: ScriptedShop) -> None:
    shop.says_as_recorded("PUT all/products/SKU-1001/stockItems/1", "stock/stock_item_put")
    shop.says_as_recorded("GET /stockItems/SKU-1001", "stock/stock_item")

    item = await shop.client.stock_item("SKU-1001")
    await shop.client.save_stock_item("SKU-1001", {"qty": Decimal(8), "is_in_stock": True})

    assert item is not None
    assert shop.body(1) == {"stockItem": {"qty": 8, "is_in_stock": True}}
