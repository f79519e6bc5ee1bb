"""A job of the timetable now: its progress is a run, so that a full load can be followed and waited for."""

import datetime
from dataclasses import dataclass

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

router = APIRouter(tags=["runs"], route_class=RepeatableRoute)


@dataclass(frozen=True)
class Runnable:
    """The chore that does the job, and the one that looks at everything, where there is one."""

    chore: str
    full: str | None = None


RUNNABLE = {
    "customers": Runnable("customers", full="customers_full"),
    "customer_register": Runnable("customer_register"),
    "products": Runnable("products", full="products_full"),
    "prices": Runnable("prices"),
    "currency_rates": Runnable("currency_rates"),
    "payouts": Runnable("payouts"),
    "preflight": Runnable("preflight"),
    "shop_orders": Runnable("shop_orders"),
    "shop_documents": Runnable("shop_documents", full="shop_documents_full"),
    "stock": Runnable("stock_sweep", full="stock_full"),
    "svea_subscriptions": Runnable("svea_subscriptions"),
    "tie_out": Runnable("tie_out"),
    "completeness": Runnable("completeness"),
}


class JobWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    full: bool = Field(
        False, description="Look at everything, not only at what changed: the first load of a shop."
    )
    date: datetime.date | None = Field(
        None, description="The day, for `payouts`; the first day to look at, for `completeness`."
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
    chore = _must_be_runnable(job, wanted)
    item = RunItem(job, "new", "It waits for a worker.")
    asked = {"job": chore, "item": item.key, "full": wanted.full}
    if wanted.date is not None:
        asked["date"] = wanted.date.isoformat()
    run = await house.ledger.runs.start(connection, JOB, asked, [item])
    await house.intake.accept_many([_event(run.id, connection, chore)])
    detail = {"run_id": run.id, "job": job, "full": wanted.full}
    await house.ledger.audit.act(key.name, "job.run", connection, None, detail)
    return RunStarted(run_id=run.id, preview=False, items=[show.run_item(item)])


def _must_be_runnable(job: str, wanted: JobWanted) -> str:
    found = RUNNABLE.get(job)
    if found is None:
        known = ", ".join(sorted(RUNNABLE))
        raise ApiProblem(404, "not_found", f"There is no job of this name to run. Jobs: {known}.")
    if not wanted.full:
        return found.chore
    if found.full is None:
        flaw = Flaw(path="full", code="not_possible", detail="This job has no such choice.")
        raise problems.invalid([flaw])
    return found.full


def _event(run_id: str, connection: str, chore: str) -> IncomingEvent:
    return IncomingEvent(
        connection=connection,
        source="operator",
        name="run_job",
        dedupe_key=run_id,
        subject_kind=chore,
        subject_key=connection,
        lane="bulk",
        attributes={"run_id": run_id},
    )
