"""A job of the timetable now: its progress is a run, so that a full load can be followed and waited for."""

import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.webhook_gateway import problems
from services.webhook_gateway.house import house_of
from services.webhook_gateway.operations import show
from services.webhook_gateway.operations.access import Operator
from services.webhook_gateway.operations.answers import RunStarted
from services.webhook_gateway.operations.repeatable import RepeatableRoute
from services.webhook_gateway.problems import ApiProblem, Flaw
from services.webhook_gateway.routes.connections import must_be_known
from shared.ledger.records import IncomingEvent, RunItem
from shared.ledger.runs import JOB
from shared.settings.timetable import JOBS, Job

router = APIRouter(tags=["runs"], route_class=RepeatableRoute)


class JobWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    full: bool = Field(
        False, description="Look at everything, not only at what changed: the first load of a shop."
    )
    date: datetime.date | None = Field(
        None,
        description="The day, for `payouts`; the first day to look at, for `completeness`; "
        "a day of the financial year, for `vat_tie_out`.",
    )


@router.post(
    "/connections/{connection}/jobs/{job}/run",
    summary="Run a job now",
    status_code=202,
    responses=problems.documented(401, 403, 404, 409, 422, 503),
)
async def run_job(
    request: Request, key: Operator, connection: str, job: str, wanted: JobWanted | None = None
) -> RunStarted:
    """Its run ends when the job has ended and everything that it found has been looked at."""
    house = house_of(request)
    await must_be_known(house, connection)
    wanted = wanted or JobWanted()
    found = _must_be_runnable(job, wanted)
    item = RunItem(job, "new", "It waits for a worker.")
    asked = {"job": found.kind, "item": item.key, "full": wanted.full}
    if wanted.date is not None:
        asked["date"] = wanted.date.isoformat()
    run = await house.ledger.runs.start(connection, JOB, asked, [item])
    await house.intake.accept_many([_event(run.id, connection, found)])
    detail = {"run_id": run.id, "job": job, "full": wanted.full}
    await house.ledger.audit.act(key.name, "job.run", connection, None, detail)
    return RunStarted(run_id=run.id, preview=False, items=[show.run_item(item)])


def _must_be_runnable(name: str, wanted: JobWanted) -> Job:
    """The job; or the one that looks at everything, where there is one."""
    if name not in JOBS:
        known = ", ".join(sorted(JOBS))
        raise ApiProblem(404, "not_found", f"There is no job of this name to run. Jobs: {known}.")
    if wanted.date is not None and not JOBS[name].takes_date:
        flaw = Flaw(path="date", code="not_possible", detail="This job is not about a day.")
        raise problems.invalid([flaw])
    if not wanted.full:
        return JOBS[name]
    if f"{name}_full" not in JOBS:
        flaw = Flaw(path="full", code="not_possible", detail="This job has no such choice.")
        raise problems.invalid([flaw])
    return JOBS[f"{name}_full"]


def _event(run_id: str, connection: str, job: Job) -> IncomingEvent:
    return IncomingEvent(
        connection=connection,
        source="operator",
        name="run_job",
        dedupe_key=run_id,
        subject_kind=job.kind,
        subject_key=connection,
        lane=job.lane,
        attributes={"run_id": run_id},
    )
