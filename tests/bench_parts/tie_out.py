"""What a tie-out of a year costs whoever asks: seconds, memory, and how long others of the process wait."""

import asyncio
import gc
import json
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Connection, Table, insert

from shared.domain.documents import to_plain
from shared.domain.money import Money
from shared.domain.payments import PaymentDraft, WriteOff
from shared.domain.tie_out import TieOut
from shared.domain.vouchers import VoucherDraft, VoucherRow
from shared.ledger.database import Database, open_database
from shared.ledger.ids import Ids, subject_id
from shared.ledger.ledger import Ledger
from shared.ledger.models import link, subject
from shared.ledger.models_payouts import payout
from shared.settings.connections import ConnectionDeclaration
from tests.support.processes_world import now_utc
from tests.support.world import a_declaration

FIRST, DAYS, A_DAY = date(2025, 1, 1), 365, 100
AMOUNT, FEE = Decimal("547.00"), Decimal("8.21")
NEVER_PAID = 50  # one sale in so many stays open
MIB = 1024 * 1024
TICK_SECONDS = 0.002
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """``longest_wait`` is how long another task of the process waited at most, ``peak`` MiB that were new."""

    documents: int
    open: int
    seconds: float
    longest_wait: float
    peak: float
    tie_out: TieOut


async def measure(database_url: str) -> tuple[Asked, Asked]:
    """Half a year, then the whole: what is flat does not double."""
    ledger = await Ledger.open(
        database_url, keys=[Fernet.generate_key().decode()], clock=now_utc, migrate=True
    )
    database = open_database(database_url)
    try:
        return await _measured(database, ledger, ConnectionDeclaration.model_validate(a_declaration()))
    finally:
        await database.close()
        await ledger.close()


async def _measured(
    database: Database, ledger: Ledger, settings: ConnectionDeclaration
) -> tuple[Asked, Asked]:
    documents = 0
    for number in range(DAYS):
        rows = list(_day(settings.name, FIRST + timedelta(days=number), number * A_DAY))
        await database.write(lambda connection, rows=rows: _insert(connection, rows))  # type: ignore[misc]
        documents += sum(table is link for table, _ in rows)
    half = FIRST + timedelta(days=DAYS // 2)
    return (
        await _asked(ledger, settings, half, documents // 2),
        await _asked(ledger, settings, FIRST + timedelta(days=DAYS), documents),
    )


async def _asked(ledger: Ledger, settings: ConnectionDeclaration, day: date, documents: int) -> Asked:
    waits: list[float] = []
    seconds, longest = await _timed(ledger, settings, day, waits), max(waits)
    gc.collect()
    tracemalloc.start()
    found = await ledger.tie_outs.on(settings, day)
    peak = tracemalloc.get_traced_memory()[1] / MIB
    tracemalloc.stop()
    return Asked(documents, len(found.items), seconds, longest, peak, found)


async def _timed(ledger: Ledger, settings: ConnectionDeclaration, day: date, waits: list[float]) -> float:
    watching = asyncio.create_task(_watch(waits))
    await asyncio.sleep(TICK_SECONDS * 5)
    began = time.monotonic()
    await ledger.tie_outs.on(settings, day)
    took = time.monotonic() - began
    watching.cancel()
    return took


async def _watch(waits: list[float]) -> None:
    while True:
        asked = time.monotonic()
        await asyncio.sleep(TICK_SECONDS)
        waits.append(time.monotonic() - asked - TICK_SECONDS)


def _insert(connection: Connection, rows: list[tuple[Table, dict[str, Any]]]) -> None:
    for table in (subject, link, payout):
        connection.execute(insert(table), [values for one, values in rows if one is table])


def _day(name: str, day: date, first: int) -> Iterator[tuple[Table, dict[str, Any]]]:
    """A hundred sales and the payout that settles them."""
    ids, clearing, key = Ids(lambda: NOW), 1580, f"se.79021.{day}.SEK"
    owner, paid = subject_id(name, "payout", key), 0
    yield subject, _subject(name, "payout", key)
    for number in range(first, first + A_DAY):
        sale = str(9_000_000 + number)
        reference = f"S{sale}-D{number}"
        yield subject, _subject(name, "sale", sale)
        draft = {"rows": [_row(text) for text in ("Mugg", "Fat", "Frakt")], "customer": sale, "rate": None}
        made = _link(
            ids, name, subject_id(name, "sale", sale), "invoice", reference, number, draft, AMOUNT, day
        )
        yield link, made
        if number % NEVER_PAID == 0:
            continue
        paid += 1
        payment = PaymentDraft(
            ref=f"Pse-79021-{day:%Y%m%d}-SEK-{number:016x}-1",
            document_kind="invoice",
            document=reference,
            dated=day,
            amount=Money(AMOUNT - FEE, "SEK"),
            account=clearing,
            mode_of_payment=None,
            write_offs=(WriteOff(FEE, 6040, reference),),
            number=str(number),
        )
        yield (
            link,
            _link(ids, name, owner, "payment", payment.ref, number, to_plain(payment), AMOUNT, day)
            | {"parent": reference},
        )
    money = (AMOUNT - FEE) * paid
    lines = (VoucherRow(1930, money, "utbetalning"), VoucherRow(clearing, -money, "utbetalning"))
    voucher = VoucherDraft(ref=f"P{day}-V", series="S", dated=day, text="utbetalning", rows=lines)
    yield link, _link(ids, name, owner, "voucher", voucher.ref, first, to_plain(voucher), None, day)
    yield payout, _payout(name, owner, key, day, paid)


def _row(text: str) -> dict[str, Any]:
    price = {"amount": "182.33", "currency": "SEK"}
    return {"text": text, "quantity": "1", "price": price, "rate": "25", "account": 3001, "vat_code": "MP1"}


def _subject(name: str, kind: str, key: str) -> dict[str, Any]:
    return {
        "id": subject_id(name, kind, key),
        "connection": name,
        "kind": kind,
        "key": key,
        "lane": "settle",
        "wanted": 1,
        "done": 1,
        "state": "done",
        "next_try_at": NOW,
        "attempt": 0,
        "fence": 1,
        "summary": {},
        "created_at": NOW,
        "updated_at": NOW,
    }


def _link(
    ids: Ids,
    name: str,
    owner: str,
    kind: str,
    reference: str,
    number: int,
    draft: dict[str, Any],
    total: Decimal | None,
    day: date,
) -> dict[str, Any]:
    return {
        "id": ids.new(),
        "connection": name,
        "system": "fortnox",
        "kind": kind,
        "reference": reference,
        "subject_id": owner,
        "intender_id": owner,
        "intender_fence": 1,
        "number": f"S-{number}-1" if kind == "voucher" else str(number),
        "state": "final",
        "draft": draft,
        "content_hash": reference,
        "parent": None,
        "notes": [],
        "unanswered": False,
        "intended_at": NOW,
        "created_at": NOW,
        "finalised_at": NOW,
        "total": total,
        "currency": None if total is None else "SEK",
        "dated": day,
    }


def _payout(name: str, owner: str, key: str, day: date, rows: int) -> dict[str, Any]:
    report = zlib.compress(json.dumps([key] * rows).encode())
    zero = Decimal("0.00")
    return {
        "subject_id": owner,
        "connection": name,
        "key": key,
        "market": "se",
        "client_id": "79021",
        "dated": day,
        "currency": "SEK",
        "nominal": AMOUNT * rows,
        "fee": FEE * rows,
        "fee_vat": zero,
        "paid": (AMOUNT - FEE) * rows,
        "opening_debt": zero,
        "closing_debt": zero,
        "content_hash": key,
        "report": report,
        "booked_report": report,
        "chosen_on": None,
        "fetched_at": NOW,
    }
