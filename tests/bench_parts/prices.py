"""What price lists cost that own a shop's prices: calls, seconds at Fortnox' rate limit, and memory."""

import asyncio
import time
from dataclasses import dataclass
from decimal import Decimal

import psutil

from services.sandbox.magento.shop import Shop as Store
from shared.ledger.records import IncomingEvent, Subject
from tests.bench_parts.catalogue import REQUESTS_PER_WINDOW, UNLIMITED, WINDOW_SECONDS
from tests.support.processes_world import SCHEDULER, WORKER, House, Process, Shop, now_utc
from tests.support.shop_products import KEYS

PRICES = 100_000
CHANGED_SHARE = 100  # one price of so many
MIB = 1024 * 1024
SECONDS_OF_EARLY = 2.0


@dataclass(frozen=True)
class Pass:
    """``early`` and ``peak`` are MiB of the worker: after two seconds, and at most."""

    what: str
    said: str
    fortnox: int
    magento: int
    magento_writes: int
    wall: float
    early: float
    peak: float

    @property
    def seconds_at_the_limit(self) -> float:
        return self.fortnox / REQUESTS_PER_WINDOW * WINDOW_SECONDS


async def measure(house: House, prices: int = PRICES) -> tuple[list[Pass], float]:
    """A pass over what is the same, one over 1 % changed, and seconds from an event to the shop's price."""
    store = house.sandbox.magento.add_shop("bench", **KEYS)
    store.catalogue.generate(prices)
    shop = await house.opens(
        "bench-prices",
        magento={"base_url": f"http://127.0.0.1:{house.sandbox_port}/magento/bench", **KEYS},
        products={"price_owner": "fortnox", "prices": [{"price_list": "A", "includes_vat": True}]},
        sync={
            "products": False,
            "stock": False,
            "customers": False,
            "shop_invoices": False,
            "credit_notes": False,
        },
        schedule={"prices": "0 0 1 1 *"},  # only when we say so
    )
    for number in range(1, prices + 1):
        _costs(shop, number, 10 + number % 990)
    house.launch(SCHEDULER, **UNLIMITED)
    worker = await house.start(WORKER, **UNLIMITED | {"SLUSS_LOG_LEVEL": "INFO"})
    passes = [await _pass(shop, store, worker, "pass, nothing changed")]
    for number in range(1, prices + 1, CHANGED_SHARE):
        _costs(shop, number, 5)
    passes.append(await _pass(shop, store, worker, "pass, 1 % changed"))
    return passes, await _one(shop, store)


def _costs(shop: Shop, number: int, price: int) -> None:
    sku = f"GEN-{number:06}"
    record = {
        "@url": "",
        "ArticleNumber": sku,
        "FromQuantity": Decimal(0),
        "Price": Decimal(price),
        "PriceList": "A",
    }
    shop.company.prices[f"A\n{sku}\n0"] = record


async def _pass(shop: Shop, store: Store, worker: Process, what: str) -> Pass:
    shop.company.calls.clear()
    store.calls.clear()
    subject_id = await _asked(shop, "prices", shop.name)
    process = psutil.Process(worker.pid)
    early = peak = 0.0
    began = time.monotonic()
    while not _is_over(subject := await shop.house.ledger.subjects.get(subject_id)):
        peak = max(peak, process.memory_info().rss / MIB)
        early = peak if time.monotonic() - began < SECONDS_OF_EARLY else early
        await asyncio.sleep(0.1)
    assert subject is not None
    calls = [call.path for call in shop.company.calls if "/prices" in call.path]
    return Pass(
        what=what,
        said="; ".join(subject.summary.get("notes", [])),
        fortnox=len(calls),
        magento=len(store.calls),
        magento_writes=sum(call.path.endswith("/base-prices") for call in store.calls),
        wall=time.monotonic() - began,
        early=early,
        peak=peak,
    )


async def _one(shop: Shop, store: Store) -> float:
    """Median of five, in seconds."""
    took = []
    for number in range(2, 7):
        _costs(shop, number, 7)
        began = time.monotonic()
        await _asked(shop, "price", f"GEN-{number:06}")
        while store.catalogue.get(f"GEN-{number:06}").values["price"] != 7:
            await asyncio.sleep(0.01)
        took.append(time.monotonic() - began)
    return sorted(took)[len(took) // 2]


async def _asked(shop: Shop, kind: str, key: str) -> str:
    event = IncomingEvent(
        shop.name, "operator", "run_job", f"{kind}|{key}|{now_utc()}", kind, key, lane="bulk"
    )
    (accepted,) = await shop.house.ledger.inbox.accept([event])
    assert accepted.subject is not None
    return accepted.subject.subject_id


def _is_over(subject: Subject | None) -> bool:
    assert subject is not None
    problem = subject.problem
    assert problem is None or problem.code == "not_yet", f"{problem.code}: {problem.message}"
    return subject.state == "done" and subject.done == subject.wanted
