"""Orders and their documents, call by call, against recorded answers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from shared.clients.fields import Fields
from shared.clients.magento.read_sales import to_order
from shared.clients.magento.wire_sales import Order
from shared.domain.errors import InDoubt, RefusedByMagento, Unavailable
from tests.shared.clients.magento.scripted import ScriptedShop, a_list, an_answer
from tests.shared.clients.magento.support import recorded, sample

MISSING = recorded("errors/order_404")["response"]
SIMPLE = recorded("orders/simple_se/order")["response"]
NO_COLUMN = recorded("errors/orders_bad_field")


def an_order(**changed: Any) -> Order:
    return to_order(Fields(SIMPLE | changed, of="order"))


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


async def test_an_order_is_read_by_its_id(shop: ScriptedShop) -> None:
    shop.says("GET /orders/1", SIMPLE)

    found = await shop.client.order(1)

    assert found is not None
    assert (found.increment_id, found.currency) == (SIMPLE["increment_id"], "SEK")


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("/orders/9", "order"),
        ("/invoices/9", "invoice"),
        ("/creditmemo/9", "credit_memo"),
        ("/shipment/9", "shipment"),
    ],
)
async def test_what_is_not_there_is_none(shop: ScriptedShop, path: str, read: str) -> None:
    shop.says(f"GET {path}", MISSING, status=404)

    assert await getattr(shop.client, read)(9) is None


async def test_orders_of_a_window_are_listed(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /orders", "lists/orders_page")
    since, until = datetime(2026, 11, 20, 23, 0, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)

    expected = recorded("lists/orders_page")["response"]
    shop.says("GET /orders", a_list([]))
    found = [order async for order in shop.client.orders(since=since, until=until)]

    assert [order.entity_id for order in found] == [item["entity_id"] for item in expected["items"]]
    assert shop.filters(0) == [
        ("updated_at", "gteq", "2026-11-20 23:00:00"),
        ("updated_at", "lteq", "2026-11-21 00:00:00"),
        ("entity_id", "gt", "0"),
    ]


async def test_orders_are_found_by_exact_number(shop: ScriptedShop) -> None:
    other = SIMPLE | {"entity_id": 50, "increment_id": "9" + SIMPLE["increment_id"]}
    shop.says("GET /orders", a_list([SIMPLE, other]))

    found = await shop.client.orders_numbered((SIMPLE["increment_id"], "", SIMPLE["increment_id"]))

    assert [order.entity_id for order in found] == [SIMPLE["entity_id"]]
    assert shop.filters()[0] == ("increment_id", "in", SIMPLE["increment_id"])


async def test_no_number_is_not_looked_for(shop: ScriptedShop) -> None:
    assert await shop.client.orders_numbered(("", "")) == ()
    assert shop.asked == []


async def test_an_order_is_found_by_sveas_column(shop: ScriptedShop) -> None:
    shop.says("GET /orders", sample("search/orders-by-svea-order-id"))

    found = await shop.client.orders_of_checkout(9123457)

    assert [order.svea_order_id for order in found] == [9123457]
    assert shop.filters() == [("svea_order_id", "eq", "9123457")]


def without_the_column(request: httpx.Request) -> httpx.Response:
    if b"svea_order_id" in request.url.query:
        return an_answer(NO_COLUMN["response"], 500)
    return an_answer({"total_count": 0})


async def test_a_shop_without_sveas_column_is_asked_once_an_hour(shop: ScriptedShop) -> None:
    shop.says("GET /orders", without_the_column)

    for _ in range(3):
        assert await shop.client.orders_of_checkout(9123456) == ()
    assert [filters[0][0] for filters in map(shop.filters, range(2))] == ["svea_order_id", "entity_id"]
    assert len(shop.asked) == 2

    shop.clock.advance(timedelta(hours=1))
    await shop.client.in_lane("bulk").orders_of_checkout(9123456)
    assert len(shop.asked) == 4


async def test_a_shop_in_trouble_is_not_taken_for_one_without_the_column(shop: ScriptedShop) -> None:
    shop.says("GET /orders", NO_COLUMN["response"], status=500)

    with pytest.raises(Unavailable):
        await shop.client.orders_of_checkout(9123456)

    shop.clock.advance(timedelta(seconds=1))
    with pytest.raises(Unavailable):
        await shop.client.orders_of_checkout(9123456)


@pytest.mark.parametrize(
    ("path", "read", "recording"),
    [
        ("/invoices", "invoices_of", "docs/invoice_list"),
        ("/creditmemos", "credit_memos_of", "docs/creditmemo_list"),
    ],
)
async def test_documents_of_an_order_are_listed(
    shop: ScriptedShop, path: str, read: str, recording: str
) -> None:
    shop.says_as_recorded(f"GET {path}", recording)
    shop.says(f"GET {path}", a_list([]))

    found = await getattr(shop.client, read)(10)

    assert [document.entity_id for document in found] == [
        item["entity_id"] for item in recorded(recording)["response"]["items"]
    ]
    assert shop.filters(0) == [("order_id", "eq", "10"), ("entity_id", "gt", "0")]


async def test_shipments_of_an_order_are_listed(shop: ScriptedShop) -> None:
    shop.says("GET /shipments", a_list([recorded("docs/shipment_get")["response"]]))

    assert [shipment.order_id for shipment in await shop.client.shipments_of(10)] == [10]


async def test_items_of_an_order_are_listed(shop: ScriptedShop) -> None:
    items = recorded("lists/order_items")["response"]
    shop.says("GET /orders/items", items, a_list([]))

    found = await shop.client.order_items(1)

    assert [item.item_id for item in found] == [item["item_id"] for item in items["items"]]
    assert shop.filters(0) == [("order_id", "eq", "1"), ("item_id", "gt", "0")]


async def test_comments_are_read_to_find_our_own(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /orders/1/comments", "docs/order_comments")

    assert await shop.client.order_comments(1) == ("Fortnox order 5001",)


# ── writing ───────────────────────────────────────────────────────────────────────────────────────


async def test_our_name_is_saved_with_nothing_else_of_the_order(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST /orders", "docs/order_set_ext_order_id")

    await shop.client.set_external_order_id(an_order(), "FNX-O-5001")

    assert shop.body() == {
        "entity": {
            "entity_id": SIMPLE["entity_id"],
            "increment_id": SIMPLE["increment_id"],
            "ext_order_id": "FNX-O-5001",
        }
    }


async def test_a_name_that_magento_would_cut_off_is_not_sent(shop: ScriptedShop) -> None:
    with pytest.raises(ValueError, match="longer than 32"):
        await shop.client.set_external_order_id(an_order(), "F" * 33)

    assert shop.asked == []


async def test_a_comment_keeps_the_status(shop: ScriptedShop) -> None:
    shop.says_as_recorded(f"POST /orders/{SIMPLE['entity_id']}/comments", "docs/order_comment")

    await shop.client.add_order_comment(an_order(status="pending"), "Fortnox order 5001")

    assert shop.body()["statusHistory"]["status"] == "pending"
    with pytest.raises(ValueError, match="would blank it"):
        await shop.client.add_order_comment(an_order(status=None), "Fortnox order 5001")
    assert len(shop.asked) == 1


async def test_a_comment_may_be_shown_to_the_buyer_and_change_the_status(shop: ScriptedShop) -> None:
    shop.says_as_recorded(f"POST /orders/{SIMPLE['entity_id']}/comments", "docs/order_comment")

    order = an_order(status="pending")
    await shop.client.add_order_comment(order, "Faktura 1", visible=True, notify=True, status="fakturerad")

    assert shop.body()["statusHistory"] == {
        "comment": "Faktura 1",
        "is_customer_notified": 1,
        "is_visible_on_front": 1,
        "status": "fakturerad",
        "parent_id": SIMPLE["entity_id"],
    }


async def test_an_invoice_names_its_lines_and_captures_nothing(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST /order/13/invoice", "docs/invoice_no_capture")

    made = await shop.client.invoice_offline(13, {16: Decimal(2)}, comment="Faktura 1 [F1]", visible=True)

    assert made == 5
    assert shop.body() == {
        "capture": False,
        "items": [{"order_item_id": 16, "qty": 2}],
        "notify": False,
        "appendComment": True,
        "comment": {"comment": "Faktura 1 [F1]", "is_visible_on_front": 1},
    }


@pytest.mark.parametrize("pieces", [{}, {16: Decimal(0)}, {16: Decimal(2), 17: Decimal(-1)}])
async def test_an_invoice_that_would_be_of_everything_is_not_sent(
    shop: ScriptedShop, pieces: dict[int, Decimal]
) -> None:
    with pytest.raises(ValueError, match="names the pieces"):
        await shop.client.invoice_offline(13, pieces, comment="Faktura 1 [F1]")

    assert shop.asked == []


@pytest.mark.parametrize("name", ["invoice_again", "invoice_too_many", "invoice_bad_item"])
async def test_a_refused_invoice_says_why(shop: ScriptedShop, name: str) -> None:
    shop.says_as_recorded("POST /order/10/invoice", f"errors/{name}")

    with pytest.raises(RefusedByMagento, match="POST /rest/V1/order/10/invoice: "):
        await shop.client.invoice_offline(10, {16: Decimal(1)}, comment="Faktura 1 [F1]")

    assert len(shop.asked) == 1


async def test_an_invoice_without_an_id_is_in_doubt(shop: ScriptedShop) -> None:
    shop.says("POST /order/10/invoice", True)

    with pytest.raises(InDoubt):
        await shop.client.invoice_offline(10, {16: Decimal(1)}, comment="Faktura 1 [F1]")


async def test_comments_of_documents_are_read(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /invoices/1", "docs/invoice_get")

    found = await shop.client.invoice(1)

    assert found is not None
    assert found.comments == ("Fortnox 1001",)


async def test_a_refund_names_its_lines_its_freight_and_what_returns_to_stock(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST /order/10/refund", "docs/refund_with_shipping_and_fee")

    made = await shop.client.refund_offline(
        10,
        {16: Decimal(1)},
        base_shipping=Decimal("39.2"),
        base_fee=Decimal(15),
        return_to_stock=[16],
        comment="Fortnox 70124",
    )

    assert made == 3
    assert shop.body() == {
        "items": [{"order_item_id": 16, "qty": 1}],
        "notify": False,
        "arguments": {
            "shipping_amount": 39.2,
            "adjustment_positive": 0,
            "adjustment_negative": 15,
            "extension_attributes": {"return_to_stock_items": [16]},
        },
        "appendComment": True,
        "comment": {"comment": "Fortnox 70124", "is_visible_on_front": 0},
    }


async def test_all_freight_that_is_left_is_given_back_when_none_is_named(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST /order/10/refund", "docs/refund_with_shipping_and_fee")

    await shop.client.refund_offline(10, {16: Decimal(0)}, base_shipping=None, base_adjustment=Decimal(5))

    assert shop.body()["arguments"] == {
        "adjustment_positive": 5,
        "adjustment_negative": 0,
        "extension_attributes": {"return_to_stock_items": []},
    }


async def test_a_refund_that_would_take_everything_or_less_than_nothing_is_not_sent(
    shop: ScriptedShop,
) -> None:
    with pytest.raises(ValueError, match="everything that is left"):
        await shop.client.refund_offline(10, {}, base_shipping=Decimal(0))
    with pytest.raises(ValueError, match="no negative"):
        await shop.client.refund_offline(10, {16: Decimal(1)}, base_shipping=Decimal(-1))

    assert shop.asked == []


@pytest.mark.parametrize("name", ["refund_over", "refund_qty_too_many", "refund_not_invoiced"])
async def test_a_refused_refund_says_why(shop: ScriptedShop, name: str) -> None:
    shop.says_as_recorded("POST /order/10/refund", f"errors/{name}")

    with pytest.raises(RefusedByMagento, match="POST /rest/V1/order/10/refund: "):
        await shop.client.refund_offline(10, {16: Decimal(1)}, base_shipping=Decimal(0))

    assert len(shop.asked) == 1


async def test_a_refund_without_an_id_is_in_doubt(shop: ScriptedShop) -> None:
    shop.says("POST /order/10/refund", True)

    with pytest.raises(InDoubt):
        await shop.client.refund_offline(10, {16: Decimal(1)}, base_shipping=Decimal(0))
