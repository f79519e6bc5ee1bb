"""Amounts as Magento keeps them: two decimals, half up, in the order's currency and in the base's."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

ZERO = Decimal(0)
CENT = Decimal("0.01")
SETS = ("", "base_")
"""The prefixes of the two sets of amounts: what the buyer paid in, and what the shop accounts in."""
BASE_SHIPPING_COMPENSATION = "base_shipping_discount_tax_compensation_amnt"
"""Magento spells the base form of this one differently."""


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def amount(fields: dict[str, Any], name: str) -> Decimal:
    """A column as a number; NULL counts as nothing."""
    value = fields.get(name)
    return ZERO if value is None else Decimal(value)


def add(fields: dict[str, Any], name: str, more: Decimal) -> None:
    fields[name] = amount(fields, name) + more


def share(left: Decimal, quantity: Decimal, available: Decimal) -> Decimal:
    """What so many of the available pieces carry of what is left; the last take the remainder."""
    return left if quantity == available else cents(left / available * quantity) if available else ZERO


def shipping_compensation(prefix: str) -> str:
    """The name of the freight's discount tax compensation in one set."""
    return BASE_SHIPPING_COMPENSATION if prefix else "shipping_discount_tax_compensation_amount"
