"""The three ways Magento takes the VAT out of prices that include it (`tax/calculation/algorithm`).

Followed from `Magento\\Tax\\Model\\Calculation`: TOTAL carries what rounding left over to the next row of the
same rate, ROW rounds every row, UNIT rounds every piece. Proven against 16 recorded orders.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from services.sandbox.magento.amounts import ZERO, cents


class Algorithm(StrEnum):
    UNIT = "UNIT_BASE_CALCULATION"
    ROW = "ROW_BASE_CALCULATION"
    TOTAL = "TOTAL_BASE_CALCULATION"


@dataclass(frozen=True)
class Taxed:
    """`price` and `row_total` net before discount, `tax` after it, `compensation` the discount's VAT."""

    price: Decimal
    row_total: Decimal
    row_total_incl_tax: Decimal
    tax: Decimal
    compensation: Decimal


@dataclass
class TaxCalculator:
    """One per document, currency and kind of row: it carries rounding differences from row to row."""

    algorithm: Algorithm = Algorithm.TOTAL
    _left_over: dict[tuple[str, Decimal], Decimal] = field(
        default_factory=lambda: defaultdict(lambda: Decimal("0.000001"))
    )

    def row(self, price: Decimal, quantity: Decimal, rate: Decimal, discount: Decimal = ZERO) -> Taxed:
        """`price` including VAT per piece, `rate` in percent, `discount` including VAT for the whole row."""
        if self.algorithm is Algorithm.UNIT:
            return _by_unit(price, quantity, rate, discount)
        gross = price * quantity
        tax = self._rounded("regular", rate, _tax_within(gross, rate))
        after = tax
        if discount:
            after = self._rounded("discounted", rate, _tax_within(max(gross - discount, ZERO), rate))
        net = gross - tax
        return Taxed(cents(net / quantity) if quantity else ZERO, net, gross, after, tax - after)

    def _rounded(self, kind: str, rate: Decimal, exact: Decimal) -> Decimal:
        if self.algorithm is Algorithm.ROW or not exact:
            return cents(exact)
        wanted = exact + self._left_over[kind, rate]
        rounded = cents(wanted)
        self._left_over[kind, rate] = wanted - rounded
        return rounded


def _by_unit(price: Decimal, quantity: Decimal, rate: Decimal, discount: Decimal) -> Taxed:
    unit_tax = cents(_tax_within(price, rate))
    unit_discount = discount / quantity if quantity else ZERO
    after = cents(_tax_within(max(price - unit_discount, ZERO), rate)) if discount else unit_tax
    net = price - unit_tax
    return Taxed(net, net * quantity, price * quantity, after * quantity, (unit_tax - after) * quantity)


def _tax_within(gross: Decimal, rate: Decimal) -> Decimal:
    return gross * rate / (100 + rate)
