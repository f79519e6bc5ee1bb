"""What we make in the shop."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from shared.domain.documents import Draft, to_plain
from shared.domain.money import Money


@dataclass(frozen=True)
class ShopRefundDraft(Draft):
    """An offline credit memo of an order: its money has been given back already.

    ``quantities`` are pieces by order item that are given back at their full price; what they do not
    come to is an adjustment, or a fee when it is less. Amounts in the shop's base currency.
    """

    kind: ClassVar[str] = "shop_refund"
    system: ClassVar[str] = "magento"

    order_id: int
    amount: Money
    quantities: tuple[tuple[int, Decimal], ...]
    adjustment: Decimal
    fee: Decimal
    return_to_stock: bool

    @property
    def total(self) -> Money:
        return self.amount

    def material(self) -> Mapping[str, Any]:
        plain: dict[str, Any] = to_plain(self)
        return plain
