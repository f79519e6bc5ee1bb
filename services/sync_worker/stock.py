"""The stock of all articles, or of those that changed: page by page, from where the last run stopped.

A page is 500 articles of Fortnox with one call, what the shop has of them with a few, and the differences
with one or more. An article that the shop refuses becomes a subject of its own; the pass goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.sync_worker.booking import BookingEngine
from services.sync_worker.context import FlowContext
from services.sync_worker.flows.stock.open_orders import NOW, Holdings
from services.sync_worker.flows.stock.plan import differences
from services.sync_worker.flows.stock.read import OFF, holdings_of, observed, why_not
from services.sync_worker.hold import Hold
from services.sync_worker.shop_facts import ShopFacts
from services.sync_worker.stock_progress import FULL, SWEEP, StockBook, StockProgress
from services.sync_worker.workshop import Workshop
from services.sync_worker.writers.magento_stock import RefusedRow, ShopStockWriter
from shared.clients.fortnox.wire_stock import ArticleStock, ArticleStockPage
from shared.clients.magento.client import MagentoClient
from shared.domain.catalogue import article_number
from shared.domain.documents import Plan
from shared.domain.errors import NotYet
from shared.domain.outcomes import Done, Skipped
from shared.domain.stock import ShopStockDraft, StockRow, StockStopped, page_reference
from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, RunItem

SLICE = timedelta(minutes=2)  # then others of the lane have their turn
GO_ON = timedelta(seconds=0)
WAIT_FOR_FULL_PASS = timedelta(minutes=1)
ORDERS_FRESH_FOR = timedelta(seconds=15)
AT_ONCE = 4
MOST_STOPPED = 100  # articles that stop before the pass itself asks a person
Changes = Mapping[str, Sequence[StockRow]]


async def stock_sweep(shop: Workshop, hold: Hold) -> Done | Skipped:
    """What changed in Fortnox since the last pass; all of it where articles are few."""
    return await _pass(shop, hold)


async def stock_full(shop: Workshop, hold: Hold) -> Done | Skipped:
    """Everything: whether a movement of stock is told as a change of its article is not known."""
    return await _pass(shop, hold)


async def _pass(shop: Workshop, hold: Hold) -> Done | Skipped:
    subject = hold.lease.subject
    book = StockBook(shop.ledger, subject.connection, subject.kind)
    async with shop.context(subject, of_many=True) as ctx:
        if ctx.magento is None or ctx.shop_facts is None:
            return Skipped("the connection has no shop")
        if not ctx.settings.sync.stock:
            return Skipped(OFF)
        if await book.full_pass_is_at_work(shop.clock()):
            raise NotYet("a pass over all articles is under way", retry_after=WAIT_FOR_FULL_PASS)
        progress = await book.opened(shop.clock(), ctx.settings.stock)
        return await StockPass(shop, hold, ctx, ctx.magento, ctx.shop_facts, book, progress).go()


@dataclass(frozen=True)
class Fetched:
    """A page of Fortnox, and what orders held before it was asked for."""

    number: int
    at: datetime
    holdings: Holdings
    page: ArticleStockPage


class StockPass:
    """One run of a pass: as many pages as fit into a slice of time; the next is fetched meanwhile."""

    def __init__(
        self,
        shop: Workshop,
        hold: Hold,
        ctx: FlowContext,
        client: MagentoClient,
        facts: ShopFacts,
        book: StockBook,
        progress: StockProgress,
    ) -> None:
        self._shop, self._hold, self._ctx = shop, hold, ctx
        self._client, self._facts = client, facts
        self._book, self._progress = book, progress
        self._first = progress.page
        self._until = shop.clock() + SLICE
        self._name = ctx.settings.name

    async def go(self) -> Done:
        """Raises NotYet when the slice is over, and what stopped the pass when something did."""
        ahead = asyncio.create_task(self._fetch(self._progress.page))
        try:
            while True:
                fetched = await ahead
                if not fetched.page.is_last:
                    ahead = asyncio.create_task(self._fetch(fetched.number + 1))
                await self._settle(fetched)
                if fetched.page.is_last:
                    break
                if self._shop.clock() >= self._until:
                    raise NotYet(f"{self._progress.in_words()}; goes on", retry_after=GO_ON)
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
        if self._progress.changed_since is not None:
            await self._look_at_sold(self._progress.changed_since)
        await self._book.pass_done(self._progress)
        return Done(notes=(self._progress.in_words(),))

    async def _fetch(self, number: int) -> Fetched:
        fresh_for = NOW if number == self._first else ORDERS_FRESH_FOR
        holdings = await holdings_of(self._ctx, self._client, self._facts, fresh_for=fresh_for)
        at = self._shop.clock()
        page = await self._ctx.fortnox.article_stock_page(number, self._progress.changed_since)
        return Fetched(number, at, holdings, page)

    async def _settle(self, fetched: Fetched) -> None:
        articles = {one.number: one for one in fetched.page.articles if not why_not(one, self._ctx)}
        seen = await observed(list(articles.values()), fetched.holdings, self._ctx, self._client, self._facts)
        known = [one for one in seen if not one.why_not]
        changes = {one.number: found for one in known if (found := differences(one))}
        left_alone = await self._left_alone(changes, articles, fetched)
        rows = {number: found for number, found in changes.items() if number not in left_alone}
        refused = await self._tell(rows, fetched)
        self._progress = self._progress.counted(
            page=1,
            looked_at=len(fetched.page.articles),
            told=len(rows) - len(refused),
            same=len(known) - len(changes),
            left_out=len(fetched.page.articles) - len(known) + len(left_alone),
            stopped=len(refused),
        )
        await self._hand_over(refused)
        await self._book.page_done(self._progress, self._shop.clock())

    async def _left_alone(
        self,
        changes: Changes,
        articles: Mapping[str, ArticleStock],
        fetched: Fetched,
    ) -> set[str]:
        """Articles that nobody counts, and those that somebody has looked at since the page was read."""
        subjects = {subject_id(self._name, "stock", number): number for number in changes}
        newer = await self._shop.ledger.sales_stock.looked_at_since(list(subjects), fetched.at)
        found = {subjects[one] for one in newer}
        doubtful = [one for one in changes if one not in found and not articles[one].surely_counted]
        return found | await self._uncounted(doubtful) if doubtful else found

    async def _uncounted(self, numbers: Sequence[str]) -> set[str]:
        """Of articles without any stock: those that are no stock goods, which lists do not tell."""
        room = self._shop.ledger.uncounted
        all_are_read = self._progress.since is None
        known = await room.among(self._name, numbers) if all_are_read else set[str]()
        gate = asyncio.Semaphore(AT_ONCE)

        async def is_counted(number: str) -> bool:
            async with gate:
                article = await self._ctx.fortnox.article_stock(number)
            return article is not None and not why_not(article, self._ctx)

        unknown = [number for number in numbers if number not in known]
        counted = await asyncio.gather(*(is_counted(number) for number in unknown))
        found = {number for number, yes in zip(unknown, counted, strict=True) if not yes}
        await room.add(self._name, found)
        await room.forget(self._name, set(unknown) - found)
        return known | found

    # ── telling ───────────────────────────────────────────────────────────────────────────────────

    async def _tell(self, changes: Changes, fetched: Fetched) -> dict[str, RefusedRow]:
        """What was refused, by article."""
        rows = {row: number for number, found in changes.items() for row in found}
        if not rows:
            return {}
        writer = ShopStockWriter(self._client, self._ctx.settings.stock.rows_per_call, alone=False)
        reference = page_reference(self._hold.lease.subject.kind, fetched.number)
        draft = ShopStockDraft(ref=reference, rows=tuple(rows), as_of=fetched.at)
        engine = BookingEngine(
            links=self._shop.ledger.links,
            connection=self._name,
            writers={draft.kind: writer},
            hold=self._hold,
            clock=self._shop.clock,
            in_doubt_wait=self._ctx.settings.fortnox.in_doubt_wait,
            checkpoint=self._shop.checkpoint,
        )
        await engine.book(Plan(drafts=(draft,)))
        return {rows[one.row]: one for one in writer.refused}

    async def _look_at_sold(self, since: datetime) -> None:
        """What was ordered or shipped while somebody counted is off by that order until the next look; where
        only changes are asked for there would be none before night."""
        orders = {order.entity_id: order async for order in self._client.orders_changed(since)}
        shipped = {shipment.order_id async for shipment in self._client.shipments(since=since)}
        sold = [*orders.values(), *await self._client.goods_of(shipped - orders.keys())]
        numbers = {article_number(one.sku) for order in sold for one in order.goods}
        await self._tell_of(numbers, "stock_sold")

    async def _hand_over(self, refused: Mapping[str, RefusedRow]) -> None:
        """Each article that stopped goes on as a subject of its own."""
        if not refused:
            return
        runs = await self._shop.ledger.runs.jobs(self._name, self._hold.lease.subject.kind)
        items = [
            RunItem(number, "new", one.problem.message, subject_id(self._name, "stock", number))
            for number, one in refused.items()
        ]
        for run in runs:
            await self._shop.ledger.runs.add_items(run.id, items)
        await self._tell_of(refused, "stock_refused", mark="|".join(run.id for run in runs))
        fine = self._progress.told + self._progress.same
        if self._progress.stopped > MOST_STOPPED and self._progress.stopped > fine:
            number, last = list(refused.items())[-1]
            raise StockStopped(
                f"{self._progress.stopped} articles were refused, so the pass waits; the last: "
                f"{number}: {last.problem.message}",
                facts={"articles": str(self._progress.stopped), "code": last.problem.code},
            )

    async def _tell_of(self, numbers: Collection[str], why: str, mark: str = "") -> None:
        """Events that name articles; the same of one pass is one event."""
        events = [
            IncomingEvent(
                connection=self._name,
                source="sweep",
                name=why,
                dedupe_key=f"{why}|{number}|{self._progress.began_at}|{mark}",
                subject_kind="stock",
                subject_key=number,
                lane="bulk",
            )
            for number in sorted(numbers)
        ]
        accepted = await self._shop.ledger.inbox.accept(events) if events else []
        await self._shop.queue.wake([one.subject for one in accepted if one.subject is not None])


PASSES: dict[str, Callable[[Workshop, Hold], Awaitable[Done | Skipped]]] = {
    SWEEP: stock_sweep,
    FULL: stock_full,
}
