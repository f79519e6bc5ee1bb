"""What the plan of a shop's rates is made from: Fortnox' rates, the store views, and what we wrote last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class FortnoxRate:
    """SEK for one unit; ``rated_on`` is the day that Fortnox says it is of."""

    sek: Decimal
    rated_on: date | None = None


@dataclass(frozen=True)
class StoreRates:
    """One store view: its base currency, what it may show, and the rates that there are."""

    base: str
    allowed: Sequence[str]
    rates: Mapping[str, Decimal]


@dataclass(frozen=True)
class ObservedRates:
    """``key`` is the subject's. ``last`` is SEK for one unit, by currency, as it was last found right."""

    key: str
    settings: ConnectionDeclaration
    as_of: datetime
    has_shop: bool = True
    has_module: bool = True
    fortnox: Mapping[str, FortnoxRate] = field(default_factory=dict)
    stores: Sequence[StoreRates] = ()
    last: Mapping[str, Decimal] = field(default_factory=dict)
