"""Tax classes, rates and rules: what a product's `tax_class_id` comes to in a country."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

GOODS, REDUCED = 2, 4
"""Product tax classes of the recorded shop: 25 % and 12 % in Sweden."""
RETAIL_CUSTOMER = 3


@dataclass
class TaxClass:
    class_id: int
    name: str
    kind: str

    def show(self) -> Json:
        return {"class_id": self.class_id, "class_name": self.name, "class_type": self.kind}


@dataclass
class TaxRate:
    rate_id: int
    country: str
    rate: Decimal
    code: str
    postcode: str = "*"

    def show(self) -> Json:
        return {
            "id": self.rate_id,
            "tax_country_id": self.country,
            "tax_region_id": 0,
            "tax_postcode": self.postcode,
            "rate": self.rate,
            "code": self.code,
            "titles": [],
        }


@dataclass
class TaxRule:
    rule_id: int
    code: str
    customer_classes: list[int]
    product_classes: list[int]
    rates: list[int]
    priority: int = 0
    position: int = 0
    calculate_subtotal: bool = False

    def show(self) -> Json:
        return {
            "id": self.rule_id,
            "code": self.code,
            "priority": self.priority,
            "position": self.position,
            "customer_tax_class_ids": self.customer_classes,
            "product_tax_class_ids": self.product_classes,
            "tax_rate_ids": self.rates,
            "calculate_subtotal": self.calculate_subtotal,
        }


class Taxes:
    """The tax tables of a shop; fresh, those of the recorded shop."""

    def __init__(self) -> None:
        self.classes: dict[int, TaxClass] = {}
        self.rates: dict[int, TaxRate] = {}
        self.rules: dict[int, TaxRule] = {}
        self._add_classes(
            [(GOODS, "Taxable Goods", "PRODUCT"), (RETAIL_CUSTOMER, "Retail Customer", "CUSTOMER")]
        )
        self._add_classes([(REDUCED, "Reduced 12", "PRODUCT")])
        for rate_id, country, rate, code in (
            (3, "SE", "25", "SE 25"),
            (4, "SE", "12", "SE 12"),
            (5, "DE", "19", "DE 19"),
            (6, "DE", "7", "DE 7"),
            (7, "FI", "25.5", "FI 25.5"),
            (8, "NO", "0", "NO 0"),
        ):
            self.rates[rate_id] = TaxRate(rate_id, country, Decimal(rate), code)
        self.rules[1] = TaxRule(1, "Standard", [RETAIL_CUSTOMER], [GOODS], [3, 5, 7, 8])
        self.rules[2] = TaxRule(2, "Reduced", [RETAIL_CUSTOMER], [REDUCED], [4, 6])

    def add_class(self, name: str, kind: str = "PRODUCT") -> int:
        class_id = max(self.classes) + 1
        self.classes[class_id] = TaxClass(class_id, name, kind)
        return class_id

    def add_rate(self, country: str, rate: Decimal, code: str) -> int:
        rate_id = max(self.rates) + 1
        self.rates[rate_id] = TaxRate(rate_id, country, rate, code)
        return rate_id

    def add_rule(
        self,
        code: str,
        products: Iterable[int],
        rates: Iterable[int],
        customers: Iterable[int] = (RETAIL_CUSTOMER,),
    ) -> int:
        rule_id = max(self.rules) + 1
        self.rules[rule_id] = TaxRule(rule_id, code, list(customers), list(products), list(rates))
        return rule_id

    def _add_classes(self, classes: list[tuple[int, str, str]]) -> None:
        for class_id, name, kind in classes:
            self.classes[class_id] = TaxClass(class_id, name, kind)
