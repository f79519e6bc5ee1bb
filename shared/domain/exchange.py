"""What a currency is worth in the books, and who says so."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

RATE_STEP = Decimal("0.0001")  # as fine as the rates that Fortnox was seen to have
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class ExchangeRate:
    """``sek`` is for one unit; ``rated_on`` is the day it was quoted, where somebody says that."""

    currency: str
    sek: Decimal
    said_by: str
    rated_on: date | None = None

    @property
    def why(self) -> str:
        day = f" of {self.rated_on}" if self.rated_on else ""
        return f"{self.currency} at {self.sek.normalize():f} SEK: {self.said_by}{day}"


def rate_of_shop(*, base_total: Decimal, total: Decimal, base_to_order: Decimal) -> Decimal | None:
    """SEK for one unit by an order whose base currency is SEK; None where it tells none.

    The shop keeps its rate with four decimals, so that of a large order its two totals know better, unless
    they differ by more than roundings: a fee may have been added to one of them alone.
    """
    if base_to_order <= 0:
        return None
    by_rate = 1 / base_to_order
    if base_total <= 0 or total <= 0:
        return _rounded(by_rate)
    by_totals = base_total / total
    roundings = RATE_STEP / 2 / base_to_order + Decimal("0.02") / total + Decimal("0.02") / base_total
    return _rounded(by_totals if abs(by_totals / by_rate - 1) <= roundings else by_rate)


def apart(one: Decimal, other: Decimal) -> Decimal:
    """How far a rate is from another, in percent of that one, without sign."""
    return abs(one / other - 1) * HUNDRED


def _rounded(rate: Decimal) -> Decimal:
    """In small currencies four decimals say too little: as many as leave five digits."""
    step = RATE_STEP if rate >= 1 else RATE_STEP.scaleb(rate.adjusted())
    return rate.quantize(step, rounding=ROUND_HALF_UP)
