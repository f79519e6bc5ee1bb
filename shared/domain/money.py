"""Amounts that cannot lose their currency or an öre."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from shared.domain.errors import Unbalanced

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


def to_cents(amount: Decimal) -> Decimal:
    """Round half away from zero to two decimals, as Swedish bookkeeping does."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, order=False)
class Money:
    """A Decimal amount in one currency (ISO 4217); mixing currencies raises ValueError."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"money takes Decimal, not {type(self.amount).__name__}")

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Self:
        """Svea's integers: 232700 -> 2327.00."""
        return cls((Decimal(minor) / HUNDRED).quantize(CENT), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(Decimal("0.00"), currency)

    @property
    def minor(self) -> int:
        """In hundredths; raises ValueError when it is not a whole number of them."""
        scaled = self.amount * HUNDRED
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{self} has more than two decimals")
        return int(scaled)

    def rounded(self) -> Self:
        return type(self)(to_cents(self.amount), self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.amount), self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{to_cents(self.amount)} {self.currency}"


def total(parts: Iterable[Money], currency: str) -> Money:
    """Sum of parts that may be none."""
    result = Money.zero(currency)
    for part in parts:
        result = result + part
    return result


def must_add_up(what: str, *, parts: Iterable[Money], to: Money) -> None:
    """Raise Unbalanced, naming both sums and the difference, unless the parts sum to ``to``."""
    added = total(parts, to.currency)
    if added.amount == to.amount:
        return
    off = added - to
    raise Unbalanced(
        f"{what}: parts sum to {added}, expected {to}, off by {off}",
        facts={"sum": str(added), "expected": str(to), "difference": str(off)},
    )


def apportion(whole: Money, weights: Sequence[Decimal]) -> list[Money]:
    """Split into cents by weight, largest remainder first, so that the parts sum to the whole.

    Weights may not all be zero. The result has one part per weight, in order.
    """
    weight_sum = sum(weights, Decimal(0))
    if weight_sum == 0:
        raise ValueError("nothing to apportion by")
    exact = [whole.amount * weight / weight_sum for weight in weights]
    floors = [value.quantize(CENT, rounding="ROUND_FLOOR") for value in exact]
    missing = int((whole.amount - sum(floors, Decimal(0))) / CENT)
    by_remainder = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for index in by_remainder[:missing]:
        floors[index] += CENT
    return [Money(value, whole.currency) for value in floors]
