"""Prices of one article: what the price lists say of it, and what the shop has."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.price.observed import ListRow, ObservedPrices, Place, PricedProduct
from services.sync_worker.flows.price.shop import ShopPrices, shop_places, shop_prices
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire_catalogue import Price
from shared.domain.catalogue import PriceLineUnfit, article_reference, sku_of
from shared.ledger.records import Link, Subject
from shared.settings.products import ProductSettings


async def read(subject: Subject, ctx: FlowContext) -> ObservedPrices:
    """A call for each list and one or two to the shop. Raises PriceLineUnfit for settings that do not fit."""
    number, client, settings = subject.key, ctx.magento, ctx.settings.products
    reason = why_not(ctx)
    if client is None or ctx.shop_facts is None or reason:
        return _nothing(number, ctx, reason)
    places = await ctx.shop_facts.remembered("price places", lambda: shop_places(client, settings))
    link = (await article_links(ctx, [number])).get(number)
    sku = sku_of_article(number, link)
    if sku is None:
        return _nothing(number, ctx, f"nobody knows which SKU article {number} has in the shop")
    in_shop = await shop_prices(client, [sku], tiers=any(place.tiers for place in places))
    if not in_shop.skus:
        return _nothing(number, ctx, f"the shop has no product {sku} with a price of its own")
    rows = [row for one in sorted({place.price_list for place in places}) for row in await _rows(one, ctx)]
    rate = _rate_of(link)
    if rate is None and settings.default_rate is None and needs_rate(places, settings):
        rate = await _rate_in_fortnox(number, ctx)
    product = priced(number, sku, rate, rows, in_shop, whole=True)
    return ObservedPrices(number, ctx.settings, ctx.clock(), places=places, product=product)


def why_not(ctx: FlowContext) -> str:
    settings = ctx.settings.products
    if ctx.magento is None:
        return "the connection has no shop"
    if settings.price_owner != "fortnox":
        return "the shop decides what products cost (products.price_owner is magento)"
    return "" if settings.prices else "no price list is named in products.prices"


def _nothing(number: str, ctx: FlowContext, reason: str) -> ObservedPrices:
    return ObservedPrices(number, ctx.settings, ctx.clock(), reason=reason)


async def _rows(price_list: str, ctx: FlowContext) -> list[ListRow]:
    """None where the article is gone or not in the list: the shop then keeps its base price."""
    try:
        rows = list(map(to_row, await ctx.fortnox.prices(price_list, ctx.subject.key)))
    except NotFound:
        rows = []
    if not rows:
        await _must_exist(price_list, ctx)
    return rows


async def _must_exist(price_list: str, ctx: FlowContext) -> None:
    """A list that is gone says nothing of its articles. Raises PriceLineUnfit."""
    if ctx.shop_facts is None:
        return
    known = await ctx.shop_facts.remembered("price lists", ctx.fortnox.price_lists)
    if price_list not in {one.code for one in known}:
        raise PriceLineUnfit(f"Fortnox has no price list {price_list}", facts={"price_lists": price_list})


def to_row(price: Price) -> ListRow:
    return ListRow(price.article_number, price.price_list, price.from_quantity, price.price)


# ── what the article is in the shop ───────────────────────────────────────────────────────────────


async def article_links(ctx: FlowContext, numbers: Collection[str]) -> dict[str, Link]:
    """By article number, of those that a product or a sale of ours has made."""
    names = {("article", article_reference(number)): number for number in numbers}
    links = await ctx.ledger.links.named(ctx.settings.name, "fortnox", names.keys())
    return {names[link.kind, link.reference]: link for link in links}


def sku_of_article(number: str, link: Link | None) -> str | None:
    """As the product's draft has it, else what the number says."""
    known = link.draft.get("sku") if link is not None else None
    return str(known) if known else sku_of(number)


def _rate_of(link: Link | None) -> Decimal | None:
    """Of a product of ours: what a sale made has the rate of that sale, which may have gone abroad."""
    known = link.draft.get("rate") if link is not None and link.draft.get("product") else None
    return Decimal(known) if known else None


async def _rate_in_fortnox(number: str, ctx: FlowContext) -> Decimal | None:
    article = await ctx.fortnox.article(number)
    return article.vat if article is not None else None


def needs_rate(places: Sequence[Place], settings: ProductSettings) -> bool:
    return any(place.includes_vat != settings.shop_prices_include_vat for place in places)


def priced(
    number: str,
    sku: str,
    rate: Decimal | None,
    rows: Sequence[ListRow],
    in_shop: ShopPrices,
    *,
    whole: bool,
) -> PricedProduct:
    key = sku.casefold()
    return PricedProduct(
        number=number,
        sku=in_shop.skus[key],
        rate=rate,
        rows=rows,
        base=in_shop.base.get(key, ()),
        tiers=in_shop.tiers.get(key, ()),
        whole=whole,
    )


def page_of(
    rows: Mapping[str, Sequence[ListRow]], links: Mapping[str, Link], in_shop: ShopPrices
) -> list[PricedProduct]:
    """The articles of a page of a list that the shop sells; their rows may go on on the next page."""
    found = []
    for number, of_one in rows.items():
        link = links.get(number)
        sku = sku_of_article(number, link)
        if sku is not None and sku.casefold() in in_shop.skus:
            found.append(priced(number, sku, _rate_of(link), of_one, in_shop, whole=False))
    return found
