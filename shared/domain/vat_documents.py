"""What a booked document says of VAT: base and VAT by treatment, rate, code and account.

Amounts are signed: sales positive, what was given back negative. SEK is what Fortnox posts: sums by
account at the document's rate, to the öre, so that parts and books are the same to the öre.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from shared.domain.items import Row
from shared.domain.money import to_cents
from shared.domain.vat.amounts import net_of
from shared.domain.vat.treatment import Treated

ZERO = Decimal("0.00")
NO_SALE = ("gift_card", "store_credit", "rounding")
VatAccountOf = Callable[[str | None, Decimal], int]


@dataclass(frozen=True)
class VatPart:
    """A sum of rows. ``treated`` is None where nobody knows it any more; ``vat_account`` 0 without VAT."""

    treated: Treated | None
    rate: Decimal
    code: str | None
    account: int
    vat_account: int
    base: Decimal
    vat: Decimal
    base_sek: Decimal
    vat_sek: Decimal


@dataclass(frozen=True)
class VatDocument:
    """A booked invoice or credit invoice; ``original`` is the day of the invoice that a credit is of."""

    kind: Literal["invoice", "credit_invoice"]
    reference: str
    number: str
    sale_id: str
    sale_key: str
    dated: date
    currency: str
    parts: tuple[VatPart, ...]
    finalised_at: datetime | None = None
    original: date | None = None

    @property
    def supplied(self) -> date:
        """The day whose return the sale stands in."""
        return self.original or self.dated

    def by_account(self) -> dict[int, Decimal]:
        """What it posts on accounts of sales and of VAT: SEK, sales positive."""
        sums: dict[int, Decimal] = {}
        for part in self.parts:
            for account, amount in ((part.account, part.base_sek), (part.vat_account, part.vat_sek)):
                if amount:
                    sums[account] = sums.get(account, ZERO) + amount
        return {account: amount for account, amount in sums.items() if amount}


@dataclass(frozen=True)
class _Sum:
    treated: Treated | None
    rate: Decimal
    code: str | None
    account: int
    vat_account: int
    base: Decimal
    vat: Decimal


def parts_of(
    rows: Iterable[Row],
    exchange: Decimal | None,
    vat_account: VatAccountOf,
    treated_before: Callable[[Row], Treated | None],
) -> tuple[VatPart, ...]:
    """``exchange`` is SEK per unit, None in SEK. Rows that are no sale are left out.

    ``treated_before`` answers for rows of documents that kept no treatment: by the mapping as it is today.
    """
    sums = _summed(rows, vat_account, treated_before)
    bases = _in_sek([(one.account, one.base) for one in sums], exchange)
    vats = _in_sek([(one.vat_account, one.vat) for one in sums], exchange)
    return tuple(
        VatPart(
            treated=one.treated,
            rate=one.rate,
            code=one.code,
            account=one.account,
            vat_account=one.vat_account,
            base=one.base,
            vat=one.vat,
            base_sek=base_sek,
            vat_sek=vat_sek,
        )
        for one, base_sek, vat_sek in zip(sums, bases, vats, strict=True)
    )


def _summed(
    rows: Iterable[Row], vat_account: VatAccountOf, treated_before: Callable[[Row], Treated | None]
) -> list[_Sum]:
    sums: dict[tuple[object, ...], _Sum] = {}
    for row in rows:
        if row.kind in NO_SALE:
            continue
        treated = row.treated or treated_before(row)
        total = row.total
        net = net_of(total, row.rate).amount
        tax = total.amount - net
        if treated is None and not tax:
            continue  # an adjustment without VAT, on an account of the merchant's choice
        account = vat_account(row.vat_code, row.rate) if tax else 0
        told = None if treated is None else (treated.treatment, treated.country, treated.supply)
        key = (told, row.rate, row.vat_code, row.account, account)
        seen = sums.get(key)
        base, vat = (ZERO, ZERO) if seen is None else (seen.base, seen.vat)
        sums[key] = _Sum(
            treated=treated if seen is None else seen.treated,
            rate=row.rate,
            code=row.vat_code,
            account=row.account,
            vat_account=account,
            base=base + net,
            vat=vat + tax,
        )
    return list(sums.values())


def _in_sek(amounts: Sequence[tuple[int, Decimal]], exchange: Decimal | None) -> list[Decimal]:
    """Each in SEK; those of one account sum to what the account gets, the öre stand on the largest."""
    if exchange is None:
        return [amount for _, amount in amounts]
    found = [to_cents(amount * exchange) for _, amount in amounts]
    for account in {account for account, _ in amounts}:
        places = [place for place, (of, _) in enumerate(amounts) if of == account]
        whole = to_cents(sum((amounts[place][1] for place in places), ZERO) * exchange)
        largest = max(places, key=lambda place: abs(found[place]))
        found[largest] += whole - sum((found[place] for place in places), ZERO)
    return found
