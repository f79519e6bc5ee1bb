"""One Magento shop: its integrations, its switches, what it sells and has sold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.sandbox.clock import SandboxClock, real_time
from services.sandbox.magento import pages
from services.sandbox.magento.bulk import Bulk
from services.sandbox.magento.catalogue import Catalogue
from services.sandbox.magento.customers import Customers, Groups
from services.sandbox.magento.oauth import Integration, OAuthCheck
from services.sandbox.magento.products_search import ProductSearch
from services.sandbox.magento.refusals import BrokenPage
from services.sandbox.magento.shop_pages import ShopPages
from services.sandbox.magento.stock import Stock
from services.sandbox.magento.stock_legacy import StockItems

Broken = Literal["maintenance", "gateway", "crash"]


@dataclass(frozen=True)
class Call:
    """A request as it came; `path` below the shop's base URL, escapes as sent."""

    method: str
    path: str
    query: str
    body: bytes
    status: int
    at: datetime


class Shop:
    """Everything the stand-in knows about one shop. Switches are plain attributes."""

    def __init__(self, name: str, clock: SandboxClock, integration: Integration, base_url: str) -> None:
        self.name = name
        self.clock = clock
        self.integrations = [integration]
        self.oauth = OAuthCheck(self.integrations, self._times)
        self.pages = ShopPages.standard(base_url)
        self.catalogue = Catalogue(clock, self.pages)
        self.product_search = ProductSearch(self.catalogue)
        self.stock = Stock(self.catalogue, self.pages)
        self.stock_items = StockItems(self.stock)
        self.groups = Groups()
        self.customers = Customers(clock, self.pages, self.catalogue.tell)
        self.bulk = Bulk(clock)
        self.module_installed = True
        """The shop module of `deploy/magento`: its routes and its notices."""
        self.calls: list[Call] = []
        self.bearer_allowed = False
        """`oauth/consumer/enable_integration_as_bearer`, off by default since 2.4.4."""
        self.broken: Broken | None = None
        """What every request gets instead of an answer: maintenance page, 502 of nginx, PHP's last words."""

    @property
    def integration(self) -> Integration:
        """The one that came with the shop."""
        return self.integrations[0]

    @property
    def store_codes(self) -> set[str]:
        return {view.code for view in self.pages.views}

    def now(self) -> str:
        """The database's time: UTC, whole seconds, no zone mark."""
        return self.clock().strftime("%Y-%m-%d %H:%M:%S")

    def writes(self) -> list[Call]:
        """The calls that were not mere reading."""
        return [call for call in self.calls if call.method != "GET"]

    def remember(self, method: str, path: str, query: str, body: bytes, status: int) -> None:
        self.calls.append(Call(method, path, query, body, status, self.clock()))

    def broken_page(self) -> BrokenPage:
        if self.broken == "gateway":
            return pages.bad_gateway()
        return pages.crash() if self.broken == "crash" else pages.maintenance(self.pages.base_url)

    def _times(self) -> tuple[datetime, ...]:
        """Timestamps are judged by real time, or by the sandbox's clock for clients that live in it."""
        return real_time(), self.clock.source(), self.clock()
