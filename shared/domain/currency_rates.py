"""Currency rates of a shop: from a website's base currency to what its store views show.

Fortnox keeps SEK for a unit of a currency, Magento how much of a currency one of the base currency buys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, ClassVar, Self

from shared.domain.documents import Draft
from shared.domain.errors import NeedsAttention

SCALE = Decimal("0.000000000001")  # of the column that Magento keeps rates in
ALIKE = Decimal("0.0000001")  # of a rate: Magento prints binary fractions
ONE, HUNDRED = Decimal(1), Decimal(100)
DIGITS = 50  # of the largest such rate by the smallest, with its twelve decimals


class RateJumped(NeedsAttention):
    """A rate moved by more than a day's trade explains; the shop keeps the one that it has."""

    code = "rate_jumped"
    cure = (
        "Compare the rate with the market's. If it is right, put it into `currency_rates.confirmed` as the "
        "message says, then retry; if not, correct it in Fortnox."
    )


class ShopModuleMissing(NeedsAttention):
    """What was planned needs our module in the shop, and it is not there."""

    code = "shop_module_missing"
    cure = "Install the shop module, or switch off what needs it."


@dataclass(frozen=True)
class ShopRate:
    """``rate`` units of ``currency`` are one unit of ``base``."""

    base: str
    currency: str
    rate: Decimal


@dataclass(frozen=True)
class ShopRatesDraft(Draft):
    """Rates that the shop lacks or has otherwise, written together.

    ``sek`` is what one unit of each currency was worth when it was last found right: what a jump is
    measured against. ``as_of`` makes it another draft each time: only differences are ever planned.
    """

    kind: ClassVar[str] = "shop_rates"
    system: ClassVar[str] = "magento"

    rates: tuple[ShopRate, ...]
    sek: tuple[tuple[str, Decimal], ...]
    as_of: datetime

    @classmethod
    def of(cls, rates: tuple[ShopRate, ...], sek: Mapping[str, Decimal], as_of: datetime) -> Self:
        return cls(ref="RATES", rates=rates, sek=tuple(sorted(sek.items())), as_of=as_of)

    @staticmethod
    def sek_of(plain: Mapping[str, Any]) -> dict[str, Decimal]:
        """Of a draft that we stored."""
        return {currency: Decimal(sek) for currency, sek in plain["sek"]}


def cross_rate(base: Decimal, currency: Decimal) -> Decimal:
    """Both in SEK per unit. Zero when the one is not worth a countable part of the other."""
    with localcontext(prec=DIGITS):
        return (base / currency).quantize(SCALE)


def is_a_rate(sek: Decimal) -> bool:
    """Whether a currency can be worth so much: what is not, is a slip of the hand or of a program."""
    return SCALE < sek < ONE / SCALE


def are_alike(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(SCALE, ALIKE * max(one, other))


def moved_by(old: Decimal, new: Decimal) -> Decimal:
    """In percent of the old, without sign."""
    return abs(new / old - ONE) * HUNDRED
