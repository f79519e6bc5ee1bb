"""A load of the whole catalogue through the real processes: killed on the way, and measured."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from shared.ledger.records import IncomingEvent, Subject
from tests.bench_parts import catalogue
from tests.support.processes_world import SCHEDULER, WORKER, House, Shop, a_house, now_utc, until
from tests.support.shop_products import KEYS, fill

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]


@pytest.fixture
async def embedded(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(sqlite_url, tmp_path / "house") as made:
        yield made


async def a_shop_with(house: House, products: int) -> Shop:
    fill(house.sandbox.magento.add_shop("large", **KEYS), products)
    magento = {"base_url": f"http://127.0.0.1:{house.sandbox_port}/magento/large", **KEYS}
    by_hand = {"products": "0 0 1 1 *", "products_full": "0 0 1 1 *"}
    return await house.opens("large", magento=magento, schedule=by_hand)


async def loads(shop: Shop) -> str:
    """The subject of the load, which has just been asked for."""
    event = IncomingEvent(
        shop.name, "operator", "run_job", f"products|{now_utc()}", "products", shop.name, lane="bulk"
    )
    (accepted,) = await shop.house.ledger.inbox.accept([event])
    assert accepted.subject is not None
    return accepted.subject.subject_id


def has_articles(shop: Shop, number: int) -> bool:
    return len(shop.company.articles) >= number


async def ended(house: House, subject_id: str) -> Subject:
    async with asyncio.timeout(90):
        while True:
            subject = await house.ledger.subjects.get(subject_id)
            if subject is not None and subject.state == "done":
                return subject
            await asyncio.sleep(0.1)


async def test_workers_killed_in_a_load_leave_every_article_once(embedded: House) -> None:
    shop = await a_shop_with(embedded, 400)
    await embedded.start(SCHEDULER)
    subject_id = await loads(shop)

    for done in (60, 180, 300):
        worker = await embedded.start(WORKER)
        await until(partial(has_articles, shop, done), within=60, what=f"article {done}")
        worker.kill()
    await embedded.start(WORKER)
    subject = await ended(embedded, subject_id)

    made = Counter(
        call.body["Article"]["ArticleNumber"]  # type: ignore[index]
        for call in shop.company.calls
        if (call.method, call.path, call.status) == ("POST", "/3/articles", 201)
    )
    assert (len(made), set(made.values())) == (400, {1})
    assert subject.summary["notes"][0].startswith("400 products looked at")
    page = await embedded.ledger.subjects.page(shop.name, kind="article")
    for left_in_doubt in page.items:
        await ended(embedded, left_in_doubt.id)
    embedded.must_have_survived()


async def test_a_load_costs_one_call_for_each_new_product_and_no_memory_for_many(embedded: House) -> None:
    first, unchanged, changed = await catalogue.measure(embedded, 600)

    new = sum(1 for one in embedded.sandbox.fortnox.companies.values() for _ in one.articles)
    assert first.calls["POST articles"] == new
    assert {name for name in first.calls if name.startswith("article")} <= {"POST articles"}
    assert [call for call in unchanged.calls if "article" in call or "price" in call] == []
    assert changed.calls["PUT articles/N"] == 6
    assert first.peak - first.early < 30, "MiB that 540 more products cost"
