"""Magento's product -> ours: what it is, what its attributes say, and what it costs where."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from services.sync_worker.flows.article.shop import ShopCatalogue
from shared.clients.magento import wire_catalogue as wire
from shared.domain.catalogue import Product, ProductKind, ShopPrice
from shared.settings.products import PriceLine, ProductSettings

KINDS: Mapping[str, ProductKind] = {
    "simple": "goods",
    "virtual": "service",
    "downloadable": "service",
    "configurable": "parent",
    "grouped": "parent",
}
HUNDRED = Decimal(100)
EVERY_WEBSITE = 0


def to_product(
    found: wire.Product,
    shop: ShopCatalogue,
    settings: ProductSettings,
    own_prices: Sequence[wire.BasePrice] = (),
) -> Product:
    """``own_prices`` are the product's prices by store view, needed where lists are of websites."""
    return Product(
        id=found.product_id,
        sku=found.sku,
        name=found.name,
        kind=_kind(found),
        active=found.is_enabled,
        tax_class=found.tax_class_id,
        rates=shop.rates.get(found.tax_class_id or 0, ()),
        categories=frozenset().union(*(shop.above.get(one, {one}) for one in found.category_ids)),
        websites=frozenset(shop.websites[one].code for one in found.website_ids if one in shop.websites),
        ean=_said(found, settings.ean_attribute, shop),
        unit=_said(found, settings.unit_attribute, shop),
        prices=tuple(
            price for line in settings.prices_to_fortnox for price in _prices(found, line, shop, own_prices)
        ),
        updated_at=found.updated_at,
    )


def _kind(found: wire.Product) -> ProductKind:
    if found.kind == "bundle":
        return "dynamic_bundle" if found.has_dynamic_price else "fixed_bundle"
    return KINDS.get(found.kind, "other")


def _said(found: wire.Product, code: str | None, shop: ShopCatalogue) -> str:
    """An attribute in words: of one that is chosen from a list, the label."""
    value = found.attribute(code).strip() if code else ""
    return shop.labels.get(code or "", {}).get(value, value)


def _prices(
    found: wire.Product, line: PriceLine, shop: ShopCatalogue, own_prices: Sequence[wire.BasePrice]
) -> list[ShopPrice]:
    """The base price and its tiers; none where the website has no price in its own currency."""
    base = _base_price(found, line, shop, own_prices)
    if base is None:
        return []
    website = shop.website(line.website) if line.website is not None else None
    places = {EVERY_WEBSITE} if website is None else {EVERY_WEBSITE, website.id}
    tiers = (tier for tier in found.tier_prices if tier.website_id in places)
    return [ShopPrice(line.website, base), *(_tier(one, line, base) for one in tiers)]


def _base_price(
    found: wire.Product, line: PriceLine, shop: ShopCatalogue, own_prices: Sequence[wire.BasePrice]
) -> Decimal | None:
    """A default price says nothing about a website with another currency: Magento converts it anew daily."""
    website = shop.website(line.website) if line.website is not None else None
    if website is None:
        return found.price
    own = next((one.price for one in own_prices if one.store_id in website.stores), None)
    return found.price if own is None and website.currency == shop.currency else own


def _tier(tier: wire.TierPrice, line: PriceLine, base: Decimal) -> ShopPrice:
    everybody = tier.customer_group_id == wire.ALL_GROUPS
    return ShopPrice(
        website=line.website,
        amount=tier.price if tier.percent is None else base * (HUNDRED - tier.percent) / HUNDRED,
        from_quantity=tier.quantity,
        group=None if everybody else tier.customer_group_id,
    )
