"""One Magento shop: its integrations, its switches, what it sells and has sold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from services.sandbox.clock import SandboxClock, real_time
from services.sandbox.magento import pages as error_pages
from services.sandbox.magento.announcing import Announcer
from services.sandbox.magento.bulk import Bulk
from services.sandbox.magento.catalogue import Catalogue
from services.sandbox.magento.customers import Customers, Groups
from services.sandbox.magento.documents import Remark
from services.sandbox.magento.handshake import Handshake
from services.sandbox.magento.lines import Line
from services.sandbox.magento.notices import Sender, Subscription
from services.sandbox.magento.oauth import Integration, OAuthCheck
from services.sandbox.magento.placing import Cart
from services.sandbox.magento.products_search import ProductSearch
from services.sandbox.magento.refunding import Arguments
from services.sandbox.magento.refusals import BrokenPage
from services.sandbox.magento.sales import Sales
from services.sandbox.magento.shop_pages import ShopPages
from services.sandbox.magento.show_orders import show_order
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

    def __init__(
        self,
        name: str,
        clock: SandboxClock,
        integration: Integration,
        pages: ShopPages,
        announce: Announcer,
        secret: Callable[[], str],
    ) -> None:
        self.name = name
        self.clock = clock
        self.integrations = [integration]
        self.oauth = OAuthCheck(self.integrations, self._times)
        self.handshake = Handshake(self.integrations, self.oauth, clock, secret)
        self.pages = pages
        self.announce = announce
        self.catalogue = Catalogue(clock, self.pages)
        self.product_search = ProductSearch(self.catalogue)
        self.stock = Stock(self.catalogue, self.pages)
        self.stock_items = StockItems(self.stock)
        self.groups = Groups()
        self.customers = Customers(clock, self.pages, self.catalogue.tell)
        self.bulk = Bulk(clock)
        self.sales = Sales(self.pages, self.stock, self.now, self._tell)
        self.sales.find_product_id = self._product_id
        self.catalogue.tell = self.customers.tell = self._tell
        self.svea_installed = True
        """Svea's module: orders can be searched by `svea_order_id`."""
        self.module_installed = True
        """The shop module of `deploy/magento`: its routes and its notices."""
        self.calls: list[Call] = []
        self.bearer_allowed = False
        """`oauth/consumer/enable_integration_as_bearer`, off by default since 2.4.4."""
        self.broken: Broken | None = None
        """What every request gets instead of an answer: maintenance page, 502 of nginx, PHP's last words."""

    # ---- what tests and the demo do ----------------------------------------------------------------------

    def orders(self, *lines: Line, **cart: Any) -> int:
        """A buyer places an order: `Cart`'s fields by name. The entity id."""
        return self.sales.place(Cart(lines, **cart)).entity_id

    def recorded(self, order: dict[str, Any]) -> int:
        """An order as REST once showed it is there, with its own ids."""
        return self.sales.read(order).entity_id

    def invoice(
        self, order_id: int, quantities: Mapping[str, Any] | None = None, transaction_id: str = ""
    ) -> int:
        """Pieces per SKU; left out, everything that is left. The invoice's id."""
        wanted = self.sales.quantities(order_id, quantities)
        return self.sales.invoice(order_id, wanted, transaction_id=transaction_id).entity_id

    def ship(self, order_id: int, quantities: Mapping[str, Any] | None = None) -> int:
        return self.sales.ship(order_id, self.sales.quantities(order_id, quantities)).entity_id

    def refund(
        self,
        order_id: int,
        quantities: Mapping[str, Any] | None = None,
        shipping: str | None = None,
        adjustment: str = "0",
        fee: str = "0",
        *,
        online: bool = False,
        return_to_stock: Iterable[str] = (),
        comment: str = "",
    ) -> int:
        """A credit memo. `adjustment` is paid on top, `fee` kept; both, and `shipping`, in base currency.

        `quantities` {} with amounts refunds no goods. Online: of the order's last invoice, at the provider.
        """
        sales = self.sales
        wanted = sales.quantities(order_id, quantities)
        if quantities == {}:  # no list would mean everything: name one row with none of its pieces
            wanted = {int(next(sales.order(order_id).money_items())["item_id"]): Decimal(0)}
        amounts = Arguments(
            Decimal(shipping) if shipping is not None else None, Decimal(adjustment), Decimal(fee)
        )
        arguments = replace(amounts, given=shipping is not None or adjustment != "0" or fee != "0")
        more: dict[str, Any] = {
            "return_to_stock": list(sales.quantities(order_id, dict.fromkeys(return_to_stock, 0))),
            "remark": Remark(comment, append=bool(comment)),
        }
        if online:
            invoice = max(one.entity_id for one in sales.invoices.values() if one.order_id == order_id)
            return sales.refund_invoice(invoice, wanted, arguments, online=True, **more).entity_id
        return sales.refund(order_id, wanted, arguments, **more).entity_id

    def cancel(self, order_id: int) -> bool:
        return self.sales.cancel(order_id)

    def hold(self, order_id: int) -> bool:
        return self.sales.hold(order_id)

    def unhold(self, order_id: int) -> bool:
        return self.sales.unhold(order_id)

    def edit(self, order_id: int, *lines: Line, **cart: Any) -> int:
        """The admin edits an order: a new one with `-1` behind its number, and the old one canceled."""
        return self.sales.edit(order_id, Cart(lines, **cart)).entity_id

    def subscribe(
        self,
        url: str,
        secret: str = "",
        *,
        sender: str = Sender.MODULE,
        events: Iterable[str] = (),
    ) -> Subscription:
        """From now on every change is told there, as this sender tells it; `events`: only these."""
        return self.announce.subscribe(url, secret, Sender(sender), frozenset(events))

    async def activate(self, callback_url: str, resources: set[str] | None = None) -> Integration:
        """The admin activates an integration with an endpoint: its credentials are posted there."""
        integration = self.handshake.begin(resources)
        transport = self.announce.outbox.transport
        await self.handshake.post(integration, callback_url, self.pages.base_url, transport)
        return integration

    # ---- what it is --------------------------------------------------------------------------------------

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
            return error_pages.bad_gateway()
        if self.broken == "crash":
            return error_pages.crash()
        return error_pages.maintenance(self.pages.base_url)

    def _tell(self, event: str, entity: dict[str, Any], store_id: int) -> None:
        """Whoever subscribed hears of it."""
        self.announce.tell(event, entity, store_id, lambda: self._whole(entity))

    def _whole(self, entity: dict[str, Any]) -> dict[str, Any]:
        """What changed, as REST shows it; for what is no sale, the little that is told of it."""
        number, sales = int(entity["id"]), self.sales
        documents = {"invoice": sales.invoices, "shipment": sales.shipments, "creditmemo": sales.memos}
        if entity["type"] == "order":
            return show_order(sales.orders[number])
        if entity["type"] in documents:
            return documents[entity["type"]][number].show()
        return {"entity_id": number} | entity

    def _product_id(self, sku: str) -> int | None:
        product = self.catalogue.find(sku)
        return None if product is None else product.entity_id

    def _times(self) -> tuple[datetime, ...]:
        """Timestamps are judged by real time, or by the sandbox's clock for clients that live in it."""
        return real_time(), self.clock.source(), self.clock()
