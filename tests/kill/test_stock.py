"""A pass over the stock through the real processes: killed between its calls, and measured."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from services.sandbox.magento.shop import Shop as Store
from shared.clients import json_numbers
from shared.ledger.records import IncomingEvent, Subject
from tests.bench_parts import stock
from tests.support.processes_world import SCHEDULER, WORKER, House, Shop, a_house, now_utc, until
from tests.support.shop_products import KEYS

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]

ARTICLES, ROWS_PER_CALL = 2_000, 10
KILLED_AFTER = (150, 700, 1_300)  # rows that the shop has taken


@pytest.fixture
async def embedded(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(sqlite_url, tmp_path / "house") as made:
        yield made


async def a_shop_that_has_nothing(house: House) -> tuple[Shop, Store]:
    """Every product lies in the source, with no pieces; Fortnox has some of each."""
    store = house.sandbox.magento.add_shop("large", **KEYS)
    store.catalogue.generate(ARTICLES)
    magento = {"base_url": f"http://127.0.0.1:{house.sandbox_port}/magento/large", **KEYS}
    shop = await house.opens(
        "large", magento=magento, schedule=stock.BY_HAND, stock={"rows_per_call": ROWS_PER_CALL}
    )
    stock.count_in(shop.company, ARTICLES)
    for number in range(1, ARTICLES + 1):
        store.stock.put(f"GEN-{number:06}", stock.ZERO)
    return shop, store


def told(store: Store) -> Counter[str]:
    """How often the shop was told of each SKU."""
    return Counter(
        row["sku"]
        for call in store.writes()
        if call.path.endswith("/inventory/source-items") and call.status == 200
        for row in json_numbers.loads(call.body)["sourceItems"]
    )


def has_been_told(store: Store, rows: int) -> bool:
    return told(store).total() >= rows


async def ended(house: House, subject_id: str) -> Subject:
    async with asyncio.timeout(90):
        while True:
            subject = await house.ledger.subjects.get(subject_id)
            if subject is not None and subject.state == "done":
                return subject
            await asyncio.sleep(0.1)


async def test_workers_killed_between_calls_leave_the_right_stock(embedded: House) -> None:
    shop, store = await a_shop_that_has_nothing(embedded)
    await embedded.start(SCHEDULER)
    event = IncomingEvent(
        shop.name, "operator", "run_job", f"stock_full|{now_utc()}", "stock_full", shop.name, lane="bulk"
    )
    (accepted,) = await embedded.ledger.inbox.accept([event])
    assert accepted.subject is not None

    for rows in KILLED_AFTER:
        worker = await embedded.start(WORKER)
        await until(partial(has_been_told, store, rows), within=60, what=f"row {rows}")
        worker.kill()
    await embedded.start(WORKER)
    subject = await ended(embedded, accepted.subject.subject_id)

    wanted = {number: record["QuantityInStock"] for number, record in shop.company.articles.items()}
    lying = {item.sku: item.quantity for item in store.stock.items.values()}
    assert lying == wanted
    counts = told(store)
    assert counts.keys() == {number for number, pieces in wanted.items() if pieces}
    # A call that was under way when its worker died may arrive after the next one has looked.
    assert counts.total() - len(counts) <= len(KILLED_AFTER) * ROWS_PER_CALL
    assert subject.summary["notes"][0].startswith(f"{ARTICLES} articles looked at")
    links = await embedded.ledger.links.for_subject(subject.id)
    assert [link.state for link in links] == ["final"] * (ARTICLES // 500)
    embedded.must_have_survived()


async def test_a_register_costs_a_call_for_each_page_and_no_memory_for_many(embedded: House) -> None:
    loads, latency = await stock.measure(embedded, 3_000)
    unchanged, differing, changed = loads

    assert (unchanged.fortnox.total(), differing.fortnox.total(), changed.fortnox.total()) == (6, 6, 1)
    assert "POST inventory/source-items" not in unchanged.magento
    assert differing.magento["POST inventory/source-items"] == 6
    assert changed.magento["POST inventory/source-items"] == 1
    assert differing.said.startswith("3000 articles looked at: 30 told, 2970 as they were")
    assert changed.said.startswith("30 articles looked at: 30 told")
    assert differing.peak - differing.early < 30, "MiB that 2,700 more articles cost"
    assert latency.calls["Fortnox GET"] == latency.calls["Magento POST"] == 30
