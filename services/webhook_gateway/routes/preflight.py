"""The pre-flight check: asked for, shown, and what of it can be made good. A worker looks, we only wait."""

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.operations.access import Operator, Reader
from services.webhook_gateway.operations.plain_text import PlainText
from services.webhook_gateway.operations.preflight import FixAnswer, PreflightAnswer, PreflightShown, shown
from services.webhook_gateway.operations.repeatable import RepeatableRoute
from services.webhook_gateway.routes.connections import must_be_known
from shared.ledger.records import ApiKey, IncomingEvent, Run, RunItem
from shared.ledger.runs import JOB

router = APIRouter(tags=["connections"], route_class=RepeatableRoute)

CHECK = "preflight"
FIX = "preflight_fix"
LONGEST_WAIT_SECONDS = 20.0
FIRST_LOOK_SECONDS = 0.05
LONGEST_LOOK_SECONDS = 0.5

Wait = Annotated[
    float,
    Query(ge=0, le=LONGEST_WAIT_SECONDS, description="How many seconds to wait for a worker's answer."),
]


class FixWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    codes: list[PlainText] = Field(
        min_length=1,
        max_length=20,
        description="Codes of findings that are fixable.",
        examples=[["missing_currency"]],
    )
    preview: bool = Field(True, description="Show what would be made; false makes it.")


@router.post(
    "/connections/{connection}/preflight",
    summary="Check everything that a sale will need",
    responses={
        202: {"model": PreflightAnswer, "description": "It takes longer; ask for the run."},
        **problems.documented(401, 403, 404, 409, 422, 503),
    },
)
async def check(
    request: Request, response: Response, key: Operator, connection: str, wait: Wait = LONGEST_WAIT_SECONDS
) -> PreflightAnswer:
    """The connection need not be active. Nothing is written anywhere but here."""
    house = house_of(request)
    run = await _asked(house, key, connection, CHECK, {}, wait)
    stored = await house.ledger.preflights.last(connection) if run.open == 0 else None
    response.status_code = 200 if run.open == 0 else 202
    return PreflightAnswer(
        run_id=run.id, finished=run.open == 0, preflight=shown(stored) if stored is not None else None
    )


@router.get(
    "/connections/{connection}/preflight",
    summary="The last pre-flight check",
    responses=problems.documented(401, 403, 404, 503),
)
async def last_check(request: Request, key: Reader, connection: str) -> PreflightShown:
    house = house_of(request)
    await must_be_known(house, connection)
    stored = await house.ledger.preflights.last(connection)
    if stored is None:
        raise problems.not_found("pre-flight check")
    return shown(stored)


@router.post(
    "/connections/{connection}/preflight/fix",
    summary="Make what is missing in Fortnox and can be made",
    responses={
        202: {"model": FixAnswer, "description": "It takes longer; ask for the run."},
        **problems.documented(401, 403, 404, 409, 422, 503),
    },
)
async def fix(
    request: Request,
    response: Response,
    key: Operator,
    connection: str,
    wanted: FixWanted,
    wait: Wait = LONGEST_WAIT_SECONDS,
) -> FixAnswer:
    """Looks afresh, shows what it would make, and makes it with `"preview": false`."""
    house = house_of(request)
    asked = {"codes": sorted(set(wanted.codes)), "preview": wanted.preview}
    run = await _asked(house, key, connection, FIX, asked, wait)
    item = run.items.items[0]
    result = json.loads(item.facts.get("result", "{}"))
    response.status_code = 200 if run.open == 0 else 202
    return FixAnswer(
        run_id=run.id,
        finished=run.open == 0,
        state=item.state,
        text=item.text,
        drafts=result.get("drafts", []),
    )


async def _asked(
    house: House, key: ApiKey, connection: str, chore: str, asked: dict[str, object], wait: float
) -> Run:
    """The run once its worker has answered, or as it is when we have waited long enough."""
    await must_be_known(house, connection)
    item = RunItem(chore, "new", "It waits for a worker.")
    run = await house.ledger.runs.start(connection, JOB, {"job": chore, "item": chore, **asked}, [item])
    await house.intake.accept_many([_event(run.id, connection, chore)])
    detail = {"run_id": run.id, **asked}
    await house.ledger.audit.act(key.name, f"{chore}.run", connection, None, detail)
    pause = FIRST_LOOK_SECONDS
    try:
        async with asyncio.timeout(wait):
            while run.open:
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, LONGEST_LOOK_SECONDS)
                run = await house.ledger.runs.get(run.id) or run
    except TimeoutError:
        pass
    return run


def _event(run_id: str, connection: str, chore: str) -> IncomingEvent:
    return IncomingEvent(
        connection=connection,
        source="operator",
        name=chore,
        dedupe_key=run_id,
        subject_kind=chore,
        subject_key=connection,
        lane="settle",
        attributes={"run_id": run_id},
    )
