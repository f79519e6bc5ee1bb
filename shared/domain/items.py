"""Rows: of what was sold, and of what is booked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from shared.domain.money import CENT, Money, to_cents
from shared.domain.vat.amounts import net_of
from shared.domain.vat.territories import Supply
from shared.domain.vat.treatment import Treated

RowKind = Literal["goods", "freight", "fee", "discount", "gift_card", "store_credit", "rounding"]
MAX_ROWS = 500  # Fortnox refuses longer documents


@dataclass(frozen=True)
class SoldRow:
    """One row as the source sold it. ``total`` includes VAT and is signed; ``rate`` is in percent."""

    kind: RowKind
    article: str
    name: str
    quantity: Decimal
    total: Money
    rate: Decimal
    unit: str = ""
    line: str = ""  # the source's own name of the row, where it has one
    account: int | None = None  # the merchant's choice for this very row, posted without VAT
    supply: Supply = "goods"


@dataclass(frozen=True)
class Row:
    """One row of a document. ``price`` is per unit, in cents, including VAT; quantity is signed.

    ``treated`` says why its VAT is as it is; None for what is no sale, as a means of payment.
    """

    text: str
    quantity: Decimal
    price: Money
    rate: Decimal
    account: int
    kind: RowKind
    vat_code: str | None = None
    article: str | None = None
    unit: str | None = None
    treated: Treated | None = None

    @property
    def total(self) -> Money:
        return (self.price * self.quantity).rounded()

    @property
    def net(self) -> Money:
        return net_of(self.total, self.rate)

    @property
    def vat(self) -> Money:
        return self.total - self.net


def would_leak(before: Sequence[Row], after: Sequence[Row]) -> bool:
    """Whether replacing rows by position would leave something of an old row on a new one.

    Fortnox merges rows by position and keeps what a new row leaves out: the article of the row that
    stood there, for example, which would then return to stock.
    """
    pairs = zip(before, after, strict=False)
    return any((old.article and not new.article) or (old.vat_code and not new.vat_code) for old, new in pairs)


def expressed(row: Row, total: Money) -> list[Row]:
    """The row, or the few rows, whose quantity times two-decimal price is exactly ``total``.

    3 pieces for 100.00 become 2 x 33.33 and 1 x 33.34; a fractional quantity keeps its row and the
    öre that do not divide stand on a row of their own, on the same account and rate.
    """
    price = Money(to_cents(total.amount / row.quantity), total.currency)
    plain = replace(row, price=price)
    if plain.total == total:
        return [plain]
    if row.quantity == row.quantity.to_integral_value():
        return _in_two(row, total)
    rest = total - plain.total
    return [plain, replace(row, quantity=Decimal(1), price=rest, article=None, text=f"{row.text} (öre)")]


def _in_two(row: Row, total: Money) -> list[Row]:
    sign = 1 if row.quantity > 0 else -1
    pieces = abs(int(row.quantity))
    low = Money((total.amount * sign / pieces).quantize(CENT, rounding="ROUND_FLOOR"), total.currency)
    dearer = int((total.amount * sign - low.amount * pieces) / CENT)
    cent = Money(CENT, total.currency)
    return [
        replace(row, quantity=Decimal(sign * (pieces - dearer)), price=low),
        replace(row, quantity=Decimal(sign * dearer), price=low + cent),
    ]


def gathered(rows: Sequence[Row], limit: int = MAX_ROWS) -> tuple[Row, ...]:
    """At most ``limit`` rows with the same sums: the tail is gathered by account, rate and code."""
    if len(rows) <= limit:
        return tuple(rows)
    keys = {_account_key(row) for row in rows}
    kept = limit - len(keys)
    return (*rows[:kept], *_by_account(rows[kept:]))


def _by_account(rows: Iterable[Row]) -> list[Row]:
    groups: dict[tuple[int, Decimal, str | None, RowKind], list[Row]] = {}
    for row in rows:
        groups.setdefault(_account_key(row), []).append(row)
    result = []
    for members in groups.values():
        added = members[0].total
        for row in members[1:]:
            added = added + row.total
        text = f"{len(members)} rader"
        result.append(
            replace(members[0], text=text, quantity=Decimal(1), price=added, article=None, unit=None)
        )
    return result


def _account_key(row: Row) -> tuple[int, Decimal, str | None, RowKind]:
    return row.account, row.rate, row.vat_code, row.kind
