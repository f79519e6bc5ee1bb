"""The control API, `/_control`: clock, faults, and what each stand-in lets one do and see. Never signed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.sandbox.faults import Action, ActiveRule, Delay, Drop, FaultRule, Pause, Status, System, When
from services.sandbox.fortnox.control import create_fortnox_control
from services.sandbox.magento.control import create_magento_control
from services.sandbox.magento.refusals import Refused as MagentoRefused
from services.sandbox.sandbox import Sandbox
from services.sandbox.svea.control import create_svea_control
from services.sandbox.svea.refusals import Refused

Json = dict[str, Any]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClockChange(Strict):
    """`at`: go there (with a time zone). `advance_seconds`: go on by so much. Neither: back to real time."""

    at: datetime | None = None
    ticking: bool = False
    advance_seconds: float | None = None


class StatusBody(Strict):
    code: int = Field(ge=100, le=599)
    body: str = ""
    headers: dict[str, str] = {}


class DelayBody(Strict):
    seconds: float = Field(ge=0, le=600)
    when: When = When.BEFORE


class FaultBody(Strict):
    """Exactly one of `status`, `delay`, `drop`, `pause`."""

    system: System
    method: str | None = None
    path: str = ""
    times: Annotated[int, Field(ge=1)] | None = None
    after: int = Field(default=0, ge=0)
    status: StatusBody | None = None
    delay: DelayBody | None = None
    drop: When | None = None
    pause: When | None = None

    def to_rule(self) -> FaultRule:
        actions = [action for action in self._actions() if action is not None]
        if len(actions) != 1:
            raise HTTPException(422, "give exactly one of status, delay, drop, pause")
        return FaultRule(self.system, actions[0], self.method, self.path, self.times, self.after)

    def _actions(self) -> list[Action | None]:
        status, delay = self.status, self.delay
        return [
            None if status is None else Status(status.code, status.body.encode(), status.headers),
            None if delay is None else Delay(delay.seconds, delay.when),
            None if self.drop is None else Drop(self.drop),
            None if self.pause is None else Pause(self.pause),
        ]


def create_control_app(sandbox: Sandbox) -> FastAPI:
    app = FastAPI(title="Sandbox control", docs_url=None, redoc_url=None)
    app.include_router(_clock_routes(sandbox))
    app.include_router(_fault_routes(sandbox))
    app.include_router(create_svea_control(sandbox.svea), prefix="/svea")
    app.include_router(create_fortnox_control(sandbox.fortnox), prefix="/fortnox")
    app.include_router(create_magento_control(sandbox.magento), prefix="/magento")
    app.add_exception_handler(Refused, _show_refusal)
    app.add_exception_handler(MagentoRefused, _show_magento_refusal)
    return app


async def _show_refusal(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return JSONResponse({"field": error.field, "detail": error.message}, status_code=error.status)


async def _show_magento_refusal(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MagentoRefused)
    return JSONResponse(error.body(), status_code=error.status)


def _clock_routes(sandbox: Sandbox) -> APIRouter:
    router = APIRouter()

    @router.get("/health")
    async def health() -> Json:
        return {"status": "ok"}

    @router.get("/clock")
    async def show_clock() -> Json:
        return {"now": sandbox.clock(), "was_set": sandbox.clock.was_set}

    @router.put("/clock")
    async def set_clock(change: ClockChange) -> Json:
        if change.at is not None and change.at.tzinfo is None:
            raise HTTPException(422, "at needs a time zone")
        if change.at is not None:
            sandbox.clock.set(change.at, ticking=change.ticking)
        if change.advance_seconds is not None:
            sandbox.clock.advance(timedelta(seconds=change.advance_seconds))
        if change.at is None and change.advance_seconds is None:
            sandbox.clock.follow_source()
        return await show_clock()

    return router


def _fault_routes(sandbox: Sandbox) -> APIRouter:
    router = APIRouter(prefix="/faults")
    faults = sandbox.faults

    @router.get("")
    async def show() -> Json:
        return {"rules": [_show_rule(active) for active in faults.rules], "held": _held(sandbox)}

    @router.post("", status_code=201)
    async def add(wanted: FaultBody) -> Json:
        return _show_rule(faults.add(wanted.to_rule()))

    @router.delete("", status_code=204)
    async def clear() -> None:
        faults.clear()

    @router.delete("/{number}", status_code=204)
    async def remove(number: int) -> None:
        if not faults.remove(number):
            raise HTTPException(404, f"no fault {number}")

    @router.get("/held")
    async def held(at_least: int = 0, timeout_seconds: float = 10.0) -> list[Json]:
        """The requests being held; waits until there are `at_least` so many, or answers 408."""
        try:
            await faults.until_held(at_least, timeout_seconds=timeout_seconds)
        except TimeoutError as error:
            raise HTTPException(408, f"{len(faults.held)} held, not {at_least}") from error
        return _held(sandbox)

    @router.post("/release")
    async def release(number: int | None = None) -> Json:
        return {"released": faults.release(number)}

    return router


def _show_rule(active: ActiveRule) -> Json:
    rule = active.rule
    return {
        "number": active.number,
        "system": rule.system,
        "method": rule.method,
        "path": rule.path,
        "times": rule.times,
        "after": rule.after,
        "action": type(rule.action).__name__.lower(),
        "seen": active.seen,
        "hits": active.hits,
    }


def _held(sandbox: Sandbox) -> list[Json]:
    return [
        {
            "number": request.number,
            "system": request.system,
            "method": request.method,
            "path": request.path,
            "when": request.when,
        }
        for request in sandbox.faults.held
    ]
