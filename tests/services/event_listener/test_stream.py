"""The listener against a stream that breaks, repeats, lies and refuses: each event is heard, and once."""

import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import pytest

from services.event_listener.positions import CURSOR, Position
from shared.clients.fortnox import websocket
from shared.domain.errors import Unavailable
from shared.ledger.errors import LedgerUnavailable
from tests.support.listening import Ears
from tests.support.processes_world import until
from tests.support.world import CONNECTION, TENANT, World, a_shop

ARTICLES = ("articles", "article-updated")


def changes(ears: Ears, *numbers: str, tenant: int = TENANT) -> None:
    """Somebody changes articles in Fortnox."""
    for number in numbers:
        ears.stream.changes.note(*ARTICLES, tenant, number, ears.world.clock())


def frame(number: str, **more: Any) -> str:
    event = {
        "topic": "articles",
        "offset": f"raw-{number}",
        "type": "article-updated-v1",
        "tenantId": TENANT,
        "entityId": number,
        "timestamp": "2026-05-04T09:00:00+02:00",
    }
    return json.dumps(event | more)


def numbers(found: list[Any]) -> list[str]:
    return sorted(one.attributes["number"] for one in found)


async def position(ears: Ears, name: str = CONNECTION) -> Position:
    text = await ears.world.ledger.cursors.get(name, CURSOR)
    assert text is not None
    return Position.from_text(text)


# ── breaks ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sent_again", [True, False])
async def test_events_missed_while_cut_off_are_sent_again_each_once(heard_at: Ears, sent_again: bool) -> None:
    changes(heard_at, "A")
    await heard_at.heard(1)
    before = heard_at.stream.connects
    heard_at.stream.change(offset_is_sent_again=sent_again, refuse_status=503, refuse_times=3)

    heard_at.stream.cut()
    changes(heard_at, "B", "C")
    await heard_at.rejoined(before)

    assert numbers(await heard_at.heard(3)) == ["A", "B", "C"]


async def test_a_connection_that_breaks_between_any_two_events_loses_none(heard_at: Ears) -> None:
    changes(heard_at, "00")
    await heard_at.heard(1)  # before the first there is no offset to go on from
    for number in range(1, 12):
        changes(heard_at, f"{number:02}")
        if number % 3 == 2:
            before = heard_at.stream.connects
            heard_at.stream.cut()
            await heard_at.rejoined(before)

    assert numbers(await heard_at.heard(12)) == [f"{number:02}" for number in range(12)]


async def test_an_event_is_heard_again_when_the_ledger_could_not_store_it(
    heard_at: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = heard_at.world.ledger.inbox
    accept, failures = inbox.accept, iter([True, True])

    async def stumble(events: Any) -> Any:
        if events and next(failures, False):
            raise LedgerUnavailable("the disk is full")
        return await accept(events)

    changes(heard_at, "A")
    await heard_at.heard(1)
    monkeypatch.setattr(inbox, "accept", stumble)

    changes(heard_at, "B")

    assert numbers(await heard_at.heard(2)) == ["A", "B"]


async def test_what_redis_does_not_ring_is_in_the_inbox(
    heard_at: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dead(subjects: Any) -> None:
        raise ConnectionError("Redis is gone")

    monkeypatch.setattr(heard_at.world.shop.queue, "wake", dead)

    changes(heard_at, "A")

    await heard_at.heard(1)
    assert [wake.lane for wake in await heard_at.world.ledger.subjects.due(10)] == ["settle"]


async def test_a_stream_that_answers_nothing_is_given_up_and_tried_again(
    silent: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "ANSWER_WITHIN_SECONDS", 0.1)
    silent.stream.change(deaf=True)
    silent.start()
    await until(lambda: silent.stream.connects >= 2, what="a second try")

    silent.stream.change(deaf=False)
    await silent.listen(TENANT)
    changes(silent, "A")

    await silent.heard(1)


async def test_a_connection_that_never_began_forgets_no_place(
    heard_at: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes(heard_at, "A")
    await heard_at.heard(1)
    add_topics, failures = websocket.EventStream.add_topics, iter([True, True])

    async def break_off(self: websocket.EventStream, offsets: Any) -> Any:
        if next(failures, False):
            raise Unavailable("cut off between two commands")
        return await add_topics(self, offsets)

    monkeypatch.setattr(websocket.EventStream, "add_topics", break_off)
    before = heard_at.stream.connects
    heard_at.stream.change(refuse_status=503, refuse_times=2)
    heard_at.stream.cut()
    changes(heard_at, "B")
    await heard_at.rejoined(before + 2)

    assert numbers(await heard_at.heard(2)) == ["A", "B"]


# ── refuses ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_429_on_connecting_is_given_the_time_it_asks_for(silent: Ears) -> None:
    silent.stream.change(refuse_status=429, refuse_times=1, retry_after="1")

    began = time.monotonic()
    silent.start()
    await silent.listen(TENANT)

    assert time.monotonic() - began >= 1.0
    assert (silent.stream.refused, silent.stream.connects) == (1, 1)


async def test_while_fortnox_is_down_nobody_knocks_in_a_loop(silent: Ears) -> None:
    silent.stream.change(refuse_status=503, refuse_times=-1)
    silent.start()

    await asyncio.sleep(1.0)

    assert 3 <= silent.stream.refused <= 24  # pauses of 50 to 100 ms here; of a second to a minute in life


async def test_a_company_without_consent_keeps_nobody_else_from_being_heard(silent: Ears) -> None:
    world = silent.world
    world.sandbox.fortnox.add_company(7, service_consent=False, rate_limit=False)
    company = world.sandbox.fortnox.company(7)
    fortnox = {"tenant_id": 7, "client_id": "sluss-test", "client_secret": "sluss-test-secret"}
    addresses = {
        "api_url": "http://sandbox/fortnox",
        "oauth_url": "http://sandbox/fortnox/oauth-v1",
    }
    await silent.declare("other", fortnox=fortnox | addresses, magento=a_shop())
    silent.start()
    await silent.listen(TENANT)
    changes(silent, "A")
    await silent.heard(1)

    company.service_consent = True
    await silent.listen(TENANT, 7)
    changes(silent, "B", tenant=7)

    async with asyncio.timeout(10):
        while not (await world.ledger.inbox.page("other", source="fortnox")).items:
            await asyncio.sleep(0.02)
    assert len(await silent.heard(1)) == 1


async def test_a_refused_offset_is_said_plainly_and_what_comes_next_is_heard(heard_at: Ears) -> None:
    changes(heard_at, "A")
    await heard_at.heard(1)
    (replica,) = heard_at.running
    await heard_at.stop(replica)
    changes(heard_at, "B")
    heard_at.stream.changes.by_topic["articles"].clear()  # Fortnox has forgotten

    heard_at.start("two")
    await heard_at.listen(TENANT)
    changes(heard_at, "C")

    gap, _, event = sorted(await heard_at.heard(3), key=lambda one: one.name != "stream_gap")
    assert gap.subject_id is None
    assert gap.attributes["why"] == "offsets refused: articles"
    assert event.attributes["number"] in ("A", "C")


async def test_an_absence_of_a_fortnight_is_said_once_and_left_to_the_sweeps(heard_at: Ears) -> None:
    changes(heard_at, "A")
    await heard_at.heard(1)
    left_at = heard_at.world.clock()
    await heard_at.stop(heard_at.running[0])
    changes(heard_at, "B")
    heard_at.world.later(timedelta(days=365))

    again = heard_at.start("two")
    await heard_at.listen(TENANT)
    changes(heard_at, "C")
    await heard_at.heard(3)
    await heard_at.stop(again)
    heard_at.start("three")
    await heard_at.quiet()

    found = await heard_at.heard(3)
    gaps = [one for one in found if one.name == "stream_gap"]
    assert [one.attributes["since"] for one in gaps] == [left_at.isoformat()]
    assert numbers([one for one in found if one not in gaps]) == ["A", "C"]


# ── lies ──────────────────────────────────────────────────────────────────────────────────────────


async def test_frames_that_nobody_understands_are_passed_over(heard_at: Ears) -> None:
    before = heard_at.stream.connects
    for text in (
        "",
        "{",
        "[]",
        "null",
        '{"topic":1}',
        '{"response":"subscribe-v1","result":"ok"}',
        "x" * 9999,
    ):
        heard_at.stream.say(text)

    changes(heard_at, "A")

    await heard_at.heard(1)
    assert heard_at.stream.connects == before


async def test_events_of_strangers_and_unknown_topics_are_passed_over_and_never_come_again(
    heard_at: Ears,
) -> None:
    heard_at.stream.say(frame("stranger", tenantId=99))
    heard_at.stream.say(frame("nobody", tenantId=None))
    heard_at.stream.say(frame("odd", topic="weather", type="rain-fallen-v1"))
    heard_at.stream.say(frame("new", type="article-folded-v7"))

    (event,) = await heard_at.heard(1)

    assert event.name == "article-folded"
    assert (await position(heard_at)).marks["articles"].offset == "raw-new"


async def test_the_same_event_several_times_is_one_row(heard_at: Ears) -> None:
    heard_at.stream.change(copies=4)

    changes(heard_at, "A", "B")

    assert numbers(await heard_at.heard(2)) == ["A", "B"]


async def test_two_events_that_claim_the_same_offset_are_two(heard_at: Ears) -> None:
    heard_at.stream.say(frame("A", offset="same"))
    heard_at.stream.say(frame("B", offset="same"))
    heard_at.stream.say(frame("A", offset="same"))

    assert numbers(await heard_at.heard(2)) == ["A", "B"]


@pytest.mark.parametrize("odd", [{"timestamp": "yesterday"}, {"timestamp": None}, {"offset": None}])
async def test_an_event_without_a_time_or_an_offset_is_heard_all_the_same(
    heard_at: Ears, odd: dict[str, Any]
) -> None:
    heard_at.stream.say(frame("A", **odd))

    await heard_at.heard(1)


async def test_a_flood_is_heard_whole_and_looked_at_once(heard_at: Ears) -> None:
    world = heard_at.world
    for _ in range(300):
        changes(heard_at, "A", "B")

    async with asyncio.timeout(30):
        while sum(wake.wanted for wake in await world.ledger.subjects.due(100)) < 600:
            await asyncio.sleep(0.05)

    assert [wake.wanted for wake in await world.ledger.subjects.due(100)] == [300, 300]


# ── who is there ──────────────────────────────────────────────────────────────────────────────────


async def test_a_connection_that_is_switched_off_is_not_heard_and_hears_what_it_missed_afterwards(
    heard_at: Ears,
) -> None:
    connections = heard_at.world.ledger.connections
    changes(heard_at, "A")
    await heard_at.heard(1)

    await connections.set_active(CONNECTION, False)
    await until(lambda: not any(one.tenants for one in heard_at.stream.sockets), what="leaving")
    changes(heard_at, "B")
    await heard_at.heard(1)
    await connections.set_active(CONNECTION, True)

    assert numbers(await heard_at.heard(2)) == ["A", "B"]


async def test_who_is_switched_on_joins_the_connection_that_there_is(heard_at: Ears) -> None:
    world = heard_at.world
    world.sandbox.fortnox.add_company(7, rate_limit=False)
    declared = {"tenant_id": 7, "client_id": "sluss-test", "client_secret": "sluss-test-secret"}
    addresses = {"api_url": "http://sandbox/fortnox", "oauth_url": "http://sandbox/fortnox/oauth-v1"}

    await heard_at.declare("other", fortnox=declared | addresses, magento=a_shop())
    await heard_at.listen(TENANT, 7)
    changes(heard_at, "A")
    changes(heard_at, "B", tenant=7)

    await heard_at.heard(1)
    other = await world.ledger.inbox.page("other", source="fortnox")
    assert numbers(list(other.items)) == ["B"]
    assert heard_at.stream.connects == 1


async def test_a_topic_that_is_wanted_later_is_asked_for_then(heard_at: Ears) -> None:
    await heard_at.declare(magento=a_shop(), sync={"currency_rates": True})
    await until(lambda: "currencies" in heard_at.stream.sockets[0].sent, what="the topic")

    heard_at.stream.changes.note("currencies", "currency-updated", TENANT, "EUR", heard_at.world.clock())

    (event,) = await heard_at.heard(1)
    assert event.name == "currency-updated"
    assert heard_at.stream.connects == 1


async def test_an_address_that_is_emptied_ends_the_listening(heard_at: Ears) -> None:
    heard_at.url = ""
    await heard_at.declare(magento=a_shop())

    await until(lambda: not heard_at.stream.sockets, what="the end")
    await heard_at.quiet()
    assert heard_at.stream.sockets == []


# ── tokens ────────────────────────────────────────────────────────────────────────────────────────


def added(ears: Ears) -> list[dict[str, Any]]:
    """The commands that brought tokens."""
    return [one for one in ears.stream.commands if one["command"] == "add-tenants-v1"]


async def test_a_token_is_renewed_before_it_ends_and_the_connection_stays(heard_at: Ears) -> None:
    heard_at.world.later(timedelta(minutes=55))  # it lives for 60, and is renewed at 50
    await until(lambda: len(added(heard_at)) == 2, what="the new token")
    heard_at.world.later(timedelta(minutes=10))
    changes(heard_at, "A")

    await heard_at.heard(1)
    first, second = added(heard_at)
    assert first["accessTokens"] != second["accessTokens"]
    assert heard_at.stream.connects == 1


@pytest.mark.parametrize("end", ["closes", "silent", "nothing"])
async def test_a_token_that_has_ended_loses_no_event_whatever_fortnox_does_then(
    heard_at: Ears, end: str
) -> None:
    changes(heard_at, "A")
    await heard_at.heard(1)
    heard_at.stream.change(token_end=end)

    heard_at.world.later(timedelta(hours=2))
    await heard_at.quiet()
    changes(heard_at, "B")

    assert numbers(await heard_at.heard(2)) == ["A", "B"]


# ── replicas ──────────────────────────────────────────────────────────────────────────────────────


async def test_of_two_replicas_one_listens_and_the_other_takes_over(heard_at: Ears) -> None:
    heard_at.start("two")
    changes(heard_at, "A")
    await heard_at.heard(1)
    assert len(heard_at.stream.sockets) == 1

    await heard_at.stop(heard_at.running[0])
    changes(heard_at, "B")
    began = time.monotonic()
    await heard_at.listen(TENANT)

    assert time.monotonic() - began < 1.0  # it was given back: no lease had to run out
    assert numbers(await heard_at.heard(2)) == ["A", "B"]


async def test_two_leaders_at_once_do_no_harm(heard_at: Ears) -> None:
    await heard_at.world.ledger.credentials.unlock("", "fortnox_events", "one")
    heard_at.start("two")
    await heard_at.quiet()

    changes(heard_at, "A", "B")

    assert numbers(await heard_at.heard(2)) == ["A", "B"]


# ── what waits ────────────────────────────────────────────────────────────────────────────────────


async def test_a_kind_that_this_release_does_not_know_is_left_alone(world: World, heard_at: Ears) -> None:
    heard_at.stream.changes.note("invoices", "invoice-bookkeep", TENANT, "4711", world.clock())
    (event,) = await heard_at.heard(1)
    assert event.subject_id is not None

    await world.works()

    subject = await world.ledger.subjects.get(event.subject_id)
    assert subject is not None
    assert subject.kind == "shop_document"
    assert subject.state in ("skipped", "rejected", "done")
    assert subject.problem is None
