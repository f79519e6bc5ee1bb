"""What runs by itself for a connection: when, when last, how that ended, when next."""

from datetime import datetime
from typing import cast

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.operations.access import Reader
from services.webhook_gateway.operations.answers import State
from services.webhook_gateway.operations.paging import Listed
from services.webhook_gateway.routes.connections import must_be_known
from shared.ledger.records import StoredConnection, Subject
from shared.settings.timetable import TIMETABLE, Job, next_tick

router = APIRouter(tags=["connections"])


class ScheduledJob(BaseModel):
    job: str = Field(examples=["payouts"])
    says: str = Field(description="What it does.")
    when: str = Field(description="Its cron line, in the connection's time zone.", examples=["0 23 * * *"])
    time_zone: str = Field(examples=["Europe/Stockholm"])
    is_default: bool = Field(description="False when the declaration replaces the line.")
    last: datetime | None = Field(None, description="The tick that was taken last.")
    state: State | None = Field(None, description="Of its subject: how the last run ended, asked for or not.")
    result: str | None = Field(None, description="The same in words.")
    ended: datetime | None = Field(None, description="When that was.")
    subject_id: str | None = Field(None, description="Where its runs are told in full.")
    next: datetime | None = Field(None, description="None while the connection is inactive.")


@router.get(
    "/connections/{connection}/schedule",
    summary="Every job of a connection",
    responses=problems.documented(401, 403, 404, 503),
)
async def schedule(request: Request, key: Reader, connection: str) -> Listed[ScheduledJob]:
    house = house_of(request)
    stored = await must_be_known(house, connection)
    jobs = [await _shown(job, stored, house) for job in TIMETABLE]
    return Listed(items=jobs, next_cursor=None)


async def _shown(job: Job, stored: StoredConnection, house: House) -> ScheduledJob:
    """Its ticks, and the last run of the subject that it is done as."""
    declared = stored.declaration
    last = await house.ledger.slots.last(job.name, stored.name)
    subject = await house.ledger.subjects.find(stored.name, job.kind, stored.name)
    return ScheduledJob(
        job=job.name,
        says=job.says,
        when=declared.schedule.get(job.name, job.cron),
        time_zone=declared.time_zone,
        is_default=job.name not in declared.schedule,
        last=last.slot if last else None,
        state=cast(State, subject.state) if subject else None,
        result=_in_words(subject) if subject else last.result if last else None,
        ended=subject.updated_at if subject else last.recorded_at if last else None,
        subject_id=subject.id if subject else None,
        next=next_tick(job, declared, now=house.clock()) if stored.active else None,
    )


def _in_words(subject: Subject) -> str:
    if subject.problem is not None:
        return subject.problem.message
    return subject.reason or ", ".join(subject.summary.get("notes", ())) or subject.state
