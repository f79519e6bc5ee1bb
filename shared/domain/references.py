"""How we name our own documents in other systems, so that we find them again."""

from dataclasses import dataclass
from typing import Literal

MAX_REFERENCE_LENGTH = 80
InvoiceReference = Literal["auto", "delivery", "order"]  # its own, its order's, or whichever costs no call


@dataclass(frozen=True)
class SaleReference:
    """All references of one sale, from its Svea checkout id or its shop order.

    ``S9300101-O`` its order, ``S9300101-O2`` the order for the rest after a partial delivery,
    ``S9300101-D7200501`` the invoice of a delivery, ``S9300101-D7200501-C2`` its second credit.
    """

    root: str

    @classmethod
    def of_checkout(cls, checkout_id: int) -> "SaleReference":
        return cls(f"S{checkout_id}")

    @classmethod
    def of_shop_order(cls, entity_id: int) -> "SaleReference":
        """A sale paid outside Svea: ``M1007-O``, ``M1007-D55`` for its invoice or shipment 55."""
        return cls(f"M{entity_id}")

    def order(self, slot: int) -> str:
        return f"{self.root}-O" if slot == 1 else f"{self.root}-O{slot}"

    def delivery(self, delivery_id: int | str) -> str:
        return f"{self.root}-D{delivery_id}"

    @staticmethod
    def credit(delivery_reference: str, ordinal: int) -> str:
        return f"{delivery_reference}-C{ordinal}"


def order_slot(reference: str) -> int:
    """The slot in an order's reference: ``S1-O`` -> 1, ``S1-O3`` -> 3."""
    tail = reference.rsplit("-O", 1)[1]
    return int(tail) if tail else 1


def credit_ordinal(reference: str) -> int:
    """The ordinal in a credit's reference: ``S1-D2-C3`` -> 3."""
    return int(reference.rsplit("-C", 1)[1])
