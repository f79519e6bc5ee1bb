"""Journeys of the whole catalogue: the first load, what changed since, and what a pass must not do."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from services.sandbox.faults import Drop, FaultRule, System, When
from services.sandbox.magento.shop import Shop
from services.sync_worker import catalogue as passes
from services.sync_worker.booking import no_checkpoint
from services.sync_worker.catalogue_progress import CHANGED_SINCE
from services.sync_worker.converge import converge
from shared.domain.documents import Draft
from shared.ledger.records import Subject
from tests.journeys.test_sale import A01
from tests.journeys.test_sale_backfill import ask
from tests.support.shop_products import (
    a_shop,
    article,
    article_subject,
    begins,
    declare_products,
    fill,
    hears_of,
    since,
    sweeps,
    the_job,
)
from tests.support.world import CONNECTION, World


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same passes, a fifth as large."""
    monkeypatch.setattr(passes, "PRODUCTS_PER_PAGE", 20)
    monkeypatch.setattr(passes, "MOST_TROUBLE", 15)


@pytest.fixture
async def shop(world: World) -> Shop:
    return await a_shop(world)


def said(subject: Subject) -> str:
    (note,) = subject.summary["notes"]
    return str(note)


async def test_the_first_load_writes_every_product_once(world: World, shop: Shop) -> None:
    fill(shop, 50)

    job = await sweeps(world)

    assert job.state == "done"
    assert said(job) == "50 products looked at: 50 written, 0 unchanged, 0 left out, 0 stopped"
    assert len(world.company.articles) == 50
    assert world.writes() == ["POST /3/articles"] * 50


async def test_only_products_that_stop_become_subjects(world: World, shop: Shop) -> None:
    fill(shop, 25)
    book = shop.catalogue.add("BOK", "Bok", 100, tax_class=5)

    job = await sweeps(world)

    assert said(job) == "26 products looked at: 25 written, 0 unchanged, 0 left out, 1 stopped"
    page = await world.ledger.subjects.page(CONNECTION, kind="article")
    assert [(one.key, one.state) for one in page.items] == [(str(book), "needs_attention")]
    problem = page.items[0].problem
    assert problem is not None
    assert problem.code == "missing_tax_class"


async def test_after_the_first_load_a_sweep_asks_for_what_changed_and_fortnox_for_nothing(
    world: World, shop: Shop
) -> None:
    fill(shop, 25)
    await sweeps(world)
    before = len(world.calls())
    world.later(timedelta(hours=1))
    assert said(await sweeps(world)).startswith("25 products looked at: 0 written")  # within the overlap
    world.later(timedelta(hours=1))
    assert said(await sweeps(world)).startswith("0 products looked at")

    shop.catalogue.change("GEN-00007", name="Ny text")
    assert said(await sweeps(world)).startswith("1 products looked at: 1 written")

    assert since(world, before) == ["PUT /3/articles/GEN-00007"]


async def test_a_full_pass_over_unchanged_products_costs_fortnox_nothing(world: World, shop: Shop) -> None:
    fill(shop, 50)
    await sweeps(world)
    before = len(world.calls())

    job = await sweeps(world, "products_full")

    assert said(job) == "50 products looked at: 0 written, 50 unchanged, 0 left out, 0 stopped"
    assert since(world, before) == []


async def test_what_updated_at_misses_is_found_by_the_full_pass(world: World, shop: Shop) -> None:
    await declare_products(world, prices=[{"price_list": "A"}])
    shop.catalogue.add("MUGG-1", "Mugg", 125)
    gone = shop.catalogue.add("KOPP-1", "Kopp", 99)
    for _ in range(2):
        await sweeps(world)
        world.later(timedelta(hours=1))
    shop.catalogue.write(shop.catalogue.get("MUGG-1"), "price", Decimal(250), 0)  # as base-prices does
    shop.catalogue.tell = lambda event, entity, store: None
    shop.catalogue.delete("KOPP-1")

    assert said(await sweeps(world)).startswith("0 products looked at")
    assert article(world, "MUGG-1")["SalesPrice"] == Decimal("100.00")

    job = await sweeps(world, "products_full")

    assert said(job).endswith(", 1 deleted")
    assert article(world, "MUGG-1")["SalesPrice"] == Decimal("200.00")
    assert article(world, "KOPP-1")["Active"] is False
    assert (await article_subject(world, gone)).state == "done"


async def test_what_changes_while_a_pass_runs_is_found_by_the_next(world: World, shop: Shop) -> None:
    fill(shop, 30)
    began = world.clock()
    await sweeps(world)

    kept = await world.ledger.cursors.get(CONNECTION, CHANGED_SINCE)

    assert kept == (began - timedelta(minutes=15)).isoformat()


# ── in pieces ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_pass_gives_way_after_its_slice_and_goes_on_where_it_was(
    world: World, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SLICE", timedelta(0))
    fill(shop, 50)

    job = await begins(world)
    assert (job.state, job.failing_since) == ("waiting", None)
    assert job.problem is not None
    assert job.problem.code == "not_yet"
    assert job.problem.message.startswith("20 products looked at: 20 written")

    await goes_on(world, timedelta(seconds=1))
    job = await goes_on(world, timedelta(seconds=1))
    assert job.state == "done"
    assert world.writes() == ["POST /3/articles"] * 50


async def goes_on(world: World, by: timedelta) -> Subject:
    world.later(by)
    await world.works()
    return await the_job(world)


async def test_two_kinds_of_pass_are_not_in_each_others_way_at_the_first_load(
    world: World, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SLICE", timedelta(0))
    fill(shop, 25)
    await begins(world)

    other = await begins(world, "products_full")
    assert other.problem is not None
    assert other.problem.message == "the first load is under way"

    for _ in range(6):
        await goes_on(world, timedelta(minutes=1))
    assert (await the_job(world)).state == "done"
    assert said(await the_job(world, "products_full")).startswith("25 products looked at: 0 written")
    assert world.writes() == ["POST /3/articles"] * 25


class Died(BaseException):
    """What nobody catches: the process is gone."""


@pytest.mark.parametrize("step", ["intended", "answered", "created"])
async def test_a_worker_that_dies_in_a_pass_costs_a_page_and_doubles_nothing(
    world: World, shop: Shop, step: str
) -> None:
    fill(shop, 50)
    seen = 0

    async def dies(at: str, draft: Draft) -> None:
        nonlocal seen
        seen += at == step and draft.kind == "article"
        if seen >= 30:
            raise Died

    world.shop.checkpoint = dies
    with pytest.raises(Died):
        await begins(world)
    await asyncio.sleep(0.1)  # what else was under way dies at its next step
    world.shop.checkpoint = no_checkpoint
    asked = len(shop.calls)

    job = await goes_on(world, timedelta(minutes=1))

    assert job.state == "done"
    assert said(job).startswith("50 products looked at")
    assert world.accepted_writes() == ["POST /3/articles"] * 50
    lists = [call for call in shop.calls[asked:] if call.path.endswith("/V1/products")]
    assert len(lists) == 2, "the first page is not read again"


async def test_an_answer_that_never_came_is_looked_for_by_the_product_itself(
    world: World, shop: Shop
) -> None:
    world.sandbox.faults.add(
        FaultRule(System.FORTNOX, Drop(When.AFTER), method="POST", path="/3/articles", after=10, times=1)
    )
    fill(shop, 25)

    job = await sweeps(world)
    assert said(job) == "25 products looked at: 24 written, 0 unchanged, 0 left out, 1 stopped"
    await goes_on(world, timedelta(minutes=1))

    page = await world.ledger.subjects.page(CONNECTION, kind="article")
    assert [one.state for one in page.items] == ["done"]
    assert world.accepted_writes() == ["POST /3/articles"] * 25


@pytest.mark.parametrize("when", [When.BEFORE, When.AFTER])
async def test_when_fortnox_is_away_the_pass_waits_and_no_product_is_blamed(
    world: World, shop: Shop, when: When
) -> None:
    fill(shop, 50)
    world.sandbox.faults.add(FaultRule(System.FORTNOX, Drop(when), method="POST", after=30))

    job = await begins(world)

    assert (job.state, job.problem and job.problem.code) == ("waiting", "unavailable")
    assert (await world.ledger.subjects.page(CONNECTION, kind="article")).items == []
    world.sandbox.faults.clear()
    for _ in range(3):
        job = await goes_on(world, timedelta(minutes=31))
    assert job.state == "done"
    assert world.accepted_writes() == ["POST /3/articles"] * 50


async def test_one_cause_for_most_products_is_asked_once_and_the_pass_goes_on_when_it_is_gone(
    world: World, shop: Shop
) -> None:
    await declare_products(world, article_lines=[{"tax_class": 2, "rate": 19}])  # no account for 19 %
    fill(shop, 100)

    job = await begins(world)

    assert job.state == "needs_attention"
    assert job.problem is not None
    assert job.problem.code == "products_stopped"
    assert job.problem.facts == {"products": "20", "code": "missing_mapping"}
    assert world.writes() == []

    await declare_products(world)
    job = await goes_on(world, timedelta(hours=2))
    assert job.state == "done"
    assert len(world.company.articles) == 100
    assert (await world.ledger.subjects.counts(CONNECTION)).keys() == {"done"}


# ── whose turn it is, and what a person sees ──────────────────────────────────────────────────────


async def test_no_sale_waits_for_the_catalogue(world: World, shop: Shop) -> None:
    world.shop.service = world.shop.service.model_copy(
        update={"fortnox_rate": 10, "fortnox_window": timedelta(seconds=1)}
    )
    await hears_of(world, shop.catalogue.add("FIRST", "Första", 1))
    fill(shop, 40)
    loading = asyncio.create_task(begins(world))
    await asyncio.sleep(0.5)

    sale = world.buys(*A01)
    await world.sandbox.svea.settle()
    await converge(world.shop, (await world.sale(sale)).id)

    behind = len(world.company.articles)
    assert (await world.sale(sale)).state == "done"
    assert behind < 40, "the load was over before the sale: nothing was proven"
    assert (await loading).state == "done"


async def test_a_person_follows_a_load_and_its_run_ends_with_the_last_product(
    world: World, shop: Shop
) -> None:
    fill(shop, 25)
    book = shop.catalogue.add("BOK", "Bok", 100, tax_class=5)

    started = await ask(world, "POST", f"/connections/{CONNECTION}/jobs/products/run", {"full": True})
    await world.works()

    run = await ask(world, "GET", f"/runs/{started['run_id']}")
    lines = {item["key"]: (item["state"], item["text"]) for item in run["items"]}
    assert lines["products"][0] == "done"
    assert lines["products"][1].startswith("26 products looked at: 25 written")
    assert lines[str(book)][0] == "needs_attention"
    assert "{tax_class: 5, rate: ...}" in lines[str(book)][1]
    assert len(lines) == 2, "one line for the load, and one for each product that stopped"


async def test_what_was_in_fortnox_before_is_looked_up_and_not_tried(world: World, shop: Shop) -> None:
    await hears_of(world, shop.catalogue.add("FIRST", "Första", 1))
    fortnox = (await world.shop.kit(CONNECTION)).fortnox
    for number in range(50):
        await fortnox.create_article({"ArticleNumber": f"GEN-{number + 1:05}", "Description": "Gammal"})
    fill(shop, 50)
    before = len(world.calls())

    await sweeps(world)

    calls = [call.split(" ")[0] for call in since(world, before)]
    assert calls.count("GET") == 50
    assert calls.count("PUT") == 50
    assert calls.count("POST") <= 4, "only those that were begun before the first was found"


async def test_a_connection_without_a_shop_has_no_products(world: World) -> None:
    job = await sweeps(world)

    assert (job.state, job.reason) == ("skipped", "the connection has no shop")

    started = await ask(world, "POST", f"/connections/{CONNECTION}/jobs/products/run")
    await world.works()
    run = await ask(world, "GET", f"/runs/{started['run_id']}")
    assert [item["state"] for item in run["items"]] == ["skipped"]
    assert run["finished_at"] is not None
