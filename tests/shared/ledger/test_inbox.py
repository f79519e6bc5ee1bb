"""What came in is kept once, and its subject is wanted."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.ledger.ledger import Ledger
from shared.ledger.records import Accepted
from tests.shared.ledger.builders import (
    LEASE,
    a_lease,
    a_subject,
    an_event,
    finished,
    in_another_process,
    said,
)
from tests.support.clock import Clock


async def test_an_event_is_kept_as_it_came_and_its_subject_is_due(ledger: Ledger, clock: Clock) -> None:
    occurred = datetime(2026, 5, 4, 6, 59, 59, 123456, tzinfo=UTC)
    event = an_event(market="se", occurred_at=occurred, attributes={"delivery_id": "7"}, body=b"\x00\xff{}")

    (accepted,) = await ledger.inbox.accept([event])

    assert accepted.subject is not None
    (stored,) = await ledger.inbox.for_subject(accepted.subject.subject_id)
    subject = await ledger.subjects.get(accepted.subject.subject_id)
    assert subject is not None
    assert (stored.id, stored.body, stored.attributes) == (
        accepted.event_id,
        b"\x00\xff{}",
        {"delivery_id": "7"},
    )
    assert (stored.occurred_at, stored.received_at, stored.outcome) == (occurred, clock.now, "due")
    assert (subject.key, subject.market, subject.wanted, subject.done, subject.state) == (
        "9300101",
        "se",
        1,
        0,
        "due",
    )


async def test_an_event_that_came_before_changes_nothing(ledger: Ledger) -> None:
    subject_id = await a_subject(ledger)

    (again,) = await ledger.inbox.accept([an_event(body=b"other bytes")])

    assert again == Accepted(event_id=None, duplicate=True, subject=None)
    subject = await ledger.subjects.get(subject_id)
    assert subject is not None
    assert subject.wanted == 1
    assert [event.body for event in await ledger.inbox.for_subject(subject_id)] == [an_event().body]


async def test_one_batch_counts_each_new_event_once_and_answers_in_order(ledger: Ledger) -> None:
    first, second, other = (an_event(dedupe_key=str(n)) for n in range(3))

    answers = await ledger.inbox.accept([second, first, first, an_event(None, dedupe_key="ping"), other])

    assert [answer.duplicate for answer in answers] == [False, False, True, False, False]
    assert answers[3].event_id is not None
    assert answers[3].subject is None
    assert {answer.subject.wanted for answer in answers if answer.subject} == {3}


async def test_the_same_key_of_another_source_or_connection_is_another_event(ledger: Ledger) -> None:
    answers = await ledger.inbox.accept(
        [an_event(), an_event(source="svea_push"), an_event(connection="other")]
    )

    assert [answer.duplicate for answer in answers] == [False, False, False]
    assert answers[0].subject is not None
    assert answers[2].subject is not None
    assert answers[0].subject.subject_id != answers[2].subject.subject_id


async def test_a_hundred_duplicates_from_eight_tasks_and_two_processes_are_one_row(
    ledger: Ledger, database_url: str
) -> None:
    others = [in_another_process("duplicates", database_url, "20") for _ in range(2)]

    async def send() -> int:
        answers = [await ledger.inbox.accept([an_event()]) for _ in range(8)]
        return sum(not answer.duplicate for (answer,) in answers)

    here = sum(await asyncio.gather(*(send() for _ in range(8))))
    there = [await asyncio.to_thread(said, other) for other in others]
    codes = [await asyncio.to_thread(finished, other) for other in others]

    assert codes == [0, 0]
    assert here + sum(there) == 1
    subject = await ledger.subjects.find("acme", "sale", "9300101")
    assert subject is not None
    assert subject.wanted == 1
    assert len((await ledger.inbox.page()).items) == 1


async def test_batches_that_overlap_in_opposite_order_do_not_block_each_other(ledger: Ledger) -> None:
    events = [an_event(str(number), dedupe_key=str(number)) for number in range(60)]

    async def send(step: int) -> list[Accepted]:
        return await ledger.inbox.accept(events[::step])

    answers = await asyncio.gather(*(send(1 if turn % 2 else -1) for turn in range(16)))

    assert sum(not one.duplicate for batch in answers for one in batch) == 60


async def test_a_key_that_another_subject_is_known_by_goes_there(ledger: Ledger) -> None:
    subject_id = await a_subject(ledger)
    await ledger.aliases.add("acme", "increment_id", "000000042", subject_id)
    event = an_event("increment_id:000000042", source="magento", dedupe_key="m1")

    (accepted,) = await ledger.inbox.accept([event])

    assert accepted.subject is not None
    assert (accepted.subject.subject_id, accepted.subject.wanted) == (subject_id, 2)
    found = await ledger.subjects.find("acme", "sale", "increment_id:000000042")
    assert found is not None
    assert found.id == subject_id
    assert [event.dedupe_key for event in await ledger.inbox.for_subject(subject_id)][-1] == "m1"


async def test_an_alias_of_another_connection_is_not_followed(ledger: Ledger) -> None:
    subject_id = await a_subject(ledger)
    await ledger.aliases.add("acme", "increment_id", "42", subject_id)

    (accepted,) = await ledger.inbox.accept([an_event("increment_id:42", connection="other")])

    assert accepted.subject is not None
    assert accepted.subject.subject_id != subject_id


@pytest.mark.parametrize("state", ["waiting", "needs_attention", "skipped", "done"])
async def test_something_new_makes_a_resting_subject_due_at_once(
    ledger: Ledger, clock: Clock, state: str
) -> None:
    lease = await a_lease(ledger)
    later = clock.now + timedelta(hours=1)
    settled = state in ("skipped", "done")
    await ledger.subjects.finish(lease, state=state, settled=settled, next_try_at=later, failed=not settled)
    assert await ledger.subjects.due(10) == []

    (accepted,) = await ledger.inbox.accept([an_event(dedupe_key="new")])

    assert await ledger.subjects.due(10) == [accepted.subject]
    subject = await ledger.subjects.get(lease.subject.id)
    assert subject is not None
    assert (subject.state, subject.attempt, subject.next_try_at) == ("due", 0, clock.now)


async def test_something_new_does_not_take_a_subject_from_who_works_on_it(ledger: Ledger) -> None:
    lease = await a_lease(ledger)

    await ledger.inbox.accept([an_event(dedupe_key="new")])

    subject = await ledger.subjects.get(lease.subject.id)
    assert subject is not None
    assert (subject.state, subject.wanted) == ("running", 2)
    assert await ledger.subjects.due(10) == []
    assert await ledger.subjects.lease(lease.subject.id, "worker-2", lease_for=LEASE) is None


async def test_a_more_urgent_event_moves_a_subject_up_and_a_less_urgent_one_does_not_move_it_down(
    ledger: Ledger,
) -> None:
    subject_id = await a_subject(ledger, lane="settle", dedupe_key="1")
    lanes = []
    for lane in ("bulk", "sale", "settle"):
        await ledger.inbox.accept([an_event(lane=lane, dedupe_key=f"then {lane}")])
        subject = await ledger.subjects.get(subject_id)
        assert subject is not None
        lanes.append(subject.lane)

    assert lanes == ["settle", "sale", "sale"]


async def test_a_finished_subject_takes_the_lane_of_what_comes_next(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    await ledger.subjects.finish(lease, state="done", settled=True)

    (accepted,) = await ledger.inbox.accept([an_event(lane="bulk", dedupe_key="backfill")])

    assert accepted.subject is not None
    assert accepted.subject.lane == "bulk"


async def test_an_unknown_lane_is_refused_and_nothing_is_kept(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="no lane 'fast'"):
        await ledger.inbox.accept([an_event(), an_event(dedupe_key="2", lane="fast")])

    assert (await ledger.inbox.page()).items == []


async def test_a_naive_instant_is_refused_and_nothing_is_kept(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match=r"time zone|naive|instant"):
        await ledger.inbox.accept([an_event(occurred_at=datetime(2026, 5, 4, 9, 0))])  # noqa: DTZ001

    assert (await ledger.inbox.page()).items == []


async def test_pages_show_every_event_once_newest_first(ledger: Ledger, clock: Clock) -> None:
    for number in range(7):
        await ledger.inbox.accept([an_event(dedupe_key=str(number))])
        clock.advance(timedelta(seconds=1))

    seen: list[str] = []
    cursor = None
    while True:
        page = await ledger.inbox.page(connection="acme", source="svea", cursor=cursor, limit=3)
        seen += [event.dedupe_key for event in page.items]
        if (cursor := page.next_cursor) is None:
            break

    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    since = await ledger.inbox.page(since=clock.now - timedelta(seconds=2))
    assert [event.dedupe_key for event in since.items] == ["6", "5"]
    assert (await ledger.inbox.page(connection="other")).items == []


async def test_old_bodies_are_forgotten_oldest_first_and_everything_else_stays(
    ledger: Ledger, clock: Clock
) -> None:
    for number in range(5):
        await ledger.inbox.accept([an_event(dedupe_key=str(number), attributes={"delivery_id": str(number)})])
        clock.advance(timedelta(days=1))
    limit = clock.now - timedelta(days=2)

    masked = [await ledger.inbox.mask_before(limit, 2) for _ in range(3)]

    assert masked == [2, 1, 0]
    events = (await ledger.inbox.page()).items
    assert [event.body is None for event in events] == [False, False, True, True, True]
    assert [event.attributes["delivery_id"] for event in events] == ["4", "3", "2", "1", "0"]
