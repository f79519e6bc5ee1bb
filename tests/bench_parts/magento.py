"""What Magento costs: orders read and planned a second, and the calls of a sale that both sources tell of."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from services.sandbox.magento.lines import Line
from services.sync_worker.context import FlowContext
from services.sync_worker.flows.sale.observed import Elsewhere, ObservedSale
from services.sync_worker.flows.sale.plan import plan
from services.sync_worker.flows.sale.read import read
from services.sync_worker.workshop import Workshop
from shared.domain.documents import Plan
from shared.ledger.records import IncomingEvent, Subject
from shared.queue import Queue
from tests.support.joined_world import JoinedShop, opens_joined
from tests.support.processes_world import House, now_utc
from tests.support.world import a_service

ORDERS = 150
AT_ONCE = 4
ROUNDS = 3
COUNTED_SALES = 10
UNLIMITED = {"magento_rate": 100_000, "fortnox_rate": 100_000, "magento_at_once": AT_ONCE}
CART = (Line("SKU-MUGG", "Mugg", "249.00", quantity=2), Line("SKU-BOK", "Bok", "106.00", rate="6"))


@dataclass(frozen=True)
class Planned:
    """Orders a second. ``read``: order and invoices; ``both``: a run up to its plan; ``plan``: that alone."""

    read: float
    both: float
    plan: float

    @property
    def ratio(self) -> float:
        return self.both / self.read


# ── orders a second ───────────────────────────────────────────────────────────────────────────────


async def measure_planning(house: House) -> Planned:
    """Orders that the shop has invoiced, by turns; the best round of each counts. No worker runs."""
    joined = await opens_joined(house, "bench-planning")
    joined.store.announce.subscriptions.clear()
    subjects = [await _an_invoiced_order(joined, number) for number in range(ORDERS)]
    service = a_service(house.redis.url, database_url=house.database_url, **UNLIMITED)
    queue = await Queue.connect(service)
    workshop = Workshop(house.ledger, service, queue, "bench", now_utc)
    seen: list[ObservedSale] = []
    try:
        speeds = [
            (await _speed(workshop, subjects, _read), await _speed(workshop, subjects, _read_and_plan(seen)))
            for _ in range(ROUNDS)
        ]
    finally:
        await workshop.close()
        await queue.close()
    began = time.perf_counter()
    for one in seen:
        plan(one)
    alone = len(seen) / (time.perf_counter() - began)
    return Planned(max(one for one, _ in speeds), max(both for _, both in speeds), alone)


async def _an_invoiced_order(joined: JoinedShop, number: int) -> Subject:
    order = joined.store.orders(
        *CART, number=f"3{number:08d}", payment="banktransfer", state="processing", shipping="49"
    )
    joined.store.invoice(order)
    ledger, name = joined.shop.house.ledger, joined.shop.name
    event = IncomingEvent(name, "magento", "order.placed", f"bench|{order}", "sale", f"M{order}")
    await ledger.inbox.accept([event])
    subject = await ledger.subjects.find(name, "sale", f"M{order}")
    assert subject is not None
    return subject


Work = Callable[[Subject, FlowContext], Awaitable[None]]


async def _read(subject: Subject, ctx: FlowContext) -> None:
    assert ctx.magento is not None
    order = await ctx.magento.order(int(subject.key.removeprefix("M")))
    assert order is not None
    await ctx.magento.invoices_of(order.entity_id)


def _read_and_plan(seen: list[ObservedSale]) -> Work:
    async def work(subject: Subject, ctx: FlowContext) -> None:
        found = await read(subject, ctx)
        assert not isinstance(found, Elsewhere)
        assert isinstance(plan(found), Plan)
        seen.append(found)

    return work


async def _speed(workshop: Workshop, subjects: Sequence[Subject], work: Work) -> float:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(subject: Subject) -> None:
        async with gate, workshop.context(subject) as ctx:
            await work(subject, ctx)

    began = time.perf_counter()
    await asyncio.gather(*(one(subject) for subject in subjects))
    return len(subjects) / (time.perf_counter() - began)


# ── calls of a sale ───────────────────────────────────────────────────────────────────────────────


async def count_calls(house: House) -> dict[str, Counter[str]]:
    """Part of a sale -> mean calls to each system; the customer is known, and both sources tell of it."""
    joined = await opens_joined(house, "bench-joined")
    await joined.whole_story(email="known@example.com")  # tokens, articles and facts are read once
    found: dict[str, Counter[str]] = {part: Counter() for part in ("order and invoice", "refund")}
    for _ in range(COUNTED_SALES):
        _forget(joined)
        checkout, order = joined.buys("known@example.com")
        await joined.rests(checkout, orders=1)
        delivery = joined.delivers(checkout, order)
        await joined.rests(checkout, orders=1, invoices=1)
        await joined.hears_the_rest(checkout)
        found["order and invoice"] += _calls(joined)
        _forget(joined)
        joined.gives_a_mug_back(checkout, order, delivery)
        await joined.rests(checkout, orders=1, invoices=1, credits=1)
        await joined.hears_the_rest(checkout)
        found["refund"] += _calls(joined)
    return found


def _forget(joined: JoinedShop) -> None:
    joined.shop.company.calls.clear()
    joined.shop.house.sandbox.svea.calls.clear()
    joined.store.calls.clear()


def _calls(joined: JoinedShop) -> Counter[str]:
    svea = joined.shop.house.sandbox.svea
    return Counter(
        {
            "Fortnox": len(joined.shop.company.calls),
            "Svea": len(svea.calls_of(joined.shop.merchant)),
            "Magento": len(joined.store.calls),
        }
    )
