"""Ticks: each once, whoever is awake; what was missed is done once and not as often as it was missed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet

from services.scheduler.jobs import leave_event
from services.scheduler.trigger import Quiet, trigger_due_jobs
from services.scheduler.wake import wake_due
from services.sync_worker.chores import CHORES
from services.sync_worker.converge import HELD
from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent, Wake
from shared.queue import Queue, queue_name
from shared.settings.connections import ConnectionDeclaration
from shared.settings.timetable import JOBS, TIMETABLE, Job, latest_tick
from tests.support.clock import Clock
from tests.support.world import CONNECTION, a_declaration, a_service, a_shop


@pytest.fixture
async def ledger(ledger_url: str, clock: Clock) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(ledger_url, keys=[Fernet.generate_key().decode()], clock=clock)
    await opened.connections.put(ConnectionDeclaration.model_validate(a_declaration()))
    await opened.connections.set_active(CONNECTION, True)
    yield opened
    await opened.close()


async def kinds(ledger: Ledger) -> set[str]:
    found = await ledger.subjects.page(connection=CONNECTION, limit=100)
    return {subject.kind for subject in found.items}


def test_every_job_of_the_timetable_is_a_chore_of_the_worker() -> None:
    known = CHORES.keys() | HELD.keys()

    assert {job.name: job.kind for job in TIMETABLE if job.kind not in known} == {}


async def test_two_schedulers_at_the_same_tick_do_its_jobs_once(ledger: Ledger, clock: Clock) -> None:
    rung = await asyncio.gather(*(trigger_due_jobs(ledger, clock) for _ in range(4)))

    subjects = [wake.subject_id for wakes in rung for wake in wakes]
    assert len(subjects) == len(set(subjects))
    assert await kinds(ledger) == {job.kind for job in TIMETABLE if not job.needs_shop}
    assert len(subjects) == len(await kinds(ledger))
    assert await trigger_due_jobs(ledger, clock) == []


async def test_a_connection_with_a_shop_has_every_job(ledger: Ledger, clock: Clock) -> None:
    await ledger.connections.put(ConnectionDeclaration.model_validate(a_declaration(magento=a_shop())))

    await trigger_due_jobs(ledger, clock)

    assert await kinds(ledger) == {job.kind for job in TIMETABLE}


async def test_a_job_that_needs_a_shop_says_that_there_is_none(ledger: Ledger, clock: Clock) -> None:
    await trigger_due_jobs(ledger, clock)

    last = await ledger.slots.last("products", CONNECTION)
    assert last is not None
    assert last.result == "the connection has no shop"


async def test_a_week_without_a_scheduler_costs_no_weekly_job_its_turn(ledger: Ledger, clock: Clock) -> None:
    """What never ran has missed nothing: the weekly pass does not begin a connection's life."""
    await ledger.connections.put(ConnectionDeclaration.model_validate(a_declaration(magento=a_shop())))
    clock.set(datetime(2026, 5, 7, 10, tzinfo=UTC))  # a Thursday
    await trigger_due_jobs(ledger, clock)
    assert await ledger.slots.last("products_full", CONNECTION) is None

    clock.set(datetime(2026, 5, 10, 2, tzinfo=UTC))  # Sunday, 04:00 in Stockholm
    await trigger_due_jobs(ledger, clock)
    clock.set(datetime(2026, 5, 22, 10, tzinfo=UTC))  # Friday, twelve days later
    await trigger_due_jobs(ledger, clock)

    last = await ledger.slots.last("products_full", CONNECTION)
    assert last is not None
    assert last.slot == datetime(2026, 5, 17, 1, 30, tzinfo=UTC)


async def test_what_was_missed_for_days_is_done_once(ledger: Ledger, clock: Clock) -> None:
    quiet = Quiet()
    await trigger_due_jobs(ledger, clock, quiet)
    clock.advance(timedelta(days=5))

    rung = await trigger_due_jobs(ledger, clock, quiet)

    assert len(rung) == len(await kinds(ledger)), "one event each, of the latest tick"
    ticks = [
        event for event in (await ledger.inbox.page(limit=200)).items if event.name == "customer_register"
    ]
    assert len(ticks) == 2


async def test_a_tick_that_a_killed_scheduler_left_behind_is_taken_again(
    ledger: Ledger, clock: Clock
) -> None:
    """It took the tick and died before its event: a night's payouts must not wait for the next night."""
    slot = latest_tick(JOBS["payouts"], ConnectionDeclaration.model_validate(a_declaration()), now=clock())
    assert slot is not None
    await ledger.slots.take("payouts", CONNECTION, slot)
    quiet = Quiet()

    await trigger_due_jobs(ledger, clock, quiet)
    assert "payouts" not in await kinds(ledger), "it may still be at it"
    clock.advance(timedelta(seconds=61))
    await asyncio.gather(*(trigger_due_jobs(ledger, clock, quiet) for _ in range(3)))

    assert "payouts" in await kinds(ledger)
    last = await ledger.slots.last("payouts", CONNECTION)
    assert last is not None
    assert (last.slot, last.result) == (slot, "started")
    events = [event for event in (await ledger.inbox.page(limit=200)).items if event.name == "payouts"]
    assert len(events) == 1


async def test_a_job_that_breaks_stops_no_other_and_is_tried_again(
    ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = leave_event

    async def breaks(job: Job, *rest: Any) -> list[Wake]:
        if job.name == "payouts":
            raise OSError("the disk is full")
        return await really(job, *rest)

    monkeypatch.setattr("services.scheduler.trigger.leave_event", breaks)
    await trigger_due_jobs(ledger, clock)
    assert "tie_out" in await kinds(ledger)
    assert "payouts" not in await kinds(ledger)

    monkeypatch.undo()
    clock.advance(timedelta(seconds=61))
    await trigger_due_jobs(ledger, clock)

    assert "payouts" in await kinds(ledger)


async def test_between_its_ticks_a_job_costs_the_ledger_nothing(
    ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = Quiet()
    await trigger_due_jobs(ledger, clock, quiet)
    asked: list[str] = []
    really = ledger.slots.take

    async def counted(job: str, *rest: Any) -> bool:
        asked.append(job)
        return await really(job, *rest)

    monkeypatch.setattr(ledger.slots, "take", counted)
    for _ in range(3):
        clock.advance(timedelta(seconds=10))
        await trigger_due_jobs(ledger, clock, quiet)
    assert asked == []

    clock.advance(timedelta(minutes=15))
    await trigger_due_jobs(ledger, clock, quiet)
    assert {"svea_open_sales", "customer_register"} <= set(asked)
    assert "payouts" not in asked


async def test_a_line_that_is_changed_counts_at_once(ledger: Ledger, clock: Clock) -> None:
    quiet = Quiet()
    await trigger_due_jobs(ledger, clock, quiet)
    before = await ledger.slots.last("payouts", CONNECTION)
    changed = a_declaration(schedule={"payouts": "*/5 * * * *"})
    await ledger.connections.put(ConnectionDeclaration.model_validate(changed))

    await trigger_due_jobs(ledger, clock, quiet)

    after = await ledger.slots.last("payouts", CONNECTION)
    assert before is not None
    assert after is not None
    assert after.slot > before.slot


async def test_an_inactive_connection_has_no_ticks(ledger: Ledger, clock: Clock) -> None:
    await ledger.connections.set_active(CONNECTION, False)

    assert await trigger_due_jobs(ledger, clock) == []


async def test_the_sweep_rings_for_what_is_due_after_redis_forgot_it(
    ledger: Ledger, clock: Clock, redis_url: str
) -> None:
    queue = await Queue.connect(a_service(redis_url))
    await ledger.inbox.accept([an_event("1")])

    assert await wake_due(ledger, queue) == 1
    assert await wake_due(ledger, queue) == 1
    assert await queue.redis.zcard(queue_name("sale")) == 1
    await queue.redis.flushall()
    await wake_due(ledger, queue)

    assert await queue.redis.zcard(queue_name("sale")) == 1
    await queue.close()


def an_event(key: str) -> IncomingEvent:
    return IncomingEvent(CONNECTION, "svea", "CheckoutOrder.Created", key, "sale", "1", body=b'{"a": 1}')
