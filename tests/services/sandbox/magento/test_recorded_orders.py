"""Every recorded order: shown again as it was read, and placed from its cart as it was recorded."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.magento.amounts import BASE_SHIPPING_COMPENSATION
from services.sandbox.magento.lines import Kind, Line
from services.sandbox.magento.numbers import Numbers
from services.sandbox.magento.placing import Cart, Placing
from services.sandbox.magento.shop_pages import ShopPages
from services.sandbox.magento.show_orders import read_order, show_order
from services.sandbox.magento.tax import Algorithm
from services.sandbox.magento.wire import to_json
from tests.services.sandbox.magento.support import RECORDED, shape

PLACED = sorted(
    str(one.relative_to(RECORDED).parent)
    for one in RECORDED.glob("**/order.json")
    if "errors" not in str(one)
)
LATER = ["orders/tax25_after_invoice", "orders/tax25_after_partial_refund"]
CHANCE = {
    "entity_id",
    "increment_id",
    "protect_code",
    "quote_id",
    "created_at",
    "updated_at",
    "item_id",
    "billing_address_id",
    "applied_rule_ids",
    "parent_id",
    "order_id",
    "quote_item_id",
    "product_id",
    "tax_id",
    "tax_item_id",
    "parent_item_id",
    "option_id",
    "option_value",
    "option_selections",
    "ext_order_id",
    "total_item_count",
    "weight",
    "row_weight",
    "email_sent",
}
"""What depends on what else the shop did, or has in its catalogue."""


def _order(name: str) -> dict[str, Any]:
    path = RECORDED / name / "order.json"
    path = path if path.exists() else RECORDED / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(), parse_float=Decimal)["response"]
    return found


@pytest.mark.parametrize("name", [*PLACED, *LATER])
def test_an_order_that_was_read_is_shown_as_it_was(name: str) -> None:
    order = _order(name)

    shown = show_order(read_order(order))

    assert json.loads(to_json(shown)) == json.loads(to_json(order))


@pytest.mark.parametrize("name", PLACED)
def test_an_order_placed_from_its_cart_comes_out_as_recorded(name: str) -> None:
    order = _order(name)
    cart = _cart(order)

    shown = show_order(_place(cart, _algorithm(name)))

    told = json.loads(to_json(shown))
    wanted = json.loads(to_json(order))
    assert shape(told) == shape(wanted)
    assert _without_chance(told) == _without_chance(wanted)


@pytest.mark.parametrize("name", PLACED)
def test_a_placed_order_adds_up_in_both_currencies(name: str) -> None:
    shown = show_order(_place(_cart(_order(name)), _algorithm(name)))

    for prefix in ("", "base_"):
        names = (
            "subtotal",
            "shipping_amount",
            "tax_amount",
            "discount_amount",
            "discount_tax_compensation_amount",
        )
        parts = sum(shown[prefix + one] for one in names)
        compensation = BASE_SHIPPING_COMPENSATION if prefix else "shipping_discount_tax_compensation_amount"
        assert parts + shown[compensation] == shown[f"{prefix}grand_total"]


def _algorithm(name: str) -> Algorithm:
    kind = name.rpartition("/")[2].partition("_")[0]
    return {"row": Algorithm.ROW, "unit": Algorithm.UNIT}.get(kind, Algorithm.TOTAL)


def _place(cart: Cart, algorithm: Algorithm) -> Any:
    every = [line for one in cart.lines for line in (one, *one.parts())]
    products = {line.sku: index for index, line in enumerate(every, 1)}
    placing = Placing(cart, Numbers(), ShopPages.standard(), algorithm, "2026-11-20 23:12:06", products)
    return placing.place()


def _cart(order: dict[str, Any]) -> Cart:
    shipping_tax = order["shipping_tax_amount"] or order["shipping_discount_tax_compensation_amount"]
    delivery = order["extension_attributes"]["shipping_assignments"][0]["shipping"].get("address")
    return Cart(
        lines=tuple(_line(order, one) for one in order["items"] if "parent_item_id" not in one),
        shipping=str(order["shipping_incl_tax"]),
        shipping_rate="25" if shipping_tax else "0",
        shipping_discount=str(order["shipping_discount_amount"]),
        payment=order["payment"]["method"],
        currency=order["order_currency_code"],
        country=order["billing_address"]["country_id"],
        email=order["customer_email"],
        customer_id=order.get("customer_id"),
        taxvat=order.get("customer_taxvat", ""),
        company=order["billing_address"].get("company", ""),
        state=order["state"],
        status=order["status"],
        group_id=order["customer_group_id"],
        store_id=order["store_id"],
        address=_address(order["billing_address"]),
        shipping_address=delivery and _address(delivery),
        coupon=order.get("coupon_code", ""),
    )


def _address(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in shown.items() if name not in ("entity_id", "parent_id", "address_type")
    }


def _line(order: dict[str, Any], item: dict[str, Any], per: Decimal = Decimal(1)) -> Line:
    children = [one for one in order["items"] if one.get("parent_item_id") == item["item_id"]]
    kind = item["product_type"]
    if kind == "bundle":
        kind = Kind.BUNDLE_DYNAMIC if any(one["price"] for one in children) else Kind.BUNDLE_FIXED
    return Line(
        sku=item["sku"],
        name=item["name"],
        price=str(item.get("price_incl_tax", 0)),
        quantity=str(item["qty_ordered"] / per),
        rate=str(item.get("tax_percent", 0)),
        discount=str(item["discount_amount"]),
        kind=kind,
        children=tuple(_line(order, one, Decimal(item["qty_ordered"])) for one in children),
        discount_percent=str(item["discount_percent"]),
        weight=str(item.get("weight", 0)),
        list_price=str(item.get("original_price") or "") or None,
    )


def _without_chance(shown: Any) -> Any:
    if isinstance(shown, dict):
        return {name: _without_chance(one) for name, one in shown.items() if name not in CHANCE}
    return [_without_chance(one) for one in shown] if isinstance(shown, list) else shown
