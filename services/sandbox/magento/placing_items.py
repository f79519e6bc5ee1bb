"""The rows of an order: what a line of the cart and the lines below it become."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.sandbox.magento.amounts import SETS, ZERO, cents, total
from services.sandbox.magento.lines import Kind, Line
from services.sandbox.magento.tax import Algorithm, TaxCalculator, Taxed

NOTHING = Taxed(ZERO, ZERO, ZERO, ZERO, ZERO)


@dataclass(frozen=True)
class ItemAmounts:
    """One row in one currency. `price_incl_tax` None: the row has no price of its own."""

    taxed: Taxed
    discount: Decimal = ZERO
    price_incl_tax: Decimal | None = None
    weee: Decimal = ZERO
    weee_row: Decimal = ZERO


@dataclass
class PlacedItem:
    line: Line
    quantity: Decimal
    amounts: dict[str, ItemAmounts]
    carries_money: bool
    parent: PlacedItem | None = None
    parts: list[PlacedItem] = field(default_factory=list)
    item_id: int = 0

    @property
    def is_dynamic(self) -> bool:
        return self.line.of_kind is Kind.BUNDLE_DYNAMIC

    @property
    def has_price(self) -> bool:
        return self.amounts[""].price_incl_tax is not None

    def fields(self) -> dict[str, Any]:
        """The row's columns, as far as the row alone decides them."""
        found: dict[str, Any] = self._plain() | {
            "item_id": self.item_id,
            "name": self.line.name,
            "product_type": self.line.of_kind.product_type,
            "sku": self.line.sku,
            "qty_ordered": self.quantity,
        }
        for prefix in SETS:
            found |= self._in(prefix)
        if self.line.of_kind.is_virtual:
            found["is_virtual"] = 1
        else:
            found["weight"] = Decimal(self.line.weight)
        if self.parent is not None:
            found["parent_item_id"] = self.parent.item_id
        if not self.is_dynamic:
            found["tax_percent"] = Decimal(self.line.rate) if self.has_price else ZERO
        return found | self._weee() | self._options()

    def _plain(self) -> dict[str, Any]:
        counts = ("canceled", "invoiced", "refunded", "shipped")
        row_weight = (
            ZERO if self.parent or self.line.of_kind.is_virtual else Decimal(self.line.weight) * self.quantity
        )
        return {f"qty_{one}": ZERO for one in counts} | {
            "discount_percent": Decimal(self.line.discount_percent),
            "free_shipping": 0,
            "is_qty_decimal": 0,
            "is_virtual": 0,
            "no_discount": 0,
            "row_weight": row_weight,
        }

    def _in(self, prefix: str) -> dict[str, Any]:
        amounts = self.amounts[prefix]
        taxed = amounts.taxed
        found: dict[str, Any] = {
            "amount_refunded": ZERO,
            "discount_amount": amounts.discount,
            "discount_invoiced": ZERO,
            "price": taxed.price,
            "row_invoiced": ZERO,
            "row_total": taxed.row_total,
            "tax_amount": taxed.tax,
            "tax_invoiced": ZERO,
        }
        if amounts.price_incl_tax is not None:
            found["price_incl_tax"] = amounts.price_incl_tax
            found["original_price"] = Decimal(self.line.list_price or amounts.price_incl_tax)
            found["row_total_incl_tax"] = taxed.row_total_incl_tax
            if not self.is_dynamic:
                found["discount_tax_compensation_amount"] = taxed.compensation
        elif not prefix:
            found["original_price"] = ZERO
        return {f"{prefix}{name}": value for name, value in found.items()}

    def _weee(self) -> dict[str, Any]:
        """Fixed product tax: in the grand total and in no net row."""
        own, base = self.amounts[""], self.amounts["base_"]
        if not own.weee:
            return {}
        applied = {"title": "FPT", "amount": own.weee, "row_amount": own.weee_row}
        applied |= {"base_amount": base.weee, "base_row_amount": base.weee_row}
        text = json.dumps([{name: str(value) for name, value in applied.items()}], separators=(",", ":"))
        return {
            "weee_tax_applied": text,
            "weee_tax_applied_amount": own.weee,
            "weee_tax_applied_row_amount": own.weee_row,
            "base_weee_tax_applied_amount": base.weee,
            "base_weee_tax_applied_row_amnt": base.weee_row,
        }

    def _options(self) -> dict[str, Any]:
        if self.line.of_kind is Kind.CONFIGURABLE:
            options: dict[str, Any] = {"configurable_item_options": [{"option_id": "137", "option_value": 4}]}
        elif self.line.of_kind.product_type == "bundle":
            pieces = self.quantity or 1
            options = {
                "bundle_options": [
                    {"option_id": index, "option_qty": one.quantity / pieces, "option_selections": [index]}
                    for index, one in enumerate(self.parts, 1)
                ]
            }
        else:
            return {}
        return {"product_option": {"extension_attributes": options}}


def place_items(lines: tuple[Line, ...], rate: Decimal, algorithm: Algorithm) -> list[PlacedItem]:
    """The order's rows, a parent before its parts."""
    calculators = {prefix: TaxCalculator(algorithm) for prefix in SETS}
    found: list[PlacedItem] = []
    for line in lines:
        found += _place(line, rate, calculators)
    return found


def _place(line: Line, rate: Decimal, calculators: dict[str, TaxCalculator]) -> list[PlacedItem]:
    if line.of_kind is Kind.BUNDLE_DYNAMIC:
        parts = [
            PlacedItem(
                one, one.pieces * line.pieces, _priced(one, one.pieces * line.pieces, rate, calculators), True
            )
            for one in line.parts()
        ]
        parent = PlacedItem(line, line.pieces, {p: _summed(parts, p, line.pieces) for p in SETS}, False)
    else:
        parent = PlacedItem(line, line.pieces, _priced(line, line.pieces, rate, calculators), True)
        empty = {prefix: ItemAmounts(NOTHING) for prefix in SETS}
        parts = [PlacedItem(one, one.pieces * line.pieces, dict(empty), False) for one in line.parts()]
    parent.parts = parts
    for part in parts:
        part.parent = parent
    return [parent, *parts]


def _priced(
    line: Line, quantity: Decimal, rate: Decimal, calculators: dict[str, TaxCalculator]
) -> dict[str, ItemAmounts]:
    return {prefix: _priced_in(prefix, line, quantity, rate, calculators[prefix]) for prefix in SETS}


def _priced_in(
    prefix: str, line: Line, quantity: Decimal, rate: Decimal, calculator: TaxCalculator
) -> ItemAmounts:
    """Every set is worked out from its own prices, so the two need not agree to the cent."""

    def converted(amount: str) -> Decimal:
        return cents(Decimal(amount) / rate) if prefix else Decimal(amount)

    price, discount, weee = converted(line.price), converted(line.discount), converted(line.weee)
    taxed = calculator.row(price, quantity, Decimal(line.rate), discount)
    return ItemAmounts(taxed, discount, price, weee, weee * quantity)


def _summed(parts: list[PlacedItem], prefix: str, bundles: Decimal) -> ItemAmounts:
    """The parent of a dynamic bundle repeats what its parts come to, before discount."""
    rows = [one.amounts[prefix].taxed for one in parts]
    net, gross = total(one.row_total for one in rows), total(one.row_total_incl_tax for one in rows)
    taxed = Taxed(cents(net / bundles), net, gross, total(one.tax for one in rows), ZERO)
    return ItemAmounts(taxed, ZERO, cents(gross / bundles))
