"""What is left of an invoice beside its credits, and the rows of the credit that takes the rest of it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from shared.domain.closing import MOST_PIECES, with_vat
from shared.domain.documents import CreditDraft, InvoiceDraft
from shared.domain.items import Row, RowKind, gathered
from shared.domain.money import Money, total
from shared.domain.vat.amounts import vat_in

MOST_ROWS = 499  # one more names the invoice
SMALL_REST = Decimal(1)  # what is left below this could not carry an öre too many

# What decides where a row is posted.
Group = tuple[int, Decimal, str | None, RowKind]


def group_of(row: Row) -> Group:
    return row.account, row.rate, row.vat_code, row.kind


def left_of(invoice: InvoiceDraft, before: Sequence[CreditDraft]) -> dict[Group, Money]:
    """By group, VAT included; without what is given back."""
    left: dict[Group, Money] = {}
    for row in (*invoice.rows, *(row for credit in before for row in credit.rows)):
        key = group_of(row)
        left[key] = left.get(key, Money.zero(invoice.currency)) + row.total
    return {key: amount for key, amount in left.items() if amount}


def mirrored(invoice: InvoiceDraft) -> tuple[Row, ...]:
    """Everything back, row by row, each with the VAT that it had; nobody says that goods came back."""
    return tuple(replace(row, quantity=-row.quantity, article=None) for row in invoice.rows)


def closed(invoice: InvoiceDraft, before: Sequence[CreditDraft], rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows of a credit; of each group that they empty, with the VAT that is left of it to the öre.

    Where next to nothing is left, that has the VAT of its own amount.
    """
    rows = gathered(rows, limit=MOST_ROWS)
    found = _closed(invoice, before, rows)
    if len(found) > MOST_ROWS:
        found = _closed(invoice, before, gathered(rows, limit=MOST_ROWS - MOST_PIECES))
    return found if len(found) <= MOST_ROWS else rows


def _closed(invoice: InvoiceDraft, before: Sequence[CreditDraft], rows: Sequence[Row]) -> tuple[Row, ...]:
    earlier = [*invoice.rows, *(row for credit in before for row in credit.rows)]
    groups = _by_group(rows)
    parted = {}
    for key, members in groups.items():
        rest = _gross((*earlier, *rows), key, invoice.currency)
        if abs(rest.amount) <= SMALL_REST:
            parted[key] = with_vat(members, vat_in(rest, key[1]) - _vat(earlier, key, invoice.currency))
    changed = {key for key, found in parted.items() if len(found) > len(groups[key])}
    kept = (row for row in rows if group_of(row) not in changed)
    return (*kept, *(row for key in parted if key in changed for row in parted[key]))


def _by_group(rows: Sequence[Row]) -> dict[Group, list[Row]]:
    groups: dict[Group, list[Row]] = {}
    for row in rows:
        groups.setdefault(group_of(row), []).append(row)
    return groups


def _gross(rows: Sequence[Row], key: Group, currency: str) -> Money:
    return total((row.total for row in rows if group_of(row) == key), currency)


def _vat(rows: Sequence[Row], key: Group, currency: str) -> Money:
    return total((row.vat for row in rows if group_of(row) == key), currency)
