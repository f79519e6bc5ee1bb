"""Every job, as a tick and as a person starts it: it runs, its run ends, and the schedule says how."""

from datetime import timedelta

import pytest

from services.sandbox.magento.shop import Shop
from services.scheduler.trigger import trigger_due_jobs
from services.sync_worker.second_looks import OPEN_FOR
from shared.ledger.records import IncomingEvent
from shared.settings.timetable import TIMETABLE, Job
from tests.journeys.test_sale import A01
from tests.journeys.test_sale_backfill import ask
from tests.support.shop_products import a_shop, fill
from tests.support.world import CONNECTION, World, a_declaration


@pytest.fixture
async def shop(world: World) -> Shop:
    store = await a_shop(world)
    fill(store, 3)
    return store


async def schedule(world: World) -> dict[str, dict[str, str | None]]:
    answer = await ask(world, "GET", f"/connections/{CONNECTION}/schedule")
    return {job["job"]: job for job in answer["items"]}


async def test_a_tick_of_every_job_ends_well_and_the_schedule_says_so(world: World, shop: Shop) -> None:
    world.buys(*A01)
    await world.works()
    world.later(timedelta(minutes=16))

    await trigger_due_jobs(world.ledger, world.clock)
    await world.works(rounds=40)
    for _ in range(3):  # two kinds of pass wait for each other at the first load
        world.later(timedelta(minutes=2))
        await world.works(rounds=40)

    jobs = await schedule(world)
    assert {name: job["state"] for name, job in jobs.items() if job["state"] not in ("done", "skipped")} == {}
    assert [name for name, job in jobs.items() if not job["result"] or not job["ended"]] == []


@pytest.mark.parametrize("job", TIMETABLE, ids=lambda job: str(job.name))
async def test_every_job_can_be_run_now_and_its_run_ends(world: World, shop: Shop, job: Job) -> None:
    started = await ask(world, "POST", f"/connections/{CONNECTION}/jobs/{job.name}/run")
    await world.works()

    run = await ask(world, "GET", f"/runs/{started['run_id']}")
    states = {item["key"]: item["state"] for item in run["items"]}
    assert run["finished_at"] is not None
    assert states[job.name] in ("done", "skipped")
    shown = (await schedule(world))[job.name]
    assert shown["state"] == states[job.name]
    assert shown["last"] is None, "no tick of the timetable was taken"


async def test_open_sales_are_looked_at_again_and_others_are_not(world: World) -> None:
    is_open = world.buys(*A01)
    delivered = world.buys(*A01, number="100000102")
    await world.works()
    world.sandbox.svea.deliver(delivered)
    await world.works()
    world.later(OPEN_FOR + timedelta(minutes=1))

    await trigger_due_jobs(world.ledger, world.clock)
    await world.works()

    again = [
        event for event in (await world.ledger.inbox.page(limit=200)).items if event.name == "look_again"
    ]
    assert [event.subject_id for event in again] == [(await world.sale(is_open)).id]


async def test_old_bodies_are_masked_and_young_ones_kept(world: World) -> None:
    await world.ledger.inbox.accept([an_event("old")])
    world.later(timedelta(days=91))
    await world.ledger.inbox.accept([an_event("young")])
    world.later(timedelta(hours=1))

    started = await ask(world, "POST", f"/connections/{CONNECTION}/jobs/mask_old_payloads/run")
    await world.works()

    found = (await world.ledger.inbox.page(source="svea", limit=200)).items
    kept = {event.dedupe_key: event.body for event in found if event.dedupe_key in ("old", "young")}
    assert kept == {"old": None, "young": b'{"a": 1}'}
    run = await ask(world, "GET", f"/runs/{started['run_id']}")
    assert run["items"][0]["text"] == "1 bodies masked"


async def test_a_job_of_a_connection_without_a_shop_is_skipped_with_a_reason(world: World) -> None:
    await world.declare(schedule=a_declaration().get("schedule", {}))

    await trigger_due_jobs(world.ledger, world.clock)

    jobs = await schedule(world)
    assert {job["result"] for name, job in jobs.items() if name in ("products", "stock", "prices")} == {
        "the connection has no shop"
    }


def an_event(key: str) -> IncomingEvent:
    return IncomingEvent(CONNECTION, "svea", "CheckoutOrder.Created", key, "sale", "1", body=b'{"a": 1}')
