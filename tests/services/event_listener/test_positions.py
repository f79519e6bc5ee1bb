"""Up to where events are stored: never past one that is not, and never further than the slowest."""

from datetime import UTC, datetime, timedelta

import pytest

from services.event_listener.backlog import Backlog, Waiting
from services.event_listener.desk import spans
from services.event_listener.listener import BackOff
from services.event_listener.pace import Pace
from services.event_listener.positions import REPLAYED, Mark, Position, oldest
from shared.clients.fortnox.websocket_frames import StreamEvent

NOON = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def waiting(offset: str, topic: str = "invoices", due: float = 0.0) -> Waiting:
    event = StreamEvent(topic, "invoice-updated", "7", 1, offset, NOON)
    return Waiting(event, Mark(offset, NOON), NOON, came=0.0, due=due)


def test_a_mark_stays_before_the_first_event_that_is_not_finished() -> None:
    backlog = Backlog()
    first, second, third, other = waiting("1"), waiting("2"), waiting("3"), waiting("9", "articles")
    for one in (first, second, third, other):
        backlog.add(one)

    backlog.finish([second, other])
    assert backlog.marks == {"articles": Mark("9", NOON)}

    backlog.finish([first])
    assert backlog.marks["invoices"] == Mark("2", NOON)

    backlog.finish([third])
    assert backlog.marks["invoices"] == Mark("3", NOON)
    assert len(backlog) == 0


def test_the_first_events_of_a_topic_are_known_to_be_lost_unless_they_are_stored() -> None:
    backlog = Backlog(marks={"invoices": Mark("0", NOON)})
    backlog.add(waiting("1"))
    backlog.add(first := waiting("2", "articles"))

    assert backlog.unmarked() == [first]


def test_an_event_without_an_offset_moves_no_mark() -> None:
    backlog = Backlog()
    backlog.add(one := waiting(""))

    backlog.finish([one])

    assert backlog.marks == {}


def test_events_are_taken_up_when_they_have_waited_and_so_many_at_once() -> None:
    backlog = Backlog()
    for number in range(5):
        backlog.add(waiting(str(number), due=float(number)))

    assert [one.event.offset for one in backlog.due(2.0, at_most=10)] == ["0", "1", "2"]
    assert len(backlog.due(9.0, at_most=4)) == 4


def test_everybody_goes_on_from_where_the_slowest_was() -> None:
    fast = Position("s", at(9), {"invoices": Mark("b", at(9)), "articles": Mark("x", at(1))})
    slow = Position("s", at(3), {"invoices": Mark("a", at(3)), "orders": Mark("o", at(0))})

    found = oldest([fast, slow], ["invoices", "articles", "vouchers"])

    assert found == {"invoices": Mark("a", at(3)), "articles": Mark("x", at(1)), "vouchers": None}


def test_a_position_is_read_as_it_was_written_and_nonsense_is_refused() -> None:
    position = Position("s", NOON, {"invoices": Mark("a", at(3))})

    assert Position.from_text(position.to_text()) == position
    for text in ("", "[]", "{}", '{"stream":"s","heard_at":"then","marks":{}}', '{"marks":[1]}'):
        with pytest.raises(ValueError, match=r".*"):
            Position.from_text(text)


def test_a_position_is_lost_after_a_fortnight_of_silence_whatever_its_events_ages() -> None:
    quiet = Position("s", NOON, {"invoices": Mark("a", NOON - timedelta(days=300))})

    assert not quiet.is_lost(NOON + REPLAYED - timedelta(seconds=1))
    assert quiet.is_lost(NOON + REPLAYED)


def test_a_replay_of_days_asks_for_the_minutes_in_which_something_happened() -> None:
    found = list(spans([at(0), at(2), at(600), at(1)]))

    seconds = timedelta(seconds=10)
    assert found == [(at(0) - seconds, at(2) + seconds), (at(600) - seconds, at(600) + seconds)]
    assert list(spans([])) == []


def test_the_pause_doubles_to_a_minute_and_begins_anew_after_a_connection_that_lasted() -> None:
    back_off = BackOff(Pace(), lambda: 1.0)
    briefly, long = timedelta(seconds=1), timedelta(seconds=30)

    pauses = [back_off.next(lived=briefly, at_least=None).total_seconds() for _ in range(9)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]

    assert back_off.next(lived=long, at_least=None).total_seconds() == 1
    assert back_off.next(lived=briefly, at_least=timedelta(minutes=5)) == timedelta(minutes=5)


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_two_listeners_do_not_come_back_in_step(chance: float, seconds: float) -> None:
    pause = BackOff(Pace(), lambda: chance).next(lived=timedelta(0), at_least=None)

    assert pause.total_seconds() == seconds
