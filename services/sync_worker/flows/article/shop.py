"""What a shop says of all its products at once: rates of tax classes, categories, websites, options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from services.sync_worker.shop_websites import Website, shop_websites
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.wire_catalogue import Category, TaxRate, TaxRule
from shared.settings.connections import ConnectionDeclaration


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
    websites = await shop_websites(client)
    shop = ShopCatalogue(
        rates=_rates(await client.tax_rules(), await client.tax_rates(), settings.company_country),
        above=_above(await client.categories()) if categories else {},
        websites=websites.by_id,
        labels={code: await _labels(client, code) for code in codes},
        currency=websites.currency,
    )
    for line in wanted.prices_to_fortnox:
        websites.must_fit(line)
    return shop


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
