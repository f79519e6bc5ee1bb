"""The last refund of an invoice takes its VAT to zero too: rows whose VAT sums to what is left.

Fortnox rounds each row's VAT by itself, so refunds of parts may give back an öre more or less than was
charged. Nobody can tell Fortnox the VAT of a row, but how an amount is parted decides how it is rounded.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from shared.domain.items import Row
from shared.domain.money import CENT, Money, total
from shared.domain.vat.amounts import vat_in

MOST_PIECES = 40
LARGEST_PIECE = 99  # öre


def with_vat(rows: Sequence[Row], wanted: Money) -> tuple[Row, ...]:
    """The same total at the same rate, with ``wanted`` VAT; öre of one row then stand on rows of their own.

    The rows are of one account, rate and code. As they are when no parting gives that VAT.
    """
    had = total((row.vat for row in rows), wanted.currency)
    if had == wanted:
        return tuple(rows)
    donor = max(rows, key=lambda row: abs(row.total.amount))
    others = [row for row in rows if row is not donor]
    kept, piece = _one_piece(donor)
    elsewhere = total((row.vat for row in (*others, *kept)), wanted.currency)
    found = _parting(piece.total, piece.rate, wanted - elsewhere)
    if found is None:
        return tuple(rows)
    count, part = found
    large = replace(piece, price=piece.price - (part * count) * piece.quantity)
    text = f"{piece.text} (öre)"
    small = replace(piece, price=part * piece.quantity, article=None, text=text)
    return (*others, *kept, large, *([small] * count))


def _parting(whole: Money, rate: Decimal, wanted: Money) -> tuple[int, Money] | None:
    """How many pieces of how much to take off, so that all of them have the wanted VAT; as few as can be."""
    sign = Decimal(1).copy_sign(whole.amount)
    parts = [Money(sign * cents * CENT, whole.currency) for cents in range(1, LARGEST_PIECE + 1)]
    with_its_vat = [(part, vat_in(part, rate)) for part in parts]
    for count in range(1, MOST_PIECES + 1):
        for part, vat in with_its_vat:
            rest = whole - part * count
            if rest.amount * sign <= 0:
                break
            if vat_in(rest, rate) + vat * count == wanted:
                return count, part
    return None


def _one_piece(row: Row) -> tuple[list[Row], Row]:
    """The row's other pieces, and one of them; of a fractional quantity all of it as one piece."""
    sign = Decimal(1).copy_sign(row.quantity)
    if row.quantity != row.quantity.to_integral_value():
        return [], replace(row, quantity=sign, price=row.total * sign)
    rest = row.quantity - sign
    return ([replace(row, quantity=rest)] if rest else []), replace(row, quantity=sign)
