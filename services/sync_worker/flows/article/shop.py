"""What a shop says of all its products at once: rates of tax classes, categories, websites, options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from shared.clients.magento.client import MagentoClient
from shared.clients.magento.wire_catalogue import Category, TaxRate, TaxRule
from shared.clients.magento.wire_shop import StoreConfig
from shared.domain.catalogue import PriceLineUnfit
from shared.settings.connections import ConnectionDeclaration
from shared.settings.products import PriceLine


@dataclass(frozen=True)
class Website:
    """``stores``: ids of its store views; a price of the website's own is kept with one of them."""

    id: int
    code: str
    currency: str
    stores: frozenset[int]


@dataclass(frozen=True)
class ShopCatalogue:
    """``above``: a category -> itself and those above. ``labels``: attribute -> value -> what it says.
    ``currency`` is that of default prices."""

    rates: Mapping[int, tuple[Decimal, ...]] = field(default_factory=dict)
    above: Mapping[int, frozenset[int]] = field(default_factory=dict)
    websites: Mapping[int, Website] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    currency: str = ""

    def website(self, code: str) -> Website | None:
        return next((website for website in self.websites.values() if website.code == code), None)


async def shop_catalogue(client: MagentoClient, settings: ConnectionDeclaration) -> ShopCatalogue:
    """Only what the settings ask for is read. Raises PriceLineUnfit."""
    wanted = settings.products
    by_category = [line for line in wanted.article_lines if line.category is not None]
    categories = wanted.categories or wanted.without_categories or by_category
    codes = [code for code in (wanted.ean_attribute, wanted.unit_attribute) if code]
    websites, currency = await _websites(client)
    shop = ShopCatalogue(
        rates=_rates(await client.tax_rules(), await client.tax_rates(), settings.company_country),
        above=_above(await client.categories()) if categories else {},
        websites=websites,
        labels={code: await _labels(client, code) for code in codes},
        currency=currency,
    )
    for line in wanted.prices:
        _must_fit(line, shop)
    return shop


async def _websites(client: MagentoClient) -> tuple[dict[int, Website], str]:
    """The websites, and the currency of the first one, in which default prices are kept."""
    configs = await client.store_configs()
    found = {
        website.website_id: Website(
            id=website.website_id,
            code=website.code,
            currency=_currency(configs, website.website_id),
            stores=frozenset(one.store_id for one in configs if one.website_id == website.website_id),
        )
        for website in await client.websites()
        if website.website_id
    }
    return found, found[min(found)].currency if found else ""


def _currency(configs: Sequence[StoreConfig], website: int) -> str:
    return next((one.base_currency for one in configs if one.website_id == website), "")


def _rates(
    rules: Sequence[TaxRule], rates: Sequence[TaxRate], country: str
) -> dict[int, tuple[Decimal, ...]]:
    """Product tax class -> the rates that any rule gives it at home."""
    at_home = {rate.rate_id: rate.percent for rate in rates if rate.country == country}
    found: dict[int, set[Decimal]] = {}
    for rule in rules:
        for product_class in rule.product_classes:
            found.setdefault(product_class, set()).update(
                at_home[rate] for rate in rule.rate_ids if rate in at_home
            )
    return {product_class: tuple(sorted(given)) for product_class, given in found.items()}


def _above(categories: Sequence[Category]) -> dict[int, frozenset[int]]:
    return {one.category_id: frozenset((*one.path, one.category_id)) for one in categories}


async def _labels(client: MagentoClient, code: str) -> dict[str, str]:
    """Empty for an attribute that is typed in freely."""
    return {option.value: option.label for option in await client.attribute_options(code)}


def _must_fit(line: PriceLine, shop: ShopCatalogue) -> None:
    website = shop.website(line.website) if line.website is not None else None
    if line.website is not None and website is None:
        known = ", ".join(sorted(one.code for one in shop.websites.values()))
        raise PriceLineUnfit(
            f"products.prices: the shop has no website {line.website}; it has {known}",
            facts={"price_list": line.price_list, "website": line.website},
        )
    currency = website.currency if website is not None else shop.currency
    if currency and currency != line.currency:
        raise PriceLineUnfit(
            f"products.prices: price list {line.price_list} is in {line.currency}, and the prices of "
            f"{line.website or 'the shop'} are in {currency}",
            facts={"price_list": line.price_list, "currency": line.currency, "shop": currency},
        )
