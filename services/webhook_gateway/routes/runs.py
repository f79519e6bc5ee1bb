"""Runs: how far a backfill or a preview has come, one line per item."""

from fastapi import APIRouter, Request

from services.webhook_gateway import problems
from services.webhook_gateway.house import house_of
from services.webhook_gateway.operations import show
from services.webhook_gateway.operations.access import Reader
from services.webhook_gateway.operations.answers import RunAnswer
from services.webhook_gateway.operations.paging import Cursor, Limit, must_be_a_page
from services.webhook_gateway.operations.repeatable import RepeatableRoute
from shared.ledger.records import Run

router = APIRouter(tags=["runs"], route_class=RepeatableRoute)

LONGEST_CURSOR = 9
WORKED_OUT_BY_A_WORKER = ("preview", "backfill_dates")


@router.get(
    "/runs/{run_id}",
    summary="Progress of a run, one line per item",
    responses=problems.documented(401, 403, 404, 422, 503),
)
async def get_run(
    request: Request, key: Reader, run_id: str, cursor: Cursor = None, limit: Limit = 50
) -> RunAnswer:
    """Whoever looks at a run that waits for a worker rings again: Redis may have lost the first call."""
    house = house_of(request)
    _must_be_a_place(cursor)
    run = await must_be_a_page(house.ledger.runs.get(run_id, cursor=cursor, limit=limit))
    if run is None:
        raise problems.not_found("run")
    if _waits_for_a_worker(run):
        await house.doorbell.ask_for_preview(run.id)
    return show.run(run)


def _must_be_a_place(cursor: str | None) -> None:
    """The cursor of a run's items is a number, and no database takes a larger one than this."""
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= LONGEST_CURSOR):
        raise problems.bad_cursor()


def _waits_for_a_worker(run: Run) -> bool:
    return run.finished_at is None and run.kind in WORKED_OUT_BY_A_WORKER
