"""Articles with their stock on both sides: one that an event names, or a page of a pass."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.stock.observed import ObservedStock
from services.sync_worker.flows.stock.open_orders import NOW, Holdings, OpenOrders
from services.sync_worker.shop_facts import ShopFacts
from shared.clients.fortnox.wire_stock import ArticleStock
from shared.clients.magento.client import MagentoClient
from shared.domain.catalogue import article_reference, sku_of
from shared.domain.errors import Rejected
from shared.domain.stock import (
    STOCK_ITEM,
    Balance,
    Held,
    ShopStock,
    StockPointsUnreadable,
    StockSourceMissing,
)
from shared.ledger.records import Subject

WITH_STOCK = ("simple", "virtual", "downloadable")  # the others have that of what they hold
OFF = "stock is switched off for this connection"
Shelves = dict[str, ShopStock]


async def read(subject: Subject, ctx: FlowContext) -> ObservedStock:
    """The article as Fortnox has it now. Raises Rejected for a connection without a shop."""
    if ctx.magento is None or ctx.shop_facts is None:
        raise Rejected("the connection has no shop that could be told of stock")
    if not ctx.settings.sync.stock:
        return _left_alone(subject.key, ctx, OFF)
    holdings = await holdings_of(ctx, ctx.magento, ctx.shop_facts)
    article = await ctx.fortnox.article_stock(subject.key)
    if article is None:
        return _left_alone(subject.key, ctx, "Fortnox has no such article")
    reason = why_not(article, ctx)
    if reason:
        return _left_alone(subject.key, ctx, reason)
    (seen,) = await observed([article], holdings, ctx, ctx.magento, ctx.shop_facts)
    return seen


def why_not(article: ArticleStock, ctx: FlowContext) -> str:
    """Why the shop is not told of an article, as far as Fortnox says; empty when it is."""
    if ctx.settings.stock.articles == "webshop" and not article.in_webshop:
        return "the article is not marked for the web shop in Fortnox"
    if article.active is False:
        return "the article is inactive in Fortnox"
    if article.counted is False:
        return "the article is not stock goods in Fortnox: nobody counts it"
    return ""


async def holdings_of(
    ctx: FlowContext, client: MagentoClient, facts: ShopFacts, *, fresh_for: timedelta = NOW
) -> Holdings:
    """What open orders hold; asked before Fortnox is asked for quantities."""
    if ctx.settings.stock.open_orders == "left":
        return {}

    async def make() -> OpenOrders:
        return OpenOrders(ctx.settings.name, ctx.ledger, ctx.clock)

    orders = await facts.remembered("open_orders", make)
    return await orders.holdings(client, fresh_for=fresh_for)


async def observed(
    articles: Sequence[ArticleStock],
    holdings: Holdings,
    ctx: FlowContext,
    client: MagentoClient,
    facts: ShopFacts,
) -> list[ObservedStock]:
    """Articles that the shop should be told of, with all that their plans need."""
    if not articles:
        return []
    await _sources_must_be_there(ctx, client, facts)
    skus = await _skus(articles, ctx)
    balances, shop = await asyncio.gather(_balances(articles, ctx), _shop_of(skus.values(), client))
    twins = _twins(skus, shop)
    return [
        ObservedStock(
            number=article.number,
            settings=ctx.settings,
            as_of=ctx.clock(),
            sku=shop.of(sku).sku,
            balances=balances[article.number],
            held=holdings.get(sku.lower(), Held()),
            shop=shop.of(sku).shelves,
            legacy=shop.legacy,
            why_not=twins.get(article.number) or shop.of(sku).why_not,
        )
        for article in articles
        for sku in [skus[article.number]]
    ]


def _twins(skus: Mapping[str, str], shop: "ShopShelves") -> dict[str, str]:
    """Articles whose product is another article's: they would tell it this and that by turns. The one that is
    spelled as the shop spells it is the one that counts."""
    owners: dict[str, str] = {}
    for number, sku in sorted(skus.items(), key=lambda one: one[1] != shop.of(one[1]).sku):
        owners.setdefault(sku.lower(), number)
    return {
        number: f"article {owner} is the shop's product {shop.of(sku).sku}"
        for number, sku in skus.items()
        if (owner := owners[sku.lower()]) != number
    }


def _left_alone(number: str, ctx: FlowContext, reason: str) -> ObservedStock:
    return ObservedStock(number, ctx.settings, ctx.clock(), why_not=reason)


async def _sources_must_be_there(ctx: FlowContext, client: MagentoClient, facts: ShopFacts) -> None:
    sources = await facts.remembered("stock_sources", client.stock_sources)
    if sources is None:
        return
    known = {source.code for source in sources}
    for line in ctx.settings.stock.sources:
        if line.source not in known:
            raise StockSourceMissing(
                f"the shop has no source {line.source}; it has {', '.join(sorted(known))}",
                facts={"source": line.source},
            )


async def _skus(articles: Sequence[ArticleStock], ctx: FlowContext) -> dict[str, str]:
    """By article number; of a shortened one our link knows the SKU, else it is taken as it stands."""
    found = {article.number: sku_of(article.number) for article in articles}
    shortened = {article_reference(number): number for number, sku in found.items() if sku is None}
    names = [("article", reference) for reference in shortened]
    for link in await ctx.ledger.links.named(ctx.settings.name, "fortnox", names) if names else ():
        found[shortened[link.reference]] = str(link.draft.get("sku") or "") or None
    return {number: sku or number for number, sku in found.items()}


async def _balances(articles: Sequence[ArticleStock], ctx: FlowContext) -> dict[str, tuple[Balance, ...]]:
    if not await ctx.facts.has_warehouse():
        if ctx.settings.stock.has_stock_points:
            raise StockPointsUnreadable(
                "Fortnox does not tell what lies in its stock points: no warehouse module, or no right to it"
            )
        return {one.number: (Balance("", one.in_stock, one.disposable),) for one in articles}
    found: dict[str, tuple[Balance, ...]] = {article.number: () for article in articles}
    for row in await ctx.fortnox.stock_balances(list(found)):
        if row.article in found:
            found[row.article] += (Balance(row.stock_point, row.in_stock, row.disposable),)
    return found


# ── what the shop has ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class OnShelf:
    sku: str
    shelves: Shelves = field(default_factory=dict)
    why_not: str = ""


@dataclass(frozen=True)
class ShopShelves:
    """By SKU in lower case: the shop does not tell upper and lower case apart."""

    found: dict[str, OnShelf]
    legacy: bool = False

    def of(self, sku: str) -> OnShelf:
        missing = OnShelf(sku, why_not=f"the shop has no product {sku}")
        return self.found.get(sku.lower(), missing)


async def _shop_of(skus: Iterable[str], client: MagentoClient) -> ShopShelves:
    """A SKU without a row is looked for among the products: rows of what is none would be taken, too."""
    wanted = list(dict.fromkeys(skus))
    items = await client.source_items(wanted) if wanted else ()
    if items is None:
        return await _legacy_shop_of(wanted, client)
    found: dict[str, OnShelf] = {}
    for item in items:
        shelf = found.setdefault(item.sku.lower(), OnShelf(item.sku))
        shelf.shelves[item.source_code] = ShopStock(item.quantity, item.in_stock)
    missing = [sku for sku in wanted if sku.lower() not in found]
    for product in await client.kinds_of(missing) if missing else ():
        reason = "" if product.kind in WITH_STOCK else f"a {product.kind} product has no stock of its own"
        found[product.sku.lower()] = OnShelf(product.sku, why_not=reason)
    return ShopShelves(found)


async def _legacy_shop_of(skus: Sequence[str], client: MagentoClient) -> ShopShelves:
    """Without inventory management: a question for each, a few at a time as the client lets them through."""
    kinds = {product.sku.lower(): product for product in await client.kinds_of(skus)}
    found: dict[str, OnShelf] = {}

    async def look(sku: str) -> None:
        product = kinds.get(sku.lower())
        if product is None:
            return
        if product.kind not in WITH_STOCK:
            reason = f"a {product.kind} product has no stock of its own"
            found[sku.lower()] = OnShelf(product.sku, why_not=reason)
            return
        item = await client.stock_item(product.sku)
        shelves = {} if item is None else {STOCK_ITEM: ShopStock(item.quantity, item.in_stock)}
        found[sku.lower()] = OnShelf(product.sku, shelves)

    await asyncio.gather(*(look(sku) for sku in skus))
    return ShopShelves(found, legacy=True)
