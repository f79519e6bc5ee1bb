"""What a shop's whole catalogue costs: calls, seconds at Fortnox' rate limit, and memory of the worker."""

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass

import psutil

from services.sandbox.magento.shop import Shop as Store
from shared.ledger.records import IncomingEvent, Subject
from tests.support.processes_world import SCHEDULER, WORKER, House, Process, Shop, now_utc
from tests.support.shop_products import KEYS

PRODUCTS = 50_000
CHANGED_SHARE = 100  # one product of so many
REQUESTS_PER_WINDOW, WINDOW_SECONDS = 25, 5.08  # the product's default, margin included
UNLIMITED = {"SLUSS_FORTNOX_RATE": "100000", "SLUSS_LOG_LEVEL": "WARNING"}
OF_PRODUCTS = ("articles", "prices", "pricelists", "units")  # other jobs of the connection run beside
MIB = 1024 * 1024


@dataclass(frozen=True)
class Load:
    """``peak`` and ``early`` are MiB of the worker: at most, and when a tenth was done."""

    what: str
    said: str
    calls: Counter[str]
    magento_calls: int
    wall: float
    early: float
    peak: float

    @property
    def seconds_at_the_limit(self) -> float:
        return self.calls.total() / REQUESTS_PER_WINDOW * WINDOW_SECONDS


async def measure(house: House, products: int = PRODUCTS, *, with_prices: bool = False) -> list[Load]:
    """A first load, a full pass over what is unchanged, and a sweep over one product in a hundred."""
    store = house.sandbox.magento.add_shop("bench", **KEYS)
    magento = {"base_url": f"http://127.0.0.1:{house.sandbox_port}/magento/bench", **KEYS}
    settings = {"prices": [{"price_list": "A"}]} if with_prices else {}
    store.catalogue.generate(products)
    shop = await house.opens(
        "bench-catalogue",
        magento=magento,
        products=settings,
        schedule={"products": "0 0 1 1 *", "products_full": "0 0 1 1 *"},  # only when we say so
    )
    house.launch(SCHEDULER, **UNLIMITED)
    worker = await house.start(WORKER, **UNLIMITED | {"SLUSS_LOG_LEVEL": "INFO"})
    loads = [await _load(shop, store, worker, "first load", "products", products)]
    loads.append(await _load(shop, store, worker, "full pass, nothing changed", "products_full", products))
    for number in range(1, products + 1, CHANGED_SHARE):
        store.catalogue.change(f"GEN-{number:06}", name=f"Ny text {number}")
    loads.append(await _load(shop, store, worker, "sweep, 1 % changed", "products", products))
    return loads


async def _load(shop: Shop, store: Store, worker: Process, what: str, job: str, products: int) -> Load:
    shop.company.calls.clear()
    store.calls.clear()
    event = IncomingEvent(shop.name, "operator", "run_job", f"{job}|{now_utc()}", job, shop.name, lane="bulk")
    (accepted,) = await shop.house.ledger.inbox.accept([event])
    assert accepted.subject is not None
    process = psutil.Process(worker.pid)
    early = peak = 0.0
    began = time.monotonic()
    while not _is_over(subject := await shop.house.ledger.subjects.get(accepted.subject.subject_id)):
        peak = max(peak, process.memory_info().rss / MIB)
        early = early if len(shop.company.articles) > products // 10 else peak
        await asyncio.sleep(0.1)
    assert subject is not None
    return Load(
        what=what,
        said="; ".join(subject.summary.get("notes", [])),
        calls=Counter(
            _endpoint(f"{call.method} {call.path}")
            for call in shop.company.calls
            if call.path.split("/")[2] in OF_PRODUCTS
        ),
        magento_calls=len(store.calls),
        wall=time.monotonic() - began,
        early=early or peak,
        peak=peak,
    )


def _is_over(subject: Subject | None) -> bool:
    assert subject is not None
    problem = subject.problem
    assert problem is None or problem.code == "not_yet", f"{problem.code}: {problem.message}"
    return subject.state == "done" and subject.done == subject.wanted


def _endpoint(call: str) -> str:
    """PUT /3/articles/GEN-1 and PUT /3/prices/A/GEN-1/0 are one end point each."""
    return re.sub(r"(/3/\w+)/.*", r"\1/N", call).replace("/3/", "", 1)
