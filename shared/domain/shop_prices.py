"""Prices of the shop, where Fortnox' price lists own them: what a list says becomes base and tier prices."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

from shared.domain.documents import Draft
from shared.domain.errors import NeedsAttention

EVERY_STORE = EVERY_WEBSITE = 0
EVERY_GROUP = "all groups"


class PricesRefused(NeedsAttention):
    """The shop did not take a price; those of other products were written."""

    code = "prices_refused"
    cure = "Read the shop's own words in the message, correct the product or the price list, then retry."


class PricesStopped(NeedsAttention):
    """Most of the prices could not be written: one cause, most likely, and not one for each."""

    code = "prices_stopped"
    cure = "Correct what the message says of the last article; the pass goes on where it stopped."


@dataclass(frozen=True)
class BaseRow:
    """The price of one piece: of every store, or of a store view and so of its website."""

    sku: str
    store_id: int
    amount: Decimal

    @property
    def place(self) -> tuple[str, int]:
        return self.sku.casefold(), self.store_id


@dataclass(frozen=True)
class TierRow:
    """The price of a piece from ``quantity`` on, for one group of customers or for all."""

    sku: str
    website_id: int
    group: str
    quantity: Decimal
    amount: Decimal
    is_percent: bool = False

    @property
    def place(self) -> tuple[str, int, str, Decimal]:
        return self.sku.casefold(), self.website_id, self.group.casefold(), self.quantity.normalize()

    @property
    def across(self) -> tuple[str, Decimal]:
        """Group and quantity: where prices for every website and for one are in each other's way."""
        return self.group.casefold(), self.quantity.normalize()


@dataclass(frozen=True)
class PriceRows:
    """What differs. ``replaced`` are all tiers of products whose tiers cannot just be added to."""

    base: tuple[BaseRow, ...] = ()
    tiers: tuple[TierRow, ...] = ()
    replaced: tuple[TierRow, ...] = ()
    removed: tuple[TierRow, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.base or self.tiers or self.replaced or self.removed)

    def __add__(self, other: "PriceRows") -> "PriceRows":
        return PriceRows(
            self.base + other.base,
            self.tiers + other.tiers,
            self.replaced + other.replaced,
            self.removed + other.removed,
        )


@dataclass(frozen=True)
class ShopPricesDraft(Draft):
    """Prices of one product, or of a page of them. ``as_of`` makes it another draft each time: only
    differences are ever planned, and what somebody changed back is a difference again."""

    kind: ClassVar[str] = "shop_prices"
    system: ClassVar[str] = "magento"

    prices: PriceRows
    as_of: datetime

    @classmethod
    def of(cls, name: str, rows: PriceRows, as_of: datetime) -> Self:
        return cls(ref=f"SHOP-{name}", prices=rows, as_of=as_of)
