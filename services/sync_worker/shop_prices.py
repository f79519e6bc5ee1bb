"""All price lists of a company -> the shop: 500 prices with one call, the shop's own with a few, and only
the differences are written.

What the shop refuses, and a tier that may be gone, becomes a subject of its own: there it is seen and tried
again, and keeps nobody waiting. Memory holds one page, however long the lists are.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from services.sync_worker.booking import BookingEngine
from services.sync_worker.context import FlowContext
from services.sync_worker.flows.price.differences import differences, stale_tiers
from services.sync_worker.flows.price.observed import ListRow, Place, PricedProduct
from services.sync_worker.flows.price.read import (
    article_links,
    page_of,
    sku_of_article,
    to_row,
    why_not,
)
from services.sync_worker.flows.price.shop import shop_places, shop_prices
from services.sync_worker.hold import Hold
from services.sync_worker.shop_prices_progress import PricesBook, PricesProgress
from services.sync_worker.workshop import Workshop
from services.sync_worker.writers.magento_prices import ShopPricesWriter
from shared.clients.fortnox.errors import NotFound
from shared.clients.magento.client import MagentoClient
from shared.domain.catalogue import PriceLineUnfit
from shared.domain.documents import Plan
from shared.domain.errors import ConnectionInactive, NotYet
from shared.domain.outcomes import Done, Skipped
from shared.domain.shop_prices import PriceRows, PricesRefused, PricesStopped, ShopPricesDraft

SLICE = timedelta(minutes=2)  # then others of the lane have their turn
GO_ON = timedelta(seconds=0)
MOST_STOPPED = 200  # products that stop before the pass itself asks a person


async def all_prices(shop: Workshop, hold: Hold) -> Done | Skipped:
    """Every price of every list that owns a place in the shop."""
    subject = hold.lease.subject
    async with shop.context(subject, of_many=True) as ctx:
        reason = why_not(ctx)
        if ctx.magento is None or reason:
            return Skipped(reason)
        places = await shop_places(ctx.magento, ctx.settings.products)
        await _lists_must_be_there(ctx, places)
    book = PricesBook(shop.ledger, subject.connection, subject.kind)
    work = PricesPass(shop, hold, places, book, await book.opened(shop.clock()))
    return await work.go()


async def _lists_must_be_there(ctx: FlowContext, places: Sequence[Place]) -> None:
    missing = {place.price_list for place in places} - {one.code for one in await ctx.fortnox.price_lists()}
    if missing:
        named = ", ".join(sorted(missing))
        raise PriceLineUnfit(f"Fortnox has no price list {named}", facts={"price_lists": named})


class PricesPass:
    """One run of a pass: as many pages as fit into a slice of time."""

    def __init__(
        self, shop: Workshop, hold: Hold, places: Sequence[Place], book: PricesBook, progress: PricesProgress
    ) -> None:
        self._shop, self._hold = shop, hold
        self._places, self._book, self._progress = places, book, progress
        self._lists = sorted({place.price_list for place in places})
        self._until = shop.clock() + SLICE

    async def go(self) -> Done:
        """Raises NotYet when the slice is over, and what stopped the pass when something did."""
        while self._progress.price_list < len(self._lists):
            await self._page(self._lists[self._progress.price_list])
            await self._book.page_done(self._progress)
            if self._shop.clock() >= self._until:
                raise NotYet(f"{self._progress.in_words()}; goes on", retry_after=GO_ON)
        await self._book.pass_done()
        return Done(notes=(self._progress.in_words(),))

    async def _page(self, price_list: str) -> None:
        """Its calls are kept when it ends: a crash loses one page of them."""
        async with self._shop.context(self._hold.lease.subject, of_many=True) as ctx:
            if ctx.magento is None:
                raise ConnectionInactive("the connection has no shop any more")
            rows, more = await self._rows(price_list, ctx)
            places = [place for place in self._places if place.price_list == price_list]
            products = await _products(rows, places, ctx, ctx.magento)
            changed, stopped = self._compared(products, places, ctx)
            refused = await self._write(changed, price_list, ctx, ctx.magento)
            stopped |= {
                product.number: refused[product.sku] for product in products if product.sku in refused
            }
            self._progress = self._progress.counted(
                looked_at=len(products), written=len(changed) - len(refused), stopped=len(stopped)
            ).after_page(more=more)
        await self._hand_over(stopped)

    async def _rows(self, price_list: str, ctx: FlowContext) -> tuple[list[ListRow], bool]:
        """Of the list alone, where Fortnox shows it; else what the register of all prices has of it."""
        page = self._progress.page
        if self._progress.by_list:
            try:
                prices, more = await ctx.fortnox.price_page(page, price_list)
                return list(map(to_row, prices)), more
            except NotFound:
                self._progress = replace(self._progress, by_list=False, page=1)
        prices, more = await ctx.fortnox.price_page(self._progress.page)
        return [to_row(price) for price in prices if price.price_list == price_list], more

    def _compared(
        self, products: Sequence[PricedProduct], places: Sequence[Place], ctx: FlowContext
    ) -> tuple[list[PriceRows], dict[str, str]]:
        """Rows of each product that differs, and by article number why it has to be looked at alone."""
        changed: list[PriceRows] = []
        alone: dict[str, str] = {}
        for product in products:
            try:
                rows = differences(product, places, ctx.settings.products)
            except PricesRefused as problem:
                alone[product.number] = problem.message
                continue
            if rows:
                changed.append(rows)
            if stale_tiers(product, places):
                alone[product.number] = "The shop has tier prices that this page of the list does not name."
        return changed, alone

    async def _write(
        self, changed: Sequence[PriceRows], price_list: str, ctx: FlowContext, client: MagentoClient
    ) -> Mapping[str, str]:
        """SKU -> why the shop refused it."""
        if not changed:
            return {}
        writer = ShopPricesWriter(client, of_many=True)
        engine = BookingEngine(
            links=self._shop.ledger.links,
            connection=ctx.settings.name,
            writers={ShopPricesDraft.kind: writer},
            hold=self._hold,
            clock=self._shop.clock,
            in_doubt_wait=ctx.settings.fortnox.in_doubt_wait,
            checkpoint=self._shop.checkpoint,
        )
        rows = sum(changed, PriceRows())
        name = f"{price_list}-PAGE-{self._progress.page}"
        await engine.book(Plan(drafts=(ShopPricesDraft.of(name, rows, self._shop.clock()),)))
        return writer.refused

    async def _hand_over(self, stopped: Mapping[str, str]) -> None:
        await self._book.look_at(self._shop, stopped, self._progress)
        if self._progress.stopped > MOST_STOPPED and self._progress.mostly_stops:
            number, why = list(stopped.items())[-1] if stopped else ("", "")
            raise PricesStopped(
                f"{self._progress.stopped} prices could not be written, so the pass waits; the last: "
                f"article {number}: {why}",
                facts={"products": str(self._progress.stopped)},
            )


async def _products(
    rows: Sequence[ListRow], places: Sequence[Place], ctx: FlowContext, client: MagentoClient
) -> list[PricedProduct]:
    by_number: dict[str, list[ListRow]] = {}
    for row in rows:
        by_number.setdefault(row.article, []).append(row)
    links = await article_links(ctx, by_number.keys())
    skus = (sku_of_article(number, links.get(number)) for number in by_number)
    in_shop = await shop_prices(
        client, [sku for sku in skus if sku], tiers=any(place.tiers for place in places)
    )
    return page_of(by_number, links, in_shop)


PASSES: dict[str, Callable[[Workshop, Hold], Awaitable[Done | Skipped]]] = {"prices": all_prices}
