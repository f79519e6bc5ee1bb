"""Every refusal, in one shape: RFC 9457 problem details with a stable `code`. Nothing leaks a trace.

What was sent is never sent back: it may be a secret.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.webhook_gateway.storable_text import storable
from shared.ledger.errors import LedgerUnavailable

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 422: "invalid"}


class Flaw(BaseModel):
    """One thing that is wrong with what was sent, and where."""

    path: str = Field(
        description="Where, with dots: `markets.0.svea.secret`.", examples=["markets.0.currency"]
    )
    code: str = Field(description="Stable name of the rule.", examples=["missing"])
    detail: str = Field(description="What is wrong, in words.", examples=["Field required"])


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str = Field(
        description="Names the problem; the last part is `code`.", examples=["urn:sluss:problem:invalid"]
    )
    title: str = Field(description="The status in words.", examples=["Unprocessable Entity"])
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(
        description="What happened, for a person.", examples=["1 field is not as it should be."]
    )
    code: str = Field(description="Stable; programs may rely on it.", examples=["invalid"])
    errors: list[Flaw] = Field(default=[], description="What is wrong with each field, if fields are.")


class ApiProblem(Exception):
    """Raised by routes and what they call; becomes the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def not_found(what: str) -> ApiProblem:
    return ApiProblem(404, "not_found", f"There is no such {what}.")


def unavailable(
    detail: str = "The ledger cannot be reached; nothing was stored. Try again shortly.",
) -> ApiProblem:
    return ApiProblem(503, "unavailable", detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def bad_cursor() -> ApiProblem:
    return invalid([Flaw(path="cursor", code="bad_cursor", detail="This is not a cursor of this list.")])


def answer(problem: ApiProblem) -> JSONResponse:
    body = ProblemDetails(
        type=f"urn:sluss:problem:{problem.code}",
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        errors=list(problem.errors),
    )
    return JSONResponse(
        body.model_dump(exclude={"errors"} if not problem.errors else None),
        status_code=problem.status,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


def flaws(problem: ValidationError | RequestValidationError, *, skip: int = 0) -> list[Flaw]:
    """pydantic's findings without the input; ``skip`` leaves out `body`, `query` and the like."""
    return [
        Flaw(
            path=storable(".".join(str(part) for part in finding["loc"][skip:])),
            code=str(finding["type"]),
            detail=_words(finding),
        )
        for finding in problem.errors()
    ]


def _words(finding: Any) -> str:
    return str(finding["msg"]).removeprefix("Value error, ")


def documented(
    *statuses: Literal[400, 401, 403, 404, 405, 409, 413, 422, 503],
) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: what else it may answer."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    app.add_exception_handler(ApiProblem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_middleware(LastResort)


async def _on_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ApiProblem)
    return answer(problem)


async def _on_http_exception(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    code = _CODES.get(problem.status_code, HTTPStatus(problem.status_code).name.lower())
    return answer(
        ApiProblem(problem.status_code, code, str(problem.detail), headers=dict(problem.headers or {}))
    )


async def _on_invalid(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    return answer(invalid(flaws(problem, skip=1)))


def invalid(errors: Sequence[Flaw]) -> ApiProblem:
    count = "1 field is" if len(errors) == 1 else f"{len(errors)} fields are"
    return ApiProblem(422, "invalid", f"{count} not as it should be.", errors=errors)


class LastResort:
    """What nobody caught: a ledger that cannot be reached is 503, anything else is our bug and 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as problem:
            if started:
                raise
            await _answer_to(problem, scope)(scope, receive, send)


def _answer_to(problem: Exception, scope: Scope) -> Response:
    if ledger_is_down(problem):
        log.warning("ledger.unreachable", error=type(problem).__name__)
        return answer(unavailable())
    log.error("request.failed", exc_info=problem, method=scope["method"])
    return answer(ApiProblem(500, "bug", "Something went wrong on our side; it was logged."))


def ledger_is_down(problem: BaseException) -> bool:
    """True for what passes when the database is back: not reachable, too busy, shutting down."""
    return isinstance(problem, LedgerUnavailable | TimeoutError)
