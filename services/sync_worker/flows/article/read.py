"""Products of the shop, with what we know of their articles: one that an event names, or a page of a pass."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.article.from_magento import to_product
from services.sync_worker.flows.article.observed import KnownArticle, ObservedProduct
from services.sync_worker.flows.article.shop import ShopCatalogue, shop_catalogue
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.wire_catalogue import BasePrice
from shared.clients.magento.wire_catalogue import Product as ShopProduct
from shared.domain.catalogue import Product, article_number, article_reference
from shared.domain.errors import Rejected
from shared.ledger.records import Link, Subject

DEFAULT_VALUES = "all"  # of all stores: without it, Magento answers for the default store view
PRICED = ("simple", "virtual", "downloadable", "bundle")  # what has a price of its own


async def read(subject: Subject, ctx: FlowContext) -> ObservedProduct:
    """The product as the shop has it now. Raises Rejected for a connection without a shop."""
    product_id = int(subject.key)
    if ctx.magento is None or ctx.shop_facts is None:
        raise Rejected("the connection has no shop whose products could be read")
    if not ctx.settings.sync.products:
        return ObservedProduct(product_id, None, ctx.settings)
    found = await product_of(ctx.magento, product_id)
    if found is None:
        links = await ctx.ledger.catalogue.of_products(ctx.settings.name, [product_id])
        return ObservedProduct(product_id, None, ctx.settings, others=tuple(map(to_known, links)))
    client = ctx.magento
    shop = await ctx.shop_facts.remembered("catalogue", lambda: shop_catalogue(client, ctx.settings))
    (seen,) = await observed([found], shop, ctx, client)
    return seen


async def product_of(client: MagentoClient, product_id: int) -> ShopProduct | None:
    """By its entity id, with default values as in a pass; None when the shop has deleted it."""
    walk = client.products(after=product_id - 1, size=1, store=DEFAULT_VALUES)
    async for found in walk:
        return found if found.product_id == product_id else None
    return None


async def observed(
    found: Sequence[ShopProduct],
    shop: ShopCatalogue,
    ctx: FlowContext,
    client: MagentoClient,
    *,
    first_load: bool = False,
) -> list[ObservedProduct]:
    """Products with their articles: two or three questions to the ledger for all of them.

    On a first load there is nothing that products could have been called before.
    """
    products = await _products(found, shop, ctx, client)
    known = await _known(products, ctx, first_load=first_load)
    claims = await _claims(products, known, client)
    taken = {_reference(product) for product in products}
    return [
        ObservedProduct(
            product.id,
            product,
            ctx.settings,
            article=known.by_reference.get(_reference(product)),
            others=tuple(one for one in known.of_product.get(product.id, ()) if one.ref not in taken),
            claimed_by=claims.get(product.id),
        )
        for product in products
    ]


async def _products(
    found: Sequence[ShopProduct], shop: ShopCatalogue, ctx: FlowContext, client: MagentoClient
) -> list[Product]:
    settings = ctx.settings.products
    own: dict[str, list[BasePrice]] = {}
    if any(line.website is not None for line in settings.prices_to_fortnox):
        for price in await client.base_prices([one.sku for one in found if one.kind in PRICED]):
            own.setdefault(price.sku.casefold(), []).append(price)
    return [to_product(one, shop, settings, own.get(one.sku.casefold(), ())) for one in found]


# ── whose an article is ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Known:
    by_reference: dict[str, KnownArticle]
    of_product: dict[int, list[KnownArticle]]
    alike: list[KnownArticle]  # that differ from one of ours in case only


async def _known(products: Sequence[Product], ctx: FlowContext, *, first_load: bool) -> Known:
    connection, ledger = ctx.settings.name, ctx.ledger
    references = {_reference(product) for product in products}
    links = await ledger.links.named(connection, "fortnox", {("article", one) for one in references})
    by_reference = {link.reference: to_known(link) for link in links}
    new = [product for product in products if not _is_known(product, by_reference)]
    alike = await ledger.catalogue.spelled_like(connection, [_reference(one) for one in new])
    former = [] if first_load else await ledger.catalogue.of_products(connection, [one.id for one in new])
    of_product: dict[int, list[KnownArticle]] = {}
    for article in map(to_known, former):
        of_product.setdefault(article.product or 0, []).append(article)
    return Known(
        by_reference, of_product, [to_known(one) for one in alike if one.reference not in references]
    )


def _is_known(product: Product, by_reference: dict[str, KnownArticle]) -> bool:
    article = by_reference.get(_reference(product))
    return article is not None and article.product == product.id


async def _claims(products: Sequence[Product], known: Known, client: MagentoClient) -> dict[int, int]:
    """Product -> another one that its number belongs to, as long as that one has it still."""
    holders: dict[str, int] = {}
    for article in (*known.alike, *known.by_reference.values()):
        if article.product is not None:
            holders[article.ref.casefold()] = article.product
    claims: dict[int, int] = {}
    suspects: dict[int, int] = {}
    for product in products:
        place = _reference(product).casefold()
        holder = holders.setdefault(place, product.id)
        if holder != product.id:
            suspects[product.id] = holder
    if not suspects:
        return claims
    numbers = {
        one.product_id: article_number(one.sku).casefold()
        for one in await client.products_with_ids(sorted(set(suspects.values())))
    }
    for product in products:
        rival = suspects.get(product.id)
        if rival is not None and numbers.get(rival) == article_number(product.sku).casefold():
            claims[product.id] = rival
    return claims


def _reference(product: Product) -> str:
    return article_reference(article_number(product.sku))


def to_known(link: Link) -> KnownArticle:
    return KnownArticle(ref=link.reference, number=link.number, state=link.state, draft=link.draft)
