"""The schedule: every job of the timetable, with its own line, its last tick and its next."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.ledger.records import Problem
from shared.settings.timetable import JOBS, TIMETABLE
from tests.services.webhook_gateway.support import Gateway, a_declaration, problem_of


async def test_every_job_is_shown_with_its_line_and_its_ticks(gateway: Gateway) -> None:
    await gateway.knows(a_declaration() | {"schedule": {"payouts": "30 22 * * *"}})
    await gateway.ledger.connections.set_active("acme", True)
    slot = datetime(2026, 5, 3, 20, 30, tzinfo=UTC)
    await gateway.ledger.slots.take("payouts", "acme", slot)
    await gateway.ledger.slots.record("payouts", "acme", slot, "looked at 1")

    answer = await gateway.call("GET", "/connections/acme/schedule")

    jobs = {job["job"]: job for job in answer.json()["items"]}
    assert set(jobs) == {job.name for job in TIMETABLE}
    payouts = jobs["payouts"]
    assert (payouts["when"], payouts["is_default"], payouts["time_zone"]) == (
        "30 22 * * *",
        False,
        "Europe/Stockholm",
    )
    assert (payouts["last"], payouts["result"]) == ("2026-05-03T20:30:00Z", "looked at 1")
    assert payouts["next"] == "2026-05-04T20:30:00Z"
    assert jobs["svea_open_sales"]["is_default"]


async def test_how_the_last_run_ended_is_shown_whether_it_was_due_or_asked_for(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.ledger.connections.set_active("acme", True)
    ended: dict[str, dict[str, Any]] = {
        "tie_out": {"state": "done", "summary": {"notes": ["nothing differs"]}},
        "payouts": {"state": "skipped", "reason": "payouts are switched off"},
        "stock": {"state": "needs_attention", "problem": Problem("stock_stopped", "most stopped", "cure")},
    }
    for name, how in ended.items():
        await gateway.call("POST", f"/connections/acme/jobs/{name}/run")
        await _ends(gateway, JOBS[name].kind, **how)
    await gateway.call("POST", "/connections/acme/jobs/products/run")

    jobs = {
        job["job"]: job for job in (await gateway.call("GET", "/connections/acme/schedule")).json()["items"]
    }

    said = {name: (jobs[name]["state"], jobs[name]["result"]) for name in (*ended, "products", "customers")}
    assert said == {
        "tie_out": ("done", "nothing differs"),
        "payouts": ("skipped", "payouts are switched off"),
        "stock": ("needs_attention", "most stopped"),
        "products": ("due", "due"),
        "customers": (None, None),
    }
    subject = await gateway.ledger.subjects.find("acme", "stock_sweep", "acme")
    assert subject is not None
    assert jobs["stock"]["subject_id"] == subject.id


async def _ends(gateway: Gateway, kind: str, **how: Any) -> None:
    subject = await gateway.ledger.subjects.find("acme", kind, "acme")
    assert subject is not None
    turn = await gateway.ledger.turns.begin(subject.id, "test", lease_for=timedelta(seconds=10))
    assert turn is not None
    values = {"settled": True, "next_try_at": None, "problem": None, "reason": None, "summary": None} | how
    await gateway.ledger.turns.end(turn.lease, [], failed=False, **values)


async def test_a_connection_that_is_switched_off_has_no_next_tick(gateway: Gateway) -> None:
    await gateway.knows()
    answer = await gateway.call("GET", "/connections/acme/schedule")
    assert {job["next"] for job in answer.json()["items"]} == {None}


async def test_an_unknown_connection_is_not_found(gateway: Gateway) -> None:
    assert problem_of(await gateway.call("GET", "/connections/nobody/schedule")) == (404, "not_found")
