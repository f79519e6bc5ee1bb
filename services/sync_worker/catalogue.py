"""All products of a shop, or those that changed: page by page, from where the last run stopped.

The many that go well cost no subject, and the unchanged ones no call to Fortnox. A product that cannot be
written becomes a subject of its own: there it is seen, tried again, and keeps nobody waiting.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from services.sync_worker.booking import BookingEngine, Writer
from services.sync_worker.catalogue_page import Page, Trouble, page_of
from services.sync_worker.catalogue_progress import Progress, ProgressBook
from services.sync_worker.context import FlowContext
from services.sync_worker.flows.article.read import DEFAULT_VALUES, observed
from services.sync_worker.flows.article.shop import ShopCatalogue, shop_catalogue
from services.sync_worker.hold import Hold
from services.sync_worker.workshop import Workshop
from services.sync_worker.writers.fortnox import fortnox_writers
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.wire_catalogue import Product
from shared.domain.catalogue import PriceLineUnfit, ProductsStopped
from shared.domain.documents import Plan
from shared.domain.errors import (
    Bug,
    ConnectionInactive,
    ConnectionRevoked,
    InDoubt,
    LeaseLost,
    MissingRights,
    NotYet,
    SlussError,
    Unavailable,
)
from shared.domain.outcomes import Done, Skipped
from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, Link

log = structlog.get_logger()

PRODUCTS_PER_PAGE = 100
AT_ONCE = 4  # Fortnox answers more slowly than its rate limit lets us ask
SLICE = timedelta(minutes=2)  # then others of the lane have their turn
GO_ON = timedelta(seconds=0)
WAIT_FOR_FIRST_LOAD = timedelta(minutes=1)
CHANGES, ALL = "products", "products_full"
MOST_TROUBLE = 200  # products that stop before the pass itself asks a person
MOST_IN_DOUBT = 5  # unanswered writes of one page before the pass waits
# Not the trouble of one product: the pass itself waits.
OF_ALL = (Unavailable, LeaseLost, ConnectionRevoked, ConnectionInactive, MissingRights)


async def changed_products(shop: Workshop, hold: Hold) -> Done | Skipped:
    """What changed since the last pass; the first time, everything."""
    return await _pass(shop, hold, full=False)


async def all_products(shop: Workshop, hold: Hold) -> Done | Skipped:
    """Everything, and what the shop has deleted: what `updated_at` misses is found by this one."""
    return await _pass(shop, hold, full=True)


async def _pass(shop: Workshop, hold: Hold, *, full: bool) -> Done | Skipped:
    subject = hold.lease.subject
    runs = await shop.ledger.runs.jobs(subject.connection, subject.kind)
    book = ProgressBook(shop.ledger, subject.connection, subject.kind, runs)
    async with shop.context(subject, of_many=True) as ctx:
        reason = _nothing_to_keep(ctx)
        if ctx.magento is None or reason:
            await book.left_out(reason)
            return Skipped(reason)
        if await book.first_load_of(CHANGES if full else ALL):
            raise NotYet("the first load is under way", retry_after=WAIT_FOR_FIRST_LOAD)
        catalogue = await shop_catalogue(ctx.magento, ctx.settings)
        await _price_lists_must_be_there(ctx)
        writers = fortnox_writers(ctx.fortnox, shop.ledger, ctx.settings, shop.clock)
    progress, first = await book.opened(shop.clock(), full=full)
    work = CataloguePass(shop, hold, catalogue, writers, book, progress, first=first, full=full)
    return await work.go()


def _nothing_to_keep(ctx: FlowContext) -> str:
    if ctx.magento is None:
        return "the connection has no shop"
    return "" if ctx.settings.sync.products else "products are switched off for this connection"


async def _price_lists_must_be_there(ctx: FlowContext) -> None:
    wanted = {line.price_list for line in ctx.settings.products.prices_to_fortnox}
    missing = wanted - {one.code for one in await ctx.fortnox.price_lists()} if wanted else wanted
    if missing:
        named = ", ".join(sorted(missing))
        raise PriceLineUnfit(f"Fortnox has no price list {named}", facts={"price_lists": named})


class CataloguePass:
    """One run of a pass: as many pages as fit into a slice of time."""

    def __init__(
        self,
        shop: Workshop,
        hold: Hold,
        catalogue: ShopCatalogue,
        writers: Mapping[str, Writer],
        book: ProgressBook,
        progress: Progress,
        *,
        first: bool,
        full: bool,
    ) -> None:
        self._shop, self._hold = shop, hold
        self._catalogue, self._writers = catalogue, writers
        self._book, self._progress = book, progress
        self._first, self._full = first, full
        self._until = shop.clock() + SLICE
        self._active: Sequence[int] | None = None  # products whose article is active, when it matters

    async def go(self) -> Done:
        """Raises NotYet when the slice is over, and what stopped the pass when something did."""
        while not await self._page():
            await self._book.page_done(self._progress)
            if self._shop.clock() >= self._until:
                raise NotYet(f"{self._progress.in_words()}; goes on", retry_after=GO_ON)
        await self._book.pass_done(self._progress)
        return Done(notes=(self._progress.in_words(),))

    async def _page(self) -> bool:
        """True when it was the last one. Its calls are kept when it ends: flat memory, and a crash loses
        one page of them."""
        async with self._shop.context(self._hold.lease.subject, of_many=True) as ctx:
            if ctx.magento is None:
                raise ConnectionInactive("the connection has no shop any more")
            found = await self._next_products(ctx.magento)
            is_last = len(found) < PRODUCTS_PER_PAGE
            if found:
                await self._keep(found, ctx, ctx.magento)
            await self._look_for_deleted(found, ctx, is_last=is_last)
            if found:
                self._progress = replace(self._progress, after=found[-1].product_id)
            return is_last

    async def _keep(self, found: Sequence[Product], ctx: FlowContext, client: MagentoClient) -> None:
        seen = await observed(found, self._catalogue, ctx, client, first_load=self._first)
        page = await page_of(seen, ctx)
        unwritten = await self._write(page, ctx)
        trouble = [*page.trouble, *unwritten]
        self._progress = self._progress.counted(
            looked_at=len(found),
            unchanged=page.unchanged,
            left_out=page.left_out,
            written=len(page.plans) - len(unwritten),
            stopped=len(trouble),
        )
        await self._hand_over(trouble)

    async def _next_products(self, client: MagentoClient) -> list[Product]:
        walk = client.products(
            since=self._progress.changed_since,
            after=self._progress.after,
            size=PRODUCTS_PER_PAGE,
            store=DEFAULT_VALUES,
        )
        found: list[Product] = []
        async for product in walk:
            found.append(product)
            if len(found) == PRODUCTS_PER_PAGE:
                break
        return found

    async def _write(self, page: Page, ctx: FlowContext) -> list[Trouble]:
        """Units first, once; then a few products at a time. What went wrong, by product."""
        await self._book_units(page, ctx)
        gate = asyncio.Semaphore(AT_ONCE)
        of_all: list[SlussError] = []
        trouble: list[Trouble] = []

        async def one(product: int, plan: Plan) -> None:
            async with gate:
                if of_all:
                    return
                try:
                    stopped = await self._book_product(product, plan, page.known, ctx)
                except OF_ALL as failure:
                    of_all.append(failure)  # those under way may end, so that nothing is left in doubt
                    return
                trouble.extend([stopped] if stopped else [])
                of_all.extend(_too_much_doubt(trouble))

        await asyncio.gather(*(one(product, plan) for product, plan in page.plans.items()))
        if of_all:
            raise of_all[0]
        return trouble

    async def _book_units(self, page: Page, ctx: FlowContext) -> None:
        if page.units:
            engine = self._engine(page.known, ctx)
            await engine.book(Plan(drafts=page.units))
            names = {draft.key for draft in page.units}
            for link in await ctx.ledger.links.named(ctx.settings.name, "fortnox", names):
                page.known[link.kind, link.reference] = link

    async def _book_product(
        self, product: int, plan: Plan, known: Mapping[tuple[str, str], Link], ctx: FlowContext
    ) -> Trouble | None:
        try:
            await self._engine(known, ctx).book(plan)
        except OF_ALL:
            raise
        except SlussError as problem:
            return Trouble(product, problem)
        except Exception as bug:
            log.exception("product.broke", product=product)
            return Trouble(product, Bug(f"{type(bug).__name__}: {bug}"))
        return None

    def _engine(self, known: Mapping[tuple[str, str], Link], ctx: FlowContext) -> BookingEngine:
        return BookingEngine(
            links=self._shop.ledger.links,
            connection=ctx.settings.name,
            writers=self._writers,
            hold=self._hold,
            clock=self._shop.clock,
            in_doubt_wait=ctx.settings.fortnox.in_doubt_wait,
            checkpoint=self._shop.checkpoint,
            known=tuple(known.values()),
        )

    async def _hand_over(self, trouble: Sequence[Trouble]) -> None:
        """Each product that stopped goes on as a subject of its own."""
        lines = {str(one.product): one.problem.message for one in trouble}
        await self._look_at(lines, "product_stopped")
        mostly = len(trouble) > PRODUCTS_PER_PAGE // 2
        if mostly and self._progress.stopped > MOST_TROUBLE:
            last = trouble[-1]
            raise ProductsStopped(
                f"{self._progress.stopped} products could not be written, so the pass waits; the last: "
                f"product {last.product}: {last.problem.message}",
                facts={"products": str(self._progress.stopped), "code": last.problem.code},
            )

    async def _look_at(self, products: Mapping[str, str], why: str) -> None:
        """``products``: key -> what is said of it. Runs have the line before the event can end it."""
        if not products:
            return
        connection = self._hold.lease.subject.connection
        lines = {key: (subject_id(connection, "article", key), said) for key, said in products.items()}
        await self._book.has_lines_for(lines)
        events = [
            IncomingEvent(
                connection=connection,
                source="sweep",
                name=why,
                dedupe_key=f"{why}|{key}|{self._progress.began_at}|{self._book.mark()}",
                subject_kind="article",
                subject_key=key,
                lane="bulk",
            )
            for key in products
        ]
        accepted = await self._shop.ledger.inbox.accept(events)
        await self._shop.queue.wake([one.subject for one in accepted if one.subject is not None])

    async def _look_for_deleted(self, found: Sequence[Product], ctx: FlowContext, *, is_last: bool) -> None:
        """Those that we know between the last page and the end of this one, and the shop does not show."""
        if not self._full or self._first:
            return
        if self._active is None:
            self._active = await ctx.ledger.catalogue.active_products(ctx.settings.name)
        start = bisect_right(self._active, self._progress.after)
        end = len(self._active) if is_last else bisect_right(self._active, found[-1].product_id)
        gone = set(self._active[start:end]) - {product.product_id for product in found}
        self._progress = self._progress.counted(gone=len(gone))
        lines = {str(product): "The shop has no such product." for product in sorted(gone)}
        await self._look_at(lines, "product_deleted")


def _too_much_doubt(trouble: Sequence[Trouble]) -> list[Unavailable]:
    """One unanswered write is bad luck; several of one page, and Fortnox is away."""
    unanswered = [one for one in trouble if isinstance(one.problem, InDoubt)]
    if len(unanswered) < MOST_IN_DOUBT:
        return []
    return [Unavailable(f"{len(unanswered)} writes went unanswered; {unanswered[-1].problem.message}")]


PASSES: dict[str, Callable[[Workshop, Hold], Awaitable[Done | Skipped]]] = {
    CHANGES: changed_products,
    ALL: all_products,
}
