"""Everything of a connection that the clearing account is tied out from: our documents, Svea's reports.

Read in parts, so that neither the database nor whoever asks is held for long by a year of them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Select, case, select, type_coerce
from sqlalchemy.engine import Row

from shared.domain.documents import rate_from
from shared.domain.money import Money
from shared.domain.payments import BOOK_CURRENCY
from shared.domain.tie_out import Booking, Claim, PaidOut, Settled, Taken, TieOut, TieOutSums, payment_from
from shared.ledger.columns import Json
from shared.ledger.database import Database
from shared.ledger.models import link, subject
from shared.ledger.models_payouts import payout
from shared.ledger.statements import all_of
from shared.settings.connections import ConnectionDeclaration

column = link.c
DOCUMENTS_PER_QUESTION = 500
PAUSE_SECONDS = 0.001  # others of this process come in between
BOOKS_SEEN = "tie_out.books_seen"  # the cursor that holds what Fortnox said last


@dataclass(frozen=True)
class Asked:
    """Documents of a connection dated in these days that were final at one instant."""

    connection: str
    first: date
    last: date
    at: datetime


class TieOuts:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def on(self, settings: ConnectionDeclaration, day: date, *, first: date = date.min) -> TieOut:
        """By documents dated up to ``day``; ``first`` leaves earlier ones out (one financial year)."""
        clearing = frozenset(market.accounts.clearing for market in settings.markets)
        sums, asked = TieOutSums(day, clearing), Asked(settings.name, first, day, self._clock())
        for kind in ("payment", "voucher"):
            async for rows in self._parts(asked, kind):
                for one in rows:
                    if _is_over_svea(one):
                        sums.add(_to_settled(one) if kind == "payment" else _to_booking(one))
        for kind in ("invoice", "credit_invoice"):
            async for rows in self._parts(asked, kind):
                claims = [claim for claim in map(_to_claim, rows) if claim is not None]
                taken = await self._taken(asked, claims)
                for claim in claims:
                    sums.add_claim(claim, taken.get(claim.reference, ()))
        return sums.done(await self._payouts(settings.name, first, day))

    async def _parts(self, asked: Asked, kind: str) -> AsyncIterator[Sequence[Row[Any]]]:
        after = ""
        while True:
            statement = _part(asked, kind, after)
            rows = await self._database.read(partial(all_of, statement=statement))
            yield rows
            if len(rows) < DOCUMENTS_PER_QUESTION:
                return
            after = rows[-1].reference
            await asyncio.sleep(PAUSE_SECONDS)

    async def _taken(self, asked: Asked, claims: Sequence[Claim]) -> dict[str, list[Taken]]:
        """By reference: what the payments of these claims took; some name it by its number."""
        names = {name: one.reference for one in claims for name in (one.reference, f"#{one.number}")}
        if not names:
            return {}
        statement = _payments_of(asked, list(names))
        found: dict[str, list[Taken]] = {}
        for row in await self._database.read(partial(all_of, statement=statement)):
            if _is_over_svea(row):
                found.setdefault(names[row.parent], []).append(_to_taken(row))
        return found

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


def _part(asked: Asked, kind: str, after: str) -> Select[Any]:
    """By reference, which is the order of an index: a part costs what it is long, however many there are."""
    return (
        _documents(asked, kind)
        .where(column.reference > after)
        .order_by(column.reference)
        .limit(DOCUMENTS_PER_QUESTION)
    )


def _payments_of(asked: Asked, names: Sequence[str]) -> Select[Any]:
    return _documents(asked, "payment", in_full=False).where(column.parent.in_(names))


def _documents(asked: Asked, kind: str, *, in_full: bool = True) -> Select[Any]:
    """A draft is read where it is needed: an invoice's, with all its rows, for its rate only."""
    foreign = column.currency != BOOK_CURRENCY
    needed = kind == "voucher" or (kind == "payment" and in_full)
    draft = column.draft if needed else type_coerce(case((foreign, column.draft), else_=None), Json)
    return (
        select(
            column.kind,
            column.reference,
            column.number,
            column.subject_id,
            column.parent,
            column.total,
            column.currency,
            column.dated,
            draft.label("draft"),
            subject.c.kind.label("subject_kind"),
            subject.c.key,
        )
        .join(subject, subject.c.id == column.subject_id)
        .where(
            column.connection == asked.connection,
            column.system == "fortnox",
            column.kind == kind,
            column.state == "final",
            column.finalised_at <= asked.at,
            column.dated.between(asked.first, asked.last),
        )
    )


def _is_over_svea(row: Row[Any]) -> bool:
    """A sale that was paid elsewhere has nothing to do with Svea's money."""
    return row.subject_kind != "sale" or bool(row.key.isdecimal())


def _to_settled(row: Row[Any]) -> Settled:
    payment = payment_from(row.draft, ref=row.reference)
    return Settled(row.subject_id, payment, by_sale=row.subject_kind == "sale")


def _to_taken(row: Row[Any]) -> Taken:
    if row.currency == BOOK_CURRENCY:
        return Taken(row.total, row.total)
    return Taken(row.total, payment_from(row.draft, ref=row.reference).claim_sek)


def _to_booking(row: Row[Any]) -> Booking:
    amounts = tuple((int(one["account"]), Decimal(one["amount"])) for one in row.draft["rows"])
    return Booking(row.subject_id, amounts)


def _to_claim(row: Row[Any]) -> Claim | None:
    if row.subject_kind != "sale" or not row.key.isdecimal():
        return None
    if row.number is None or row.total is None or row.dated is None:
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
