"""What runs by itself for a connection: when, when last, how that ended, when next."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.webhook_gateway import problems
from services.webhook_gateway.house import house_of
from services.webhook_gateway.operations.access import Reader
from services.webhook_gateway.operations.paging import Listed
from services.webhook_gateway.routes.connections import must_be_known
from shared.settings.timetable import TIMETABLE, next_tick

router = APIRouter(tags=["connections"])


class ScheduledJob(BaseModel):
    job: str = Field(examples=["payouts"])
    says: str = Field(description="What it does.")
    when: str = Field(description="Its cron line, in the connection's time zone.", examples=["0 23 * * *"])
    time_zone: str = Field(examples=["Europe/Stockholm"])
    is_default: bool = Field(description="False when the declaration replaces the line.")
    last: datetime | None = Field(None, description="The tick that was taken last.")
    result: str | None = Field(None, description="How that ended, in words.")
    next: datetime | None = Field(None, description="None while the connection is inactive.")


@router.get(
    "/connections/{connection}/schedule",
    summary="Every job of a connection",
    responses=problems.documented(401, 403, 404, 503),
)
async def schedule(request: Request, key: Reader, connection: str) -> Listed[ScheduledJob]:
    house = house_of(request)
    stored = await must_be_known(house, connection)
    declared = stored.declaration
    jobs = []
    for job in TIMETABLE:
        last = await house.ledger.slots.last(job.name, connection)
        jobs.append(
            ScheduledJob(
                job=job.name,
                says=job.says,
                when=declared.schedule.get(job.name, job.cron),
                time_zone=declared.time_zone,
                is_default=job.name not in declared.schedule,
                last=last.slot if last else None,
                result=last.result if last else None,
                next=next_tick(job, declared, now=house.clock()) if stored.active else None,
            )
        )
    return Listed(items=jobs, next_cursor=None)
