"""The evening's reports: each group is kept as Svea sent it, and what is new or changed is booked."""

from collections.abc import Iterable
from datetime import date, timedelta

from services.sync_worker.workshop import Workshop
from shared.domain.errors import ReportsNotActivated
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
    read = changed = 0
    refused: list[ReportsNotActivated] = []
    async with shop.context(subject) as ctx:
        for market in ctx.settings.markets:
            try:
                for day in sorted(_days(today, runs)):
                    for payout, report in await ctx.svea[market.name].payouts(day, market=market.name):
                        read += 1
                        stored = await shop.ledger.payouts.store(subject.connection, payout, report)
                        if stored != "same":
                            changed += 1
                            await _book(shop, subject.connection, payout)
            except ReportsNotActivated as refusal:
                refused.append(refusal)  # the other markets are paid all the same
    if refused:
        raise refused[0]
    said = f"{read} payouts read, {changed} new or changed"
    for run in runs:
        await shop.ledger.runs.item_done(run.id, str(run.request["item"]), "done", said)
    return Done(notes=(said,))


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
