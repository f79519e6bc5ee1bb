"""Websites, store groups, store views and currencies of one shop: `/V1/store` and `/V1/directory`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

ADMIN_SCOPE = 0
"""The store view `admin`, where the default values of a product live."""

RATE_SCALE = Decimal("0.000000000001")
_SYMBOLS = {"SEK": "kr", "EUR": "€", "USD": "US$", "GBP": "£"}
"""As sv_SE writes them; the rest go by their code."""


@dataclass
class Website:
    website_id: int
    code: str
    name: str
    default_group_id: int
    base_currency: str = "SEK"

    def show(self) -> Json:
        return {
            "id": self.website_id,
            "code": self.code,
            "name": self.name,
            "default_group_id": self.default_group_id,
        }


@dataclass
class StoreGroup:
    group_id: int
    website_id: int
    root_category_id: int
    default_store_id: int
    name: str
    code: str

    def show(self) -> Json:
        return {
            "id": self.group_id,
            "website_id": self.website_id,
            "root_category_id": self.root_category_id,
            "default_store_id": self.default_store_id,
            "name": self.name,
            "code": self.code,
        }


@dataclass
class StoreView:
    store_id: int
    code: str
    name: str
    website_id: int
    group_id: int
    locale: str = "sv_SE"
    currency: str = "SEK"
    is_active: int = 1
    allowed_currencies: tuple[str, ...] = ("SEK", "EUR", "NOK", "USD")

    def show(self) -> Json:
        return {
            "id": self.store_id,
            "code": self.code,
            "name": self.name,
            "website_id": self.website_id,
            "store_group_id": self.group_id,
            "is_active": self.is_active,
        }


@dataclass
class ShopPages:
    """The shop's own structure. Rates are `base -> other`, as Magento keeps them."""

    base_url: str = "http://sandbox/magento/default/"
    timezone: str = "Europe/Stockholm"
    websites: list[Website] = field(default_factory=list)
    groups: list[StoreGroup] = field(default_factory=list)
    views: list[StoreView] = field(default_factory=list)
    rates: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    price_display: int = 2
    """`tax/sales_display/price`: 1 excluding, 2 including, 3 both."""
    shipping_display: int = 1
    """`tax/sales_display/shipping`; 2 makes the refund's `shipping_amount` mean including tax."""
    prices_include_tax: bool = True
    shipping_includes_tax: bool = True
    discounts_include_tax: bool = True
    cross_border_trade: bool = False

    @classmethod
    def standard(cls, base_url: str = "http://sandbox/magento/default/") -> ShopPages:
        """The shop that was recorded: SEK on website 1, EUR on website 2, three store views."""
        euro = ("EUR", "SEK")
        return cls(
            base_url=base_url,
            websites=[
                Website(1, "base", "Main Website", 1),
                Website(0, "admin", "Admin", 0),
                Website(2, "eu", "EU shop", 2, base_currency="EUR"),
            ],
            groups=[
                StoreGroup(0, 0, 0, 0, "Default", "default"),
                StoreGroup(1, 1, 2, 1, "Main Website Store", "main_website_store"),
                StoreGroup(2, 2, 2, 2, "EU store", "eu_store"),
            ],
            views=[
                StoreView(1, "default", "Default Store View", 1, 1),
                StoreView(0, "admin", "Admin", 0, 0),
                StoreView(2, "de_de", "Deutsch", 2, 2, "de_DE", "EUR", allowed_currencies=euro),
                StoreView(3, "en_eur", "English EUR", 1, 1, "en_GB", "EUR"),
            ],
            rates={
                ("SEK", "EUR"): Decimal("0.0875"),
                ("SEK", "NOK"): Decimal("1.0312"),
                ("SEK", "USD"): Decimal("0.0951"),
            },
        )

    def scope(self, store_code: str) -> int:
        """The store view that a path means: `all` the default values, none at all the store `default`."""
        if store_code == "all":
            return ADMIN_SCOPE
        return next((view.store_id for view in self.views if view.code == (store_code or "default")), 1)

    def view(self, store_id: int) -> StoreView:
        """The store view; a KeyError when there is none."""
        return {view.store_id: view for view in self.views}[store_id]

    def has_view(self, store_id: int) -> bool:
        return any(view.store_id == store_id for view in self.views)

    def website(self, website_id: int) -> Website:
        """The website; a KeyError when there is none."""
        return {website.website_id: website for website in self.websites}[website_id]

    def website_of(self, store_id: int) -> Website:
        return self.website(self.view(store_id).website_id)

    def views_beside(self, store_id: int) -> list[int]:
        """All store views of the website that this one belongs to, itself included."""
        website = self.view(store_id).website_id
        return [view.store_id for view in self.views if view.website_id == website]

    # --- currency ----------------------------------------------------------------------------------------

    def save_rates(self, rates: Mapping[tuple[str, str], Decimal]) -> None:
        """What `Currency::saveRates` does: the absolute value, and zeros passed over (magento.md 8).

        Its column has twelve decimals.
        """
        kept = {pair: abs(Decimal(rate)).quantize(RATE_SCALE) for pair, rate in rates.items() if rate}
        self.rates.update(kept)

    def show_currency(self, store_id: int) -> Json:
        """`GET /V1/directory/currency`. A currency without a rate stands there with rate 0."""
        view = self.view(store_id)
        base = self.website(view.website_id).base_currency
        allowed = list(view.allowed_currencies)
        return {
            "base_currency_code": base,
            "base_currency_symbol": _SYMBOLS.get(base, base),
            "default_display_currency_code": view.currency,
            "default_display_currency_symbol": _SYMBOLS.get(view.currency, view.currency),
            "available_currency_codes": allowed,
            "exchange_rates": [{"currency_to": code, "rate": self._rate(base, code)} for code in allowed],
        }

    def _rate(self, base: str, other: str) -> Decimal:
        return Decimal(1) if base == other else self.rates.get((base, other), Decimal(0))

    # --- configuration -----------------------------------------------------------------------------------

    def show_configs(self, codes: list[str]) -> list[Json]:
        """`GET /V1/store/storeConfigs`; without codes, those of every view but `admin`."""
        wanted = codes or [view.code for view in self.views if view.store_id != ADMIN_SCOPE]
        return [self._config(view) for view in self.views if view.code in wanted]

    def _config(self, view: StoreView) -> Json:
        urls = {
            f"{secure}base_{kind}url": self.base_url + path
            for secure in ("", "secure_")
            for kind, path in (
                ("", ""),
                ("link_", ""),
                ("static_", "static/version1754759768/"),
                ("media_", "media/"),
            )
        }
        return {
            "id": view.store_id,
            "code": view.code,
            "website_id": view.website_id,
            "locale": view.locale,
            "base_currency_code": self.website(view.website_id).base_currency,
            "default_display_currency_code": view.currency,
            "timezone": self.timezone,
            "weight_unit": "lbs",
        } | urls

    def show_tax_display(self) -> Json:
        """What the core's REST keeps to itself and the shop module tells."""
        return {
            "price_display": self.price_display,
            "shipping_display": self.shipping_display,
            "prices_include_tax": self.prices_include_tax,
            "shipping_includes_tax": self.shipping_includes_tax,
            "discounts_include_tax": self.discounts_include_tax,
            "cross_border_trade": self.cross_border_trade,
        }
