"""Many callers share a flush, and each hears only of its own event."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from shared.ledger.errors import LedgerUnavailable
from shared.ledger.group_commit import GroupCommit
from shared.ledger.ledger import Ledger
from shared.ledger.records import Wake
from tests.shared.ledger.builders import an_event


class Bell:
    """Remembers who was rung; may be slow or broken."""

    def __init__(self) -> None:
        self.rung: list[list[Wake]] = []
        self.seconds = 0.0
        self.broken = False

    async def ring(self, wakes: Sequence[Wake]) -> None:
        if self.broken:
            raise ConnectionError("Redis is gone")
        await asyncio.sleep(self.seconds)
        self.rung.append(list(wakes))


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
async def commits(ledger: Ledger, bell: Bell) -> AsyncIterator[GroupCommit]:
    group = GroupCommit(ledger, bell.ring, ring_seconds=0.2)
    await group.start()
    yield group
    await group.close()


async def test_whoever_waits_shares_a_transaction_and_a_ring(
    ledger: Ledger, commits: GroupCommit, bell: Bell
) -> None:
    events = [an_event(str(n), dedupe_key=str(n)) for n in range(100)]

    answers = await asyncio.gather(*(commits.accept(event) for event in events))

    assert [answer.duplicate for answer in answers] == [False] * 100
    assert len(bell.rung) <= 2
    assert sum(map(len, bell.rung)) == 100
    assert len((await ledger.inbox.page(limit=200)).items) == 100


async def test_events_of_one_subject_ring_it_once(commits: GroupCommit, bell: Bell) -> None:
    answers = await asyncio.gather(*(commits.accept(an_event(dedupe_key=str(n))) for n in range(10)))

    assert {answer.subject.wanted for answer in answers if answer.subject} == {10}
    assert [[wake.wanted for wake in wakes] for wakes in bell.rung] == [[10]]


async def test_a_duplicate_rings_nobody(commits: GroupCommit, bell: Bell) -> None:
    first = await commits.accept(an_event())
    second = await commits.accept(an_event())

    assert (first.duplicate, second.duplicate) == (False, True)
    assert len(bell.rung) == 1


async def test_when_the_answer_comes_the_row_is_there_and_the_bell_was_rung(
    ledger: Ledger, commits: GroupCommit, bell: Bell
) -> None:
    accepted = await commits.accept(an_event())

    assert accepted.event_id is not None
    assert await ledger.inbox.get(accepted.event_id) is not None
    assert bell.rung == [[accepted.subject]]


async def test_one_bad_event_does_not_fail_the_others(ledger: Ledger, commits: GroupCommit) -> None:
    bad = an_event("bad", dedupe_key="bad", lane="fast")
    events = [an_event(str(n), dedupe_key=str(n)) for n in range(5)]

    results = await asyncio.gather(
        *(commits.accept(event) for event in [*events[:2], bad, *events[2:]]), return_exceptions=True
    )

    assert [isinstance(result, ValueError) for result in results] == [False, False, True, False, False, False]
    assert len((await ledger.inbox.page()).items) == 5


async def test_an_event_that_the_database_refuses_does_not_fail_the_others(
    ledger: Ledger, commits: GroupCommit
) -> None:
    refused = an_event("\ud800", dedupe_key="a lone surrogate is not text")

    results = await asyncio.gather(
        commits.accept(an_event()), commits.accept(refused), return_exceptions=True
    )

    assert not isinstance(results[0], BaseException)
    assert isinstance(results[1], ValueError)
    assert len((await ledger.inbox.page()).items) == 1


async def test_a_broken_bell_delays_nobody_and_loses_nothing(
    ledger: Ledger, commits: GroupCommit, bell: Bell
) -> None:
    bell.broken = True

    accepted = await commits.accept(an_event())

    assert await ledger.subjects.due(10) == [accepted.subject]


async def test_a_slow_bell_is_not_waited_for(commits: GroupCommit, bell: Bell) -> None:
    bell.seconds = 30

    async with asyncio.timeout(5):
        answers = [await commits.accept(an_event(dedupe_key=str(n))) for n in range(2)]

    assert [answer.duplicate for answer in answers] == [False, False]
    assert bell.rung == []


async def test_a_caller_that_goes_away_takes_nobody_with_it(ledger: Ledger, commits: GroupCommit) -> None:
    going = asyncio.create_task(commits.accept(an_event("gone", dedupe_key="gone")))
    staying = asyncio.create_task(commits.accept(an_event("here", dedupe_key="here")))
    await asyncio.sleep(0)
    going.cancel()

    assert not (await staying).duplicate
    with pytest.raises(asyncio.CancelledError):
        await going
    assert len((await ledger.inbox.page()).items) == 2


async def test_after_close_everything_that_came_is_durable_and_nothing_more_is_taken(
    ledger: Ledger, commits: GroupCommit
) -> None:
    under_way = [asyncio.create_task(commits.accept(an_event(str(n), dedupe_key=str(n)))) for n in range(9)]
    await asyncio.sleep(0)

    await commits.close()

    assert [task.done() for task in under_way] == [True] * 9
    assert len((await ledger.inbox.page()).items) == 9
    with pytest.raises(LedgerUnavailable, match="intake is closed"):
        await commits.accept(an_event(dedupe_key="late"))
