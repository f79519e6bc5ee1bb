"""Stock of the Magento stand-in: what lies where, what is promised, and what a shipment takes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.shop import Shop
from services.sandbox.magento.stock import Source
from tests.services.sandbox.magento.support import MagentoCaller, search

ONE, TWO = Decimal(1), Decimal(2)
ITEMS = "/rest/all/V1/inventory/source-items"


@pytest.fixture
def mugs(shop: Shop) -> Shop:
    """Ten mugs in the only source."""
    shop.catalogue.add("MUGG", "Mugg", 129, quantity=10)
    return shop


@pytest.fixture
def nordic(mugs: Shop) -> Shop:
    """A second stock for website `base`, with two sources of its own."""
    for code in ("lager2", "lager3"):
        mugs.stock.sources[code] = Source(code, code)
    mugs.stock.stocks[1].websites = ["eu"]
    mugs.stock.stocks[2] = type(mugs.stock.stocks[1])(2, "Nordic", ["base"], {"lager2": 1, "lager3": 2})
    mugs.stock.put("MUGG", Decimal(100), "lager2")
    mugs.stock.put("MUGG", Decimal("7.5"), "lager3")
    return mugs


async def salable(call: MagentoCaller, stock_id: int = 1) -> Any:
    return await call.get(f"/rest/V1/inventory/get-product-salable-quantity/mugg/{stock_id}")


async def lying(call: MagentoCaller) -> dict[str, Any]:
    found = await call.get(f"/rest/V1/inventory/source-items?{search(sku='eq:MUGG')}")
    return {item["source_code"]: item["quantity"] for item in found["items"]}


# ---- what orders do to it --------------------------------------------------------------------------------


async def test_an_order_holds_and_a_shipment_takes(mugs: Shop, call: MagentoCaller) -> None:
    mugs.stock.placed(1, {"MUGG": Decimal(3)})
    held = (await salable(call), await lying(call))
    mugs.stock.shipped(1, {"MUGG": TWO})
    shipped = (await salable(call), await lying(call))
    mugs.stock.canceled(1, {"MUGG": ONE})

    assert held == (7, {"default": 10})
    assert shipped == (7, {"default": 8})
    assert await salable(call) == 8


async def test_a_refund_puts_goods_back_where_they_lay_or_frees_what_was_held(
    mugs: Shop, call: MagentoCaller
) -> None:
    mugs.stock.placed(1, {"MUGG": Decimal(3)})
    mugs.stock.shipped(1, {"MUGG": ONE})

    mugs.stock.returned(1, {"MUGG": ONE})
    mugs.stock.returned(1, {"MUGG": TWO}, shipped=False)

    assert (await salable(call), await lying(call)) == (10, {"default": 10})


async def test_a_shipment_without_goods_is_refused_and_takes_nothing(mugs: Shop) -> None:
    with pytest.raises(Refused, match="Could not save a shipment, see error log for details"):
        mugs.stock.shipped(1, {"MUGG": Decimal(11)})

    item = mugs.stock.item("MUGG")
    assert item is not None
    assert item.quantity == 10
    assert mugs.stock.reservations == []


async def test_a_shipment_names_its_source_or_takes_from_default(nordic: Shop, call: MagentoCaller) -> None:
    nordic.stock.placed(1, {"MUGG": TWO})

    nordic.stock.shipped(1, {"MUGG": ONE}, "lager2")
    nordic.stock.shipped(1, {"MUGG": ONE})

    assert await lying(call) == {"default": 9, "lager2": 99, "lager3": 7.5}
    assert await salable(call, 2) == 106.5
    with pytest.raises(Refused):
        nordic.stock.shipped(1, {"MUGG": ONE}, "nosuch")


async def test_without_inventory_management_an_order_takes_its_pieces_at_once(
    mugs: Shop, call: MagentoCaller
) -> None:
    mugs.stock.has_sources = False

    mugs.stock.placed(1, {"MUGG": Decimal(3)})
    mugs.stock.shipped(1, {"MUGG": TWO})
    mugs.stock.invoiced(1, {"MUGG": TWO})
    mugs.stock.canceled(1, {"MUGG": ONE})

    assert (await call.get("/rest/V1/stockItems/MUGG"))["qty"] == 8
    assert mugs.stock.reservations == []
    for path in ("sources", f"source-items?{search(sku='eq:MUGG')}", "stock-resolver/website/base"):
        refused = await call("GET", f"/rest/V1/inventory/{path}")
        assert (refused.status_code, refused.json()["message"]) == (404, "Request does not match any route.")


async def test_a_shop_may_take_few_rows_at_once_and_an_extension_may_refuse_one(
    mugs: Shop, call: MagentoCaller
) -> None:
    mugs.stock.most_items, mugs.stock.refused_skus = 2, {"KOPP"}
    row = {"source_code": "default", "quantity": 1, "status": 1}

    many = await call("POST", ITEMS, {"sourceItems": [row | {"sku": "MUGG"}] * 3})
    assert (many.status_code, many.json()["message"]) == (400, 'Maximum items of type "%type" is %max')
    assert many.json()["parameters"]["max"] == 2
    bad = await call("POST", ITEMS, {"sourceItems": [row | {"sku": sku} for sku in ("MUGG", "KOPP")]})
    assert (bad.status_code, bad.json()["message"]) == (400, 'Validation Failed: "sku" is not managed here.')
    assert await lying(call) == {"default": 10}


async def test_virtual_goods_leave_with_the_invoice(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.add("MUGG", "Kurs", 500, type_id="virtual", quantity=5)
    shop.stock.placed(1, {"MUGG": TWO})

    shop.stock.invoiced(1, {"MUGG": TWO})

    assert (await salable(call), await lying(call)) == (3, {"default": 3})


def test_what_the_catalogue_does_not_have_is_not_counted(shop: Shop) -> None:
    shop.stock.placed(1, {"GONE": ONE})
    shop.stock.shipped(1, {"GONE": ONE})

    assert shop.stock.reservations == []


# ---- reading and writing -----------------------------------------------------------------------------------


async def test_one_wrong_row_keeps_all_others_out(mugs: Shop, call: MagentoCaller) -> None:
    rows = [_row(quantity=3), _row(source_code="nosuch")]

    answer = await call("POST", "/rest/V1/inventory/source-items", {"sourceItems": rows})

    assert (answer.status_code, answer.json()) == (400, {"message": "Could not save Source Item"})
    assert await lying(call) == {"default": 10}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"sku": " MUGG"}, 'Validation Failed: "sku" can not contain leading or trailing spaces.'),
        ({"sku": ""}, 'Validation Failed: "sku" can not be empty.'),
        ({"status": 7}, 'Validation Failed: "status" should a known status.'),
    ],
)
async def test_a_row_is_validated(
    mugs: Shop, call: MagentoCaller, fault: dict[str, Any], message: str
) -> None:
    rows = [_row() | fault]

    answer = await call("POST", "/rest/V1/inventory/source-items", {"sourceItems": rows})

    assert (answer.status_code, answer.json()["message"]) == (400, message)


async def test_source_items_of_generated_products_are_listed_too(shop: Shop, call: MagentoCaller) -> None:
    shop.catalogue.generate(300)
    shop.stock.put("GEN-000002", Decimal(77))

    some = await call.get(f"/rest/V1/inventory/source-items?{search(sku='in:GEN-000001,gen-000002')}")
    page = await call.get(f"/rest/V1/inventory/source-items?{search(page_size='100', current_page='3')}")

    assert sorted((item["sku"], item["quantity"]) for item in some["items"]) == [
        ("GEN-000001", 1),
        ("GEN-000002", 77),
    ]
    assert (len(page["items"]), page["total_count"]) == (100, 300)


async def test_what_is_exported_is_counted_by_the_page(nordic: Shop, call: MagentoCaller) -> None:
    nordic.catalogue.add("SHIRT", "Shirt", type_id="configurable")
    nordic.catalogue.add("ELSEWHERE", "Not in this stock", 1, quantity=4)
    nordic.stock.placed(1, {"MUGG": ONE})

    found = await call.get(
        f"/rest/V1/inventory/export-stock-salable-qty/website/base?{search(page_size='5')}"
    )

    assert found["items"] == [{"sku": "MUGG", "qty": 106.5, "is_salable": True}]
    assert found["total_count"] == 1


@pytest.mark.parametrize(
    ("sku", "message"),
    [
        ("SHIRT", "Can't check requested quantity for products without Source Items support."),
        ("NOPE", "The requested sku is not assigned to given stock."),
    ],
)
async def test_a_quantity_that_cannot_be_asked_for(
    mugs: Shop, call: MagentoCaller, sku: str, message: str
) -> None:
    mugs.catalogue.add("SHIRT", "Shirt", type_id="configurable")

    answer = await call("GET", f"/rest/V1/inventory/get-product-salable-quantity/{sku}/1")

    assert (answer.status_code, answer.json()) == (400, {"message": message})


async def test_several_products_are_asked_about_at_once(mugs: Shop, call: MagentoCaller) -> None:
    query = "skus%5B0%5D=MUGG&skus%5B1%5D=NOPE&stockId=1"

    found = await call.get(f"/rest/V1/inventory/are-products-salable?{query}")

    assert [(one["sku"], one["salable"]) for one in found] == [("MUGG", True), ("NOPE", False)]
    assert await call.get("/rest/V1/inventory/is-product-salable/MUGG/1") is True


async def test_sources_stocks_and_links_are_made_over_rest(mugs: Shop, call: MagentoCaller) -> None:
    source = {"source_code": "gbg", "name": "Göteborg", "country_id": "SE", "postcode": "411 05"}
    stock = {
        "name": "Väst",
        "extension_attributes": {"sales_channels": [{"type": "website", "code": "base"}]},
    }

    await call("POST", "/rest/V1/inventory/sources", {"source": source})
    number = (await call("POST", "/rest/V1/inventory/stocks", {"stock": stock})).json()
    links = [{"stock_id": number, "source_code": "gbg", "priority": 1}]
    await call("POST", "/rest/V1/inventory/stock-source-links", {"links": links})
    await call("POST", "/rest/V1/inventory/source-items", {"sourceItems": [_row(source_code="gbg")]})

    assert (await call.get("/rest/V1/inventory/sources/gbg"))["name"] == "Göteborg"
    resolved = await call.get("/rest/V1/inventory/stock-resolver/website/base")
    assert (resolved["stock_id"], await salable(call, number)) == (number, 4)
    path = f"/rest/V1/inventory/get-sources-assigned-to-stock-ordered-by-priority/{number}"
    assert [one["source_code"] for one in await call.get(path)] == ["gbg"]
    all_links = await call.get("/rest/V1/inventory/stock-source-links")
    assert links[0] in all_links["items"]


async def test_a_disabled_source_is_not_salable(nordic: Shop, call: MagentoCaller) -> None:
    source = {"name": "Lager 2", "enabled": False}

    await call("PUT", "/rest/V1/inventory/sources/lager2", {"source": source})

    assert await salable(call, 2) == 7.5


async def test_a_stock_item_is_told_of_when_it_is_put(mugs: Shop, call: MagentoCaller) -> None:
    told: list[tuple[str, Any]] = []
    mugs.catalogue.tell = lambda event, entity, store_id: told.append((event, entity))

    await call("PUT", "/rest/V1/products/MUGG/stockItems/77", {"stockItem": {"qty": 4, "is_in_stock": True}})

    assert await lying(call) == {"default": 4}
    assert told == [("stock.updated", {"type": "stock", "id": 1})]


async def test_a_notice_of_low_stock_is_kept(mugs: Shop, call: MagentoCaller) -> None:
    notice = {"source_code": "default", "notify_stock_qty": 5, "sku": "MUGG"}

    await call("POST", "/rest/V1/inventory/low-quantity-notification", {"sourceItemConfigurations": [notice]})

    assert await call.get("/rest/V1/inventory/low-quantity-notification/default/MUGG") == notice


def _row(**changes: Any) -> dict[str, Any]:
    return {"sku": "MUGG", "source_code": "default", "quantity": 4, "status": 1} | changes
