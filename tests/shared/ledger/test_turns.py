"""A run begins and ends in one transaction each: what it read then, and what it leaves or does not."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import LeaseLost
from shared.ledger.ledger import Ledger
from shared.ledger.records import Exchange, OpenRunItem, RunItem
from shared.ledger.turns import Turn
from tests.shared.ledger.builders import LEASE, a_declaration, a_subject, intends


def an_exchange(ledger: Ledger, turn: Turn, path: str = "/3/orders") -> Exchange:
    return Exchange(
        id="",
        connection="acme",
        subject_id=turn.lease.subject.id,
        link_id=None,
        system="fortnox",
        method="POST",
        url_path=path,
        request="{}",
        status=201,
        answer="{}",
        vendor_request_id=None,
        duration_ms=12,
        at=turn.lease.until,
        outcome="answered",
    )


async def begun(ledger: Ledger, owner: str = "worker-1", **changed: Any) -> Turn:
    turn = await ledger.turns.begin(await a_subject(ledger, **changed), owner, lease_for=LEASE)
    assert turn is not None
    return turn


async def test_a_turn_shows_what_stood_there_when_it_began(ledger: Ledger) -> None:
    stored = await ledger.connections.put(a_declaration())
    first = await begun(ledger)
    intent = await intends(ledger, first.lease)
    await ledger.turns.end(first.lease, [], state="done", settled=True)

    turn = await begun(ledger, dedupe_key="another")

    assert turn.links == (intent.link,)
    assert turn.version == stored.version
    events = await ledger.inbox.for_subject(turn.lease.subject.id)
    assert turn.latest_event == events[-1].id
    assert (turn.lease.owner, turn.lease.fence, turn.lease.wanted) == ("worker-1", 2, 2)


async def test_what_is_not_due_or_is_run_by_another_gives_no_turn(ledger: Ledger) -> None:
    turn = await begun(ledger)

    assert await ledger.turns.begin(turn.lease.subject.id, "worker-2", lease_for=LEASE) is None
    assert await ledger.turns.begin("nobody", "worker-2", lease_for=LEASE) is None
    assert (turn.version, turn.links) == (None, ())  # nobody declared the connection


async def test_the_end_keeps_what_was_said_and_tells_who_waited(ledger: Ledger) -> None:
    turn = await begun(ledger)
    subject_id = turn.lease.subject.id
    run = await ledger.runs.start("acme", "backfill", {}, [RunItem("3", "waiting", "queued", subject_id)])
    said = [an_exchange(ledger, turn), an_exchange(ledger, turn, "/3/orders/1/createinvoice")]

    subject, waiting = await ledger.turns.end(turn.lease, said, state="done", settled=True)

    assert (subject.state, subject.done) == ("done", 1)
    assert waiting == [OpenRunItem(run.id, "backfill", "3")]
    kept = await ledger.audit.exchanges(subject_id=subject_id)
    assert [one.url_path for one in kept] == ["/3/orders", "/3/orders/1/createinvoice"]
    assert len({one.id for one in kept}) == 2


async def test_who_lost_the_lease_ends_nothing_and_keeps_nothing(ledger: Ledger) -> None:
    turn = await begun(ledger)
    stale = replace(turn.lease, fence=turn.lease.fence - 1)

    with pytest.raises(LeaseLost):
        await ledger.turns.end(stale, [an_exchange(ledger, turn)], state="done", settled=True)

    found = await ledger.subjects.get(turn.lease.subject.id)
    assert found is not None
    assert found.state == "running"
    assert await ledger.audit.exchanges(subject_id=turn.lease.subject.id) == []
