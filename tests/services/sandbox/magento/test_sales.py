"""Sales of the Magento stand-in over REST, against what a real shop answered to the same."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from services.sandbox.magento.documents import Remark
from services.sandbox.magento.lines import Kind, Line
from services.sandbox.magento.shop import Shop
from services.sandbox.magento.tax import Algorithm
from tests.services.sandbox.magento.support import RECORDED, MagentoCaller, recorded, search, shape
from tests.support.clock import Clock

MUG = Line("SKU-1001", "Kaffemugg blå", "125", 2)
BOOK = Line("SKU-1002", "Bok om åäö", "112", 1, rate="12")


def order_of(shop: Shop, *lines: Line, **cart: Any) -> int:
    return shop.orders(*(lines or (MUG,)), **({"payment": "checkmo", "shipping": "49"} | cart))


def recorded_order(shop: Shop, name: str) -> int:
    return shop.recorded(json.loads(json.dumps(recorded(name)["response"]), parse_float=Decimal))


def must_equal(answer: Any, name: str) -> None:
    wanted = recorded(name)
    assert (answer.status_code, answer.json()) == (wanted["status"], wanted["response"]), answer.text


def must_look_like(answer: Any, name: str) -> None:
    wanted = recorded(name)
    assert (answer.status_code, shape(answer.json())) == (wanted["status"], shape(wanted["response"]))


async def test_a_recorded_order_is_served_as_it_was_with_its_keys(call: MagentoCaller, shop: Shop) -> None:
    order_id = recorded_order(shop, "orders/coupon_shippingtax/order")

    answer = await call("GET", f"/rest/V1/orders/{order_id}")

    must_equal(answer, "orders/coupon_shippingtax/order")


async def test_an_invoice_changes_the_order_as_recorded(call: MagentoCaller, shop: Shop) -> None:
    order_id = recorded_order(shop, "orders/tax25_shipping25/order")
    body = recorded("docs/invoice_create")["request"]["body"]

    made = await call("POST", f"/rest/V1/order/{order_id}/invoice", body)

    must_equal(made, "docs/invoice_create")
    must_look_like(await call("GET", "/rest/V1/invoices/1"), "docs/invoice_get")
    invoice = await call.get("/rest/V1/invoices/1")
    assert _amounts(invoice) == _amounts(recorded("docs/invoice_get")["response"])
    order = await call.get(f"/rest/V1/orders/{order_id}")
    wanted = recorded("orders/tax25_after_invoice")["response"]
    assert shape(order) == shape(wanted)
    assert _amounts(order) == _amounts(wanted)
    assert (order["state"], order["status"]) == ("processing", "processing")


async def test_a_partial_refund_changes_the_order_as_recorded(call: MagentoCaller, shop: Shop) -> None:
    order_id = recorded_order(shop, "orders/tax25_after_invoice")
    shop.sales.orders[order_id].payment["method"] = "checkmo"
    shop.ship(order_id)
    body = recorded("docs/refund_partial")["request"]["body"]

    made = await call("POST", f"/rest/V1/order/{order_id}/refund", body)

    must_equal(made, "docs/refund_partial")
    memo = await call("GET", "/rest/V1/creditmemo/1")
    must_look_like(memo, "docs/creditmemo_partial")
    assert _amounts(memo.json()) == _amounts(recorded("docs/creditmemo_partial")["response"])
    order = await call.get(f"/rest/V1/orders/{order_id}")
    wanted = recorded("orders/tax25_after_partial_refund")["response"]
    assert shape(order) == shape(wanted)
    assert _amounts(order) == _amounts(wanted)
    assert order["status_histories"][0]["comment"] == wanted["status_histories"][0]["comment"]


async def test_the_recorded_refunds_of_one_order_follow_each_other(call: MagentoCaller, shop: Shop) -> None:
    """125, then 10 without goods, then the rest with freight less a fee, then a memo over nothing."""
    order_id = recorded_order(shop, "orders/tax25_after_invoice")
    refund = f"/rest/V1/order/{order_id}/refund"

    must_equal(
        await call("POST", refund, recorded("docs/refund_partial")["request"]["body"]), "docs/refund_partial"
    )
    must_equal(
        await call("POST", refund, recorded("errors/refund_over")["request"]["body"]), "errors/refund_over"
    )
    too_many = recorded("errors/refund_qty_too_many")
    must_equal(await call("POST", refund, too_many["request"]["body"]), "errors/refund_qty_too_many")
    ten = {
        "items": [{"order_item_id": 16, "qty": 0}],
        "arguments": {"shipping_amount": 0, "adjustment_positive": 10},
    }
    assert (await call("POST", refund, ten)).json() == "2"
    with_fee = recorded("docs/refund_with_shipping_and_fee")
    must_equal(await call("POST", refund, with_fee["request"]["body"]), "docs/refund_with_shipping_and_fee")
    must_equal(await call("POST", refund, {"items": []}), "errors/refund_closed")

    third = await call.get("/rest/V1/creditmemo/3")
    assert shape(third) == shape(recorded("docs/creditmemo_shipping_and_fee")["response"])
    assert _amounts(third) == _amounts(recorded("docs/creditmemo_shipping_and_fee")["response"])
    assert (await call.get("/rest/V1/creditmemo/4"))["grand_total"] == 0
    query = search(order_id=f"eq:{order_id}")
    fields = quote("items[entity_id,grand_total]")
    listed = await call.get(f"/rest/V1/creditmemos?{query}&fields={fields}")
    assert [one["grand_total"] for one in listed["items"]] == [125, 10, 159, 0]


async def test_a_memo_of_everything_gives_the_recorded_amounts(call: MagentoCaller, shop: Shop) -> None:
    order_id = recorded_order(shop, "orders/coupon_shippingtax/order")
    shop.invoice(order_id)

    made = await call("POST", f"/rest/V1/order/{order_id}/refund", {})

    wanted = recorded("docs/creditmemo_full_coupon")["response"]
    memo = await call.get(f"/rest/V1/creditmemo/{made.json()}")
    assert shape(memo) == shape(wanted)
    assert _amounts(memo) == _amounts(wanted)
    assert (await call.get(f"/rest/V1/orders/{order_id}"))["state"] == "closed" or shop.sales.orders[
        order_id
    ].state


async def test_a_memo_of_a_configurable_lists_parent_and_child(call: MagentoCaller, shop: Shop) -> None:
    shirt = Line("TSHIRT-R", "T-shirt", "199", 2, kind=Kind.CONFIGURABLE)
    order_id = order_of(shop, shirt, shipping_rate="0")
    shop.invoice(order_id)

    shop.refund(order_id, {"TSHIRT-R": 1})
    memo = await call.get("/rest/V1/creditmemo/1")

    wanted = recorded("docs/creditmemo_configurable")["response"]
    assert [shape(one) for one in memo["items"]] == [shape(one) for one in wanted["items"]]
    assert [_amounts(one) for one in memo["items"]] == [_amounts(one) for one in wanted["items"]]


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/rest/V1/order/{}/refund", {"items": [], "notify": False}, "errors/refund_not_invoiced"),
        ("/rest/V1/order/9999/invoice", {"capture": True}, "errors/invoice_order_404"),
        ("/rest/V1/order/9999/ship", {}, "errors/ship_order_404"),
        ("/rest/V1/orders/9999/cancel", None, "errors/order_cancel_404"),
        ("/rest/V1/order/{}/invoice", {"items": [{"order_item_id": 1, "qty": 5}]}, "errors/invoice_too_many"),
        (
            "/rest/V1/order/{}/invoice",
            {"items": [{"order_item_id": 99, "qty": 1}]},
            "errors/invoice_bad_item",
        ),
    ],
)
async def test_a_refusal_before_anything_was_invoiced(
    call: MagentoCaller, shop: Shop, path: str, body: Any, name: str
) -> None:
    order_id = order_of(shop)

    must_equal(await call("POST", path.format(order_id), body), name)

    assert (shop.sales.invoices, shop.sales.memos, shop.sales.shipments) == ({}, {}, {})


async def test_what_is_done_cannot_be_done_again(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop)
    shop.invoice(order_id)
    shop.ship(order_id)

    again = await call("POST", f"/rest/V1/order/{order_id}/invoice", {"capture": True})
    must_equal(again, "errors/invoice_again")
    must_equal(await call("POST", f"/rest/V1/order/{order_id}/ship", {}), "errors/ship_again")
    must_equal(await call("POST", "/rest/V1/invoices/1/capture"), "docs/invoice_capture")
    assert shop.sales.orders[order_id].state == "complete"


async def test_a_held_order_takes_no_invoice_until_it_is_released(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop)

    assert (await call("POST", f"/rest/V1/orders/{order_id}/hold")).json() is True
    must_equal(
        await call("POST", f"/rest/V1/order/{order_id}/invoice", {"capture": True}), "errors/invoice_on_hold"
    )
    assert (await call("POST", f"/rest/V1/orders/{order_id}/unhold")).json() is True
    assert (await call("POST", f"/rest/V1/order/{order_id}/invoice", {})).json() == "1"


async def test_children_cannot_be_invoiced_or_refunded_alone(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop, Line("TSHIRT-R", "T-shirt", "199", 2, kind=Kind.CONFIGURABLE))
    child = {"items": [{"order_item_id": 2, "qty": 1}]}

    refused = await call("POST", f"/rest/V1/order/{order_id}/invoice", child)
    must_equal(refused, "errors/invoice_configurable_child")
    shop.invoice(order_id)
    answer = await call("POST", f"/rest/V1/order/{order_id}/refund", child)
    text = "Creditmemo Document Validation Error(s):\nThe creditmemo contains incorrect product items."
    assert answer.json() == {"message": text}


async def test_an_offline_method_refunds_no_invoice(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop)
    invoice_id = shop.invoice(order_id)

    answer = await call("POST", f"/rest/V1/invoice/{invoice_id}/refund", {"isOnline": False})

    must_equal(answer, "docs/refund_via_invoice_offline")


async def test_nobody_checks_the_sign_of_a_memo(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop, Line("A", "A", "179.10", 1))
    shop.invoice(order_id)
    body = {
        "items": [{"order_item_id": 1, "qty": 1}],
        "arguments": {"shipping_amount": 0, "adjustment_negative": 10000},
    }

    made = await call("POST", f"/rest/V1/order/{order_id}/refund", body)

    assert (await call.get(f"/rest/V1/creditmemo/{made.json()}"))["grand_total"] == -9820.9
    gone = {"items": [{"order_item_id": 1, "qty": 1}]}
    must_equal(await call("POST", f"/rest/V1/order/{order_id}/refund", gone), "docs/refund_default_shipping")


async def test_the_refunded_freight_is_net_or_gross_by_a_setting(call: MagentoCaller, shop: Shop) -> None:
    async def memo(amount: str) -> dict[str, Any]:
        order_id = order_of(shop)
        shop.invoice(order_id)
        body = {"items": [{"order_item_id": 1, "qty": 0}], "arguments": {"shipping_amount": float(amount)}}
        body["items"][0]["order_item_id"] = shop.sales.orders[order_id].items[0]["item_id"]  # type: ignore[index]
        answer = await call("POST", f"/rest/V1/order/{order_id}/refund", body)
        if answer.status_code != 200:
            found: dict[str, Any] = answer.json()
            return found
        made: dict[str, Any] = await call.get(f"/rest/V1/creditmemo/{answer.json()}")
        return {name: made[name] for name in ("shipping_amount", "shipping_tax_amount", "grand_total")}

    assert await memo("49") == {
        "message": "Maximum shipping amount allowed to refund is: %1",
        "parameters": ["39,20\xa0kr"],
    }
    assert await memo("39.2") == {"shipping_amount": 39.2, "shipping_tax_amount": 9.8, "grand_total": 49}

    shop.pages.shipping_display = 2

    assert await memo("49") == {"shipping_amount": 39.2, "shipping_tax_amount": 9.8, "grand_total": 49}
    assert await memo("39.2") == {"shipping_amount": 31.36, "shipping_tax_amount": 7.84, "grand_total": 39.2}


async def test_arguments_are_in_the_base_currency(call: MagentoCaller, shop: Shop) -> None:
    line = Line("A", "A", "10", 2)
    order_id = order_of(shop, line, shipping="20", shipping_rate="0", currency="EUR", rate="0.08")
    shop.invoice(order_id)
    arguments = {"shipping_amount": 10, "adjustment_positive": 1}
    body = {"items": [{"order_item_id": 1, "qty": 0}], "arguments": arguments}

    made = await call("POST", f"/rest/V1/order/{order_id}/refund", body)
    memo = await call.get(f"/rest/V1/creditmemo/{made.json()}")

    assert (memo["shipping_amount"], memo["adjustment_positive"]) == (0.8, 0.08)
    assert (memo["base_shipping_amount"], memo["base_adjustment_positive"]) == (10, 1)


async def test_the_memo_endpoint_stores_an_empty_memo(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop)
    body = {"creditmemo": {"order_id": order_id, "items": []}}

    must_look_like(
        await call("POST", "/rest/V1/creditmemo/refund", body), "errors/creditmemo_refund_endpoint"
    )


async def test_a_shipment_is_as_recorded(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop)
    body = recorded("docs/ship_create_partial")["request"]["body"] | {
        "items": [{"order_item_id": 1, "qty": 1}]
    }

    must_equal(await call("POST", f"/rest/V1/order/{order_id}/ship", body), "docs/ship_create_partial")
    must_look_like(await call("GET", "/rest/V1/shipment/1"), "docs/shipment_get")
    source = {"arguments": {"extension_attributes": {"source_code": "nosuch"}}}
    must_equal(await call("POST", f"/rest/V1/order/{order_id}/ship", source), "errors/ship_bad_source")
    for path, name in (
        ("shipment/99999", "shipment_404"),
        ("invoices/99999", "invoice_404"),
        ("creditmemo/99999", "creditmemo_404"),
        ("orders/9999", "order_404"),
        ("orders/abc", "order_nan"),
    ):
        must_equal(await call("GET", f"/rest/V1/{path}"), f"errors/{name}")


async def test_comments_are_kept_and_a_foreign_status_is_refused(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop)
    path = f"/rest/V1/orders/{order_id}/comments"

    must_equal(
        await call("POST", path, recorded("docs/order_comment")["request"]["body"]), "docs/order_comment"
    )
    must_look_like(await call("GET", path), "docs/order_comments")
    refused = recorded("errors/order_comment_bad_status")["request"]["body"]
    must_equal(await call("POST", path, refused), "errors/order_comment_bad_status")
    without = recorded("errors/order_comment_missing_fields")["request"]["body"]
    must_equal(await call("POST", path, without), "errors/order_comment_missing_fields")
    missing = recorded("errors/order_comment_404")["request"]["body"]
    must_equal(await call("POST", "/rest/V1/orders/99999/comments", missing), "errors/order_comment_404")
    assert (await call("GET", f"/rest/V1/orders/{order_id}/statuses")).json() == "pending"


async def test_an_order_is_cancelled_once(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop)
    path = f"/rest/V1/orders/{order_id}/cancel"

    assert [(await call("POST", path)).json(), (await call("POST", path)).json()] == [True, False]
    assert shop.sales.orders[order_id].state == "canceled"


async def test_our_id_is_saved_by_a_partial_order_and_cut_at_32_characters(
    call: MagentoCaller, shop: Shop
) -> None:
    order_id = recorded_order(shop, "orders/simple_se/order")
    shop.sales.comment(order_id, Remark("Fortnox order 5001"), "pending", "order")

    answer = await call("POST", "/rest/V1/orders", recorded("docs/order_set_ext_order_id")["request"]["body"])

    must_look_like(answer, "docs/order_set_ext_order_id")
    assert (await call.get(f"/rest/V1/orders/{order_id}"))["ext_order_id"] == "FN-5001"
    await call("POST", "/rest/V1/orders", {"entity": {"entity_id": order_id, "ext_order_id": "x" * 40}})
    assert (await call.get(f"/rest/V1/orders/{order_id}"))["ext_order_id"] == "x" * 32
    refused = await call("POST", "/rest/V1/orders", {"entity": {"entity_id": order_id, "nosuch_field": 1}})
    assert refused.json()["parameters"] == {"fieldName": "NosuchField"}


@pytest.mark.parametrize("algorithm", list(Algorithm))
async def test_what_is_invoiced_and_refunded_in_parts_adds_up(shop: Shop, algorithm: Algorithm) -> None:
    shop.sales.algorithm = algorithm
    line = Line("ODD", "Udda", "33.33", 7, discount="23.33")
    order_id = order_of(shop, line, BOOK, shipping_discount="10", currency="EUR", rate="0.0875")
    order = shop.sales.orders[order_id]

    for quantities in ({"ODD": 2}, {"ODD": 4, "SKU-1002": 1}, {"ODD": 1}):
        shop.invoice(order_id, quantities)
    for quantities in ({"ODD": 3}, {"ODD": 1, "SKU-1002": 1}, {"ODD": 3}):
        shop.refund(order_id, quantities)

    for prefix in ("", "base_"):
        total = order.fields[f"{prefix}grand_total"]
        assert order.fields[f"{prefix}total_paid"] == total
        assert order.fields[f"{prefix}total_refunded"] == total
        assert sum(one.fields[f"{prefix}grand_total"] for one in shop.sales.memos.values()) == total


async def test_sveas_fee_is_in_totals_only(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop, payment="sveacheckout", svea_order_id=9123457, fee="29")

    order = await call.get(f"/rest/V1/orders/{order_id}")
    shop.invoice(order_id, transaction_id="5551234")
    invoice = await call.get("/rest/V1/invoices/1")
    shop.refund(order_id, {"SKU-1001": 1}, shipping="0", fee="29", online=True)
    memo = await call.get("/rest/V1/creditmemo/1")

    assert (order["grand_total"], order["base_grand_total"]) == (328, 299)
    assert (invoice["grand_total"], invoice["base_grand_total"]) == (328, 328)
    assert invoice["transaction_id"] == "5551234"
    assert (memo["grand_total"], memo["adjustment_negative"], memo["invoice_id"]) == (125, 29, 1)
    told = {one["key"]: one["value"] for one in order["extension_attributes"]["payment_additional_info"]}
    assert told["svea_order_id"] == "9123457"
    assert "svea_order_id" not in order


async def test_svea_order_id_can_be_searched_where_the_module_is(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop, svea_order_id=9123457)
    order_of(shop, svea_order_id=9123458)
    path = f"/rest/V1/orders?{search(svea_order_id='eq:9123457')}"

    assert [one["entity_id"] for one in (await call.get(path))["items"]] == [order_id]

    shop.svea_installed = False
    answer = await call("GET", path)
    assert (answer.status_code, answer.json()["message"][:60]) == (
        500,
        recorded("errors/orders_bad_field")["response"]["message"][:60],
    )


async def test_gift_cards_and_credit_pay_for_a_part(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop, gift_card="200", store_credit="50")

    order = await call.get(f"/rest/V1/orders/{order_id}")
    shop.invoice(order_id)

    assert order["grand_total"] == 49
    assert order["extension_attributes"]["gift_cards_amount"] == 200
    assert order["extension_attributes"]["customer_balance_amount"] == 50
    assert (await call.get("/rest/V1/invoices/1"))["grand_total"] == 49


async def test_fixed_product_tax_is_in_the_grand_total(call: MagentoCaller, shop: Shop) -> None:
    order_id = order_of(shop, Line("LAMPA-1", "Lampa", "250", 2, weee="5"))

    order = await call.get(f"/rest/V1/orders/{order_id}")
    shop.invoice(order_id)
    shop.refund(order_id)

    assert order["grand_total"] == 559
    assert order["items"][0]["row_total_incl_tax"] == 510
    assert (await call.get("/rest/V1/invoices/1"))["grand_total"] == 559
    assert (await call.get("/rest/V1/creditmemo/1"))["grand_total"] == 559


async def test_dynamic_bundles_have_their_money_in_the_children(call: MagentoCaller, shop: Shop) -> None:
    bundle = Line(
        "PAKET",
        "Paket",
        kind=Kind.BUNDLE_DYNAMIC,
        children=(Line("A", "A", "125", 1, discount="12.50"), Line("B", "B", "112", 2, rate="12")),
    )
    order_id = order_of(shop, bundle)

    order = await call.get(f"/rest/V1/orders/{order_id}")
    shop.invoice(order_id)
    invoice = await call.get("/rest/V1/invoices/1")

    leaves = [one for one in order["items"] if "parent_item_id" in one]
    assert sum(one["row_total_incl_tax"] for one in leaves) + 49 == order["grand_total"] == 385.5
    assert "tax_percent" not in order["items"][0]
    assert ["row_total" in one for one in invoice["items"]] == [False, True, True]
    assert invoice["grand_total"] == 385.5


async def test_an_edited_order_is_a_new_one_with_a_suffix(call: MagentoCaller, shop: Shop) -> None:
    old = order_of(shop, number="000001016")

    new = shop.edit(old, MUG, payment="checkmo")

    shown = await call.get(f"/rest/V1/orders/{new}")
    assert (shown["increment_id"], shown["relation_parent_id"]) == ("000001016-1", str(old))
    assert (await call.get(f"/rest/V1/orders/{old}"))["state"] == "canceled"


async def test_orders_updated_at_moves_as_recorded(call: MagentoCaller, shop: Shop, clock: Clock) -> None:
    """`updated_at_bumps.json`, the half that is about orders."""
    order_id = order_of(shop)
    seen: list[bool] = []

    async def bumped(path: str, body: Any) -> None:
        before = shop.sales.orders[order_id].fields["updated_at"]
        clock.advance(timedelta(seconds=5))
        assert (await call("POST", f"/rest/V1/{path}", body)).status_code == 200
        seen.append(shop.sales.orders[order_id].fields["updated_at"] != before)

    item = [{"order_item_id": 1, "qty": 1}]
    await bumped(f"orders/{order_id}/comments", {"statusHistory": {"comment": "x"}})
    await bumped(f"order/{order_id}/invoice", {"items": item})
    await bumped("invoices/comments", {"entity": {"comment": "x", "parent_id": 1, "is_customer_notified": 0}})
    await bumped(f"order/{order_id}/ship", {"items": item})
    await bumped(f"order/{order_id}/refund", {"items": item})
    await bumped("orders", {"entity": {"entity_id": order_id, "ext_order_id": "FN-1"}})
    await bumped("orders", {"entity": {"entity_id": order_id, "ext_order_id": "FN-1"}})

    wanted = json.loads((RECORDED / "updated_at_bumps.json").read_text())[:7]
    assert seen == [moved for _, _, moved in wanted]


def _amounts(shown: dict[str, Any]) -> dict[str, Any]:
    """Everything that is money or a count, but no id."""
    return {
        name: value
        for name, value in shown.items()
        if isinstance(value, int | float) and not name.endswith("_id") and not isinstance(value, bool)
    }


@pytest.mark.parametrize(("document", "once"), [("invoice", {}), ("ship", {}), ("refund", {"items": []})])
async def test_of_six_at_once_one_succeeds(
    call: MagentoCaller, shop: Shop, document: str, once: dict[str, Any]
) -> None:
    order_id = order_of(shop)
    if document == "refund":
        shop.invoice(order_id)
        shop.ship(order_id)

    answers = await asyncio.gather(
        *(call("POST", f"/rest/V1/order/{order_id}/{document}", once) for _ in range(6))
    )

    assert sorted(one.status_code for one in answers) == [200, *[400] * 5]


async def test_goods_leave_the_stock_and_come_back_when_asked(call: MagentoCaller, shop: Shop) -> None:
    shop.catalogue.add(sku="SKU-1001", name="Kaffemugg", price="125")
    shop.stock.put("SKU-1001", Decimal(10))
    order_id = order_of(shop)
    shop.invoice(order_id)

    def lying() -> Decimal:
        item = shop.stock.item("SKU-1001")
        assert item is not None
        return item.quantity

    seen = [lying()]
    shop.ship(order_id)
    seen.append(lying())
    body = recorded("docs/refund_return_to_stock")["request"]["body"]
    body["items"][0]["order_item_id"] = 1
    body["arguments"]["extension_attributes"]["return_to_stock_items"] = [1]
    assert (await call("POST", f"/rest/V1/order/{order_id}/refund", body)).status_code == 200
    seen.append(lying())
    shop.refund(order_id, {"SKU-1001": 1})
    seen.append(lying())

    assert seen == [10, 8, 9, 9]
