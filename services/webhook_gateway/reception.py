"""What every callback goes through, whoever sent it: counted, read up to a limit, stored, acknowledged."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from services.webhook_gateway import problems
from services.webhook_gateway.house import House
from services.webhook_gateway.metrics import INTAKE, INTAKE_SECONDS, REJECTED
from services.webhook_gateway.notices import UnreadableNotice
from services.webhook_gateway.problems import ApiProblem
from services.webhook_gateway.raw_body import BodyTooLarge, read_body
from shared.domain.errors import Rejected
from shared.ledger.records import Accepted, IncomingEvent

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

T = TypeVar("T")


class Acknowledged(BaseModel):
    accepted: bool = Field(True, description="Stored for good.")
    duplicate: bool = Field(description="It was here before; nothing new was stored.")


def _acknowledgement(*, duplicate: bool) -> Response:
    return Response(Acknowledged(duplicate=duplicate).model_dump_json(), media_type="application/json")


ACCEPTED, DUPLICATE = _acknowledgement(duplicate=False), _acknowledgement(duplicate=True)


def acknowledged(*, duplicate: bool) -> Response:
    return DUPLICATE if duplicate else ACCEPTED


async def counted(source: str, taking: Awaitable[bool]) -> bool:
    """``taking`` says whether it was a duplicate; what it refuses is counted by the rule that failed."""
    started = time.perf_counter()
    outcome = "bug"
    try:
        duplicate = await taking
        outcome = "duplicate" if duplicate else "accepted"
    except ApiProblem as problem:
        outcome = problem.code
        REJECTED.labels(source=source, rule=_rule(problem)).inc()
        log.info("callback.refused", source=source, code=problem.code, rule=_rule(problem))
        raise
    finally:
        INTAKE.labels(source, outcome).inc()
        INTAKE_SECONDS.labels(source).observe(time.perf_counter() - started)
    return duplicate


def _rule(problem: ApiProblem) -> str:
    cause = problem.__cause__
    return cause.facts.get("rule", problem.code) if isinstance(cause, Rejected) else problem.code


async def must_know(keys: Awaitable[T]) -> T:
    """Keys that cannot be loaded verify nothing."""
    try:
        return await keys
    except Exception as problem:
        _note("callback_keys.not_loaded", problem)
        raise problems.unavailable("The configuration cannot be read at the moment.") from problem


async def must_fit(request: Request, *, limit: int) -> bytes:
    try:
        return await read_body(request, limit=limit)
    except BodyTooLarge as problem:
        raise ApiProblem(413, "body_too_large", f"At most {problem.limit} bytes are taken.") from problem
    except ClientDisconnect as problem:
        raise ApiProblem(400, "body_cut_short", "The connection ended before the body did.") from problem


def must_be_readable(read: Callable[[], T]) -> T:
    try:
        return read()
    except UnreadableNotice as problem:
        raise unreadable(problem) from problem


def unreadable(problem: UnreadableNotice) -> ApiProblem:
    where = (
        [problems.Flaw(path=problem.where, code=problem.code, detail=str(problem))] if problem.where else []
    )
    return ApiProblem(400, problem.code, f"It cannot be read: {problem}.", errors=where)


async def must_be_stored(house: House, event: IncomingEvent) -> Accepted:
    try:
        return await house.intake.accept(event)
    except Exception as problem:
        _note("intake.failed", problem)
        raise problems.unavailable() from problem


def _note(happened: str, problem: Exception) -> None:
    """A trace only for what is our mistake: a database that is down would fill the log with them."""
    if problems.ledger_is_down(problem):
        log.warning(happened, error=f"{type(problem).__name__}: {problem}")
    else:
        log.error(happened, exc_info=problem)
