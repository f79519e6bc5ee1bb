"""Finding subjects, asking for them again, and whose turn it is."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.ledger.intake_rows import LANES
from shared.ledger.ledger import Ledger
from shared.ledger.records import Subject, Wake
from tests.shared.ledger.builders import KEY, LEASE, a_lease, a_subject, an_event, intends
from tests.support.clock import Clock


@pytest.mark.parametrize("q", ["9300101", "9300", "000000042", "0000", "17", "order:93"])
async def test_any_number_finds_the_subject_exactly_or_from_its_beginning(ledger: Ledger, q: str) -> None:
    lease = await a_lease(ledger, "9300101")
    link = (await intends(ledger, lease, "order:9300101")).link
    await ledger.links.created(lease, link, "1704")
    await ledger.aliases.add("acme", "increment_id", "000000042", lease.subject.id)
    await a_subject(ledger, "8800000")

    found = await ledger.subjects.page(q=q)

    assert [subject.key for subject in found.items] == ["9300101"]


@pytest.mark.parametrize("q", ["300101", "%", "_", "order:94", "'"])
async def test_nothing_else_finds_it(ledger: Ledger, q: str) -> None:
    lease = await a_lease(ledger, "9300101")
    await intends(ledger, lease, "order:9300101")

    assert (await ledger.subjects.page(q=q)).items == []


async def test_pages_show_every_subject_once_newest_first(ledger: Ledger, clock: Clock) -> None:
    for number in range(5):
        await a_subject(ledger, f"{number}a")
        await a_subject(ledger, f"{number}b")
        clock.advance(timedelta(seconds=1))

    seen: list[str] = []
    cursor = None
    while True:
        page = await ledger.subjects.page(connection="acme", kind="sale", state="due", cursor=cursor, limit=3)
        seen += [subject.key for subject in page.items]
        if (cursor := page.next_cursor) is None:
            break

    assert [key[0] for key in seen] == list("4433221100")
    assert len(set(seen)) == 10


async def test_counts_are_by_state_and_by_connection(ledger: Ledger) -> None:
    await a_lease(ledger, "1")
    await a_subject(ledger, "2")
    await a_subject(ledger, "3", connection="other")

    assert await ledger.subjects.counts() == {"due": 2, "running": 1}
    assert await ledger.subjects.counts("other") == {"due": 1}


async def test_oldest_due_is_when_the_one_that_waits_longest_became_due(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.subjects.oldest_due() is None
    await a_lease(ledger, "running")
    clock.advance(timedelta(seconds=1))
    first = clock.now
    await a_subject(ledger, "1")
    clock.advance(timedelta(seconds=1))
    await a_subject(ledger, "2")

    assert await ledger.subjects.oldest_due() == first
    assert await ledger.subjects.oldest_due("other") is None


async def test_a_retry_wants_the_subject_once_more_and_forgets_failed_tries(
    ledger: Ledger, clock: Clock
) -> None:
    lease = await a_lease(ledger)
    later = clock.now + timedelta(hours=1)
    await ledger.subjects.finish(
        lease, state="needs_attention", settled=False, next_try_at=later, failed=True
    )

    wakes = await ledger.subjects.retry([lease.subject.id, lease.subject.id])

    assert wakes == [Wake(lease.subject.id, "sale", 2, 1)]
    assert await ledger.subjects.due(10) == wakes
    subject = await ledger.subjects.get(lease.subject.id)
    assert subject is not None
    assert (subject.state, subject.attempt, subject.failing_since) == ("due", 0, None)


async def test_a_retry_in_bulk_reaches_what_the_filter_shows_and_nothing_else(ledger: Ledger) -> None:
    for number in range(3):
        lease = await a_lease(ledger, f"91{number}")
        await ledger.subjects.finish(lease, state="done", settled=True)
    lease = await a_lease(ledger, "920")
    await ledger.subjects.finish(lease, state="done", settled=True)

    wakes = await ledger.subjects.retry_where(connection="acme", kind="sale", state="done", q="91")

    assert len(wakes) == 3
    assert sorted(wake.subject_id for wake in await ledger.subjects.due(10)) == sorted(
        wake.subject_id for wake in wakes
    )
    assert await ledger.subjects.retry_where(state="waiting") == []


async def test_reread_finds_what_nobody_looked_at_for_long_the_longest_first(
    ledger: Ledger, clock: Clock
) -> None:
    for key in ("1", "2", "3", "due"):
        lease = await a_lease(ledger, key)
        await ledger.subjects.finish(lease, state="done", settled=True)
        clock.advance(timedelta(days=1))
    await ledger.inbox.accept([an_event("due", dedupe_key="new")])

    found = await ledger.subjects.to_reread("acme", "sale", ["done"], clock.now - timedelta(days=2), 10)
    soon = await ledger.subjects.to_reread("acme", "sale", ["done"], clock.now, 2)

    assert [subject.key for subject in found] == ["1", "2"]
    assert [subject.key for subject in soon] == ["1", "2"]


async def test_subjects_of_a_day_are_those_first_heard_of_on_that_day_in_stockholm(
    ledger: Ledger, clock: Clock
) -> None:
    stockholm = ZoneInfo("Europe/Stockholm")
    for key, told in (
        ("before", datetime(2026, 5, 3, 21, 59, tzinfo=UTC)),
        ("first", datetime(2026, 5, 3, 22, 0, tzinfo=UTC)),
        ("last", datetime(2026, 5, 4, 21, 59, tzinfo=UTC)),
        ("after", datetime(2026, 5, 4, 22, 0, tzinfo=UTC)),
    ):
        clock.set(told)
        await a_subject(ledger, key)
    day = date(2026, 5, 4)

    found = await ledger.subjects.told_of_between("acme", "sale", day, day, zone=stockholm)

    assert [subject.key for subject in found] == ["first", "last"]


async def test_the_sweep_takes_turns_over_connections(ledger: Ledger) -> None:
    await ledger.inbox.accept([an_event(str(n), connection="big", dedupe_key=str(n)) for n in range(50)])
    await ledger.inbox.accept([an_event(str(n), connection="small", dedupe_key=str(n)) for n in range(2)])

    due = await ledger.subjects.due(6)

    small = {subject.id for subject in (await ledger.subjects.page(connection="small")).items}
    assert len(due) == 6
    assert sum(wake.subject_id in small for wake in due) == 2


async def test_the_sweep_reaches_a_sale_behind_any_amount_of_bulk_work(ledger: Ledger, clock: Clock) -> None:
    await ledger.inbox.accept([an_event(str(n), lane="bulk", dedupe_key=str(n)) for n in range(50)])
    clock.advance(timedelta(seconds=1))
    sale = await a_subject(ledger, "sale")

    assert (await ledger.subjects.due(1))[0].subject_id == sale
    assert {wake.lane for wake in await ledger.subjects.due(5, lanes=["bulk"])} == {"bulk"}


async def test_the_sweep_takes_the_oldest_of_a_connection_first(ledger: Ledger, clock: Clock) -> None:
    subjects = []
    for number in range(5):
        subjects.append(await a_subject(ledger, str(number)))
        clock.advance(timedelta(seconds=1))

    assert [wake.subject_id for wake in await ledger.subjects.due(3)] == subjects[:3]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["event", "lease", "settle", "fail", "ignore", "retry", "wait"]),
        st.sampled_from(["acme", "beta", "gamma"]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(LANES),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, limit=st.integers(1, 8))
async def test_due_is_never_leased_or_in_the_future_and_never_unfair(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, str, str]], limit: int
) -> None:
    clock = Clock()
    url = f"sqlite:///{tmp_path_factory.mktemp('due')}/ledger.sqlite3"
    ledger = await Ledger.open(url, keys=[KEY], clock=clock, migrate=True)
    for number, step in enumerate(steps):
        await take(ledger, clock, number, *step)

    due = await ledger.subjects.due(limit)

    everything = (await ledger.subjects.page(limit=100)).items
    ready = {
        one.id: one
        for one in everything
        if one.wanted > one.done
        and one.next_try_at <= clock.now
        and (one.lease_until is None or one.lease_until <= clock.now)
    }
    assert {wake.subject_id for wake in due} <= set(ready)
    assert len({wake.subject_id for wake in due}) == len(due) == min(limit, len(ready))
    must_be_fair(due, Counter((one.connection, one.lane) for one in ready.values()), ready)
    await ledger.close()


def must_be_fair(due: list[Wake], ready: Counter[tuple[str, str]], subjects: dict[str, Subject]) -> None:
    """Whoever was left out has not been given less than anybody else, but for the turn under way."""
    given_to = Counter((subjects[wake.subject_id].connection, wake.lane) for wake in due)
    left_out = [given_to[group] for group in ready if given_to[group] < ready[group]]
    most = max(given_to.values(), default=0)
    assert all(most - given <= 1 for given in left_out)


async def take(
    ledger: Ledger, clock: Clock, number: int, deed: str, connection: str, key: str, lane: str
) -> None:
    known = await ledger.subjects.find(connection, "sale", key)
    if deed == "event" or known is None:
        event = an_event(key, connection=connection, lane=lane, dedupe_key=str(number))
        await ledger.inbox.accept([event])
    elif deed == "wait":
        clock.advance(LEASE)
    elif deed == "ignore":
        await ledger.subjects.ignore(known.id, "by hand")
    elif deed == "retry":
        await ledger.subjects.retry([known.id])
    elif lease := await ledger.subjects.lease(known.id, "worker", lease_for=LEASE):
        if deed == "settle":
            await ledger.subjects.finish(lease, state="done", settled=True)
        elif deed == "fail":
            later = clock.now + timedelta(seconds=15)
            await ledger.subjects.finish(
                lease, state="waiting", settled=False, next_try_at=later, failed=True
            )
