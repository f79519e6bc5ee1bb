"""One worker per subject, and a worker that lost its subject writes nothing."""

import asyncio
from datetime import timedelta

import pytest

from shared.domain.errors import LeaseLost
from shared.ledger.ledger import Ledger
from shared.ledger.records import Lease, Problem
from tests.shared.ledger.builders import (
    LEASE,
    a_lease,
    a_subject,
    an_event,
    finished,
    in_another_process,
    intends,
    said,
)
from tests.support.clock import Clock


async def test_of_many_who_want_a_lease_one_gets_it(ledger: Ledger) -> None:
    subject_id = await a_subject(ledger)

    tries = [ledger.subjects.lease(subject_id, f"worker-{n}", lease_for=LEASE) for n in range(12)]
    leases = [lease for lease in await asyncio.gather(*tries) if lease is not None]

    assert len(leases) == 1
    subject = await ledger.subjects.get(subject_id)
    assert subject is not None
    assert (subject.lease_owner, subject.fence, subject.state) == (leases[0].owner, 1, "running")


async def test_of_two_processes_that_want_a_lease_one_gets_it(ledger: Ledger, database_url: str) -> None:
    subject_id = await a_subject(ledger)

    others = [in_another_process("lease", database_url, subject_id) for _ in range(2)]
    got = [await asyncio.to_thread(said, other) for other in others]

    assert [await asyncio.to_thread(finished, other) for other in others] == [0, 0]
    assert sorted(got) == [False, True]


async def test_a_dead_lease_is_taken_over_with_a_higher_fence(ledger: Ledger, clock: Clock) -> None:
    first = await a_lease(ledger)
    assert await ledger.subjects.due(10) == []

    clock.advance(LEASE)

    assert [wake.subject_id for wake in await ledger.subjects.due(10)] == [first.subject.id]
    second = await ledger.subjects.lease(first.subject.id, "worker-2", lease_for=LEASE)
    assert second is not None
    assert (first.fence, second.fence) == (1, 2)


async def test_a_heartbeat_keeps_the_lease(ledger: Ledger, clock: Clock) -> None:
    lease = await a_lease(ledger)
    for _ in range(3):
        clock.advance(LEASE / 2)
        lease = await ledger.subjects.renew(lease, LEASE)

    assert await ledger.subjects.due(10) == []
    assert lease.until == clock.now + LEASE


async def taken_over(ledger: Ledger, clock: Clock) -> tuple[Lease, Lease]:
    """A lease that died and the one that followed it."""
    stale = await a_lease(ledger)
    clock.advance(LEASE)
    fresh = await ledger.subjects.lease(stale.subject.id, "worker-2", lease_for=LEASE)
    assert fresh is not None
    return stale, fresh


async def test_a_stale_lease_can_neither_renew_nor_finish_nor_release(ledger: Ledger, clock: Clock) -> None:
    stale, fresh = await taken_over(ledger, clock)

    for attempt in (
        ledger.subjects.renew(stale, LEASE),
        ledger.subjects.finish(stale, state="done", settled=True),
        ledger.subjects.release(stale),
    ):
        with pytest.raises(LeaseLost, match=r"sale 9300101: worker-1 no longer holds it \(fence 1\)"):
            await attempt

    subject = await ledger.subjects.get(stale.subject.id)
    assert subject is not None
    assert (subject.state, subject.done, subject.lease_owner) == ("running", 0, fresh.owner)


async def test_a_stale_lease_can_write_no_link(ledger: Ledger, clock: Clock) -> None:
    stale = await a_lease(ledger)
    link = (await intends(ledger, stale)).link
    clock.advance(LEASE)
    assert await ledger.subjects.lease(stale.subject.id, "worker-2", lease_for=LEASE)
    before = await ledger.links.for_subject(stale.subject.id)

    for attempt in (
        intends(ledger, stale),
        intends(ledger, stale, "another"),
        ledger.links.created(stale, link, "17"),
        ledger.links.updated(stale, link, {}, "h2"),
        ledger.links.final(stale, link),
        ledger.links.cancelled(stale, link),
        ledger.links.refused(stale, link, "period_locked"),
        ledger.links.unanswered(stale, link),
        ledger.links.rearm(stale, link),
        ledger.links.forgotten(stale, link),
    ):
        with pytest.raises(LeaseLost):
            await attempt

    assert await ledger.links.for_subject(stale.subject.id) == before


async def test_a_lease_that_was_given_back_writes_nothing_more(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    await ledger.subjects.finish(lease, state="done", settled=True)

    with pytest.raises(LeaseLost):
        await intends(ledger, lease)

    assert await ledger.links.for_subject(lease.subject.id) == []


async def test_a_run_that_settles_makes_the_subject_rest(ledger: Ledger, clock: Clock) -> None:
    lease = await a_lease(ledger)

    subject = await ledger.subjects.finish(lease, state="done", settled=True, summary={"documents": ["17"]})

    assert (subject.state, subject.done, subject.lease_owner) == ("done", 1, None)
    assert (subject.summary, subject.looked_at) == ({"documents": ["17"]}, clock.now)
    assert await ledger.subjects.due(10) == []


async def test_what_was_wanted_during_a_run_makes_the_subject_due_again(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    await ledger.inbox.accept([an_event(dedupe_key="meanwhile")])

    subject = await ledger.subjects.finish(lease, state="done", settled=True)

    assert (subject.state, subject.wanted, subject.done) == ("due", 2, 1)
    assert [wake.wanted for wake in await ledger.subjects.due(10)] == [2]


async def test_what_was_wanted_during_a_failed_run_is_tried_at_once(ledger: Ledger, clock: Clock) -> None:
    lease = await a_lease(ledger)
    await ledger.inbox.accept([an_event(dedupe_key="meanwhile")])
    later = clock.now + timedelta(hours=1)

    subject = await ledger.subjects.finish(
        lease, state="waiting", settled=False, next_try_at=later, failed=True
    )

    assert (subject.state, subject.attempt, subject.next_try_at) == ("due", 0, clock.now)


async def test_failures_are_counted_and_a_good_run_forgets_them(ledger: Ledger, clock: Clock) -> None:
    problem = Problem("unavailable", "Fortnox answers 503", "Nothing to do.", {"status": "503"})
    lease = await a_lease(ledger)
    began = clock.now
    for attempt in (1, 2):
        later = clock.now + timedelta(minutes=attempt)
        failed = await ledger.subjects.finish(
            lease, state="waiting", settled=False, next_try_at=later, problem=problem, failed=True
        )
        assert (failed.attempt, failed.failing_since, failed.problem) == (attempt, began, problem)
        assert await ledger.subjects.lease(failed.id, "too-early", lease_for=LEASE) is None
        clock.set(later)
        again = await ledger.subjects.lease(failed.id, "worker-1", lease_for=LEASE)
        assert again is not None
        lease = again

    subject = await ledger.subjects.finish(lease, state="done", settled=True)

    assert (subject.attempt, subject.failing_since, subject.problem) == (0, None, None)


async def test_a_released_subject_can_be_taken_at_once(ledger: Ledger) -> None:
    lease = await a_lease(ledger)

    await ledger.subjects.release(lease)

    again = await ledger.subjects.lease(lease.subject.id, "worker-2", lease_for=LEASE)
    assert again is not None
    assert again.fence == lease.fence + 1


async def test_ignoring_takes_the_subject_from_a_running_worker_until_something_new(
    ledger: Ledger,
) -> None:
    lease = await a_lease(ledger)

    ignored = await ledger.subjects.ignore(lease.subject.id, "booked by hand")

    assert (ignored.state, ignored.reason) == ("skipped", "booked by hand")
    assert await ledger.subjects.due(10) == []
    with pytest.raises(LeaseLost):
        await ledger.subjects.finish(lease, state="done", settled=True)
    await ledger.inbox.accept([an_event(dedupe_key="new")])
    assert [wake.subject_id for wake in await ledger.subjects.due(10)] == [lease.subject.id]
