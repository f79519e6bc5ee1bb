"""What a buyer puts into the cart, in the words of a test: prices including VAT, in the order's currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pydantic import ConfigDict


class Kind(StrEnum):
    SIMPLE = "simple"
    VIRTUAL = "virtual"
    DOWNLOADABLE = "downloadable"
    CONFIGURABLE = "configurable"
    BUNDLE_FIXED = "bundle_fixed"
    BUNDLE_DYNAMIC = "bundle_dynamic"

    @property
    def product_type(self) -> str:
        return "bundle" if self.value.startswith("bundle") else self.value

    @property
    def is_virtual(self) -> bool:
        return self in (Kind.VIRTUAL, Kind.DOWNLOADABLE)


@dataclass(frozen=True)
class Line:
    """One row of the cart.

    `price`: per piece including VAT. `discount`: for the whole row including VAT. `weee`: fixed product
    tax per piece, untaxed. `children`: the variant of a configurable (made up when left out) or the parts of
    a bundle, with quantities per bundle; of a dynamic bundle they carry the prices and discounts.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    sku: str
    name: str
    price: str = "0"
    quantity: int | str = 1
    rate: str = "25"
    discount: str = "0"
    kind: str = Kind.SIMPLE
    children: tuple[Line, ...] = ()
    weee: str = "0"
    discount_percent: str = "0"
    weight: str = "0.5"
    list_price: str | None = None
    """`original_price`, where it is not the price that was paid."""

    @property
    def of_kind(self) -> Kind:
        return Kind(self.kind)

    @property
    def pieces(self) -> Decimal:
        return Decimal(self.quantity)

    def parts(self) -> tuple[Line, ...]:
        """The rows below this one in the order."""
        if self.of_kind is Kind.CONFIGURABLE and not self.children:
            return (Line(self.sku, self.name, weight=self.weight, rate="0"),)
        return self.children
