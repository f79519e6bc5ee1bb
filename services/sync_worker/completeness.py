"""Every night: has each delivery and credit of Svea its document, and each document its delivery?

Asked of Svea itself, sale by sale, so that a notice that never came is found. What a run would book is
woken, and its line in the check's run says how it ended; what waits for a person is listed with why.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from services.sync_worker.completeness_gaps import Gaps, gaps_of
from services.sync_worker.context import FlowContext
from services.sync_worker.workshop import Workshop
from shared.clients.svea.wire import AdminOrder
from shared.domain.errors import ForeignOrder, NotYet, UnknownCheckout
from shared.domain.outcomes import Done, Skipped
from shared.ledger.completeness import PaidSale
from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, Run, RunItem, Subject

DAYS_BACK = 7
AT_ONCE = 4  # questions to Svea
PER_PART = 100
PER_TURN = 500  # then others of the lane have theirs, and a turn stays far from a job's longest time
NEXT_TURN = timedelta(seconds=1)
LINE = "completeness"  # the run's first line
PROGRESS = "completeness.progress"


@dataclass
class Progress:
    """How far a check has come; kept between its turns. ``after`` is the last checkout id it looked at."""

    run_id: str
    first: str
    after: str = ""
    sales: int = 0
    deliveries: int = 0
    credits: int = 0
    woken: int = 0
    listed: int = 0

    @property
    def said(self) -> str:
        looked = f"{self.sales} sales with {self.deliveries} deliveries and {self.credits} credits"
        if not self.woken and not self.listed:
            return f"{looked}: nothing is missing"
        return f"{looked}: {self.woken} looked at again, {self.listed} need a person or time"


@dataclass(frozen=True)
class Finding:
    """A sale with a gap, and whether a run of it is to be tried."""

    item: RunItem
    market: str | None
    wake: bool


async def completeness(shop: Workshop, subject: Subject) -> Done | Skipped:
    """The last seven days, or since the day that an operator asked for. Raises NotYet between turns."""
    asked = await shop.ledger.runs.jobs(subject.connection, subject.kind)
    async with shop.context(subject, of_many=True) as ctx:
        if not ctx.settings.markets:
            return Skipped("the connection has no market")
        progress = await _progress(shop, ctx, asked)
        ended = await _take_a_turn(shop, ctx, progress)
    kept = "" if ended else json.dumps(asdict(progress))
    await shop.ledger.cursors.set(subject.connection, PROGRESS, kept)
    if not ended:
        raise NotYet(progress.said, retry_after=NEXT_TURN)
    await shop.ledger.runs.item_done(progress.run_id, LINE, "done", progress.said)
    return Done(notes=(progress.said, f"run {progress.run_id}"))


async def _progress(shop: Workshop, ctx: FlowContext, asked: Sequence[Run]) -> Progress:
    """Where the last turn stopped, unless somebody has asked for earlier days since."""
    days = [run.request["date"] for run in asked if run.request.get("date")]
    first = min([(ctx.today - timedelta(days=DAYS_BACK)).isoformat(), *days])
    kept = await shop.ledger.cursors.get(ctx.settings.name, PROGRESS)
    if kept and not any(day < json.loads(kept)["first"] for day in days):
        return Progress(**json.loads(kept))
    if asked:
        return Progress(asked[0].id, first)
    item = RunItem(LINE, "running", "under way")
    run = await shop.ledger.runs.start(ctx.settings.name, LINE, {"from": first}, [item])
    return Progress(run.id, first)


async def _take_a_turn(shop: Workshop, ctx: FlowContext, progress: Progress) -> bool:
    """True when there is nothing left to look at."""
    first = date.fromisoformat(progress.first)
    since = datetime.combine(first, time.min, ctx.settings.zone)
    paid = {one.checkout_id: one for one in await shop.ledger.completeness.paid(ctx.settings.name, first)}
    told = await shop.ledger.completeness.sales(ctx.settings.name, since)
    keys = sorted(key for key in {*told, *paid} if key.isdecimal() and key > progress.after)
    for start in range(0, min(len(keys), PER_TURN), PER_PART):
        part = keys[start : min(start + PER_PART, PER_TURN)]
        findings = await _look(shop, ctx, part, paid, progress)
        await _tell(shop, ctx, progress, findings)
        progress.after = part[-1]
    return len(keys) <= PER_TURN


# ── what is looked at ─────────────────────────────────────────────────────────────────────────────


async def _look(
    shop: Workshop, ctx: FlowContext, keys: Sequence[str], paid: Mapping[str, PaidSale], progress: Progress
) -> list[Finding]:
    known = await shop.ledger.subjects.find_many(ctx.settings.name, "sale", keys)
    orders = dict(zip(known, await _orders(ctx, list(known.values())), strict=True))
    outlines = await shop.ledger.links.outlines(
        ctx.settings.name, subjects=[sale.id for sale in known.values()]
    )
    findings = []
    for key in keys:
        progress.sales += 1
        order = orders.get(key)
        if key not in known:
            findings.append(_never_told_of(ctx, paid[key]))
        elif order is not None:
            sale = known[key]
            gaps = gaps_of(order, [one for one in outlines if one.subject_id == sale.id], ctx.settings)
            progress.deliveries += gaps.deliveries
            progress.credits += gaps.credits
            findings += [_finding(sale, gaps)] if gaps else []
    return findings


async def _orders(ctx: FlowContext, sales: Sequence[Subject]) -> list[AdminOrder | None]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(sale: Subject) -> AdminOrder | None:
        async with gate:
            return await _order(ctx, sale)

    return await asyncio.gather(*(ask(sale) for sale in sales))


async def _order(ctx: FlowContext, sale: Subject) -> AdminOrder | None:
    """From the market that has it; None for a checkout that never became an order."""
    for market in sorted(ctx.settings.markets, key=lambda market: market.name != sale.market):
        try:
            return await ctx.svea[market.name].in_lane(ctx.subject.lane).order(sale.key)
        except (ForeignOrder, UnknownCheckout):
            continue
    return None


# ── what follows ──────────────────────────────────────────────────────────────────────────────────


def _never_told_of(ctx: FlowContext, paid: PaidSale) -> Finding:
    text = f"Svea paid it out on {paid.dated}, and no notice of it ever came"
    sale_id = subject_id(ctx.settings.name, "sale", paid.checkout_id)
    return Finding(RunItem(paid.checkout_id, "new", text, sale_id), paid.market, wake=True)


def _finding(sale: Subject, gaps: Gaps) -> Finding:
    """A sale that goes on by itself, or that a person has to deal with, is not woken once more."""
    text = "; ".join((*gaps.missing, *gaps.odd))
    why = _why_not_woken(sale, gaps)
    if why is None:
        return Finding(RunItem(sale.key, "new", text, sale.id), sale.market, wake=True)
    state, sentence = why
    return Finding(RunItem(sale.key, state, f"{text}: {sentence}", sale.id), sale.market, wake=False)


def _why_not_woken(sale: Subject, gaps: Gaps) -> tuple[str, str] | None:
    """State and sentence."""
    if sale.problem is not None:
        return sale.state, sale.problem.message
    if sale.state in ("due", "running", "waiting"):
        return sale.state, "it is on its way"
    if sale.state == "rejected" or _is_ignored(sale):
        return sale.state, sale.reason or "left alone"
    if not gaps.missing:
        return "differs", "compare the documents with Svea"
    return None


def _is_ignored(sale: Subject) -> bool:
    """By a person, with a reason; a run that skipped it has left the same reason in its summary."""
    return sale.state == "skipped" and sale.reason != sale.summary.get("reason")


async def _tell(shop: Workshop, ctx: FlowContext, progress: Progress, findings: Sequence[Finding]) -> None:
    """The lines first: the run of a sale that is woken ends its own."""
    listed = [one.item.key for one in findings if not one.wake]
    items = [one.item for one in findings]
    await shop.ledger.runs.add_items(progress.run_id, items, settled=listed)
    events = [_event(ctx, progress.run_id, one) for one in findings if one.wake]
    accepted = await shop.ledger.inbox.accept(events) if events else []
    await shop.queue.wake([one.subject for one in accepted if one.subject is not None])
    progress.listed += len(listed)
    progress.woken += len(events)


def _event(ctx: FlowContext, run_id: str, one: Finding) -> IncomingEvent:
    return IncomingEvent(
        connection=ctx.settings.name,
        source="sweep",
        name="completeness",
        dedupe_key=f"completeness|{run_id}|{one.item.key}",
        subject_kind="sale",
        subject_key=one.item.key,
        market=one.market,
        lane="settle",
        attributes={"run_id": run_id},
    )
