"""A day that a person chooses: who may, what is refused, what is kept. Runs are in the journeys."""

from datetime import date, timedelta
from typing import Any

import pytest

from shared.ledger.records import Problem, Subject
from tests.services.webhook_gateway.routes.test_subjects import a_sale
from tests.services.webhook_gateway.support import Gateway, problem_of

LOCKED = Problem(
    "period_locked",
    "dated 2026-05-05, but the books are locked up to 2026-05-31",
    "Open the period.",
    {"date": "2026-05-05", "locked_until": "2026-05-31"},
)
WANTED = {"date": "2026-06-01", "reason": "VAT for May is reported"}


async def a_waiting_sale(gateway: Gateway, problem: Problem | None = LOCKED) -> Subject:
    """It is 2 June."""
    await gateway.knows()
    sale = await a_sale(gateway)
    lease = await gateway.ledger.subjects.lease(sale.id, "a worker", lease_for=timedelta(seconds=10))
    assert lease is not None
    state = "needs_attention" if problem else "done"
    ended = await gateway.ledger.subjects.finish(lease, state=state, settled=problem is None, problem=problem)
    gateway.clock.set(gateway.clock().replace(year=2026, month=6, day=2))
    return ended


async def test_a_chosen_day_is_kept_audited_shown_and_makes_the_subject_due(gateway: Gateway) -> None:
    sale = await a_waiting_sale(gateway)

    answer = await gateway.call("POST", f"/subjects/{sale.id}/book-on", WANTED)

    assert answer.status_code == 200
    assert (answer.json()["date"], answer.json()["reason"], answer.json()["chosen_by"]) == (
        "2026-06-01",
        "VAT for May is reported",
        "a test",
    )
    shown = (await gateway.call("GET", f"/subjects/{sale.id}")).json()
    assert (shown["book_on"], shown["state"]) == (answer.json(), "due")
    kept = await gateway.ledger.booking_days.of(sale.id)
    assert kept is not None
    assert kept.day == date(2026, 6, 1)
    (act,) = (await gateway.ledger.audit.acts(subject_id=sale.id)).items
    assert (act.actor, act.action, act.detail) == ("a test", "subject.book_on", WANTED)


async def test_the_last_choice_counts_and_is_undone_once(gateway: Gateway) -> None:
    sale = await a_waiting_sale(gateway)
    path = f"/subjects/{sale.id}/book-on"
    await gateway.call("POST", path, WANTED)

    again = await gateway.call("POST", path, WANTED | {"date": "2026-06-02"})
    undone = await gateway.call("DELETE", path)

    assert (again.json()["date"], undone.status_code) == ("2026-06-02", 204)
    assert await gateway.ledger.booking_days.of(sale.id) is None
    assert problem_of(await gateway.call("DELETE", path)) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {"date": "2026-06-01"},
        {"date": "2026-06-01", "reason": "  "},
        {"date": "the first", "reason": "why"},
        {"reason": "why"},
        WANTED | {"document": "S1"},
        WANTED | {"date": "2026-05-31"},
        WANTED | {"date": "2026-05-04"},
        WANTED | {"date": "2026-06-03"},
    ],
    ids=["no reason", "blank", "no day", "no date", "more", "locked", "too early", "to come"],
)
async def test_what_cannot_be_is_refused_and_nothing_is_kept(gateway: Gateway, body: dict[str, Any]) -> None:
    sale = await a_waiting_sale(gateway)

    assert problem_of(await gateway.call("POST", f"/subjects/{sale.id}/book-on", body)) == (422, "invalid")

    assert await gateway.ledger.booking_days.of(sale.id) is None
    assert (await gateway.ledger.audit.acts(subject_id=sale.id)).items == []


@pytest.mark.parametrize("code", ["missing_mapping", None])
async def test_what_waits_for_something_else_has_no_day_to_choose(gateway: Gateway, code: str | None) -> None:
    problem = Problem(code, "no account", "Add it.") if code else None
    sale = await a_waiting_sale(gateway, problem)

    answer = await gateway.call("POST", f"/subjects/{sale.id}/book-on", WANTED)

    assert problem_of(answer) == (409, "no_day_to_choose")


async def test_only_who_may_operate_chooses(gateway: Gateway) -> None:
    sale = await a_waiting_sale(gateway)
    path = f"/subjects/{sale.id}/book-on"

    assert problem_of(await gateway.call("POST", path, WANTED, scopes=("read",))) == (403, "forbidden")
    assert problem_of(await gateway.call("DELETE", path, scopes=("read",))) == (403, "forbidden")
    assert problem_of(await gateway.call("POST", "/subjects/none/book-on", WANTED)) == (404, "not_found")
