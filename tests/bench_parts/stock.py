"""What the stock of a large register costs: calls, seconds against the rate limit's own minimum, memory of
the worker; and how long a single article takes from its event to the shop."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from statistics import quantiles

import psutil

from services.sandbox.fortnox.company import Call, Company
from services.sandbox.fortnox.register_fields import ARTICLE
from services.sandbox.magento.shop import Shop as Store
from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent, Subject
from shared.queue import Queue
from shared.settings.service import ServiceSettings
from tests.support.processes_world import SCHEDULER, WORKER, House, Process, Shop, now_utc
from tests.support.shop_products import KEYS

ARTICLES = 100_000
CHANGED_SHARE = 100  # one article of so many
SINGLES = 40
REQUESTS_PER_WINDOW, WINDOW_SECONDS = 25, 5.08  # the product's default, margin included
UNLIMITED = {"SLUSS_FORTNOX_RATE": "100000", "SLUSS_LOG_LEVEL": "WARNING"}
MIB = 1024 * 1024
ZERO = Decimal(0)
JOBS = ("products", "products_full", "stock", "stock_full", "shop_orders", "customers", "customers_full")
BY_HAND = dict.fromkeys(JOBS, "0 0 1 1 *")  # only when we say so
KEPT = (
    "@url ArticleNumber Description DisposableQuantity EAN Housework PurchasePrice SalesPrice QuantityInStock"
    " ReservedQuantity StockPlace StockValue Unit VAT WebshopArticle StockGoods Active DefaultStockPoint"
)


@dataclass(frozen=True)
class Load:
    """``peak`` and ``early`` are MiB of the worker, at most and when a tenth was done; ``cpu`` its seconds of
    processor."""

    what: str
    said: str
    fortnox: Counter[str]
    magento: Counter[str]
    wall: float
    cpu: float
    early: float
    peak: float
    links: int

    @property
    def least_seconds(self) -> float:
        """What the rate limit takes for so many calls, were nothing else to do."""
        return self.fortnox.total() / REQUESTS_PER_WINDOW * WINDOW_SECONDS


@dataclass(frozen=True)
class Latency:
    """Seconds from the event to the shop's having taken the quantity."""

    p50: float
    p95: float
    calls: Counter[str]


async def measure(
    house: House, articles: int = ARTICLES, *, limited: bool = False
) -> tuple[list[Load], Latency]:
    """A pass over what is the same, one after 1 % changed, a sweep over 1 % by date; then single articles.

    ``limited``: at Fortnox' real rate limit.
    """
    store = house.sandbox.magento.add_shop("bench", **KEYS)
    store.catalogue.generate(articles)
    magento = {"base_url": f"http://127.0.0.1:{house.sandbox_port}/magento/bench", **KEYS}
    shop = await house.opens("bench-stock", magento=magento, schedule=BY_HAND, stock={"sweep": "changed"})
    counted = count_in(shop.company, articles)
    queue = await Queue.connect(ServiceSettings(redis_url=house.redis.url))
    house.launch(SCHEDULER, SLUSS_LOG_LEVEL="WARNING")
    rate = {"SLUSS_FORTNOX_RATE": "25"} if limited else UNLIMITED
    worker = await house.start(WORKER, **rate | {"SLUSS_LOG_LEVEL": "INFO"})
    loads = [await _load(shop, store, worker, "full pass, nothing differs", "stock_full", articles)]
    _move(shop.company, counted, Decimal(3))
    loads.append(await _load(shop, store, worker, "full pass, 1 % differ", "stock_full", articles))
    _long_ago(shop.company)
    _move(shop.company, counted, Decimal(4))
    loads.append(await _load(shop, store, worker, "sweep, 1 % changed", "stock_sweep", articles))
    try:
        return loads, await _latency(shop, store, queue, counted)
    finally:
        await queue.close()


def count_in(company: Company, count: int) -> list[str]:
    """As the generated products; only what lists show is kept of each. One in a hundred, by number."""
    fresh = {name: value for name, value in ARTICLE.fresh().items() if name in KEPT.split()}
    for number in range(1, count + 1):
        key = f"GEN-{number:06}"
        company.articles[key] = fresh | {
            "@url": "",
            "ArticleNumber": key,
            "Description": key,
            "VAT": Decimal(25),
            "StockGoods": True,
            "WebshopArticle": True,
            "QuantityInStock": Decimal(number % 250),
        }
        company.articles.modified[key] = company.clock()
    return [f"GEN-{number:06}" for number in range(1, count + 1, CHANGED_SHARE)]


def _move(company: Company, numbers: list[str], pieces: Decimal) -> None:
    for number in numbers:
        record = company.articles[number]
        record["QuantityInStock"] += pieces
        company.store(company.articles, number, record)


def _long_ago(company: Company) -> None:
    before = company.clock().replace(year=company.clock().year - 1)
    company.articles.modified = dict.fromkeys(company.articles, before)


async def _load(shop: Shop, store: Store, worker: Process, what: str, job: str, articles: int) -> Load:
    shop.company.calls.clear()
    store.calls.clear()
    subject_id = await _asked(shop.house.ledger, shop.name, job, shop.name)
    process = psutil.Process(worker.pid)
    early = peak = 0.0
    began, used = time.monotonic(), sum(process.cpu_times()[:2])
    while not _is_over(subject := await shop.house.ledger.subjects.get(subject_id)):
        peak = max(peak, process.memory_info().rss / MIB)
        early = early if _pages(shop.company) > articles // 500 // 10 else peak
        await asyncio.sleep(0.05)
    assert subject is not None
    return Load(
        what=what,
        said="; ".join(subject.summary.get("notes", [])),
        fortnox=Counter(call.path.replace("/3/", "") for call in _of_stock(shop.company)),
        magento=Counter(f"{call.method} {call.path.split('/V1/')[1]}" for call in store.calls),
        wall=time.monotonic() - began,
        cpu=sum(process.cpu_times()[:2]) - used,
        early=early or peak,
        peak=peak,
        links=len(await shop.house.ledger.links.for_subject(subject_id)),
    )


async def _latency(shop: Shop, store: Store, queue: Queue, numbers: list[str]) -> Latency:
    took = []
    store.calls.clear()
    shop.company.calls.clear()
    for number in numbers[:SINGLES]:
        _move(shop.company, [number], Decimal(5))
        wanted = shop.company.articles[number]["QuantityInStock"]
        began = time.monotonic()
        await _asked(shop.house.ledger, shop.name, "stock", number, queue)
        while (item := store.stock.item(number)) is None or item.quantity != wanted:
            await asyncio.sleep(0.001)
        took.append(time.monotonic() - began)
    calls = Counter(f"Magento {call.method}" for call in store.calls)
    calls += Counter("Fortnox GET" for _ in _of_stock(shop.company))
    return Latency(quantiles(took, n=100)[49], quantiles(took, n=100)[94], calls)


async def _asked(ledger: Ledger, connection: str, kind: str, key: str, queue: Queue | None = None) -> str:
    """The subject of an event that has just been stored, and rung as the gateway rings."""
    event = IncomingEvent(
        connection, "fortnox", "changed", f"{kind}|{key}|{now_utc()}", kind, key, lane="bulk"
    )
    (accepted,) = await ledger.inbox.accept([event])
    assert accepted.subject is not None
    if queue is not None:
        await queue.wake([accepted.subject])
    return accepted.subject.subject_id


def _of_stock(company: Company) -> list[Call]:
    """Other jobs of the connection run beside: the pre-flight check looks at one article."""
    calls = [call for call in company.calls if "/articles" in call.path]
    return [call for call in calls if "sortby" in call.query or not call.path.endswith("/articles")]


def _pages(company: Company) -> int:
    return len(_of_stock(company))


def _is_over(subject: Subject | None) -> bool:
    assert subject is not None
    problem = subject.problem
    assert problem is None or problem.code == "not_yet", f"{problem.code}: {problem.message}"
    return subject.state == "done" and subject.done == subject.wanted
