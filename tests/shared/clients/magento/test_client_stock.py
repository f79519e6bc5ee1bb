"""Stock, call by call, against recorded answers: what lies where, what orders hold, what is told."""

from decimal import Decimal

import pytest

from shared.clients.magento.wire_stock import SourceItem
from shared.domain.errors import RefusedByMagento
from tests.shared.clients.magento.scripted import ScriptedShop, an_answer

LIMIT = {"message": 'Maximum items of type "%type" is %max', "parameters": {"type": "X", "max": 2}}


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
