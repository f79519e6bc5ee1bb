"""What an article's plan is made from: both sides' quantities, what orders hold, and the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.stock import Balance, Held, ShopStock
from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class ObservedStock:
    """``shop`` is by source; in a shop without inventory management (``legacy``) there is one, without name.

    ``sku`` is spelled as the shop has it. ``why_not`` says why the article is left alone, if it is.
    """

    number: str
    settings: ConnectionDeclaration
    as_of: datetime
    sku: str = ""
    balances: tuple[Balance, ...] = ()
    held: Held = field(default_factory=Held)
    shop: Mapping[str, ShopStock] = field(default_factory=dict)
    legacy: bool = False
    why_not: str = ""
