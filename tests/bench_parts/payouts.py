"""What a large payout costs: calls, seconds at Fortnox' rate limit and without it, memory of the worker."""

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass

import psutil

from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, Subject
from tests.support.payout_reports import CLIENT, a_row_of, fee, report_of
from tests.support.processes_world import SCHEDULER, WORKER, House, Process, Shop, now_utc
from tests.support.sold_before import Sold, sold_before

ROWS = 5_000
REQUESTS_PER_WINDOW, WINDOW_SECONDS = 25, 5.08  # the product's default, margin included
UNLIMITED = {"SLUSS_FORTNOX_RATE": "100000", "SLUSS_LOG_LEVEL": "WARNING"}
QUIET_SECONDS = 5.0
BY_HAND = ("payouts", "completeness", "tie_out")
MIB = 1024 * 1024


@dataclass(frozen=True)
class Settled:
    """``first`` is when the first payment was made; ``before`` and ``peak`` are MiB of the worker, ``cpu``
    its processor time. All times in seconds.
    """

    what: str
    rows: int
    calls: Counter[str]
    wall: float
    first: float
    cpu: float
    before: float
    peak: float

    @property
    def calls_per_row(self) -> float:
        return self.calls.total() / self.rows

    @property
    def seconds_at_the_limit(self) -> float:
        return self.calls.total() / REQUESTS_PER_WINDOW * WINDOW_SECONDS


async def measure(house: House, rows: int = ROWS) -> list[Settled]:
    """The payout itself, and the same payout looked at again."""
    shop = await house.opens("bench-payout", schedule=dict.fromkeys(BY_HAND, "0 0 1 1 *"))
    sales = await sold_before(shop, rows)
    day = shop.company.today()
    house.sandbox.svea.reports[shop.merchant, day] = report_of(day.isoformat(), map(_row, sales))
    house.launch(SCHEDULER, **UNLIMITED)
    worker = await house.start(WORKER, **UNLIMITED | {"SLUSS_LOG_LEVEL": "INFO"})
    event = IncomingEvent(
        shop.name, "operator", "run_job", f"payouts|{now_utc()}", "payouts", shop.name, lane="bulk"
    )
    await _first_chores_are_done(shop)
    shop.company.calls.clear()
    began = time.monotonic()
    await house.ledger.inbox.accept([event])
    payout = subject_id(shop.name, "payout", f"se.{CLIENT}.{day.isoformat()}.SEK")
    first = await _watched(shop, worker, payout, "payout", rows, began)
    shop.company.calls.clear()
    began = time.monotonic()
    await house.ledger.subjects.retry([payout])
    return [first, await _watched(shop, worker, payout, "the same again", rows, began)]


async def _first_chores_are_done(shop: Shop) -> None:
    """What is read once of every new connection is no part of a payout."""
    calls = -1
    while calls != len(shop.company.calls):
        calls = len(shop.company.calls)
        await asyncio.sleep(QUIET_SECONDS)


def _row(sale: Sold) -> dict[str, object]:
    return a_row_of((sale.checkout_id, sale.delivery_id), str(sale.amount), fee("Credit", "3.20"))


async def _watched(shop: Shop, worker: Process, payout: str, what: str, rows: int, began: float) -> Settled:
    process = psutil.Process(worker.pid)
    before = peak = process.memory_info().rss / MIB
    first, cpu = 0.0, _cpu(process)
    while not _is_over(await shop.house.ledger.subjects.get(payout)):
        peak = max(peak, process.memory_info().rss / MIB)
        if not first and shop.company.payments:
            first = time.monotonic() - began
        await asyncio.sleep(0.1)
    return Settled(
        what=what,
        rows=rows,
        calls=Counter(_endpoint(f"{call.method} {call.path}") for call in shop.company.calls),
        wall=time.monotonic() - began,
        first=first,
        cpu=_cpu(process) - cpu,
        before=before,
        peak=peak,
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _is_over(subject: Subject | None) -> bool:
    if subject is None:
        return False
    problem = subject.problem
    assert problem is None or problem.code == "not_yet", f"{problem.code}: {problem.message}"
    return subject.state == "done" and subject.done == subject.wanted


def _endpoint(call: str) -> str:
    return re.sub(r"/\d+(?=/|$)", "/N", call.replace("/3/", "", 1))
