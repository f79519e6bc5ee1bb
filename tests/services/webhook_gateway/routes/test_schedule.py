"""The schedule: every job of the timetable, with its own line, its last tick and its next."""

from datetime import UTC, datetime

from shared.settings.timetable import TIMETABLE
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


async def test_a_connection_that_is_switched_off_has_no_next_tick(gateway: Gateway) -> None:
    await gateway.knows()
    answer = await gateway.call("GET", "/connections/acme/schedule")
    assert {job["next"] for job in answer.json()["items"]} == {None}


async def test_an_unknown_connection_is_not_found(gateway: Gateway) -> None:
    assert problem_of(await gateway.call("GET", "/connections/nobody/schedule")) == (404, "not_found")
