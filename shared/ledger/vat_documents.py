"""Booked documents with their VAT, read in parts: a quarter of them is never held at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.engine import Row as Found

from shared.domain.documents import rate_from, rows_from
from shared.domain.items import Row
from shared.domain.tie_out import payment_from
from shared.domain.vat.treatment import Treated
from shared.domain.vat_books import Difference
from shared.domain.vat_documents import VatAccountOf, VatDocument, parts_of
from shared.domain.vat_return import Settlement
from shared.ledger.database import Database
from shared.ledger.models import link, subject
from shared.ledger.statements import all_of
from shared.settings.connections import ConnectionDeclaration
from shared.settings.mapping import DEFAULT_SALES

column, original = link.c, link.alias("original")
DOCUMENTS_PER_QUESTION = 100
PAUSE_SECONDS = 0.001  # others of this process come in between
SALES = ("invoice", "credit_invoice")
SETTLEMENTS = ("payment", "voucher")


class VatDocuments:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(
        self, settings: ConnectionDeclaration, first: date, last: date, vat_account: VatAccountOf
    ) -> AsyncIterator[VatDocument]:
        """Invoices and credit invoices by the day they are dated, both days included."""
        async for row in self._booked(settings.name, first, last, SALES):
            yield _to_document(row, settings, vat_account)

    async def settlements(self, connection: str, first: date, last: date) -> AsyncIterator[Settlement]:
        """Payments and vouchers of ours, likewise."""
        async for row in self._booked(connection, first, last, SETTLEMENTS):
            yield _to_settlement(row)

    async def unfinished(self, connection: str) -> dict[str, Difference]:
        """Invoices and credit invoices that exist over there and are not final here, by their number."""
        asked = select(column.kind, column.number, column.reference, column.subject_id).where(
            column.connection == connection,
            column.system == "fortnox",
            column.kind.in_(SALES),
            column.number.is_not(None),
            column.state == "created",
        )
        rows = await self._database.read(partial(all_of, statement=asked))
        return {row.number: _unfinished(row) for row in rows}

    async def _booked(
        self, connection: str, first: date, last: date, kinds: tuple[str, ...]
    ) -> AsyncIterator[Found[Any]]:
        after: tuple[date, str] = (first, "")
        while True:
            statement = _part(connection, last, after, kinds)
            rows = await self._database.read(partial(all_of, statement=statement))
            for row in rows:
                yield row
            if len(rows) < DOCUMENTS_PER_QUESTION:
                return
            after = (rows[-1].dated, rows[-1].id)
            await asyncio.sleep(PAUSE_SECONDS)


def _part(connection: str, last: date, after: tuple[date, str], kinds: tuple[str, ...]) -> Select[Any]:
    day, last_id = after
    return (
        select(
            column.id,
            column.kind,
            column.reference,
            column.number,
            column.subject_id,
            column.currency,
            column.dated,
            column.draft,
            column.finalised_at,
            original.c.dated.label("original"),
            subject.c.key,
        )
        .join(subject, subject.c.id == column.subject_id)
        .join(
            original,
            and_(
                original.c.connection == column.connection,
                original.c.system == "fortnox",
                original.c.kind == "invoice",
                original.c.reference == column.parent,
            ),
            isouter=True,
        )
        .where(
            column.connection == connection,
            column.system == "fortnox",
            column.kind.in_(kinds),
            column.state == "final",
            column.number.is_not(None),
            column.dated.between(day, last),
            or_(column.dated > day, column.id > last_id),
        )
        .order_by(column.dated, column.id)
        .limit(DOCUMENTS_PER_QUESTION)
    )


def _to_document(row: Found[Any], settings: ConnectionDeclaration, vat_account: VatAccountOf) -> VatDocument:
    rows = rows_from(row.draft, row.currency) if row.draft.get("rows") else ()
    return VatDocument(
        kind=row.kind,
        reference=row.reference,
        number=row.number,
        sale_id=row.subject_id,
        sale_key=row.key,
        dated=row.dated,
        currency=row.currency,
        parts=parts_of(rows, rate_from(row.draft), vat_account, partial(treated_by_mapping, settings)),
        finalised_at=row.finalised_at,
        original=row.original if row.kind == "credit_invoice" else None,
    )


def _unfinished(row: Found[Any]) -> Difference:
    return Difference(
        kind="unfinished",
        dated=date.min,
        account=0,
        amount=Decimal("0.00"),
        document=row.kind,
        number=row.number,
        reference=row.reference,
        sale_id=row.subject_id,
    )


def _to_settlement(row: Found[Any]) -> Settlement:
    return Settlement(
        kind=row.kind,
        reference=row.reference,
        number=row.number,
        owner_id=row.subject_id,
        dated=row.dated,
        by_account=_settled(row),
        finalised_at=row.finalised_at,
    )


def _settled(row: Found[Any]) -> dict[int, Decimal]:
    """Credit is positive. The customers' claims, and gains and losses of exchange, are left out."""
    sums: dict[int, Decimal] = {}
    if row.kind == "voucher":
        amounts = [(int(one["account"]), Decimal(one["amount"])) for one in row.draft["rows"]]
    else:
        payment = payment_from(row.draft, ref=row.reference)
        amounts = [(payment.account, payment.amount_sek)]
        amounts += [(one.account, one.amount) for one in payment.write_offs]
    for account, debit in amounts:
        sums[account] = sums.get(account, Decimal("0.00")) - debit
    return sums


def treated_by_mapping(settings: ConnectionDeclaration, row: Row) -> Treated | None:
    """Of a row that kept none: what the line of its account, rate and code is for; None without one."""
    for line in (*settings.sales, *DEFAULT_SALES):
        accounts = (line.goods, line.services, line.freight, line.fee)
        if line.rate == row.rate and row.account in accounts and row.vat_code in (None, line.vat_code):
            supply = "services" if row.account == line.services else "goods"
            country = line.country or (settings.company_country if line.treatment == "domestic" else "")
            why = f"by the line of {row.account} in the mapping"
            return Treated(line.treatment, country, why, supply)  # type: ignore[arg-type]
    return None
