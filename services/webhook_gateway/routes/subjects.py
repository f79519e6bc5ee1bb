"""Subjects: found by any number, shown whole, tried again, left alone, previewed."""

import asyncio
import json
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.intake import OPERATORS_RING_SECONDS
from services.webhook_gateway.operations import show
from services.webhook_gateway.operations.access import Operator, Reader
from services.webhook_gateway.operations.answers import (
    Kind,
    PreviewAnswer,
    Retried,
    State,
    SubjectAnswer,
    SubjectInFull,
)
from services.webhook_gateway.operations.paging import Cursor, Limit, Listed, listed, must_be_a_page
from services.webhook_gateway.operations.plain_text import PlainText
from services.webhook_gateway.operations.repeatable import RepeatableRoute
from shared.ledger.payout_lists import RowOfSale
from shared.ledger.records import Run, RunItem, Subject

router = APIRouter(tags=["subjects"], route_class=RepeatableRoute)

PREVIEW_SECONDS = 10.0
FIRST_LOOK_SECONDS = 0.05
LONGEST_LOOK_SECONDS = 0.5

Connection = Annotated[str | None, Query(description="Of one connection.")]
AnyNumber = Annotated[
    str | None,
    Query(
        max_length=200,
        description="Any number: order, invoice, checkout id, voucher; whole or its beginning.",
    ),
]


class Filter(BaseModel):
    """Which subjects: by id, or all that match. Something must be said, so that nobody retries everything."""

    model_config = ConfigDict(extra="forbid")

    ids: list[PlainText] = Field([], max_length=500, description="Their ids; then nothing else.")
    connection: PlainText | None = Field(None, description="Of one connection.", examples=["acme"])
    kind: Kind | None = None
    state: State | None = Field(None, examples=["needs_attention"])
    q: PlainText | None = Field(None, max_length=200, description="As in `GET /subjects`.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        by_match = any((self.connection, self.kind, self.state, self.q))
        if bool(self.ids) == by_match:
            raise ValueError("give ids, or at least one of connection, kind, state and q")
        return self


class Ignore(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    reason: PlainText = Field(
        min_length=1, max_length=500, description="Why; it is kept.", examples=["Booked by hand"]
    )


@router.get("/subjects", summary="Find subjects", responses=problems.documented(401, 403, 422, 503))
async def list_subjects(
    request: Request,
    key: Reader,
    connection: Connection = None,
    kind: Kind | None = None,
    state: State | None = None,
    q: AnyNumber = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[SubjectAnswer]:
    asked = house_of(request).ledger.subjects.page(
        connection=connection, kind=kind, state=state, q=q, cursor=cursor, limit=limit
    )
    return listed(await must_be_a_page(asked), show.subject)


@router.get(
    "/subjects/{subject_id}",
    summary="One subject: events, plan, documents, payouts, exchanges, problem",
    responses=problems.documented(401, 403, 404, 503),
)
async def get_subject(request: Request, key: Reader, subject_id: str) -> SubjectInFull:
    ledger = house_of(request).ledger
    subject = await _must_be_known(house_of(request), subject_id)
    return show.subject_in_full(
        subject,
        events=await ledger.inbox.for_subject(subject.id),
        links=await ledger.links.for_subject(subject.id),
        exchanges=await ledger.audit.exchanges(subject_id=subject.id),
        payouts=await _payouts_of(house_of(request), subject),
        book_on=await ledger.booking_days.of(subject.id),
    )


@router.post(
    "/subjects/retry",
    summary="Try many again, by id or by filter",
    responses=problems.documented(401, 403, 409, 422, 503),
)
async def retry_many(request: Request, key: Operator, wanted: Filter) -> Retried:
    house = house_of(request)
    subjects = house.ledger.subjects
    if wanted.ids:
        wakes = await subjects.retry(wanted.ids)
    else:
        wakes = await subjects.retry_where(
            connection=wanted.connection, kind=wanted.kind, state=wanted.state, q=wanted.q
        )
    asked = wanted.model_dump(exclude_defaults=True)
    await house.ledger.audit.act(
        key.name, "subjects.retry", wanted.connection, None, {**asked, "retried": len(wakes)}
    )
    await house.doorbell.ring(wakes, within=OPERATORS_RING_SECONDS)
    return Retried(retried=len(wakes))


@router.post(
    "/subjects/{subject_id}/retry",
    summary="Try one again, now",
    responses=problems.documented(401, 403, 404, 409, 503),
)
async def retry_one(request: Request, key: Operator, subject_id: str) -> Retried:
    house = house_of(request)
    subject = await _must_be_known(house, subject_id)
    wakes = await house.ledger.subjects.retry([subject.id])
    await house.ledger.audit.act(key.name, "subject.retry", subject.connection, subject.id, {})
    await house.doorbell.ring(wakes)
    return Retried(retried=len(wakes))


@router.post(
    "/subjects/{subject_id}/ignore",
    summary="Leave it alone, with a reason",
    responses=problems.documented(401, 403, 404, 409, 422, 503),
)
async def ignore(request: Request, key: Operator, subject_id: str, why: Ignore) -> SubjectAnswer:
    house = house_of(request)
    subject = await _must_be_known(house, subject_id)
    ignored = await house.ledger.subjects.ignore(subject.id, why.reason)
    await house.ledger.audit.act(
        key.name, "subject.ignore", subject.connection, subject.id, {"reason": why.reason}
    )
    return show.subject(ignored)


@router.post(
    "/subjects/{subject_id}/preview",
    summary="What a run would do now; nothing is written",
    responses={
        202: {"model": PreviewAnswer, "description": "It takes longer; ask for the run."},
        **problems.documented(401, 403, 404, 409, 503),
    },
)
async def preview(request: Request, response: Response, key: Operator, subject_id: str) -> PreviewAnswer:
    house = house_of(request)
    subject = await _must_be_known(house, subject_id)
    item = RunItem(key=subject.key, state="new", text="", subject_id=subject.id)
    run = await house.ledger.runs.start(subject.connection, "preview", {"subject_id": subject.id}, [item])
    if await house.doorbell.ask_for_preview(run.id):
        run = await _settled(house, run)
    answer = _preview_answer(run, subject)
    response.status_code = 200 if answer.finished else 202
    return answer


async def _must_be_known(house: House, subject_id: str) -> Subject:
    subject = await house.ledger.subjects.get(subject_id)
    if subject is None:
        raise problems.not_found("subject")
    return subject


async def _payouts_of(house: House, subject: Subject) -> list[RowOfSale]:
    """How the money of a sale came; other subjects have none."""
    if subject.kind != "sale":
        return []
    lists = house.ledger.payout_lists
    documents = await lists.documents_of_sale(subject.connection, subject.id)
    return await lists.of_sale(subject.connection, subject.key, documents)


async def _settled(house: House, run: Run) -> Run:
    """The run once its worker has answered, or as it is when we have waited long enough."""
    wait = FIRST_LOOK_SECONDS
    try:
        async with asyncio.timeout(PREVIEW_SECONDS):
            while run.open:
                await asyncio.sleep(wait)
                wait = min(wait * 1.5, LONGEST_LOOK_SECONDS)
                run = await house.ledger.runs.get(run.id) or run
    except TimeoutError:
        pass
    return run


def _preview_answer(run: Run, subject: Subject) -> PreviewAnswer:
    item = run.items.items[0]
    return PreviewAnswer(
        run_id=run.id,
        subject_id=subject.id,
        finished=run.open == 0,
        state=item.state,
        text=item.text,
        result=_result(item),
    )


def _result(item: RunItem) -> Any:
    """Money stays the text that the worker wrote."""
    written = item.facts.get("result")
    return None if written is None else json.loads(written)
