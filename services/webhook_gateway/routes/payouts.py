"""Payouts: found by day or by the line on the bank account, explained row by row, matched by hand."""

import datetime
import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.operations import payouts as show
from services.webhook_gateway.operations.access import Operator, Reader
from services.webhook_gateway.operations.answers import RowState, State
from services.webhook_gateway.operations.paging import Cursor, Limit, Listed, must_be_a_page
from services.webhook_gateway.operations.payouts import (
    PayoutAnswer,
    PayoutInFull,
    PayoutRowAnswer,
)
from services.webhook_gateway.operations.plain_text import PlainText
from services.webhook_gateway.operations.repeatable import RepeatableRoute
from services.webhook_gateway.problems import ApiProblem, Flaw
from services.webhook_gateway.routes.connections import must_be_known
from shared.domain.money import to_cents
from shared.ledger.links import Outline
from shared.ledger.payout_lists import PayoutHead, SaleDocument
from shared.ledger.payouts import PayoutRowRecord
from shared.ledger.records import ApiKey, IncomingEvent

router = APIRouter(tags=["payouts"], route_class=RepeatableRoute)

BANK_DAYS = timedelta(days=5)  # Svea's day to the bank's: a weekend and a holiday in between
LONGEST_PLACE = 9
NOT_PAID = ("cancelled", "refused")
WITH_DOCUMENT = ("Order", "Credit")


class Match(BaseModel):
    """Exactly one of `invoice_number`, `sale` and `undo`; after a removal none of them, too."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    invoice_number: PlainText | None = Field(
        None,
        pattern=r"^[0-9]{1,19}$",
        description="Number in Fortnox of the invoice, or of the credit invoice, that the row is about.",
        examples=["4711"],
    )
    sale: PlainText | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Svea's checkout order id, or our id of the sale; it must leave one document to choose.",
        examples=[None],
    )
    undo: bool = Field(False, description="Forget what was chosen by hand.")
    payment_removed: bool = Field(
        False,
        description="The row is paid, and its payment was removed in Fortnox: a worker makes sure of that "
        "before the row is booked again. Without a document the row is matched as if it were new.",
    )

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        ways = [self.invoice_number is not None, self.sale is not None, self.undo].count(True)
        if ways > 1 or (ways == 0 and not self.payment_removed):
            raise ValueError("give exactly one of invoice_number, sale and undo")
        if self.undo and self.payment_removed:
            raise ValueError("a removal is undone without payment_removed")
        return self


class BookOn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    date: datetime.date = Field(description="The day in the books: not before the payout, not after today.")
    reason: PlainText = Field(
        "chosen for this payout", min_length=1, max_length=500, description="Why; it is kept."
    )


@router.get(
    "/payouts", summary="Payouts, newest day first", responses=problems.documented(401, 403, 422, 503)
)
async def list_payouts(
    request: Request,
    key: Reader,
    connection: Annotated[str | None, Query(description="Of one connection.")] = None,
    first: Annotated[date | None, Query(alias="from", description="First day.")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day, included.")] = None,
    state: Annotated[State | None, Query(description="State of the payout.")] = None,
    rows: Annotated[RowState | None, Query(description="Only with a row in this state.")] = None,
    amount: Annotated[
        Decimal | None,
        Query(max_digits=15, decimal_places=2, description="Exactly this was paid: a line at the bank."),
    ] = None,
    on: Annotated[
        date | None,
        Query(alias="date", description="Day of the line at the bank: that day or the five before it."),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[PayoutAnswer]:
    lists = house_of(request).ledger.payout_lists
    if on is not None:
        first, last = earliest(first, on), on if last is None else min(last, on)
    page = await must_be_a_page(
        lists.page(
            connection,
            first=first,
            last=last,
            paid=None if amount is None else to_cents(amount),
            state=state,
            with_rows=rows,
            cursor=cursor,
            limit=limit,
        )
    )
    counts = await lists.counts([one.subject_id for one in page.items])
    items = [show.payout(one, counts.get(one.subject_id, {})) for one in page.items]
    return Listed[PayoutAnswer](items=items, next_cursor=page.next_cursor)


def earliest(first: date | None, on: date) -> date:
    window = date.fromordinal(max(on.toordinal() - BANK_DAYS.days, 1))
    return window if first is None else max(first, window)


@router.get(
    "/payouts/{payout_id}",
    summary="One payout, row by row",
    responses=problems.documented(401, 403, 404, 422, 503),
)
async def get_payout(
    request: Request,
    key: Reader,
    payout_id: str,
    state: Annotated[RowState | None, Query(description="Only rows in this state.")] = None,
    cursor: Cursor = None,
    limit: Limit = 500,
) -> PayoutInFull:
    house = house_of(request)
    head = await _must_be_there(house, payout_id)
    after = _place(cursor)
    rows = await house.ledger.payouts.rows(head.subject_id, after=after, limit=limit + 1, state=state)
    more = len(rows) > limit
    counts = await house.ledger.payout_lists.counts([head.subject_id])
    made = await house.ledger.links.outlines(head.connection, subjects=[head.subject_id])
    others = [(one.kind, one.reference) for one in made if one.kind != "payment"]
    return show.payout_in_full(
        head,
        counts.get(head.subject_id, {}),
        links=await house.ledger.links.named(head.connection, "fortnox", others),
        rows=await shown(house, head, rows[:limit], made),
        next_cursor=str(rows[limit - 1].position) if more else None,
    )


@router.post(
    "/payouts/{payout_id}/rows/{row}/match",
    summary="Say which document a row is about",
    responses=problems.documented(401, 403, 404, 409, 422, 503),
)
async def match_row(
    request: Request, key: Operator, payout_id: str, row: str, wanted: Match
) -> PayoutRowAnswer:
    """A worker books it; until then the row shows what was chosen, and the state that it had."""
    house = house_of(request)
    head = await _must_be_there(house, payout_id)
    found = await _must_be_about_a_document(house, head, row)
    standing = await _standing(house, head, found)
    number = None if wanted.undo else wanted.invoice_number
    if wanted.sale is not None:
        number = await _only_document(house, head, found, wanted.sale)
    if wanted.undo and found.removed:
        number = found.documents[0] if len(found.documents) == 1 else None
    removed = _removed(wanted, found, standing)
    await house.ledger.payouts.choose_document(head.subject_id, found.row_key, number, removed=removed)
    told = {"row": found.row_key, "document": number or "", "was": found.chosen or ""}
    if removed:
        told["removed"] = ", ".join(removed)
    await _tell(house, key, head, "payout_row_matched", told)
    made = await house.ledger.links.outlines(head.connection, subjects=[head.subject_id])
    (answer,) = await shown(house, head, [await _must_have(house, head, row)], made)
    return answer


@router.post(
    "/payouts/{payout_id}/book",
    summary="Book a waiting payout on a day of your choice",
    responses=problems.documented(401, 403, 404, 409, 422, 503),
)
async def book_payout(request: Request, key: Operator, payout_id: str, wanted: BookOn) -> PayoutAnswer:
    """For a payout whose own day is locked: nothing moves to another month by itself."""
    house = house_of(request)
    head = await _must_be_there(house, payout_id)
    await _must_not_be_booked(house, head)
    await _must_be_a_day(house, head, wanted.date)
    await house.ledger.booking_days.choose(
        head.subject_id, wanted.date, reason=wanted.reason, chosen_by=key.name
    )
    await _tell(house, key, head, "payout_day_chosen", {"date": wanted.date.isoformat()})
    head = await _must_be_there(house, payout_id)
    counts = await house.ledger.payout_lists.counts([head.subject_id])
    return show.payout(head, counts.get(head.subject_id, {}))


# ── what has to hold ──────────────────────────────────────────────────────────────────────────────


async def _must_be_there(house: House, payout_id: str) -> PayoutHead:
    head = await house.ledger.payout_lists.get(payout_id)
    if head is None:
        raise problems.not_found("payout")
    return head


async def _must_have(house: House, head: PayoutHead, row: str) -> PayoutRowRecord:
    found = await house.ledger.payouts.row(head.subject_id, row)
    if found is None:
        raise problems.not_found("row")
    return found


async def _must_be_about_a_document(house: House, head: PayoutHead, row: str) -> PayoutRowRecord:
    found = await _must_have(house, head, row)
    if found.kind not in WITH_DOCUMENT:
        raise ApiProblem(409, "row_has_no_document", f"A row of kind {found.kind} is about no document.")
    return found


async def _standing(house: House, head: PayoutHead, row: PayoutRowRecord) -> list[Outline]:
    """Payments of the row that are in the books as far as we know, or that may be under way."""
    made = await house.ledger.links.outlines(head.connection, subjects=[head.subject_id])
    return [one for one in show.by_row(made).get(row.row_key, []) if one.state not in NOT_PAID]


def _removed(wanted: Match, row: PayoutRowRecord, standing: Sequence[Outline]) -> list[str]:
    """Numbers of the row's payments that are said to be gone.

    Raises ApiProblem while a payment of the row stands and nobody says so: it is matched for good.
    """
    said = [] if wanted.undo else list(row.removed)
    if wanted.payment_removed:
        said += [one.number for one in standing if one.number is not None and one.number not in said]
    stands = [one for one in standing if one.number not in said]
    if stands and not (wanted.undo and row.removed):
        numbers = ", ".join(one.number or one.reference for one in stands)
        raise ApiProblem(409, "row_is_paid", f"The row has a payment in Fortnox already: {numbers}.")
    return said


async def _only_document(house: House, head: PayoutHead, row: PayoutRowRecord, sale: str) -> str:
    """The sale's invoice, or for a refund its credit invoice; by amount where there are several."""
    found = await house.ledger.subjects.get(sale)
    if found is None or (found.connection, found.kind) != (head.connection, "sale"):
        found = await house.ledger.subjects.find(head.connection, "sale", sale)
    if found is None:
        raise _flaw("sale", "unknown_sale", "No sale of this connection has this id.")
    kind = "credit_invoice" if row.kind == "Credit" else "invoice"
    documents = await house.ledger.payout_lists.documents_of_sale(head.connection, found.id)
    of_kind = [one for one in documents if one.kind == kind]
    exact = [one for one in of_kind if one.total == row.nominal]
    if len(of_kind) != 1 and len(exact) != 1:
        raise _flaw("sale", "not_one_document", _choices(of_kind, kind.replace("_", " ")))
    return (of_kind if len(of_kind) == 1 else exact)[0].number


def _choices(documents: Sequence[SaleDocument], kind: str) -> str:
    if not documents:
        return f"The sale has no booked {kind} yet; the row settles itself when there is one."
    return f"The sale has several: choose one of {kind} {', '.join(one.number for one in documents)}."


async def _must_not_be_booked(house: House, head: PayoutHead) -> None:
    """A voucher that is made has its day, whatever became of the payments."""
    made = await house.ledger.links.outlines(head.connection, subjects=[head.subject_id])
    if head.booked or any(one.number for one in made if one.state not in NOT_PAID):
        raise ApiProblem(409, "payout_is_booked", "Documents of this payout are in the books already.")


async def _must_be_a_day(house: House, head: PayoutHead, day: date) -> None:
    stored = await must_be_known(house, head.connection)
    today = house.clock().astimezone(stored.declaration.zone).date()
    if not head.dated <= day <= today:
        raise _flaw("date", "out_of_range", f"Choose a day from {head.dated} to {today}.")


def _flaw(path: str, code: str, detail: str) -> ApiProblem:
    return problems.invalid([Flaw(path=path, code=code, detail=detail)])


def _place(cursor: str | None) -> int:
    """The cursor of a payout's rows is a place in the report."""
    if cursor is None:
        return -1
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= LONGEST_PLACE):
        raise problems.bad_cursor()
    return int(cursor)


# ── what follows ──────────────────────────────────────────────────────────────────────────────────


async def shown(
    house: House, head: PayoutHead, rows: Sequence[PayoutRowRecord], made: Sequence[Outline]
) -> list[PayoutRowAnswer]:
    numbers = {number for row in rows for number in row.documents}
    sales = await house.ledger.payout_lists.sale_documents(head.connection, numbers)
    payments = show.by_row(made)
    return [show.row(row, head, payments=payments.get(row.row_key, ()), sales=sales) for row in rows]


async def _tell(house: House, key: ApiKey, head: PayoutHead, name: str, told: dict[str, str]) -> None:
    """An event, so that a worker looks, and the act of a person, so that it is known who."""
    event = IncomingEvent(
        connection=head.connection,
        source="operator",
        name=name,
        dedupe_key=f"{name}|{head.key}|{secrets.token_hex(8)}",
        subject_kind="payout",
        subject_key=head.key,
        market=head.market,
        lane="settle",
        attributes=told,
    )
    await house.intake.accept_many([event])
    await house.ledger.audit.act(key.name, name.replace("_", ".", 1), head.connection, head.subject_id, told)
