"""Looking at payouts: pages of them, and the way from a bank line to an order and back.

Heads leave the report out: a page of payouts would carry hundreds of thousands of its rows.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.engine import Row

from shared.ledger.database import Database
from shared.ledger.models import link, subject
from shared.ledger.models_payouts import payout as table
from shared.ledger.models_payouts import payout_row
from shared.ledger.records import Page, Problem

column, row = table.c, payout_row.c
NAMES_PER_QUESTION = 400
HEAD = (
    column.subject_id,
    column.connection,
    column.key,
    column.market,
    column.client_id,
    column.dated,
    column.currency,
    column.nominal,
    column.fee,
    column.fee_vat,
    column.paid,
    column.opening_debt,
    column.closing_debt,
    column.booked_report.is_not(None).label("booked"),
    column.chosen_on,
    column.fetched_at,
    subject.c.state,
    subject.c.reason,
    subject.c.problem,
)


@dataclass(frozen=True)
class PayoutHead:
    """One payout without its report. ``state`` is its subject's: due until a worker has seen it."""

    subject_id: str
    connection: str
    key: str
    market: str
    client_id: str
    dated: date
    currency: str
    nominal: Decimal
    fee: Decimal
    fee_vat: Decimal
    paid: Decimal
    opening_debt: Decimal
    closing_debt: Decimal
    booked: bool
    chosen_on: date | None
    fetched_at: datetime
    state: str
    reason: str | None
    problem: Problem | None


@dataclass(frozen=True)
class SaleDocument:
    """A document of a sale that a row pays."""

    kind: str
    number: str
    reference: str
    sale_id: str
    total: Decimal | None


@dataclass(frozen=True)
class RowOfSale:
    """What one payout's row did for a sale."""

    payout_id: str
    row_key: str
    dated: date
    currency: str
    kind: str
    nominal: Decimal
    paid: Decimal
    state: str
    why: str
    documents: tuple[str, ...]


class PayoutLists:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self,
        connection: str | None = None,
        *,
        first: date | None = None,
        last: date | None = None,
        paid: Decimal | None = None,
        state: str | None = None,
        with_rows: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[PayoutHead]:
        """Newest day first. ``with_rows``: only those that have a row in this state."""
        where = _matching(connection, first, last, paid, state)
        if with_rows is not None:
            where.append(column.subject_id.in_(select(row.payout_id).where(row.state == with_rows)))
        if cursor:
            where.append(_after(cursor))
        statement = (
            _heads().where(*where).order_by(column.dated.desc(), column.subject_id.desc()).limit(limit + 1)
        )
        found = await self._database.read(lambda connection: connection.execute(statement).all())
        heads = [_to_head(one) for one in found[:limit]]
        more = len(found) > limit
        return Page(heads, f"{heads[-1].dated}|{heads[-1].subject_id}" if more else None)

    async def get(self, payout_id: str) -> PayoutHead | None:
        statement = _heads().where(column.subject_id == payout_id)
        found = await self._database.read(lambda connection: connection.execute(statement).first())
        return None if found is None else _to_head(found)

    async def counts(self, payout_ids: Collection[str]) -> dict[str, dict[str, int]]:
        """Rows by state, counted by the database."""
        statement = (
            select(row.payout_id, row.state, func.count().label("number"))
            .where(row.payout_id.in_(list(payout_ids)))
            .group_by(row.payout_id, row.state)
        )
        found = await self._database.read(lambda connection: connection.execute(statement).all())
        counts: dict[str, dict[str, int]] = {}
        for one in found:
            counts.setdefault(one.payout_id, {})[one.state] = one.number
        return counts

    async def sale_documents(self, connection: str, numbers: Iterable[str]) -> dict[str, SaleDocument]:
        """Invoices and credit invoices of ours by their number; others' are left out."""
        wanted = sorted(set(numbers))
        found: dict[str, SaleDocument] = {}
        for start in range(0, len(wanted), NAMES_PER_QUESTION):
            statement = _documents(connection).where(
                link.c.number.in_(wanted[start : start + NAMES_PER_QUESTION])
            )
            found |= {one.number: one for one in await self._sale_documents(statement)}
        return found

    async def documents_of_sale(self, connection: str, sale_id: str) -> list[SaleDocument]:
        """Its booked invoices and credit invoices."""
        return await self._sale_documents(_documents(connection).where(link.c.subject_id == sale_id))

    async def _sale_documents(self, statement: Any) -> list[SaleDocument]:
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [SaleDocument(**one._mapping) for one in rows]

    async def of_sale(
        self, connection: str, checkout_id: str, documents: Iterable[SaleDocument]
    ) -> list[RowOfSale]:
        """Rows that name the checkout, or that paid one of these documents; oldest payout first."""
        about = [row.checkout_id == checkout_id]
        about += [_has_row(one) for one in await self._payments_of(connection, documents)]
        statement = (
            select(
                row.payout_id,
                row.row_key,
                column.dated,
                column.currency,
                row.kind,
                row.nominal,
                row.paid,
                row.state,
                row.why,
                row.documents,
            )
            .join(table, column.subject_id == row.payout_id)
            .where(row.connection == connection, or_(*about))
            .order_by(column.dated, row.position)
        )
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [RowOfSale(**dict(one._mapping) | {"documents": tuple(one.documents)}) for one in rows]

    async def _payments_of(self, connection: str, documents: Iterable[SaleDocument]) -> list[tuple[str, str]]:
        """Payout and reference of each payment; a document that was chosen by hand is named by number."""
        names = [name for one in documents for name in (one.reference, f"#{one.number}")]
        if not names:
            return []
        statement = select(link.c.subject_id, link.c.reference).where(
            link.c.connection == connection, link.c.kind == "payment", link.c.parent.in_(names)
        )
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [(one.subject_id, one.reference) for one in rows]


def row_key_of(reference: str) -> str:
    """``Pse-79021-20260508-SEK-1f2e-1.2`` and ``...-1f2e-1-S`` are payments of row ``1f2e-1``."""
    name = reference.removesuffix("-S").partition(".")[0].removesuffix("-S")
    return "-".join(name.split("-")[-2:])


def _has_row(payment: tuple[str, str]) -> ColumnElement[bool]:
    payout_id, reference = payment
    return and_(row.payout_id == payout_id, row.row_key == row_key_of(reference))


def _heads() -> Any:
    return select(*HEAD).join(subject, subject.c.id == column.subject_id, isouter=True)


def _matching(
    connection: str | None, first: date | None, last: date | None, paid: Decimal | None, state: str | None
) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if connection is not None:
        where.append(column.connection == connection)
    if first is not None:
        where.append(column.dated >= first)
    if last is not None:
        where.append(column.dated <= last)
    if paid is not None:
        where.append(column.paid == paid)
    if state is not None:
        where.append(func.coalesce(subject.c.state, "due") == state)
    return where


def _after(cursor: str) -> ColumnElement[bool]:
    day, _, name = cursor.partition("|")
    on = date.fromisoformat(day)
    return or_(column.dated < on, and_(column.dated == on, column.subject_id < name))


def _documents(connection: str) -> Any:
    return select(
        link.c.kind, link.c.number, link.c.reference, link.c.subject_id.label("sale_id"), link.c.total
    ).where(
        link.c.connection == connection,
        link.c.system == "fortnox",
        link.c.kind.in_(("invoice", "credit_invoice")),
        link.c.state == "final",
        link.c.number.is_not(None),
    )


def _to_head(found: Row[Any]) -> PayoutHead:
    values = dict(found._mapping)
    problem = values["problem"]
    return PayoutHead(
        **values
        | {
            "booked": bool(values["booked"]),
            "state": values["state"] or "due",
            "problem": Problem(**problem) if problem else None,
        }
    )
