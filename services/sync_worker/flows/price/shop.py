"""The lines of the settings in the shop's own numbers, and its prices of some products."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.sync_worker.flows.price.observed import Place
from services.sync_worker.shop_websites import ShopWebsites, shop_websites
from shared.clients.magento.client import MagentoClient
from shared.domain.catalogue import PriceLineUnfit
from shared.domain.shop_prices import EVERY_GROUP, BaseRow, TierRow
from shared.settings.products import PriceLine, ProductSettings


@dataclass(frozen=True)
class ShopPrices:
    """By SKU, in whatever case; ``skus`` are spelled as the shop does. A product without a price of its own
    (a configurable, or one that is not there) is not among them."""

    skus: dict[str, str] = field(default_factory=dict)
    base: dict[str, list[BaseRow]] = field(default_factory=dict)
    tiers: dict[str, list[TierRow]] = field(default_factory=dict)


async def shop_places(client: MagentoClient, settings: ProductSettings) -> tuple[Place, ...]:
    """Raises PriceLineUnfit for a line that the shop has no place for."""
    lines = settings.prices_to_shop
    websites = await shop_websites(client)
    for line in lines:
        websites.must_fit(line)
    if any(line.website for line in lines) and await client.price_scope() == "global":
        named = next(line.website for line in lines if line.website)
        raise PriceLineUnfit(
            f"products.prices: the shop has one price for all websites, so {named} can have none of its own "
            "(Stores > Configuration > Catalog > Price > Catalog Price Scope)",
            facts={"website": str(named)},
        )
    await _vat_must_be_as_declared(client, settings)
    groups = await _groups(client) if any(line.customer_group is not None for line in lines) else {}
    return tuple(_place(line, websites, groups) for line in lines)


async def _vat_must_be_as_declared(client: MagentoClient, settings: ProductSettings) -> None:
    """A slip here would make every price wrong by its VAT. Only our module can tell."""
    with_vat = await client.prices_include_vat()
    if with_vat is not None and with_vat != settings.shop_prices_include_vat:
        raise PriceLineUnfit(
            f"the shop's catalogue prices are {'with' if with_vat else 'without'} VAT, and "
            "products.shop_prices_include_vat says otherwise",
            facts={"shop_prices_include_vat": str(with_vat).lower()},
        )


async def _groups(client: MagentoClient) -> dict[int, str]:
    return {group.group_id: group.code for group in await client.customer_groups()}


def _place(line: PriceLine, websites: ShopWebsites, groups: dict[int, str]) -> Place:
    group = EVERY_GROUP
    if line.customer_group is not None:
        group = groups.get(line.customer_group, "")
        if not group:
            raise PriceLineUnfit(
                f"products.prices: the shop has no customer group {line.customer_group}",
                facts={"price_list": line.price_list, "customer_group": str(line.customer_group)},
            )
    website = websites.find(line.website)
    every = Place(line.price_list, line.includes_vat, group=group, tiers=line.tiers)
    if website is None:
        return every
    return Place(line.price_list, line.includes_vat, website.id, website.stores, group, line.tiers)


async def shop_prices(client: MagentoClient, skus: Iterable[str], *, tiers: bool) -> ShopPrices:
    """Two questions for each hundred products; one where no line has tiers."""
    found = ShopPrices()
    for price in await client.base_prices(skus):
        key = price.sku.casefold()
        found.skus[key] = price.sku
        found.base.setdefault(key, []).append(BaseRow(price.sku, price.store_id, price.price))
    if tiers and found.skus:
        for tier in await client.tier_prices(found.skus.values()):
            row = TierRow(tier.sku, tier.website_id, tier.group, tier.quantity, tier.amount, tier.is_percent)
            found.tiers.setdefault(tier.sku.casefold(), []).append(row)
    return found
