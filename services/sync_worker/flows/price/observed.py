"""What the plan of a product's prices is made from: what the lists say, and what the shop has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.domain.shop_prices import EVERY_GROUP, EVERY_STORE, EVERY_WEBSITE, BaseRow, TierRow
from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class Place:
    """Where in the shop the prices of a list go: a line of the settings, in the shop's own numbers.

    ``stores`` are those whose price is the website's own; one of them stands for all when it is written.
    """

    price_list: str
    includes_vat: bool = False
    website_id: int = EVERY_WEBSITE
    stores: frozenset[int] = frozenset({EVERY_STORE})
    group: str = EVERY_GROUP
    tiers: bool = False

    @property
    def is_for_all(self) -> bool:
        """Whether its price of one piece is the product's price, and not that of a group."""
        return self.group == EVERY_GROUP

    def owns(self, tier: TierRow) -> bool:
        mine = (self.website_id, self.group.casefold())
        return self.tiers and (tier.website_id, tier.group.casefold()) == mine


@dataclass(frozen=True)
class ListRow:
    """A line of a price list, in its currency, with or without VAT as the list is."""

    article: str
    price_list: str
    from_quantity: Decimal
    amount: Decimal


@dataclass(frozen=True)
class PricedProduct:
    """An article and the product it is. ``rate`` is its VAT in percent, where it is needed and known.

    ``whole``: the rows are all that the lists have of it, so that what they do not name is gone.
    """

    number: str
    sku: str
    rate: Decimal | None
    rows: Sequence[ListRow]
    base: Sequence[BaseRow]
    tiers: Sequence[TierRow]
    whole: bool = True


@dataclass(frozen=True)
class ObservedPrices:
    """``reason`` says why there is nothing to compare; then there is no product."""

    number: str
    settings: ConnectionDeclaration
    as_of: datetime
    reason: str = ""
    places: Sequence[Place] = ()
    product: PricedProduct | None = None
