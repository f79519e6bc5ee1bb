"""The tax records of an order: per rate, per row, and for the freight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.sandbox.magento.amounts import amount, total
from services.sandbox.magento.numbers import Numbers
from services.sandbox.magento.order import Fields, Order
from services.sandbox.magento.wire import plain


@dataclass(frozen=True)
class TaxedPart:
    """A row or the freight (no item) with VAT on it."""

    rate: Decimal
    tax: Decimal
    base_tax: Decimal
    item: Fields | None


def applied_taxes(order: Order, shipping_rate: Decimal, country: str, numbers: Numbers) -> Fields:
    """The order's tax extension attributes; rows get `itemized_taxes`. A rate without tax leaves none."""
    by_rate = {rate: _summed(parts, numbers) for rate, parts in _parts_by_rate(order, shipping_rate)}
    parts = [part for _, found in _parts_by_rate(order, shipping_rate) for part in found]
    for item in order.items:
        item["extension_attributes"] = {"itemized_taxes": []}
    freight: list[Fields] = []
    for part in parts:
        itemized = _itemized(part, by_rate[part.rate]["tax_id"], country, numbers)
        if part.item is None:
            freight.append(itemized)
        else:
            part.item["extension_attributes"]["itemized_taxes"].append(itemized)
    return {
        "applied_taxes": [_applied(rate, one["tax"], one["base"], country) for rate, one in by_rate.items()],
        "item_applied_taxes": [_by_item(one, country) for one in parts],
        "converting_from_quote": False,
        "taxes": [_tax(order, rate, one, country) for rate, one in by_rate.items()],
        "additional_itemized_taxes": freight,
    }


def _parts_by_rate(order: Order, shipping_rate: Decimal) -> list[tuple[Decimal, list[TaxedPart]]]:
    """Rates in the order of their rows, the freight first within its own; rows discounted to 0 count."""
    found: dict[Decimal, list[TaxedPart]] = {}
    for part in _parts(order, shipping_rate):
        own = found.setdefault(part.rate, [])
        own.insert(0 if part.item is None else len(own), part)
    return [(rate, parts) for rate, parts in found.items() if any(part.tax for part in parts)]


def _parts(order: Order, shipping_rate: Decimal) -> Iterator[TaxedPart]:
    for item in order.money_items():
        yield TaxedPart(item["tax_percent"], item["tax_amount"], item["base_tax_amount"], item)
    if amount(order.fields, "shipping_amount"):
        tax, base_tax = order.fields["shipping_tax_amount"], order.fields["base_shipping_tax_amount"]
        yield TaxedPart(shipping_rate, tax, base_tax, None)


def _summed(parts: list[TaxedPart], numbers: Numbers) -> Fields:
    tax, base = total(part.tax for part in parts), total(part.base_tax for part in parts)
    return {"tax": tax, "base": base, "tax_id": numbers.next_id("tax")}


def _code(rate: Decimal, country: str) -> str:
    return f"{country} {plain(rate)}"


def _applied(rate: Decimal, tax: Decimal, base_tax: Decimal, country: str) -> Fields:
    code = _code(rate, country)
    return {"code": code, "title": code, "percent": rate, "amount": tax, "base_amount": base_tax}


def _by_item(part: TaxedPart, country: str) -> dict[str, Any]:
    taxes = [_applied(part.rate, part.tax, part.base_tax, country)]
    if part.item is None:
        return {"type": "shipping", "applied_taxes": taxes}
    return {"type": "product", "item_id": part.item["item_id"], "applied_taxes": taxes}


def _tax(order: Order, rate: Decimal, sums: Fields, country: str) -> Fields:
    shown = _applied(rate, sums["tax"], sums["base"], country)
    numbers = {"tax_id": sums["tax_id"], "order_id": order.entity_id}
    rest = {"base_real_amount": sums["base"], "priority": 0, "position": 0, "process": 0}
    return numbers | shown | rest


def _itemized(part: TaxedPart, tax_id: int, country: str, numbers: Numbers) -> Fields:
    found: Fields = {"tax_item_id": numbers.next_id("tax_item"), "tax_id": tax_id}
    if part.item is not None:
        found["item_id"] = part.item["item_id"]
    return found | {
        "tax_code": _code(part.rate, country),
        "tax_percent": part.rate,
        "amount": part.tax,
        "base_amount": part.base_tax,
        "real_amount": part.tax,
        "real_base_amount": part.base_tax,
        "taxable_item_type": "product" if part.item is not None else "shipping",
    }
