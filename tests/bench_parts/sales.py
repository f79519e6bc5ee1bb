"""What a sale costs: calls to Fortnox, time to the first call to Svea, processor time of our processes."""

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import psutil

from services.sandbox.svea.outbox import DeliveryMode
from services.sandbox.svea.signing import webhook_headers
from tests.support.processes_world import GATEWAY, SCHEDULER, WORKER, House, Shop

LATENCY_SAMPLES = 60
SALES = 200
WARM_UP = 10
AT_ONCE = 10
QUIET = {"SLUSS_LOG_LEVEL": "WARNING"}


@dataclass(frozen=True)
class Latency:
    p50: float
    p99: float


async def start_services(house: House) -> None:
    """One process of each, settings as they are in production but for the rates and the log level."""
    for module in (GATEWAY, SCHEDULER, WORKER):
        process = house.launch(
            module, **QUIET | {"SLUSS_FORTNOX_RATE": "100000", "SLUSS_SVEA_RATE": "100000"}
        )
        if module == GATEWAY:
            await house.ready(process)
    await asyncio.sleep(1)


async def measure_latency(house: House) -> Latency:
    """From the gateway's 200 to the arrival of the worker's first call about that sale."""
    shop = await house.opens("bench-latency")
    await booked(shop, "first@example.com")
    arrived: dict[str, float] = {}
    house.late.on_arrival = lambda path: _note(arrived, path)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        waits = [await _one_wait(house, shop, http, arrived) for _ in range(LATENCY_SAMPLES)]
    house.late.on_arrival = lambda path: None
    waits.sort()
    return Latency(waits[len(waits) // 2], waits[len(waits) * 99 // 100])


def _note(arrived: dict[str, float], path: str) -> None:
    found = re.search(r"/svea/.*/(\d{7})$", path)
    if found:
        arrived.setdefault(found[1], time.perf_counter())


async def _one_wait(house: House, shop: Shop, http: httpx.AsyncClient, arrived: dict[str, float]) -> float:
    svea = house.sandbox.svea
    svea.delivery_mode = DeliveryMode(lose=-1)
    sale = shop.buys(email="first@example.com")
    svea.delivery_mode = DeliveryMode()
    message = svea.outbox.posted[-1]
    headers = webhook_headers(secret=message.merchant.secret, body=message.body, at=datetime.now(UTC))
    answer = await http.post(message.url, content=message.body, headers=headers)
    answered = time.perf_counter()
    answer.raise_for_status()
    await shop.done(sale, wanted=1)
    return max(0.0, arrived[str(sale)] - answered)


async def booked(shop: Shop, email: str) -> int:
    """A complete sale: its order, and its booked invoice."""
    sale = shop.buys(email=email)
    await shop.done(sale, wanted=1)
    shop.delivers(sale)
    await shop.done(sale, wanted=2)
    return sale


async def count_calls(house: House) -> dict[tuple[str, str], Counter[str]]:
    """(invoice reference, customer) -> Fortnox calls of one complete sale, by endpoint."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for reference in ("auto", "delivery"):
        shop = await house.opens(f"bench-{reference}", invoice_reference=reference)
        await _customers_are_known(shop)
        await booked(shop, "known@example.com")  # tokens, articles and facts of the company are read once
        for customer in ("known", "new"):
            shop.company.calls.clear()
            await booked(shop, f"{customer}@example.com")
            found[reference, customer] = Counter(
                _endpoint(f"{c.method} {c.path}") for c in shop.company.calls
            )
    return found


async def _customers_are_known(shop: Shop) -> None:
    """Until the scheduler's first tick has brought the register, as for any connection in use."""
    async with asyncio.timeout(60):
        while await shop.house.ledger.customers.synced_at(shop.name) is None:
            await asyncio.sleep(0.2)


def _endpoint(call: str) -> str:
    return re.sub(r"/\d+(?=/|$)", "/N", call.replace("/3/", "", 1))


async def measure_cpu(house: House) -> dict[str, float]:
    """Milliseconds of processor time per complete sale, by service; every second customer is new."""
    shop = await house.opens("bench-cpu")
    await _customers_are_known(shop)
    for number in range(WARM_UP):
        await booked(shop, f"known{number}@example.com")
    processes = {one.module: psutil.Process(one.pid) for one in house.processes if one.ended is None}
    before = {module: _cpu(process) for module, process in processes.items()}
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with gate:
            email = f"new{number}@example.com" if number % 2 else f"known{number % WARM_UP}@example.com"
            await booked(shop, email)

    await asyncio.gather(*(one(number) for number in range(SALES)))
    return {
        module.rpartition(".")[2]: (_cpu(process) - before[module]) / timedelta(milliseconds=1) / SALES
        for module, process in processes.items()
    }


def _cpu(process: psutil.Process) -> timedelta:
    times = process.cpu_times()
    return timedelta(seconds=times.user + times.system)
