"""Everything of a connection that the clearing account is tied out from: our documents, Svea's reports.

Read in parts by id, so that neither the database nor whoever asks is held for long by a year of them.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Select, case, or_, select, type_coerce
from sqlalchemy.engine import Row

from shared.domain.documents import rate_from
from shared.domain.money import Money
from shared.domain.payments import BOOK_CURRENCY
from shared.domain.tie_out import Booking, Claim, PaidOut, Settled, TieOut, TieOutSums, payment_from
from shared.ledger.columns import Json
from shared.ledger.database import Database
from shared.ledger.models import link, payout, subject
from shared.ledger.statements import all_of
from shared.settings.connections import ConnectionDeclaration

column = link.c
DOCUMENTS_PER_QUESTION = 500
PAUSE_SECONDS = 0.001  # others of this process come in between
BOOKS_SEEN = "tie_out.books_seen"  # the cursor that holds what Fortnox said last
KINDS = ("invoice", "credit_invoice", "payment", "voucher")


class TieOuts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def on(self, settings: ConnectionDeclaration, day: date, *, first: date = date.min) -> TieOut:
        """By documents dated up to ``day``; ``first`` leaves earlier ones out (one financial year)."""
        clearing = frozenset(market.accounts.clearing for market in settings.markets)
        sums = TieOutSums(day, clearing)
        async for one in self._documents(settings.name, first, day):
            sums.add(one)
        return sums.done(await self._payouts(settings.name, first, day))

    async def _documents(
        self, connection: str, first: date, last: date
    ) -> AsyncIterator[Claim | Settled | Booking]:
        after = ""
        while True:
            statement = _part(connection, first, last, after)
            rows = await self._database.read(partial(all_of, statement=statement))
            for row in rows:
                found = _to_document(row)
                if found is not None:
                    yield found
            if len(rows) < DOCUMENTS_PER_QUESTION:
                return
            after = rows[-1].id
            await asyncio.sleep(PAUSE_SECONDS)

    async def _payouts(self, connection: str, first: date, last: date) -> list[PaidOut]:
        its = payout.c
        statement: Select[Any] = (
            select(
                its.subject_id,
                its.key,
                its.market,
                its.client_id,
                its.dated,
                its.currency,
                its.paid,
                its.fee,
                its.fee_vat,
                its.closing_debt,
                its.booked_report.is_not(None).label("booked"),
                subject.c.state,
                subject.c.reason,
                subject.c.problem,
            )
            .join(subject, subject.c.id == its.subject_id, isouter=True)
            .where(its.connection == connection, its.dated >= first, its.dated <= last)
            .order_by(its.dated, its.subject_id)
        )
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [_to_payout(row) for row in rows]


def _part(connection: str, first: date, last: date, after: str) -> Select[Any]:
    """An invoice's draft, with all its rows, is read for its rate only: in another currency."""
    has_needed_draft = or_(column.kind.in_(("payment", "voucher")), column.currency != BOOK_CURRENCY)
    return (
        select(
            column.id,
            column.kind,
            column.reference,
            column.number,
            column.subject_id,
            column.total,
            column.currency,
            column.dated,
            type_coerce(case((has_needed_draft, column.draft), else_=None), Json).label("draft"),
            subject.c.kind.label("subject_kind"),
            subject.c.key,
        )
        .join(subject, subject.c.id == column.subject_id)
        .where(
            column.connection == connection,
            column.system == "fortnox",
            column.kind.in_(KINDS),
            column.state == "final",
            column.id > after,
            column.dated.between(first, last),
        )
        .order_by(column.id)
        .limit(DOCUMENTS_PER_QUESTION)
    )


def _to_document(row: Row[Any]) -> Claim | Settled | Booking | None:
    """None for what has nothing to do with Svea's money: a sale that was paid elsewhere."""
    if row.subject_kind == "sale" and not row.key.isdecimal():
        return None
    if row.kind == "payment":
        payment = payment_from(row.draft, ref=row.reference)
        return Settled(row.subject_id, payment, by_sale=row.subject_kind == "sale")
    if row.kind == "voucher":
        amounts = tuple((int(one["account"]), Decimal(one["amount"])) for one in row.draft["rows"])
        return Booking(row.subject_id, amounts)
    if row.subject_kind != "sale" or row.number is None or row.total is None or row.dated is None:
        return None
    return Claim(
        kind=row.kind,
        reference=row.reference,
        number=row.number,
        sale_id=row.subject_id,
        sale_key=row.key,
        dated=row.dated,
        total=Money(row.total, row.currency),
        rate=rate_from(row.draft or {}),
    )


def _to_payout(row: Row[Any]) -> PaidOut:
    problem = row.problem or {}
    return PaidOut(
        id=row.subject_id,
        group=f"{row.market}.{row.client_id}.{row.currency}",
        dated=row.dated,
        currency=row.currency,
        paid=row.paid,
        costs=row.fee,
        cost_vat=row.fee_vat,
        closing_debt=row.closing_debt,
        booked=bool(row.booked),
        why=problem.get("message") or row.reason or row.state or "no worker has looked at it yet",
    )
