"""Journeys of stock when something is in the way: bad rows, maintenance, full rate windows, restarts."""

import asyncio
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from services.sandbox.faults import Drop, FaultRule, Status, System, When
from services.sandbox.magento.lines import Line
from services.sync_worker import stock as passes
from services.sync_worker import stock_progress
from services.sync_worker.booking import no_checkpoint
from services.sync_worker.converge import converge
from services.sync_worker.flows.stock.read import observed
from services.sync_worker.writers import magento_stock
from shared.clients.fortnox import client_stock
from shared.domain.documents import Draft
from shared.ledger.records import Subject
from tests.journeys.test_sale_backfill import ask
from tests.support.shop_products import begins, the_job, told
from tests.support.shop_stock import (
    buys,
    hears_of,
    in_words,
    lies,
    salable,
    sells,
    set_stock,
    shelf,
    stock_subject,
    stock_writes,
    sweeps,
)
from tests.support.world import CONNECTION, World

NUMBERS = [f"GEN-{n:05}" for n in range(1, 46)]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same passes, with ten articles to a page."""
    monkeypatch.setattr(client_stock, "PAGE_SIZE", 10)


@pytest.fixture
async def world(shop_world: World) -> World:
    """45 articles, of which the shop has nothing yet: five pages."""
    shop_world.on("2026-05-04")
    await set_stock(shop_world, rows_per_call=4)
    for n, number in enumerate(NUMBERS, start=1):
        lies(shop_world, number, n)
        sells(shop_world, number, 0)
    await shop_world.works()
    return shop_world


def is_right(world: World) -> bool:
    """Every article lies in the shop as in Fortnox."""
    return [shelf(world, number) for number in NUMBERS] == list(range(1, 46))


def rows_told(world: World) -> list[str]:
    """The SKU of every row that the shop was told and took, as often as it was."""
    return [
        row["sku"]
        for call in world.magento.writes()
        if call.path.endswith("/inventory/source-items") and call.status == 200
        for row in json.loads(call.body)["sourceItems"]
    ]


async def goes_on(world: World, by: timedelta, job: str = "stock_full") -> Subject:
    world.later(by)
    await world.works()
    return await the_job(world, job)


async def test_every_page_is_told_once(world: World) -> None:
    job = await sweeps(world)

    assert in_words(job) == "45 articles looked at: 45 told, 0 as they were, 0 left out, 0 stopped"
    assert is_right(world)
    assert rows_told(world) == NUMBERS
    assert len(stock_writes(world)) == 14, "ten articles in calls of four: three to a page, two for the last"
    links = await world.ledger.links.for_subject(job.id)
    assert [link.reference for link in links] == [f"STOCK-PAGE-stock_full-{n}" for n in range(1, 6)]

    world.later(timedelta(days=1))
    for number in NUMBERS[:3]:
        lies(world, number, 99)
    await sweeps(world)
    assert len(await world.ledger.links.for_subject(job.id)) == 5


# ── the shop refuses ──────────────────────────────────────────────────────────────────────────────


async def test_one_bad_row_keeps_no_other_from_the_shop(world: World) -> None:
    world.magento.stock.refused_skus = {"GEN-00007"}

    job = await sweeps(world)

    assert in_words(job) == "45 articles looked at: 44 told, 0 as they were, 0 left out, 1 stopped"
    assert sorted(rows_told(world)) == [number for number in NUMBERS if number != "GEN-00007"]
    subject = await stock_subject(world, "GEN-00007")
    assert (subject.state, subject.problem and subject.problem.code) == (
        "needs_attention",
        "refused_by_magento",
    )
    assert subject.problem is not None
    assert '"sku" is not managed here' in subject.problem.message

    world.magento.stock.refused_skus = set()
    world.later(timedelta(hours=1))
    await world.works()
    assert is_right(world)
    assert (await stock_subject(world, "GEN-00007")).state == "done"
    assert len(rows_told(world)) == 45


async def test_a_run_of_the_job_ends_with_the_last_article(world: World) -> None:
    world.magento.stock.refused_skus = {"GEN-00007"}

    started = await ask(world, "POST", f"/connections/{CONNECTION}/jobs/stock/run", {"full": True})
    await world.works()

    run = await ask(world, "GET", f"/runs/{started['run_id']}")
    lines = {item["key"]: item["state"] for item in run["items"]}
    assert lines == {"stock": "done", "GEN-00007": "needs_attention"}
    assert run["items"][0]["text"].startswith("45 articles looked at: 44 told")


async def test_a_cause_that_refuses_everything_is_asked_about_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(magento_stock, "MOST_REFUSED", 5)
    world.magento.stock.refused_skus = set(NUMBERS)

    job = await begins(world, "stock_full")

    assert (job.state, job.problem and job.problem.code) == ("needs_attention", "stock_stopped")
    assert job.problem is not None
    assert job.problem.facts == {"sku": "GEN-00005", "code": "refused_by_magento"}
    world.magento.stock.refused_skus = set()
    await goes_on(world, timedelta(hours=1))
    assert is_right(world)


async def test_a_shop_that_takes_few_rows_at_once_gets_few(world: World) -> None:
    world.magento.stock.most_items = 3

    await sweeps(world)

    assert is_right(world)
    assert rows_told(world) == NUMBERS
    assert [call.status for call in world.magento.writes() if "source-items" in call.path].count(400) == 1


# ── nobody answers ────────────────────────────────────────────────────────────────────────────────


async def test_an_hour_of_maintenance_ends_in_the_right_stock_told_once(world: World) -> None:
    world.sandbox.faults.add(
        FaultRule(System.MAGENTO, Drop(When.BEFORE), path="source-items$", method="POST", after=4, times=4)
    )
    job = await begins(world, "stock_full")
    assert (job.state, job.problem and job.problem.code) == ("waiting", "unavailable")
    world.magento.broken = "maintenance"
    lies(world, "GEN-00045", 77)
    await told(world, "fortnox", "article-updated-v1", "stock", "GEN-00045")

    for _ in range(12):
        await goes_on(world, timedelta(minutes=5))
    waiting = await stock_subject(world, "GEN-00045")
    assert (waiting.state, waiting.problem and waiting.problem.code) == ("waiting", "unavailable")
    world.magento.broken = None
    for _ in range(3):
        job = await goes_on(world, timedelta(minutes=31))

    assert job.state == "done"
    assert (await stock_subject(world, "GEN-00045")).state == "done"
    lies(world, "GEN-00045", 45)
    await hears_of(world, "GEN-00045")
    assert is_right(world)
    assert sorted(rows_told(world)) == sorted([*NUMBERS, "GEN-00045"])


async def test_a_storm_of_429_from_fortnox_ends_in_the_right_stock_told_once(world: World) -> None:
    storm = Status(429, b"<html><body><h1>429 Too Many Requests</h1></body></html>")
    rule = world.sandbox.faults.add(FaultRule(System.FORTNOX, storm, path="/articles", after=2, times=5))

    job = await begins(world, "stock_full")
    assert (job.state, job.problem and job.problem.code) == ("waiting", "unavailable")
    for _ in range(5):
        job = await goes_on(world, timedelta(minutes=31))
        if job.state == "done":
            break

    assert rule.hits >= 4
    assert job.state == "done"
    assert is_right(world)
    assert rows_told(world) == NUMBERS


# ── in pieces ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_pass_gives_way_after_its_slice_and_goes_on_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SLICE", timedelta(0))

    job = await begins(world, "stock_full")
    assert (job.state, job.failing_since) == ("waiting", None)
    assert job.problem is not None
    assert job.problem.message == (
        "10 articles looked at: 10 told, 0 as they were, 0 left out, 0 stopped; goes on"
    )

    for _ in range(5):
        job = await goes_on(world, timedelta(seconds=1))
    assert in_words(job).startswith("45 articles looked at: 45 told")
    assert rows_told(world) == NUMBERS


class Died(BaseException):
    """What nobody catches: the process is gone."""


@pytest.mark.parametrize("step", ["intended", "answered", "created"])
async def test_a_worker_that_dies_in_a_pass_tells_nothing_twice(world: World, step: str) -> None:
    seen = 0

    async def dies(at: str, draft: Draft) -> None:
        nonlocal seen
        seen += at == step
        if seen == 3:
            raise Died

    world.shop.checkpoint = dies
    with pytest.raises(Died):
        await begins(world, "stock_full")
    world.shop.checkpoint = no_checkpoint

    job = await goes_on(world, timedelta(minutes=1))

    assert job.state == "done"
    assert is_right(world)
    assert rows_told(world) == NUMBERS


async def test_a_call_whose_answer_is_lost_is_made_again_and_changes_nothing(world: World) -> None:
    world.sandbox.faults.add(
        FaultRule(System.MAGENTO, Drop(When.AFTER), method="POST", path="source-items$", after=2, times=1)
    )

    job = await sweeps(world)

    assert job.state == "done"
    assert is_right(world)
    assert len(rows_told(world)) == 45 + 2, "the call of two rows, repeated at once"


async def test_a_sweep_waits_for_a_full_pass_and_does_not_write_beside_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SLICE", timedelta(0))
    await begins(world, "stock_full")

    await told(world, "schedule", "stock_sweep", "stock_sweep", CONNECTION)
    job = await goes_on(world, timedelta(seconds=1), "stock_sweep")

    assert job.problem is not None
    assert job.problem.message == "a pass over all articles is under way"
    for _ in range(15):
        await goes_on(world, timedelta(minutes=1))
    assert in_words(await the_job(world, "stock_sweep")).startswith("45 articles looked at: 0 told")
    assert rows_told(world) == NUMBERS


async def test_what_somebody_looked_at_since_a_page_was_read_is_not_written_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is a second old when an event tells of one of its articles."""
    looked = False

    async def slow(*given: object) -> object:
        nonlocal looked
        found = await observed(*given)  # type: ignore[arg-type]
        if not looked:
            looked = True
            world.later(timedelta(seconds=1))
            lies(world, "GEN-00001", 500)
            await told(world, "fortnox", "article-updated-v1", "stock", "GEN-00001")
            (wake,) = await world.ledger.subjects.due(9)
            world.later(timedelta(seconds=1))
            await converge(world.shop, wake.subject_id)
        return found

    monkeypatch.setattr("services.sync_worker.stock.observed", slow)
    await sweeps(world)

    assert shelf(world, "GEN-00001") == 500
    assert rows_told(world).count("GEN-00001") == 1


# ── what a sweep looks at ─────────────────────────────────────────────────────────────────────────


async def test_few_articles_are_compared_whole_and_many_by_what_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sweeps(world, "stock_sweep")
    world.later(timedelta(days=1))
    assert in_words(await sweeps(world, "stock_sweep")).startswith("45 articles looked at: 0 told, 45 as")

    monkeypatch.setattr(stock_progress, "FEW_ARTICLES", 40)
    world.later(timedelta(hours=1))
    assert in_words(await sweeps(world, "stock_sweep")).startswith("0 articles looked at")
    lies(world, "GEN-00003", 8)
    assert in_words(await sweeps(world, "stock_sweep")).startswith("1 articles looked at: 1 told")
    assert shelf(world, "GEN-00003") == 8


async def test_a_movement_that_does_not_touch_its_article_is_found_by_the_full_pass(world: World) -> None:
    await set_stock(world, sweep="changed")
    for _ in range(2):
        await sweeps(world)
        world.later(timedelta(days=1))
    world.company.articles["GEN-00003"]["QuantityInStock"] = Decimal(50)

    await sweeps(world, "stock_sweep")
    assert shelf(world, "GEN-00003") == 3
    await sweeps(world)

    assert shelf(world, "GEN-00003") == 50


async def test_what_was_sold_is_looked_at_again_where_only_changes_are_asked_for(world: World) -> None:
    """The shop shipped just when its stock was told: the event's run is over, and nothing else would come."""
    await set_stock(world, sweep="changed")
    for _ in range(2):
        await sweeps(world)
        world.later(timedelta(days=1))
    order = buys(world, Line("GEN-00040", "Vara", "125.00", quantity=4))
    await world.works()
    world.magento.ship(order, {"GEN-00040": 1})
    world.magento.stock.put("GEN-00040", Decimal(40))  # what a run that began before the shipment told
    assert salable(world, "GEN-00040") == 37

    await sweeps(world, "stock_sweep")

    assert (shelf(world, "GEN-00040"), salable(world, "GEN-00040")) == (39, 36)


async def test_what_a_person_changed_in_the_shop_is_put_right_each_time(world: World) -> None:
    await sweeps(world)
    for _ in range(2):
        world.magento.stock.put("GEN-00003", Decimal(1000))
        world.later(timedelta(hours=1))
        await sweeps(world)
        assert shelf(world, "GEN-00003") == 3
    assert rows_told(world).count("GEN-00003") == 3


# ── our own writes ────────────────────────────────────────────────────────────────────────────────


async def test_our_own_writes_wake_nothing_that_writes(world: World) -> None:
    world.company.change(stock_touches_article=True)
    order = buys(world, Line("GEN-00040", "Vara", "125.00", quantity=4))
    await world.works()
    await sweeps(world)
    world.magento.invoice(order)
    world.magento.ship(order)
    await world.works()
    assert (shelf(world, "GEN-00040"), salable(world, "GEN-00040")) == (36, 36)
    stock, books = len(stock_writes(world)), world.accepted_writes()

    for _ in range(3):
        world.later(timedelta(minutes=15))
        world.magento.announce.outbox.resend(last=1000, copies=1)
        await sweeps(world, "stock_sweep")
        await sweeps(world)
        for number in NUMBERS[:5]:
            await hears_of(world, number)

    assert len(stock_writes(world)) == stock
    assert world.accepted_writes() == books


async def test_the_same_event_many_times_over_is_one_write(world: World) -> None:
    for _ in range(5):
        await told(world, "fortnox", "article-updated-v1", "stock", "GEN-00009")
    await asyncio.gather(
        *(converge(world.shop, one.subject_id) for one in await world.ledger.subjects.due(9))
    )
    await world.works()

    assert rows_told(world) == ["GEN-00009"]
