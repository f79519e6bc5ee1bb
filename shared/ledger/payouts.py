"""Payouts as Svea reported them, and what became of each row."""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection, Executable, bindparam, delete, or_, select, update
from sqlalchemy.engine import Row

from shared.domain.payouts import Payout
from shared.ledger.database import Database
from shared.ledger.ids import subject_id
from shared.ledger.models import link
from shared.ledger.models_payouts import payout as table
from shared.ledger.models_payouts import payout_row
from shared.ledger.statements import insert_or_ignore, upsert

column, row = table.c, payout_row.c
ROWS_PER_STATEMENT = 400
WAITING = "waiting"
NOTHING = Decimal("0.00")
NOT_MADE = ("refused", "cancelled")  # states of a document that is in nobody's books

Stored = Literal["new", "same", "changed"]


@dataclass(frozen=True)
class PayoutRecord:
    """One group of a report. ``report`` is its JSON as Svea sent it; ``booked_report`` as its booking began.

    ``opening_sek`` and ``closing_sek`` are what its debts stand for on clearing: zero or more.
    """

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
    content_hash: str
    report: dict[str, Any]
    booked_report: dict[str, Any] | None
    chosen_on: date | None
    fetched_at: datetime
    opening_sek: Decimal | None = None
    closing_sek: Decimal | None = None


@dataclass(frozen=True)
class DebtsBeside:
    """In SEK, zero or more; None where the payout beside is not booked."""

    opening_sek: Decimal | None
    closing_sek: Decimal | None


@dataclass(frozen=True)
class PayoutRowRecord:
    """``state``: matched parked settled differs waiting; ``chosen`` is the document a person named."""

    payout_id: str
    row_key: str
    position: int
    kind: str
    payment_type: str
    checkout_id: str | None
    delivery_id: str | None
    order_number: str
    comment: str
    nominal: Decimal
    fee: Decimal
    fee_vat: Decimal
    paid: Decimal
    state: str
    why: str
    documents: tuple[str, ...]
    chosen: str | None
    removed: tuple[str, ...] = ()  # payments that a person says are gone from the other system


class Payouts:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def store(self, connection: str, payout: Payout, report: Mapping[str, Any]) -> Stored:
        """Keep what Svea says now. Rows follow it as long as the payout is not booked."""
        values = _values(connection, payout, report) | {"fetched_at": self._clock()}
        return await self._database.write(lambda found: _store(found, values, payout))

    async def get(self, payout_id: str) -> PayoutRecord | None:
        statement = select(table).where(column.subject_id == payout_id)
        found = await self._database.read(lambda connection: connection.execute(statement).first())
        return None if found is None else _to_record(found)

    async def rows(
        self, payout_id: str, *, after: int = -1, limit: int = 500, state: str | None = None
    ) -> list[PayoutRowRecord]:
        """In the report's order, behind position ``after``."""
        statement = select(payout_row).where(row.payout_id == payout_id, row.position > after)
        if state is not None:
            statement = statement.where(row.state == state)
        statement = statement.order_by(row.position).limit(limit)
        found = await self._database.read(lambda connection: connection.execute(statement).all())
        return [_to_row(one) for one in found]

    async def row(self, payout_id: str, row_key: str) -> PayoutRowRecord | None:
        statement = select(payout_row).where(row.payout_id == payout_id, row.row_key == row_key)
        found = await self._database.read(lambda connection: connection.execute(statement).first())
        return None if found is None else _to_row(found)

    async def booked(
        self, payout_id: str, opening_sek: Decimal = NOTHING, closing_sek: Decimal = NOTHING
    ) -> None:
        """What its booking began with is what was booked; the first time stands.

        The debts are what they stand for on clearing: zero or more.
        """
        of_it = update(table).where(column.subject_id == payout_id)
        report = of_it.where(column.booked_report.is_(None)).values(booked_report=column.report)
        debts = of_it.where(column.closing_sek.is_(None)).values(
            opening_sek=opening_sek, closing_sek=closing_sek
        )

        def write(connection: Connection) -> None:
            connection.execute(report)
            connection.execute(debts)

        await self._database.write(write)

    async def debts_beside(self, payout: PayoutRecord) -> DebtsBeside:
        """What the payout before left of its debt on clearing, and what the one after took as its own.

        Days on which nothing happened are not booked, and hand the debt on as it was.
        """
        group = (
            column.connection == payout.connection,
            column.market == payout.market,
            column.client_id == payout.client_id,
            column.currency == payout.currency,
        )
        before = (
            select(column.closing_sek, column.closing_debt)
            .where(*group, column.dated < payout.dated, column.closing_sek.is_not(None))
            .order_by(column.dated.desc())
            .limit(1)
        )
        after = (
            select(column.opening_sek, column.opening_debt)
            .where(*group, column.dated > payout.dated, column.opening_sek.is_not(None))
            .order_by(column.dated)
            .limit(1)
        )

        def read(connection: Connection) -> DebtsBeside:
            earlier, later = connection.execute(before).first(), connection.execute(after).first()
            is_paid_off_here = earlier is not None and earlier.closing_debt == abs(payout.opening_debt)
            was_paid_off = later is not None and abs(later.opening_debt) == payout.closing_debt
            return DebtsBeside(
                earlier.closing_sek if earlier is not None and is_paid_off_here else None,
                later.opening_sek if later is not None and was_paid_off else None,
            )

        return await self._database.read(read)

    async def note(self, payout_id: str, outcomes: Sequence[tuple[str, str, str, Sequence[str]]]) -> None:
        """(row key, state, sentence, documents) of each row."""
        statement = (
            update(payout_row)
            .where(row.payout_id == payout_id, row.row_key == bindparam("of"))
            .values(state=bindparam("now"), why=bindparam("says"), documents=bindparam("made"))
        )
        values = [
            {"of": key, "now": state, "says": why, "made": list(documents)}
            for key, state, why, documents in outcomes
        ]
        for start in range(0, len(values), ROWS_PER_STATEMENT):
            part = values[start : start + ROWS_PER_STATEMENT]
            await self._database.write(partial(_execute, statement=statement, values=part))

    async def choose_document(
        self, payout_id: str, row_key: str, document: str | None, *, removed: Sequence[str] | None = None
    ) -> bool:
        """A person names the document of a row; False when there is no such row.

        ``removed`` are numbers of its payments that the person has taken away over there.
        """
        values: dict[str, Any] = {"chosen": document}
        if removed is not None:
            values["removed"] = list(removed)
        statement = (
            update(payout_row).where(row.payout_id == payout_id, row.row_key == row_key).values(values)
        )
        return await self._database.write(lambda connection: connection.execute(statement).rowcount) == 1

    async def chosen(self, payout_id: str) -> dict[str, str]:
        statement = select(row.row_key, row.chosen).where(row.payout_id == payout_id, row.chosen.is_not(None))
        found = await self._database.read(lambda connection: connection.execute(statement).all())
        return {one.row_key: one.chosen for one in found}

    async def removed(self, payout_id: str) -> frozenset[str]:
        """Numbers of all payments that a person says are gone."""
        statement = select(row.removed).where(row.payout_id == payout_id)
        found = await self._database.read(lambda connection: connection.execute(statement).all())
        return frozenset(number for one in found for number in one.removed)

    async def waiting_for(self, connection: str, *, checkout_id: str, order_number: str) -> list[str]:
        """Keys of payouts with a row that waits for a document of this sale."""
        about = [row.checkout_id == checkout_id]
        if order_number:
            about.append(row.order_number == order_number)
        statement = (
            select(column.key)
            .join(payout_row, row.payout_id == column.subject_id)
            .where(row.connection == connection, row.state.in_(("parked", WAITING)), or_(*about))
            .distinct()
        )
        found = await self._database.read(lambda connection: connection.execute(statement).all())
        return [one.key for one in found]

    async def of_sale(self, connection: str, checkout_id: str) -> list[PayoutRowRecord]:
        """Every row about one checkout, oldest payout first."""
        statement = (
            select(payout_row)
            .join(table, column.subject_id == row.payout_id)
            .where(row.connection == connection, row.checkout_id == checkout_id)
            .order_by(column.dated, row.position)
        )
        found = await self._database.read(lambda connection: connection.execute(statement).all())
        return [_to_row(one) for one in found]


def _execute(connection: Connection, statement: Executable, values: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(statement, values)


def _store(connection: Connection, values: dict[str, Any], payout: Payout) -> Stored:
    where = column.subject_id == values["subject_id"]
    known = connection.execute(
        select(column.content_hash, column.booked_report, column.report).where(where)
    ).first()
    if known is not None and known.content_hash == values["content_hash"]:
        connection.execute(update(table).where(where).values(fetched_at=values["fetched_at"]))
        return "same"
    begun = known.booked_report if known is not None else None
    if known is not None and begun is None and _has_begun(connection, values["subject_id"]):
        begun = known.report
        values = values | {"booked_report": begun}
    upsert(connection, table, values)
    if begun is None:
        _replace_rows(connection, values, payout)
    return "new" if known is None else "changed"


def _has_begun(connection: Connection, payout_id: str) -> bool:
    """Documents of it may stand in the books, so what it said is booked to its end."""
    its = link.c
    may_exist = select(its.id).where(its.subject_id == payout_id, its.state.not_in(NOT_MADE)).limit(1)
    return connection.execute(may_exist).first() is not None


def _replace_rows(connection: Connection, values: Mapping[str, Any], payout: Payout) -> None:
    """What a person has chosen for a row that is still there stays chosen."""
    of_payout = row.payout_id == values["subject_id"]
    kept = select(row.row_key, row.chosen).where(of_payout, row.chosen.is_not(None))
    chosen = {one.row_key: one.chosen for one in connection.execute(kept)}
    connection.execute(delete(payout_row).where(of_payout))
    rows = _row_values(values["subject_id"], values["connection"], payout)
    for one in rows:
        one["chosen"] = chosen.get(one["row_key"])
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        insert_or_ignore(connection, payout_row, rows[start : start + ROWS_PER_STATEMENT])


def _values(connection: str, payout: Payout, report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "subject_id": subject_id(connection, "payout", payout.key),
        "connection": connection,
        "key": payout.key,
        "market": payout.market,
        "client_id": payout.client_id,
        "dated": payout.on,
        "currency": payout.currency,
        "nominal": payout.nominal.amount,
        "fee": payout.fee.amount,
        "fee_vat": payout.fee_vat.amount,
        "paid": payout.paid.amount,
        "opening_debt": payout.opening_debt.amount,
        "closing_debt": payout.closing_debt.amount,
        "content_hash": payout.content_hash,
        "report": zlib.compress(json.dumps(report, default=str).encode()),
    }


def _row_values(payout_id: str, connection: str, payout: Payout) -> list[dict[str, Any]]:
    return [
        {
            "payout_id": payout_id,
            "row_key": one.key,
            "connection": connection,
            "position": position,
            "kind": one.kind,
            "payment_type": one.payment_type,
            "checkout_id": str(one.checkout_id) if one.checkout_id is not None else None,
            "delivery_id": str(one.delivery_id) if one.delivery_id is not None else None,
            "order_number": one.order_number,
            "comment": one.comment,
            "nominal": one.nominal.amount,
            "fee": one.fee.amount,
            "fee_vat": one.fee_vat.amount,
            "paid": one.paid.amount,
            "state": WAITING,
            "why": "not booked yet",
            "documents": [],
            "chosen": None,
            "removed": [],
        }
        for position, one in enumerate(payout.money_rows)
    ]


def _to_record(found: Row[Any]) -> PayoutRecord:
    values = dict(found._mapping)
    values["report"] = _unpacked(values["report"])
    values["booked_report"] = _unpacked(values["booked_report"]) if values["booked_report"] else None
    return PayoutRecord(**values)


def _unpacked(report: bytes) -> dict[str, Any]:
    unpacked: dict[str, Any] = json.loads(zlib.decompress(report))
    return unpacked


def _to_row(found: Row[Any]) -> PayoutRowRecord:
    values = dict(found._mapping)
    del values["connection"]
    many = {name: tuple(values[name]) for name in ("documents", "removed")}
    return PayoutRowRecord(**values | many)
