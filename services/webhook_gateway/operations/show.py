"""The ledger's records as the API shows them. Nothing here asks anybody anything."""

from decimal import Decimal
from typing import cast

from services.webhook_gateway.operations.answers import (
    DocumentAnswer,
    EventAnswer,
    EventInFull,
    ExchangeAnswer,
    Money,
    PayoutOfSale,
    ProblemAnswer,
    RowState,
    RunAnswer,
    RunItemAnswer,
    State,
    SubjectAnswer,
    SubjectInFull,
)
from services.webhook_gateway.operations.booking_days import booking_day
from shared.ledger.booking_days import BookingDay
from shared.ledger.payout_lists import RowOfSale
from shared.ledger.records import Exchange, Link, Problem, Run, RunItem, StoredEvent, Subject

ORE = Decimal("0.01")


def subject(it: Subject) -> SubjectAnswer:
    return SubjectAnswer(
        id=it.id,
        connection=it.connection,
        kind=it.kind,
        key=it.key,
        market=it.market,
        lane=it.lane,
        state=cast(State, it.state),
        reason=it.reason,
        problem=problem(it.problem) if it.problem else None,
        next_try_at=it.next_try_at if it.wanted > it.done else None,
        attempt=it.attempt,
        failing_since=it.failing_since,
        summary={name: value for name, value in it.summary.items() if name != "plan"},
        created_at=it.created_at,
        updated_at=it.updated_at,
    )


def subject_in_full(
    it: Subject,
    *,
    events: list[StoredEvent],
    links: list[Link],
    exchanges: list[Exchange],
    payouts: list[RowOfSale],
    book_on: BookingDay | None,
) -> SubjectInFull:
    return SubjectInFull(
        **dict(subject(it)),
        book_on=booking_day(book_on) if book_on else None,
        events=[event_in_full(one) for one in events],
        plan=it.summary.get("plan"),
        documents=[document(link) for link in links],
        payouts=[row_of_sale(one) for one in payouts],
        exchanges=[exchange(one) for one in exchanges],
    )


def problem(it: Problem) -> ProblemAnswer:
    """Without the trace: that is for the log and the console of a developer."""
    return ProblemAnswer(
        code=it.code, message=it.message, cure=it.cure, facts=it.facts, docs=f"docs/problems/{it.code}.md"
    )


def event(it: StoredEvent) -> EventAnswer:
    return EventAnswer(
        id=it.id,
        connection=it.connection,
        source=it.source,
        name=it.name,
        subject_id=it.subject_id,
        market=it.market,
        occurred_at=it.occurred_at,
        received_at=it.received_at,
        outcome=it.outcome,
        attributes=dict(it.attributes),
    )


def event_in_full(it: StoredEvent) -> EventInFull:
    body = None if it.body is None else it.body.decode(errors="replace")
    return EventInFull(**dict(event(it)), body=body)


def document(it: Link) -> DocumentAnswer:
    return DocumentAnswer(
        system=it.system,
        kind=it.kind,
        reference=it.reference,
        number=it.number,
        state=it.state,
        total=None if it.total is None else money(it.total, it.currency),
        dated=it.dated,
        parent=it.parent,
        unanswered=it.unanswered,
        notes=it.notes,
        problem_code=it.problem_code,
        intended_at=it.intended_at,
        created_at=it.created_at,
        finalised_at=it.finalised_at,
        cancelled_at=it.cancelled_at,
    )


def exchange(it: Exchange) -> ExchangeAnswer:
    return ExchangeAnswer(
        system=it.system,
        method=it.method,
        path=it.url_path,
        status=it.status,
        outcome=it.outcome,
        duration_ms=it.duration_ms,
        at=it.at,
        vendor_request_id=it.vendor_request_id,
        request=it.request,
        answer=it.answer,
    )


def run_item(it: RunItem) -> RunItemAnswer:
    return RunItemAnswer(key=it.key, state=it.state, text=it.text, subject_id=it.subject_id, facts=it.facts)


def run(it: Run) -> RunAnswer:
    return RunAnswer(
        id=it.id,
        connection=it.connection,
        kind=it.kind,
        request=it.request,
        created_at=it.created_at,
        finished_at=it.finished_at,
        total=it.total,
        open=it.open,
        counts=it.counts,
        items=[run_item(item) for item in it.items.items],
        next_cursor=it.items.next_cursor,
    )


def row_of_sale(it: RowOfSale) -> PayoutOfSale:
    return PayoutOfSale(
        payout_id=it.payout_id,
        row=it.row_key,
        dated=it.dated,
        kind=it.kind,
        nominal=money(it.nominal, it.currency),
        paid=money(it.paid, it.currency),
        state=cast(RowState, it.state),
        why=it.why,
        documents=list(it.documents),
    )


def money(amount: Decimal, currency: str | None) -> Money:
    return Money(amount=str(amount.quantize(ORE)), currency=currency)
