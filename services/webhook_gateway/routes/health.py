"""Is the process alive, can it take callbacks, what did it count."""

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from services.webhook_gateway.house import house_of

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
router = APIRouter(tags=["health"])


class Readiness(BaseModel):
    ready: bool = Field(description="Callbacks can be stored.")
    ledger: str = Field(description="`ok` or `unreachable`.")
    redis: str = Field(
        description="`ok` or `unreachable`; without it the workers hear of events a little later."
    )


@router.get("/health/live", summary="The process runs")
async def live() -> dict[str, bool]:
    return {"live": True}


@router.get(
    "/health/ready",
    summary="Callbacks can be stored",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "The ledger cannot be written."}},
)
async def ready(request: Request) -> JSONResponse:
    house = house_of(request)
    writable = await _ledger_writable(request)
    redis = "ok" if await house.doorbell.answers() else "unreachable"
    state = Readiness(ready=writable, ledger="ok" if writable else "unreachable", redis=redis)
    return JSONResponse(state.model_dump(), status_code=200 if writable else 503)


async def _ledger_writable(request: Request) -> bool:
    try:
        await house_of(request).ledger.ready()
    except Exception as problem:  # noqa: BLE001 the answer says it
        log.warning("ledger.not_ready", error=type(problem).__name__)
        return False
    return True


@router.get("/metrics", summary="What was counted, for Prometheus", response_class=Response)
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
