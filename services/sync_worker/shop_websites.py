"""The shop's websites and their currencies: which of its prices a price list can hold, or decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.clients.magento.client import MagentoClient
from shared.clients.magento.wire_shop import StoreConfig
from shared.domain.catalogue import PriceLineUnfit
from shared.settings.products import PriceLine


@dataclass(frozen=True)
class Website:
    """``stores``: ids of its store views; a price of the website's own is kept with one of them."""

    id: int
    code: str
    currency: str
    stores: frozenset[int]


@dataclass(frozen=True)
class ShopWebsites:
    """``currency`` is that of default prices."""

    by_id: Mapping[int, Website] = field(default_factory=dict)
    currency: str = ""

    def find(self, code: str | None) -> Website | None:
        return next((website for website in self.by_id.values() if website.code == code), None)

    def must_fit(self, line: PriceLine) -> None:
        """Raises PriceLineUnfit for a website that is not there, or has another currency than the list."""
        website = self.find(line.website)
        if line.website is not None and website is None:
            known = ", ".join(sorted(one.code for one in self.by_id.values()))
            raise PriceLineUnfit(
                f"products.prices: the shop has no website {line.website}; it has {known}",
                facts={"price_list": line.price_list, "website": line.website},
            )
        currency = website.currency if website is not None else self.currency
        if currency and currency != line.currency:
            raise PriceLineUnfit(
                f"products.prices: price list {line.price_list} is in {line.currency}, and the prices of "
                f"{line.website or 'the shop'} are in {currency}",
                facts={"price_list": line.price_list, "currency": line.currency, "shop": currency},
            )


async def shop_websites(client: MagentoClient) -> ShopWebsites:
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
    return ShopWebsites(found, found[min(found)].currency if found else "")


def _currency(configs: Sequence[StoreConfig], website: int) -> str:
    return next((one.base_currency for one in configs if one.website_id == website), "")
