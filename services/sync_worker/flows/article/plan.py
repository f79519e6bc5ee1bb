"""A product of the shop -> its article, its unit and its prices in Fortnox.

Starts   a webhook that names the product, the sweep over changed products, the weekly pass over all.
Makes    an article for what is sold by itself: simple and virtual products, variants, bundles with a
         price of their own. Never for configurable parents, groups and bundles that are the sum of parts.
Adopts   an article that a sale or a person made under the same number.
Retires  the article of a product that is disabled, deleted or has another SKU now: inactive, never removed.
Repeats  safe: an unchanged product plans the same drafts, and the engine makes no call for them.
"""

from dataclasses import replace

from services.sync_worker.flows.article.observed import KnownArticle, ObservedProduct
from services.sync_worker.flows.article.plan_prices import list_prices
from services.sync_worker.flows.article.plan_vat import accounts_of, rate_of
from services.sync_worker.flows.article.selection import why_not
from shared.domain.catalogue import (
    MAX_DESCRIPTION_LENGTH,
    ArticleNumberClash,
    PricesDraft,
    Product,
    ProductDraft,
    UnitDraft,
    article_number,
    article_reference,
)
from shared.domain.documents import Draft, Plan
from shared.domain.outcomes import Advice, Skipped

MAX_EAN_LENGTH = 30


def plan(seen: ObservedProduct) -> Plan | Skipped:
    if not seen.settings.sync.products:
        return Skipped("products are switched off for this connection")
    if seen.product is None:
        return _of_a_deleted_product(seen)
    retired = [_retired(article) for article in seen.others if _can_retire(article, seen)]
    reason = why_not(seen.product, seen.settings.products) or _why_not_now(seen.product, seen)
    if reason is not None:
        return Plan(drafts=tuple(retired)) if retired else Skipped(reason)
    _must_be_ours(seen.product, seen)
    article = _article(seen.product, seen)
    drafts: list[Draft] = [UnitDraft.of(article.unit)] if article.unit else []
    drafts += [article, *_prices(seen.product, article, seen), *retired]
    return Plan(
        drafts=tuple(drafts),
        advice=tuple(_advice(seen.product)),
        explanations=(f"{article.rate:f} % VAT: tax class {seen.product.tax_class}",),
        names=(("sku", seen.product.sku),),
    )


def _why_not_now(product: Product, seen: ObservedProduct) -> str | None:
    known = seen.article is not None and seen.article.exists
    if product.active or known or seen.settings.products.disabled == "inactive":
        return None
    return "the product is disabled in the shop, and has no article"


def _must_be_ours(product: Product, seen: ObservedProduct) -> None:
    if seen.claimed_by is None:
        return
    number = article_number(product.sku)
    raise ArticleNumberClash(
        f"product {product.id} ({product.sku}) and product {seen.claimed_by} would both be article {number}",
        facts={"product": str(product.id), "other_product": str(seen.claimed_by), "article": number},
    )


def _article(product: Product, seen: ObservedProduct) -> ProductDraft:
    settings = seen.settings.products
    number = article_number(product.sku)
    rate = rate_of(product, seen.settings)
    service = product.kind == "service"
    return ProductDraft(
        ref=article_reference(number),
        number=number,
        product=product.id,
        sku=product.sku,
        description=product.name[:MAX_DESCRIPTION_LENGTH].rstrip() or number,
        ean=product.ean if len(product.ean) <= MAX_EAN_LENGTH else "",
        unit=product.unit or settings.unit,
        service=service,
        active=product.active,
        rate=rate,
        accounts=accounts_of(product, rate, seen.settings),
        stock_goods=settings.stock_goods and not service,
        kept=settings.keep,
        as_of=product.updated_at,
        revise=not _is_older(product, seen.article),
    )


def _is_older(product: Product, article: KnownArticle | None) -> bool:
    """Whether something newer of the same product is written: a page of a long pass may be minutes old."""
    written = article.draft.get("as_of") if article is not None and article.product == product.id else None
    return bool(written and product.updated_at and written > product.updated_at.isoformat())


def _prices(product: Product, article: ProductDraft, seen: ObservedProduct) -> list[PricesDraft]:
    """None for what is not sold; once made, they are written anew only if they are ours to keep."""
    prices = list_prices(product, article.rate, seen.settings.products)
    if not prices or not article.active:
        return []
    return [
        PricesDraft(
            ref=f"PRICES-{article.number}",
            article=article.ref,
            number=article.number,
            prices=prices,
            revise=article.revise and "prices" in seen.settings.products.keep,
        )
    ]


def _of_a_deleted_product(seen: ObservedProduct) -> Plan | Skipped:
    mine = [article for article in seen.others if _can_retire(article, seen)]
    if seen.settings.products.deleted == "keep" or not mine:
        return Skipped("the shop has no such product any more")
    return Plan(drafts=tuple(_retired(article) for article in mine))


def _can_retire(article: KnownArticle, seen: ObservedProduct) -> bool:
    return article.exists and "active" in seen.settings.products.keep


def _retired(article: KnownArticle) -> ProductDraft:
    return replace(ProductDraft.from_plain(article.ref, article.draft), active=False)


def _advice(product: Product) -> list[Advice]:
    found = []
    if len(product.name) > MAX_DESCRIPTION_LENGTH:
        said = f"{product.sku}: the name has {len(product.name)} characters, Fortnox takes 200; cut"
        found.append(Advice("description_cut", said))
    if len(product.ean) > MAX_EAN_LENGTH:
        found.append(Advice("ean_left_out", f"{product.sku}: {product.ean!r} is longer than an EAN can be"))
    return found
