"""The day on which something is booked whose own is closed: chosen by a person, undone until it is used."""

import datetime
import secrets
from datetime import date

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.operations.access import Operator
from services.webhook_gateway.operations.booking_days import BookingDayAnswer, booking_day
from services.webhook_gateway.operations.plain_text import PlainText
from services.webhook_gateway.operations.repeatable import RepeatableRoute
from services.webhook_gateway.problems import ApiProblem, Flaw
from services.webhook_gateway.routes.connections import must_be_known
from shared.ledger.booking_days import BookingDay
from shared.ledger.links import Outline
from shared.ledger.records import ApiKey, IncomingEvent, Subject

router = APIRouter(tags=["subjects"], route_class=RepeatableRoute)

WAITS_FOR_A_DAY = ("period_locked", "missing_financial_year", "cash_method")
NOT_MADE = ("cancelled", "refused")


class BookOn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    date: datetime.date = Field(
        description="The day in the books: open, not before the document's own, not after today."
    )
    reason: PlainText = Field(
        min_length=1,
        max_length=500,
        description="Why; it is kept.",
        examples=["VAT for March has been reported; agreed with the accountant"],
    )


@router.post(
    "/subjects/{subject_id}/book-on",
    summary="Book what waits for its day on another one",
    responses=problems.documented(401, 403, 404, 409, 422, 503),
)
async def book_on(request: Request, key: Operator, subject_id: str, wanted: BookOn) -> BookingDayAnswer:
    """For a sale, a refund or a payout whose own day is locked, has no financial year, or is kept by the cash
    method. Documents whose own day is open keep it."""
    house = house_of(request)
    subject = await _must_be_known(house, subject_id)
    await _must_wait_for_a_day(house, subject)
    await _must_be_possible(house, subject, wanted.date)
    chosen = await house.ledger.booking_days.choose(
        subject.id, wanted.date, reason=wanted.reason, chosen_by=key.name
    )
    await _tell(house, key, subject, "book_on", {"date": wanted.date.isoformat(), "reason": wanted.reason})
    return booking_day(chosen)


@router.delete(
    "/subjects/{subject_id}/book-on",
    summary="Forget the day that was chosen",
    status_code=204,
    responses=problems.documented(401, 403, 404, 409, 503),
)
async def undo(request: Request, key: Operator, subject_id: str) -> None:
    """Until something is booked on it; then it is what happened, and stays."""
    house = house_of(request)
    subject = await _must_be_known(house, subject_id)
    chosen = await house.ledger.booking_days.of(subject.id)
    if chosen is None:
        raise problems.not_found("chosen day")
    _must_not_be_used(chosen, await _made(house, subject))
    await house.ledger.booking_days.undo(subject.id)
    await _tell(house, key, subject, "book_on_undone", {"date": chosen.day.isoformat()})


async def _must_be_known(house: House, subject_id: str) -> Subject:
    subject = await house.ledger.subjects.get(subject_id)
    if subject is None:
        raise problems.not_found("subject")
    return subject


async def _must_wait_for_a_day(house: House, subject: Subject) -> None:
    """Also one that waited, has a chosen day by now, and stopped for another reason."""
    waits = subject.problem is not None and subject.problem.code in WAITS_FOR_A_DAY
    if not waits and await house.ledger.booking_days.of(subject.id) is None:
        raise ApiProblem(409, "no_day_to_choose", "Nothing of this waits because of its day.")
    made = await _made(house, subject)
    if subject.kind == "payout" and made:
        raise ApiProblem(409, "payout_is_booked", "Documents of this payout are in the books already.")


async def _must_be_possible(house: House, subject: Subject, day: date) -> None:
    """As far as is known here; a worker asks Fortnox, and says if the day is closed as well."""
    stored = await must_be_known(house, subject.connection)
    today = house.clock().astimezone(stored.declaration.zone).date()
    facts = subject.problem.facts if subject.problem is not None else {}
    own = date.fromisoformat(facts["date"]) if "date" in facts else date.min
    if day > today or day < own:
        since = f"from {own} " if "date" in facts else ""
        raise _flaw("out_of_range", f"Choose a day {since}up to {today}.")
    if day.isoformat() <= facts.get("locked_until", ""):
        raise _flaw("period_locked", f"The books are locked up to {facts['locked_until']} as far as we know.")


async def _made(house: House, subject: Subject) -> list[Outline]:
    found = await house.ledger.links.outlines(subject.connection, subjects=[subject.id])
    return [one for one in found if one.dated is not None and one.state not in NOT_MADE]


def _must_not_be_used(chosen: BookingDay, made: list[Outline]) -> None:
    used = [one for one in made if one.dated == chosen.day]
    if used:
        names = ", ".join(one.number or one.reference for one in used)
        raise ApiProblem(409, "day_is_used", f"Booked on {chosen.day} already: {names}.")


def _flaw(code: str, detail: str) -> ApiProblem:
    return problems.invalid([Flaw(path="date", code=code, detail=detail)])


async def _tell(house: House, key: ApiKey, subject: Subject, name: str, told: dict[str, str]) -> None:
    """An event, so that a worker looks, and the act of a person, so that it is known who."""
    event = IncomingEvent(
        connection=subject.connection,
        source="operator",
        name=name,
        dedupe_key=f"{name}|{subject.key}|{secrets.token_hex(8)}",
        subject_kind=subject.kind,
        subject_key=subject.key,
        market=subject.market,
        lane=subject.lane,
        attributes=told,
    )
    await house.intake.accept_many([event])
    await house.ledger.audit.act(key.name, f"subject.{name}", subject.connection, subject.id, told)
