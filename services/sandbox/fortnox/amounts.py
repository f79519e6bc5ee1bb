"""Numbers as Fortnox handles them: decimals, two places, half up."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

ORE = Decimal("0.01")
ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)


def ore(value: Decimal) -> Decimal:
    """Rounded to two decimals, half away from zero."""
    return value.quantize(ORE, ROUND_HALF_UP)


def kronor(value: Decimal) -> Decimal:
    """Rounded to whole kronor, half away from zero."""
    return value.quantize(ONE, ROUND_HALF_UP)


def decimal_or_none(value: object) -> Decimal | None:
    """A finite number out of a JSON number or a numeric string, else None."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def plain(value: Decimal) -> str:
    """`1.10` -> `1.1`, `2.00` -> `2`, never an exponent: the way Fortnox prints numbers."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
