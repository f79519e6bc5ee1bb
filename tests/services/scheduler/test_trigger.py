"""Ticks: each once, whoever is awake; what was missed is done once and not as often as it was missed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet

from services.scheduler.jobs import JOBS
from services.scheduler.trigger import trigger_due_jobs
from services.scheduler.wake import wake_due
from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent
from shared.queue import Queue, queue_name
from shared.settings.connections import ConnectionDeclaration
from shared.settings.timetable import TIMETABLE, Job, slots_due
from tests.support.clock import Clock
from tests.support.world import CONNECTION, a_declaration, a_service

EVENING = Job("payouts", "0 23 * * *", "")


@pytest.fixture
async def ledger(ledger_url: str, clock: Clock) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(ledger_url, keys=[Fernet.generate_key().decode()], clock=clock)
    await opened.connections.put(ConnectionDeclaration.model_validate(a_declaration()))
    await opened.connections.set_active(CONNECTION, True)
    yield opened
    await opened.close()


def declared(**changes: Any) -> ConnectionDeclaration:
    return ConnectionDeclaration.model_validate(a_declaration(**changes))


def slots(now: str, **changes: Any) -> list[str]:
    found = slots_due(EVENING, declared(**changes), now=datetime.fromisoformat(now).replace(tzinfo=UTC))
    return [slot.isoformat() for slot in found]


def test_every_job_of_the_timetable_is_done_by_somebody() -> None:
    assert {job.name for job in TIMETABLE} == set(JOBS)


def test_a_tick_is_in_the_connections_own_time_zone_summer_and_winter() -> None:
    assert slots("2026-07-01T21:00") == ["2026-07-01T21:00:00+00:00"]
    assert slots("2026-12-01T22:00") == ["2026-12-01T22:00:00+00:00"]
    assert slots("2026-07-01T15:30", time_zone="Asia/Tokyo") == ["2026-07-01T14:00:00+00:00"]


def test_a_connection_may_have_a_timetable_of_its_own() -> None:
    assert slots("2026-07-01T21:00", schedule={"payouts": "30 20 * * *"}) == ["2026-07-01T18:30:00+00:00"]


def test_of_what_was_missed_only_the_latest_tick_is_due() -> None:
    assert slots("2026-07-03T20:00") == ["2026-07-02T21:00:00+00:00"]


async def test_two_schedulers_at_the_same_tick_do_its_jobs_once(ledger: Ledger, clock: Clock) -> None:
    service = a_service()
    rung = await asyncio.gather(*(trigger_due_jobs(ledger, service, clock) for _ in range(4)))

    kinds = [wake.subject_id for wakes in rung for wake in wakes]
    assert len(kinds) == len(set(kinds)) > 1
    found = await ledger.subjects.page(connection=CONNECTION)
    assert {subject.kind for subject in found.items} == {
        "completeness",
        "customer_register",
        "payouts",
        "preflight",
        "svea_subscriptions",
        "tie_out",
    }
    assert await trigger_due_jobs(ledger, service, clock) == []


async def test_an_inactive_connection_has_no_ticks(ledger: Ledger, clock: Clock) -> None:
    await ledger.connections.set_active(CONNECTION, False)

    assert await trigger_due_jobs(ledger, a_service(), clock) == []


async def test_old_bodies_are_masked_and_young_ones_kept(ledger: Ledger, clock: Clock) -> None:
    await ledger.inbox.accept([an_event("old")])
    clock.advance(timedelta(days=91))
    await ledger.inbox.accept([an_event("young")])
    clock.advance(timedelta(hours=1))

    await trigger_due_jobs(ledger, a_service(), clock)

    kept = {event.dedupe_key: event.body for event in (await ledger.inbox.page(source="svea")).items}
    assert kept == {"old": None, "young": b'{"a": 1}'}


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
