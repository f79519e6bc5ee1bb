"""What came in, and what became of it."""

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.webhook_gateway import problems
from services.webhook_gateway.house import house_of
from services.webhook_gateway.operations import show
from services.webhook_gateway.operations.access import Reader
from services.webhook_gateway.operations.answers import EventAnswer
from services.webhook_gateway.operations.paging import Cursor, Limit, Listed, listed, must_be_a_page
from services.webhook_gateway.operations.repeatable import RepeatableRoute

router = APIRouter(tags=["events"], route_class=RepeatableRoute)

AN_ID = re.compile(r"[0-9a-f]{32}")  # the cursor of this list is the id of its last line


@router.get(
    "/events", summary="What came in, newest first", responses=problems.documented(401, 403, 422, 503)
)
async def list_events(
    request: Request,
    key: Reader,
    connection: Annotated[str | None, Query(description="Of one connection.")] = None,
    since: Annotated[
        datetime | None, Query(description="Received at or after; UTC if it says nothing.")
    ] = None,
    source: Annotated[str | None, Query(description="`svea`, `svea_push`, `backfill`, ...")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[EventAnswer]:
    if cursor is not None and not AN_ID.fullmatch(cursor):
        raise problems.bad_cursor()
    asked = house_of(request).ledger.inbox.page(
        connection=connection, since=_as_utc(since), source=source, cursor=cursor, limit=limit
    )
    return listed(await must_be_a_page(asked), show.event)


def _as_utc(instant: datetime | None) -> datetime | None:
    if instant is None:
        return None
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError as problem:
        flaw = problems.Flaw(path="since", code="out_of_range", detail="There is no such instant in UTC.")
        raise problems.invalid([flaw]) from problem
