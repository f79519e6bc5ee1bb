"""A job now: it is a run with progress, an event for its chore, and known by name."""

import pytest

from shared.settings.timetable import TIMETABLE, Job
from tests.services.webhook_gateway.support import Gateway, problem_of

RUN = "/connections/acme/jobs/{}/run"


@pytest.mark.parametrize("job", TIMETABLE, ids=lambda job: str(job.name))
async def test_every_job_of_the_timetable_can_be_run_now(gateway: Gateway, job: Job) -> None:
    await gateway.knows()

    answer = await gateway.call("POST", RUN.format(job.name))

    assert answer.status_code == 202
    subject = await gateway.ledger.subjects.find("acme", job.kind, "acme")
    assert subject is not None
    assert (subject.state, subject.lane) == ("due", job.lane)


@pytest.mark.parametrize(
    ("job", "wanted", "chore"),
    [
        ("customers", None, "customers"),
        ("customers", {"full": False}, "customers"),
        ("customers", {"full": True}, "customers_full"),
        ("products", {"full": True}, "products_full"),
        ("stock", {}, "stock_sweep"),
        ("stock", {"full": True}, "stock_full"),
        ("products_full", {}, "products_full"),
        ("customer_register", {}, "customer_register"),
    ],
)
async def test_a_job_is_an_event_for_its_chore_and_a_run_that_waits(
    gateway: Gateway, job: str, wanted: dict[str, bool] | None, chore: str
) -> None:
    await gateway.knows()

    answer = await gateway.call("POST", RUN.format(job), wanted)

    assert answer.status_code == 202
    run_id = answer.json()["run_id"]
    assert [(item["key"], item["state"]) for item in answer.json()["items"]] == [(job, "new")]
    (event,) = await gateway.events()
    assert (event.source, event.name, event.dedupe_key) == ("operator", "run_job", run_id)
    subject = await gateway.ledger.subjects.find("acme", chore, "acme")
    assert subject is not None
    assert (subject.state, subject.lane) == ("due", "bulk")
    assert [run.id for run in await gateway.ledger.runs.jobs("acme", chore)] == [run_id]
    assert await gateway.rung("bulk") == [f"{subject.id}:1:0"]


async def test_a_run_of_a_job_is_waited_for_until_its_line_is_settled(gateway: Gateway) -> None:
    await gateway.knows()
    run_id = (await gateway.call("POST", RUN.format("customers"))).json()["run_id"]

    await gateway.ledger.runs.item_goes_on(run_id, "customers", "100 compared")
    under_way = (await gateway.call("GET", f"/runs/{run_id}")).json()
    await gateway.ledger.runs.item_done(run_id, "customers", "done", "200 compared")
    await gateway.ledger.runs.item_goes_on(run_id, "customers", "too late")
    ended = (await gateway.call("GET", f"/runs/{run_id}")).json()

    assert (under_way["items"][0]["state"], under_way["items"][0]["text"], under_way["open"]) == (
        "running",
        "100 compared",
        1,
    )
    assert (ended["items"][0]["text"], ended["open"], ended["kind"]) == ("200 compared", 0, "job")
    assert await gateway.ledger.runs.jobs("acme", "customers") == []


async def test_a_job_that_is_not_there_or_cannot_be_full_is_refused(gateway: Gateway) -> None:
    await gateway.knows()

    unknown = await gateway.call("POST", RUN.format("coffee"))
    not_full = await gateway.call("POST", RUN.format("svea_subscriptions"), {"full": True})
    no_day = await gateway.call("POST", RUN.format("stock"), {"date": "2026-05-01"})
    misspelt = await gateway.call("POST", RUN.format("customers"), {"fully": True})
    nobody = await gateway.call("POST", "/connections/nobody/jobs/customers/run")

    assert problem_of(unknown) == (404, "not_found")
    assert (
        "Jobs: completeness, currency_rates, customer_register, customers, customers_full, "
        in unknown.json()["detail"]
    )
    assert problem_of(not_full) == (422, "invalid")
    assert [flaw["path"] for flaw in not_full.json()["errors"]] == ["full"]
    assert problem_of(no_day) == (422, "invalid")
    assert [flaw["path"] for flaw in no_day.json()["errors"]] == ["date"]
    assert problem_of(misspelt) == (422, "invalid")
    assert problem_of(nobody) == (404, "not_found")
    assert await gateway.events() == []


async def test_a_key_that_only_reads_may_not_run_a_job(gateway: Gateway) -> None:
    await gateway.knows()

    answer = await gateway.call("POST", RUN.format("customers"), scopes=("read",))

    assert problem_of(answer) == (403, "forbidden")
