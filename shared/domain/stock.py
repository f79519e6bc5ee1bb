"""Stock on its way to the shop: what lies in Fortnox, what orders hold, and what the shop is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from shared.domain.documents import Draft, to_plain
from shared.domain.errors import NeedsAttention

ZERO = Decimal(0)
STOCK_ITEM = ""  # in place of a source, in a shop without inventory management


class StockPointsUnreadable(NeedsAttention):
    """The settings name stock points, and Fortnox does not tell what lies in them."""

    code = "stock_points_unreadable"
    cure = "Give the integration the scope `warehouse`, or take the stock points out of `stock.sources`."


class StockSourceMissing(NeedsAttention):
    """The settings name a source that the shop does not have."""

    code = "stock_source_missing"
    cure = "Correct `stock.sources`, or make the source in Magento under Stores, Sources."


class StockStopped(NeedsAttention):
    """Most of what was to be written was refused: one cause, most likely, and not one for each article."""

    code = "stock_stopped"
    cure = "Correct what the message says of the last article; the pass goes on where it stopped."


@dataclass(frozen=True)
class Balance:
    """Of one article in one stock point of Fortnox; ``disposable`` is without what its orders reserve."""

    stock_point: str
    in_stock: Decimal
    disposable: Decimal

    @property
    def reserved(self) -> Decimal:
        return self.in_stock - self.disposable


@dataclass(frozen=True)
class Held:
    """Pieces of one SKU in orders of the shop.

    ``reserved``: not shipped by the shop, and off the disposable stock in Fortnox: taken off on both sides.
    ``waiting``: not shipped, and Fortnox does not know. ``gone``: shipped, and Fortnox does not know.
    """

    reserved: Decimal = ZERO
    waiting: Decimal = ZERO
    gone: Decimal = ZERO

    def __add__(self, other: "Held") -> "Held":
        return Held(self.reserved + other.reserved, self.waiting + other.waiting, self.gone + other.gone)


@dataclass(frozen=True)
class ShopStock:
    """What the shop has of a SKU in one source."""

    quantity: Decimal
    in_stock: bool


@dataclass(frozen=True)
class StockRow:
    """What the shop should have of a SKU in one source; ``before`` is None where it had no row."""

    sku: str
    source: str
    quantity: Decimal
    in_stock: bool
    before: Decimal | None = None


@dataclass(frozen=True)
class ShopStockDraft(Draft):
    """Absolute quantities that differ from the shop's, of one article or of one page of articles.

    ``as_of`` makes the same quantities at another time another content: somebody may have changed the
    shop's in between.
    """

    kind: ClassVar[str] = "shop_stock"
    system: ClassVar[str] = "magento"

    rows: tuple[StockRow, ...]
    as_of: datetime

    def material(self) -> Mapping[str, Any]:
        plain: dict[str, Any] = to_plain(self)
        return plain


def stock_reference(number: str) -> str:
    """The reference of what the shop was last told of one article by itself."""
    return f"STOCK-{number}"


def page_reference(job: str, page: int) -> str:
    """The same of one page of a pass: the next pass writes over it, so links do not grow with time."""
    return f"STOCK-PAGE-{job}-{page}"
