"""A plan as a person reads it, before or after it is booked: drafts, postings, and why.

A preview is the run without its writes: the same read, the same plan, the same postings.
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import structlog

from services.sync_worker.backfill import expand_dates
from services.sync_worker.context import FlowContext
from services.sync_worker.registry import FLOWS
from services.sync_worker.workshop import Workshop
from shared.domain.customers import ShopCustomerDraft
from shared.domain.documents import CustomerDraft, Draft, Plan, SalesDocument, to_plain
from shared.domain.errors import Bug, SlussError
from shared.domain.outcomes import Moved, Skipped
from shared.domain.postings import BOOK_CURRENCY, Posting, has_postings, postings_of
from shared.ledger.records import Link, Subject

log = structlog.get_logger()
SHOWN = 100  # drafts of one plan; what a payout of thousands of rows has beyond that is summed


async def preview(shop: Workshop, subject: Subject) -> dict[str, Any]:
    """What a run of the subject would do now; only reads are made."""
    if subject.kind not in FLOWS:
        return {"outcome": "skipped", "reason": "nothing is booked of this", "drafts": [], "postings": []}
    try:
        async with shop.context(subject) as ctx:
            flow = FLOWS[subject.kind]
            plan = flow.plan(await flow.read(subject, ctx))
            if isinstance(plan, Skipped):
                return {"outcome": "skipped", "reason": plan.reason, "drafts": [], "postings": []}
            if isinstance(plan, Plan):
                held = {"problem": _told(plan.hold)} if plan.hold is not None else {}
                return {"outcome": "would_book", **await story_of(plan, ctx), **held}
    except SlussError as problem:
        return _stopped(problem)
    except Exception as bug:
        log.exception("preview.broke", subject=subject.key)
        return _stopped(Bug(f"{type(bug).__name__}: {bug}"))
    return await _preview_of_target(shop, subject, plan)


async def _preview_of_target(shop: Workshop, subject: Subject, moved: Moved) -> dict[str, Any]:
    """What the subject that is looked at instead would do."""
    target = await shop.ledger.subjects.find(subject.connection, moved.kind, moved.key)
    if target is not None and target.id == subject.id:
        return {"outcome": "skipped", "reason": moved.reason, "drafts": [], "postings": []}
    shown = await preview(shop, target or _stranger(subject.connection, moved.key, shop.clock()))
    return {**shown, "moved": moved.reason}


def _stopped(problem: SlussError) -> dict[str, Any]:
    return {
        "outcome": "problem",
        "problem": _told(problem),
        "drafts": [],
        "postings": [],
    }


def _told(problem: SlussError) -> dict[str, Any]:
    return {
        "code": problem.code,
        "message": problem.message,
        "cure": getattr(problem, "cure", ""),
        "facts": problem.facts,
    }


async def story_of(plan: Plan, ctx: FlowContext) -> dict[str, Any]:
    """The plan, what it posts by account, and what is new about it, ready for JSON."""
    chart = await ctx.facts.chart() if any(has_postings(draft) for draft in plan.drafts) else None
    known = {(link.kind, link.reference): link for link in ctx.links}
    drafts = []
    postings = []
    for draft in (*plan.extras, *plan.drafts[:SHOWN]):
        link = known.get(draft.key)
        exists = link is not None and link.number is not None
        drafts.append({**_shown(draft), "exists": exists, "number": link.number if link else None})
        if chart is not None:
            postings += [_posted(one, new=not exists) for one in postings_of(draft, chart)]
    rest = plan.drafts[SHOWN:]
    if chart is not None:
        beyond = [(one, known.get(draft.key)) for draft in rest for one in postings_of(draft, chart)]
        postings += _summed(beyond)
    return {
        "drafts": drafts,
        "left_out": len(rest),
        "postings": postings,
        "advice": [to_plain(advice) for advice in plan.advice[:SHOWN]],
        "explanations": list(plan.explanations),
    }


def _summed(posted: Iterable[tuple[Posting, Link | None]]) -> list[dict[str, Any]]:
    """What is too much to be shown document by document: by day and account, new apart from booked."""
    sums: dict[tuple[date, int, bool], Decimal] = {}
    for one, link in posted:
        key = (one.on, one.account, link is None or link.number is None)
        sums[key] = sums.get(key, Decimal(0)) + one.debit - one.credit
    zero = Decimal(0)
    return [
        _posted(Posting(on, "", account, max(amount, zero), max(-amount, zero)), new=new)
        for (on, account, new), amount in sums.items()
        if amount
    ]


def _shown(draft: Draft) -> dict[str, Any]:
    plain = {"kind": draft.kind, **to_plain(draft)}
    if isinstance(draft, SalesDocument):
        plain["total"] = {"amount": f"{draft.total.amount:.2f}", "currency": draft.currency}
        plain["vat"] = {"amount": f"{draft.vat.amount:.2f}", "currency": draft.currency}
    if isinstance(draft, CustomerDraft | ShopCustomerDraft | SalesDocument):
        for private in (
            "name",
            "email",
            "phone",
            "organisation_number",
            "billing",
            "delivery",
            "delivery_phone",
            "contact",
            "card",
            "your_reference",
        ):
            plain.pop(private, None)
    return plain


def _posted(one: Posting, *, new: bool) -> dict[str, Any]:
    return {
        "date": one.on.isoformat(),
        "document": one.document,
        "account": one.account,
        "debit": f"{one.debit:.2f}",
        "credit": f"{one.credit:.2f}",
        "currency": BOOK_CURRENCY,
        "new": new,
    }


async def preview_run(shop: Workshop, run_id: str) -> None:
    """Work out every open item of a preview; an item's result stands in its facts as JSON."""
    run = await shop.ledger.runs.get(run_id)
    if run is None:
        return
    await expand_dates(shop, run)
    if run.kind != "preview":
        return
    for item in await shop.ledger.runs.unsettled(run_id):
        subject = await shop.ledger.subjects.get(item.subject_id) if item.subject_id else None
        if subject is None:
            key = f"order_number:{item.key}" if run.request.get("by") == "order_numbers" else item.key
            subject = _stranger(run.connection, key, shop.clock())
        result = await preview(shop, subject)
        problem = result.get("problem") or {}
        text = result.get("reason") or problem.get("message") or _in_words(result)
        facts = {"result": json.dumps(result, ensure_ascii=False)}
        if problem:
            facts["code"] = problem["code"]
        await shop.ledger.runs.item_done(run_id, item.key, result["outcome"], text, facts)


def _in_words(result: dict[str, Any]) -> str:
    new = [draft for draft in result["drafts"] if not draft["exists"] and "total" in draft]
    if not new:
        return "everything is there already"
    return ", ".join(f"{one['kind']} {one['total']['amount']} {one['total']['currency']}" for one in new)


def _stranger(connection: str, key: str, now: datetime) -> Subject:
    """A sale that nobody told us of yet: previewed without leaving a trace."""
    return Subject(
        id="",
        connection=connection,
        kind="sale",
        key=key,
        market=None,
        lane="bulk",
        wanted=0,
        done=0,
        state="due",
        next_try_at=now,
        attempt=0,
        failing_since=None,
        lease_owner=None,
        lease_until=None,
        fence=0,
        problem=None,
        reason=None,
        summary={},
        created_at=datetime.min.replace(tzinfo=UTC),
        updated_at=now,
    )
