"""One run of one subject: lease, read, plan, book, note how it ended.

The only place that catches how a run can fail. arq never sees an exception: a job that raised would
be lost to it, while here the subject waits in the ledger for its next try.
"""

import asyncio
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.sync_worker import catalogue, shop_prices, stock
from services.sync_worker.asked_for import told
from services.sync_worker.booking import BookingEngine
from services.sync_worker.chores import CHORES
from services.sync_worker.hold import Hold, kept_alive
from services.sync_worker.payouts import wake_payouts
from services.sync_worker.preflight import after_failure
from services.sync_worker.preflight import fix as preflight_fix
from services.sync_worker.preview import SHOWN, story_of
from services.sync_worker.recorder import Recorder
from services.sync_worker.registry import FLOWS
from services.sync_worker.retry_policy import next_delay
from services.sync_worker.shop_documents import tell_the_shop
from services.sync_worker.workshop import Workshop
from services.sync_worker.writers.fortnox import fortnox_writers
from services.sync_worker.writers.magento import magento_writers
from shared.domain.documents import CreditDraft, InvoiceDraft, Plan
from shared.domain.errors import (
    Bug,
    LeaseLost,
    NeedsAttention,
    NotYet,
    Rejected,
    Retryable,
    TriesExhausted,
)
from shared.domain.outcomes import STANDING, Done, Moved, Skipped
from shared.ledger.cursors import standing_advice
from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, Lease, Link, Problem, Subject, Wake
from shared.ledger.turns import Turn
from shared.telemetry.metrics import RUN_SECONDS, RUNS

log = structlog.get_logger()

NEWER_WORKER = timedelta(minutes=1)

HELD = {
    **catalogue.PASSES,
    **stock.PASSES,
    **shop_prices.PASSES,
    **preflight_fix.PASSES,
}  # chores that write, and so need the lease
LINKLESS = HELD.keys() | CHORES.keys()


@dataclass(frozen=True)
class Ending:
    """How a run ended, as the ledger stores it."""

    state: str
    settled: bool
    next_try_at: datetime | None = None
    problem: Problem | None = None
    reason: str | None = None
    summary: dict[str, Any] | None = None
    failed: bool = False


async def converge(shop: Workshop, subject_id: str) -> None:
    """Bring one subject up to date, if it is due and nobody else is at it."""
    turn = await shop.ledger.turns.begin(
        subject_id, shop.owner, lease_for=shop.service.lease, linkless=LINKLESS
    )
    if turn is None:
        return
    lease, subject = turn.lease, turn.lease.subject
    said = Recorder(shop.ledger.audit, subject, shop.clock)
    with structlog.contextvars.bound_contextvars(
        connection=subject.connection,
        subject=subject.key,
        kind=subject.kind,
        run=lease.fence,
        event_id=turn.latest_event,
    ):
        try:
            began = asyncio.get_running_loop().time()
            ending = await _run_to_its_end(shop, turn, said)
            RUN_SECONDS.labels(kind=subject.kind).observe(asyncio.get_running_loop().time() - began)
            if ending is not None:
                await _note(shop, lease, ending, said)
        finally:
            await said.flush()  # what no ending took along


async def _run_to_its_end(shop: Workshop, turn: Turn, said: Recorder) -> Ending | None:
    """The ending of the run with what was planned; None when another worker has the subject."""
    story: dict[str, Any] = {}
    ending = await _ending(shop, turn, said, story)
    return replace(ending, summary=ending.summary or story or None) if ending else None


async def _ending(shop: Workshop, turn: Turn, said: Recorder, story: dict[str, Any]) -> Ending | None:
    lease = turn.lease
    try:
        async with kept_alive(
            shop.ledger.subjects, lease, lease_for=shop.service.lease, heartbeat=shop.service.lease_heartbeat
        ) as hold:
            return await _run(shop, hold, turn, said, story)
    except LeaseLost:
        log.warning("lease.lost")
        return None
    except asyncio.CancelledError:
        await asyncio.shield(shop.ledger.subjects.release(lease))
        log.info("subject.released")
        raise
    except Rejected as refusal:
        return Ending("rejected", settled=True, reason=refusal.message)
    except Retryable as passing:
        return _wait(shop, lease.subject, passing)
    except NeedsAttention as problem:
        return _ask(shop, problem)
    except Exception as bug:
        log.exception("run.broke")
        return _bug(shop, bug)


async def _run(shop: Workshop, hold: Hold, turn: Turn, said: Recorder, story: dict[str, Any]) -> Ending:
    subject = hold.lease.subject
    if subject.kind in HELD:
        return _chore_ended(await told(shop, subject, lambda: HELD[subject.kind](shop, hold)))
    if subject.kind in CHORES:
        return _chore_ended(await told(shop, subject, lambda: CHORES[subject.kind](shop, subject)))
    async with shop.context(subject, turn=turn, said=said) as ctx:
        flow = FLOWS.get(subject.kind)
        if flow is None:  # told of by a process that is newer than this one, as are its workers soon
            raise NotYet(f"no worker here knows what a {subject.kind} is", retry_after=NEWER_WORKER)
        seen = await flow.read(subject, ctx)
        plan = flow.plan(seen)
        if isinstance(plan, Skipped | Moved):
            if isinstance(plan, Moved):
                await _hand_over(shop, hold.lease, plan)
            return Ending("skipped", settled=True, reason=plan.reason, summary={"reason": plan.reason})
        plan = await _without_standing_advice(shop, subject, plan)
        story |= {"plan": await story_of(plan, ctx), "names": [list(name) for name in plan.names]}
        story["open"] = plan.open
        engine = BookingEngine(
            links=shop.ledger.links,
            connection=subject.connection,
            writers=fortnox_writers(ctx.fortnox, shop.ledger, ctx.settings, shop.clock)
            | magento_writers(ctx.magento, ctx.settings.magento),
            hold=hold,
            clock=shop.clock,
            in_doubt_wait=ctx.settings.fortnox.in_doubt_wait,
            checkpoint=shop.checkpoint,
            known=ctx.links,
        )
        await _remember_names(shop, subject, plan)
        done = await engine.book(plan)
        if flow.note is not None:
            await flow.note(subject, seen, ctx)
        if subject.kind == "sale":
            await _tell_payouts(shop, subject, plan, ctx.links)
            await tell_the_shop(shop, subject, plan, ctx, engine)
        if plan.extras:
            extra = await engine.book(Plan(drafts=plan.extras))
            done = Done((*done.documents, *extra.documents), (*done.notes, *extra.notes))
        if plan.hold is not None:
            raise plan.hold
    return Ending("done", settled=True, summary={**story, **_told(done)})


async def _without_standing_advice(shop: Workshop, subject: Subject, plan: Plan) -> Plan:
    """Advice about the shop itself is kept with the connection, the first time; not with every sale."""
    standing = [advice for advice in plan.advice if advice.code in STANDING]
    for advice in standing:
        name = standing_advice(advice.code)
        if await shop.ledger.cursors.get(subject.connection, name) is None:
            await shop.ledger.cursors.set(subject.connection, name, f"{subject.key}: {advice.text}")
    if not standing:
        return plan
    return replace(plan, advice=tuple(advice for advice in plan.advice if advice not in standing))


async def _tell_payouts(shop: Workshop, subject: Subject, plan: Plan, before: Sequence[Link]) -> None:
    """A payout may have been waiting for a document that this run has made."""
    final = {(link.kind, link.reference) for link in before if link.state == "final"}
    new = sorted(
        draft.ref
        for draft in plan.drafts
        if isinstance(draft, InvoiceDraft | CreditDraft) and draft.key not in final
    )
    if new:
        number = next((value for name, value in plan.names if name == "order_number"), "")
        await wake_payouts(
            shop,
            subject.connection,
            checkout_id=subject.key,
            order_number=number,
            because=",".join(new)[:200],
        )


async def _hand_over(shop: Workshop, lease: Lease, moved: Moved) -> None:
    """The other subject looks now, and from now on hears what is told of this one."""
    subject = lease.subject
    told = IncomingEvent(
        connection=subject.connection,
        source="magento",
        name="joined",
        dedupe_key=f"joined:{subject.id}:{lease.wanted}",
        subject_kind=moved.kind,
        subject_key=moved.key,
        lane=subject.lane,
    )
    (accepted,) = await shop.ledger.inbox.accept([told])
    target = subject_id(subject.connection, moved.kind, moved.key)
    await shop.ledger.aliases.add(subject.connection, subject.kind, subject.key, target)
    if isinstance(accepted.subject, Wake):
        await shop.queue.wake([accepted.subject])


async def _remember_names(shop: Workshop, subject: Subject, plan: Plan) -> None:
    """So that an order number finds the sale; asked once, since a name does not change."""
    if subject.summary.get("names") != [list(name) for name in plan.names]:
        for kind, name in plan.names:
            await shop.ledger.aliases.add(subject.connection, kind, name, subject.id)


def _chore_ended(ended: Done | Skipped) -> Ending:
    if isinstance(ended, Skipped):
        return Ending("skipped", settled=True, reason=ended.reason)
    return Ending("done", settled=True, summary=_told(ended))


def _told(done: Done) -> dict[str, Any]:
    """Of a payout of thousands of rows the first documents; all of them are links."""
    left_out = len(done.documents) - SHOWN
    more = {"documents_left_out": left_out} if left_out > 0 else {}
    return {"documents": list(done.documents[:SHOWN]), "notes": list(done.notes)} | more


def _wait(shop: Workshop, subject: Subject, passing: Retryable) -> Ending:
    """A passing failure: come back later, and ask a person when that has gone on for too long."""
    now = shop.clock()
    patient = isinstance(passing, NotYet)
    since = subject.failing_since or now
    if not patient and now - since > shop.service.retry_for:
        return _ask(
            shop,
            TriesExhausted(
                f"still failing after {shop.service.retry_for}: {passing.message}", facts=passing.facts
            ),
        )
    delay = next_delay(passing, attempt=subject.attempt, service=shop.service, jitter=shop.random)
    problem = Problem(passing.code, passing.message, "", passing.facts)
    return Ending("waiting", settled=False, next_try_at=now + delay, problem=problem, failed=not patient)


def _ask(shop: Workshop, problem: NeedsAttention, trace: str | None = None) -> Ending:
    told = Problem(problem.code, problem.message, problem.cure, problem.facts, trace)
    recheck = shop.clock() + shop.service.attention_recheck
    return Ending("needs_attention", settled=False, next_try_at=recheck, problem=told)


def _bug(shop: Workshop, bug: Exception) -> Ending:
    told = Bug(f"{type(bug).__name__}: {bug}")
    return _ask(shop, told, trace="".join(traceback.format_exception(bug)))


async def _note(shop: Workshop, lease: Lease, ending: Ending, said: Recorder) -> None:
    try:
        subject, waiting = await shop.ledger.turns.end(
            lease,
            said.waiting,
            state=ending.state,
            settled=ending.settled,
            next_try_at=ending.next_try_at,
            problem=ending.problem,
            reason=ending.reason,
            summary=ending.summary,
            failed=ending.failed,
        )
    except LeaseLost:
        log.warning("lease.lost")
        return
    said.waiting = []
    RUNS.labels(
        kind=subject.kind, state=ending.state, code=ending.problem.code if ending.problem else ""
    ).inc()
    log.info("subject.ended", state=ending.state, problem=ending.problem and ending.problem.code)
    await shop.settle_runs(waiting, ending.state, ending.problem, ending.reason, ending.summary)
    if ending.problem is not None:
        await after_failure.check_again(shop, subject, ending.problem)
    if subject.state == "due":
        await shop.ring_again(subject)
