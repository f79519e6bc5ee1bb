from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.sandbox.clock import SandboxClock, real_time
from tests.support.clock import Clock

FEBRUARY = datetime(2026, 2, 3, 12, tzinfo=UTC)


def test_the_clock_is_real_time_by_default() -> None:
    assert abs(SandboxClock()() - real_time()) < timedelta(seconds=5)


def test_a_set_clock_stands_still_unless_it_ticks(clock: Clock) -> None:
    standing, ticking = SandboxClock(clock), SandboxClock(clock)
    standing.set(FEBRUARY)
    ticking.set(FEBRUARY, ticking=True)

    clock.advance(timedelta(hours=1))

    assert (standing(), ticking()) == (FEBRUARY, FEBRUARY + timedelta(hours=1))
    assert standing.source() == ticking.source() == clock()


def test_a_clock_advances_from_where_it_is(clock: Clock) -> None:
    sandbox = SandboxClock(clock)

    sandbox.advance(timedelta(days=1))
    assert sandbox() == clock() + timedelta(days=1)
    sandbox.set(FEBRUARY)
    sandbox.advance(timedelta(days=1))
    assert sandbox() == FEBRUARY + timedelta(days=1)
    assert sandbox.was_set
    sandbox.follow_source()
    assert (sandbox(), sandbox.was_set) == (clock(), False)


def test_a_time_without_a_zone_is_refused(clock: Clock) -> None:
    sandbox = SandboxClock(clock)

    with pytest.raises(ValueError, match="time zone"):
        sandbox.set(datetime(2026, 2, 3))  # noqa: DTZ001 - the point of the test

    assert not sandbox.was_set
