"""Rows in Fortnox, or of a draft that we stored -> parts: what kind of row it is, pieces, amount. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.sync_worker.flows.shop_document.observed import Part
from shared.clients.fortnox.wire import FortnoxInvoice, FortnoxRow
from shared.domain.documents import rows_from
from shared.domain.items import RowKind
from shared.domain.money import to_cents

ANY_CURRENCY = "XXX"  # parts have no currency of their own


def parts_of_draft(draft: Mapping[str, Any]) -> tuple[Part, ...]:
    """As they were booked."""
    return tuple(
        Part(row.kind, row.article or "", row.text, row.quantity, row.total.amount)
        for row in rows_from(draft, ANY_CURRENCY)
    )


def parts_of_rows(invoice: FortnoxInvoice, drafted: Mapping[str, Any]) -> tuple[Part, ...]:
    """Of a document that a person made: its rows are told apart by those of the document we made before.

    Freight and fee that stand in fields of their own are parts, too. Those of a credit are positive.
    """
    sign = -1 if invoice.total < 0 else 1
    kinds = _kinds(drafted)
    found = [
        Part(
            kind=_kind(row, kinds),
            article=row.article_number or "",
            text=row.description,
            quantity=row.delivered_quantity * sign,
            total=_with_vat(row, invoice) * sign,
        )
        for row in invoice.rows
        if row.total
    ]
    if invoice.freight:
        freight = invoice.freight if invoice.vat_included else invoice.freight + invoice.freight_vat
        found.append(Part("freight", "", "", Decimal(1), freight * sign))
    return tuple(found)


def _with_vat(row: FortnoxRow, invoice: FortnoxInvoice) -> Decimal:
    if invoice.vat_included:
        return row.total
    return to_cents(row.total * (100 + (row.vat or Decimal(0))) / 100)


def _kinds(drafted: Mapping[str, Any]) -> dict[object, RowKind]:
    """By article, text and account, where these tell one kind from another."""
    found: dict[object, RowKind] = {}
    shared: set[object] = set()
    for row in rows_from(drafted, ANY_CURRENCY) if drafted.get("rows") else ():
        for name in (row.article, row.text.casefold(), row.account):
            if name and found.setdefault(name, row.kind) != row.kind:
                shared.add(name)
    return {name: kind for name, kind in found.items() if name not in shared}


def _kind(row: FortnoxRow, kinds: Mapping[object, RowKind]) -> RowKind:
    """An article is goods whatever we sold; a text that is none of ours is what its account was used for."""
    if row.article_number:
        return kinds.get(row.article_number, "goods")
    return kinds.get(row.description.casefold(), kinds.get(row.account, "discount"))
