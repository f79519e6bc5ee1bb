"""A payout of 200 rows whose worker is killed again and again: no row paid twice, none forgotten."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, Subject
from tests.support.payout_reports import CLIENT, a_row_of, fee, report_of
from tests.support.processes_world import House, Shop, now_utc, until
from tests.support.sold_before import Sold, sold_before

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

SALES, CREDITED, UNKNOWN = 190, 8, 1  # with the one cost that is a row of its own: 200 rows
COMMISSION = Decimal("0.015")
BANK, CLEARING, RECEIVABLE, UNMATCHED, FEES, FEE_VAT = 1930, 1580, 1510, 2999, 6040, 2641
IN_PAYMENTS = ("intended", "answered", "created", "compared", "finalised", "linked")
AT_THE_END = (
    *((step, "voucher") for step in ("intended", "answered", "created", "compared", "linked")),
    *((step, "attachment") for step in ("intended", "answered", "created")),
)
EVERY_STEP = pytest.param("sqlite", IN_PAYMENTS, AT_THE_END, id="sqlite")
WHAT_THE_DATABASE_CHANGES = pytest.param(
    "postgres", ("answered", "created"), (("answered", "voucher"),), id="postgres", marks=pytest.mark.postgres
)


def rows_of(sales: Sequence[Sold]) -> list[dict[str, Any]]:
    """Every sale with its commission, the credits, one sale that nobody knows, and Svea's monthly fee."""
    rows = [
        a_row_of((one.checkout_id, one.delivery_id), str(one.amount), fee("Credit", commission(one.amount)))
        for one in sales
    ]
    given_back = [one for one in sales if one.credit is not None]
    rows += [
        a_row_of((one.checkout_id, one.delivery_id), str(-one.amount), kind="Credit") for one in given_back
    ]
    rows.append(a_row_of((7_999_999, 5_999_999), "120.00", fee("Credit", "1.80")))
    rows.append(a_row_of(None, "0", fee("Service", "28.00", "7.00"), kind="Manual", comment="månadsavgift"))
    return rows


def commission(amount: Decimal) -> str:
    return str((amount * COMMISSION).quantize(Decimal("0.01")))


async def settles(house: House, name: str) -> tuple[Shop, list[Sold], Decimal]:
    """A merchant with 190 invoices, Svea's report of them, and what it pays."""
    shop = await house.opens(name, in_doubt_wait=0.3)
    sales = await sold_before(shop, SALES, credited=CREDITED)
    rows = rows_of(sales)
    day = shop.company.today()
    house.sandbox.svea.reports[shop.merchant, day] = report_of(day.isoformat(), rows)
    assert len(rows) == 200
    return shop, sales, Decimal(sum(row["sveaPaidAmount"] for row in rows)) / 100


async def evening(shop: Shop) -> str:
    """The reports are asked for; the id of the payout's subject."""
    event = IncomingEvent(
        shop.name, "operator", "run_job", f"payouts|{now_utc()}", "payouts", shop.name, lane="bulk"
    )
    await shop.house.ledger.inbox.accept([event])
    return subject_id(shop.name, "payout", f"se.{CLIENT}.{shop.company.today().isoformat()}.SEK")


async def ended(shop: Shop, payout: str, *, within: float = 60.0) -> Subject:
    deadline = time.monotonic() + within
    while True:
        subject = await shop.house.ledger.subjects.get(payout)
        if subject is not None and subject.state == "done" and subject.wanted == subject.done:
            return subject
        shop.house_must_stand()
        assert time.monotonic() < deadline, f"{shop.name}: the payout is not done: {subject}"
        await asyncio.sleep(0.05)


async def dies_at(shop: Shop, step: str, kind: str, *, payments: int = 0) -> None:
    """The next worker to reach this step dies there, once so many payments were made."""
    await until(lambda: len(shop.company.payments) >= payments, what=f"payment {payments}")
    armed = shop.house.armed / f"{shop.name}.{step}.{kind}"
    armed.touch()
    await until(lambda: not armed.exists(), what=f"a death at {kind} {step}")


async def must_be_booked_once(shop: Shop, sales: Sequence[Sold], paid: Decimal, payout: str) -> None:
    """One payment for each document, one voucher with one file on it; clearing owes nothing."""
    company = shop.company
    documents = [one.invoice for one in sales] + [one.credit for one in sales if one.credit]
    assert Counter(str(one["InvoiceNumber"]) for one in company.payments.values()) == Counter(documents)
    assert {one["Booked"] for one in company.payments.values()} == {True}
    assert {one["Balance"] for one in company.invoices.values()} == {0}
    sold = sum(one.amount for one in sales if one.credit is None)
    books = shop.books()
    assert {account: books.get(account) for account in (BANK, RECEIVABLE, CLEARING, UNMATCHED)} == {
        BANK: paid,
        RECEIVABLE: None,
        CLEARING: None,
        UNMATCHED: Decimal(-120),
    }
    assert paid == sold + 120 - books[FEES] - books[FEE_VAT]
    assert len(company.file_connections) == len(company.files) == 1
    rows = await shop.house.ledger.payouts.rows(payout)
    assert Counter(row.state for row in rows) == {"matched": 199, "parked": 1}


@pytest.mark.parametrize(
    ("house", "in_payments", "at_the_end"), [EVERY_STEP, WHAT_THE_DATABASE_CHANGES], indirect=["house"]
)
async def test_a_payout_whose_worker_is_killed_again_and_again_pays_every_row_once(
    house: House, in_payments: Sequence[str], at_the_end: Sequence[tuple[str, str]]
) -> None:
    """In the middle of the payments, at the voucher, and at the file on it."""
    shop, sales, paid = await settles(house, "payout-killed")
    for step, kind in at_the_end:
        (house.armed / f"{shop.name}.{step}.{kind}").touch()
    payout = await evening(shop)

    for number, step in enumerate(in_payments):
        await dies_at(shop, step, "payment", payments=10 + 30 * number)
    await ended(shop, payout)

    assert [file.name for file in house.armed.iterdir()] == []
    await must_be_booked_once(shop, sales, paid, payout)
    house.must_have_survived()

    writes = len(shop.company.writes())
    await house.ledger.subjects.retry([payout])
    await ended(shop, payout)
    assert len(shop.company.writes()) == writes, "the same payout again writes nothing"
