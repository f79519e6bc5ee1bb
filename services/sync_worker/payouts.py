"""The evening's reports: each group is kept as Svea sent it, and what is new or changed is booked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from services.sync_worker.context import FlowContext
from services.sync_worker.workshop import Workshop
from shared.domain.errors import NeedsAttention, ReportsNotActivated, UnreadableAnswer
from shared.domain.outcomes import Done, Skipped
from shared.domain.payouts import Payout
from shared.ledger.records import IncomingEvent, Run, Subject

DAYS_BACK = 7  # a report may come late, and one that was booked may change


async def payouts(shop: Workshop, subject: Subject) -> Done | Skipped:
    """Today and the last seven days of every market; or the day that an operator asked for."""
    kit = await shop.kit(subject.connection)
    if not kit.settings.sync.payouts:
        return Skipped("payouts are switched off for this connection")
    runs = await shop.ledger.runs.jobs(subject.connection, subject.kind)
    today = shop.clock().astimezone(kit.settings.zone).date()
    async with shop.context(subject) as ctx:
        evening = Evening(shop, ctx)
        for market in ctx.settings.markets:
            await evening.of_market(market.name, sorted(_days(today, runs)))
    if evening.refused:
        raise evening.refused[0]
    said = f"{evening.read} payouts read, {evening.changed} new or changed"
    for run in runs:
        await shop.ledger.runs.item_done(run.id, str(run.request["item"]), "done", said)
    return Done(notes=(said,))


@dataclass
class Evening:
    """One round of reading; what is refused in one market or of one day stops no other."""

    shop: Workshop
    ctx: FlowContext
    read: int = 0
    changed: int = 0
    refused: list[NeedsAttention] = field(default_factory=list)

    async def of_market(self, market: str, days: Iterable[date]) -> None:
        for day in days:
            try:
                found = await self.ctx.svea[market].payouts(day, market=market)
            except ReportsNotActivated as refusal:
                self.refused.append(refusal)
                return
            except UnreadableAnswer as refusal:
                self.refused.append(refusal)
            else:
                await self._keep(found, day)

    async def _keep(self, found: Sequence[tuple[Payout, Any]], day: date) -> None:
        alike = _alike(found)
        self.refused += _refusals(alike, day)
        for payout, report in found:
            if payout.key in alike:
                continue
            self.read += 1
            stored = await self.shop.ledger.payouts.store(self.ctx.settings.name, payout, report)
            if stored != "same":
                self.changed += 1
                await _book(self.shop, self.ctx.settings.name, payout)


def _alike(found: Iterable[tuple[Payout, Any]]) -> dict[str, list[Payout]]:
    """Payouts that are named by the same key: whether they are two, or one twice, nobody can tell."""
    by_key: dict[str, list[Payout]] = {}
    for payout, _ in found:
        by_key.setdefault(payout.key, []).append(payout)
    return {key: payouts for key, payouts in by_key.items() if len(payouts) > 1}


def _refusals(alike: Mapping[str, Sequence[Payout]], day: date) -> list[UnreadableAnswer]:
    return [
        UnreadableAnswer(
            f"Svea's report of {day} has payout {key} {len(payouts)} times, "
            f"with {' and '.join(str(one.paid) for one in payouts)} paid: none of them is booked",
            facts={"payout": key, "paid": ", ".join(str(one.paid) for one in payouts)},
        )
        for key, payouts in alike.items()
    ]


def _days(today: date, runs: Iterable[Run]) -> set[date]:
    asked = {date.fromisoformat(run.request["date"]) for run in runs if run.request.get("date")}
    return asked | {today - timedelta(days=back) for back in range(DAYS_BACK + 1)}


async def _book(shop: Workshop, connection: str, payout: Payout) -> None:
    event = IncomingEvent(
        connection=connection,
        source="schedule",
        name="payout_report",
        dedupe_key=f"payout|{payout.key}|{payout.content_hash}",
        subject_kind="payout",
        subject_key=payout.key,
        market=payout.market,
        lane="settle",
    )
    accepted = await shop.ledger.inbox.accept([event])
    await shop.queue.wake([one.subject for one in accepted if one.subject is not None])


async def wake_payouts(
    shop: Workshop, connection: str, *, checkout_id: str, order_number: str, because: str
) -> None:
    """A sale has a new document: payouts whose rows waited for it settle them."""
    keys = await shop.ledger.payouts.waiting_for(
        connection, checkout_id=checkout_id, order_number=order_number
    )
    events = [
        IncomingEvent(
            connection=connection,
            source="schedule",
            name="document_made",
            dedupe_key=f"payout|{key}|{because}",
            subject_kind="payout",
            subject_key=key,
            lane="settle",
        )
        for key in keys
    ]
    if events:
        accepted = await shop.ledger.inbox.accept(events)
        await shop.queue.wake([one.subject for one in accepted if one.subject is not None])
