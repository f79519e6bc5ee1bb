"""The shop itself, work that it does later, and what our own module adds, call by call."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shared.clients.fields import Fields
from shared.clients.magento.calls import Calls, part
from shared.clients.magento.errors import NoRoute, NotFound
from shared.clients.magento.wire_shop import (
    Operation,
    ShopCurrencies,
    StockSource,
    StoreConfig,
    StoreView,
    SveaOfOrder,
    Website,
    to_currencies,
    to_operations,
    to_source,
    to_store_config,
    to_store_view,
    to_svea_of_order,
    to_website,
)
from shared.domain.errors import MagentoRights

VERSION = re.compile(r"Magento/(\d[\w. ()-]{0,60})")


class ShopCalls(Calls):
    # ── what it is ────────────────────────────────────────────────────────────────────────────────

    async def websites(self) -> tuple[Website, ...]:
        """Without the admin's."""
        found = await self._list("/store/websites")
        return tuple(website for website in map(to_website, found) if website.website_id)

    async def store_views(self) -> tuple[StoreView, ...]:
        """Without the admin's."""
        found = await self._list("/store/storeViews")
        return tuple(view for view in map(to_store_view, found) if view.store_id)

    async def store_configs(self) -> tuple[StoreConfig, ...]:
        """Of all store views; tax settings are not among what Magento tells."""
        return tuple(to_store_config(found) for found in await self._list("/store/storeConfigs"))

    async def currencies(self, store: str = "") -> ShopCurrencies:
        """As one store view has them; the default one's without a code."""
        found = await self._json("GET", "/directory/currency", store=store)
        return to_currencies(Fields(found, of="currency"))

    async def stock_sources(self) -> tuple[StockSource, ...] | None:
        """None when the shop has no inventory management (its module can be switched off)."""
        try:
            return await self._all("/inventory/sources", to_source)
        except NoRoute:
            return None

    async def modules(self) -> tuple[str, ...]:
        """Names of the installed modules; needs a right that many integrations are not given."""
        return tuple(str(name) for name in await self._json("GET", "/modules"))

    async def version(self) -> str:
        """Edition and minor version (`2.4 (Community)`), where the shop shows them; else empty."""
        answer = await self._shop.http.call("GET", "/magento_version", lane=self.lane)
        found = VERSION.fullmatch(answer.body.decode("utf-8", "replace").strip()) if answer.ok else None
        return found[1] if found else ""

    # ── work that it does later ───────────────────────────────────────────────────────────────────

    async def send_bulk(self, method: str, path: str, bodies: Sequence[Mapping[str, Any]]) -> str:
        """The id of a bulk whose operations a consumer works off. Not safe to repeat.

        ``path`` as after ``/V1``; a path parameter is written ``bySku``. A fault of type in one body
        refuses all of them. Accepted means queued: ask ``bulk_operations`` what became of each.
        """
        found = await self._json(
            method, path, payload=[dict(body) for body in bodies], store="all/async/bulk", idempotent=False
        )
        return Fields(found, of="bulk").needed_text("bulk_uuid")

    async def bulk_operations(self, bulk_id: str) -> tuple[Operation, ...] | None:
        """What became of each body so far; None when Magento does not know the bulk."""
        try:
            return to_operations(await self._get(f"/bulk/{part(bulk_id)}/status", of="bulk"))
        except NotFound:
            return None

    # ── our own module ────────────────────────────────────────────────────────────────────────────

    async def module_version(self) -> str | None:
        """None where the module is not installed."""
        found = await self._of_module("/sluss/version")
        return None if found is None else found.text("version")

    async def svea_of_order(self, order_id: int) -> SveaOfOrder | None:
        """What Svea's module keeps and Magento does not show; None without our module."""
        found = await self._of_module(f"/sluss/orders/{order_id:d}/svea")
        return None if found is None else to_svea_of_order(found)

    async def shows_shipping_with_vat_only(self) -> bool | None:
        """How ``refund_offline`` must give its shipping; None without our module: nobody can tell."""
        found = await self._of_module("/sluss/tax-display")
        return None if found is None else found.integer("shipping_display") == 2

    async def prices_include_vat(self) -> bool | None:
        """How catalogue prices are entered; None without our module or its right: nobody can tell."""
        try:
            found = await self._of_module("/sluss/tax-display")
        except MagentoRights:
            return None
        return None if found is None else found.optional_flag("prices_include_tax")

    async def save_currency_rates(self, rates: Mapping[tuple[str, str], Decimal]) -> bool:
        """By (from, to); False without our module, since Magento itself has no way. Safe to repeat."""
        rows = [{"from": one, "to": other, "rate": rate} for (one, other), rate in rates.items()]
        try:
            await self._call("POST", "/sluss/currency-rates", payload={"rates": rows}, idempotent=True)
        except NoRoute:
            return False
        return True

    # ── how ───────────────────────────────────────────────────────────────────────────────────────

    async def _list(self, path: str) -> list[Fields]:
        """A bare list."""
        return list(Fields({"items": await self._json("GET", path)}, of=path).each("items"))

    async def _of_module(self, path: str) -> Fields | None:
        try:
            return await self._get(path, of="module")
        except NoRoute:
            return None
