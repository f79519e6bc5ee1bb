"""Sources, stocks, what lies where, and what is promised to buyers (Inventory Management, "MSI").

Salable = what lies in the enabled sources of the stock + reservations, which are negative until shipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.sandbox.magento.catalogue import Catalogue
from services.sandbox.magento.catalogue_products import WITH_OWN_STOCK, Product
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.shop_pages import ShopPages

Json = dict[str, Any]
Quantities = Mapping[str, Decimal]
"""SKU -> pieces."""

DEFAULT_SOURCE, DEFAULT_STOCK = "default", 1
ZERO = Decimal(0)
NOT_SHIPPED = "Could not save a shipment, see error log for details"


@dataclass
class Source:
    """A place where goods lie. `details` are the fields that were sent with it."""

    code: str
    name: str
    enabled: bool = True
    details: Json = field(default_factory=dict)

    def show(self) -> Json:
        shown: Json = {"source_code": self.code, "name": self.name, "enabled": self.enabled}
        shown |= {"use_default_carrier_config": True, "carrier_links": []}
        shown["extension_attributes"] = {"is_pickup_location_active": False, "frontend_name": ""}
        return shown | self.details


@dataclass
class StockOfChannels:
    """What websites sell from."""

    stock_id: int
    name: str
    websites: list[str]
    sources: dict[str, int] = field(default_factory=dict)
    """Source code -> priority, 1 first."""

    def show(self) -> Json:
        channels = [{"type": "website", "code": code} for code in self.websites]
        return {
            "stock_id": self.stock_id,
            "name": self.name,
            "extension_attributes": {"sales_channels": channels},
        }

    def by_priority(self) -> list[str]:
        return sorted(self.sources, key=lambda code: self.sources[code])


@dataclass
class SourceItem:
    sku: str
    source_code: str
    quantity: Decimal
    status: int

    def show(self) -> Json:
        return {
            "sku": self.sku,
            "source_code": self.source_code,
            "quantity": self.quantity,
            "status": self.status,
        }


@dataclass(frozen=True)
class Reservation:
    """`event`: order_placed, order_canceled, shipment_created, invoice_created, creditmemo_created."""

    stock_id: int
    sku: str
    quantity: Decimal
    event: str


class Stock:
    """The inventory of one shop: fresh, one source and one stock for all websites, as recorded."""

    def __init__(self, catalogue: Catalogue, pages: ShopPages) -> None:
        self._catalogue = catalogue
        self._pages = pages
        details = {"description": "Default Source", "latitude": 0, "longitude": 0}
        details |= {"country_id": "US", "postcode": "00000"}
        websites = [one.code for one in pages.websites if one.website_id]
        self.sources = {DEFAULT_SOURCE: Source(DEFAULT_SOURCE, "Default Source", details=details)}
        self.stocks = {DEFAULT_STOCK: StockOfChannels(DEFAULT_STOCK, "Default Stock", websites)}
        self.stocks[DEFAULT_STOCK].sources[DEFAULT_SOURCE] = 1
        self.items: dict[tuple[str, str], SourceItem] = {}
        """(SKU in lower case, source) -> what lies there. Any SKU: nobody checks that its product exists."""
        self.notify: dict[tuple[str, str], Decimal] = {}
        self.reservations: list[Reservation] = []
        self.most_items: int | None = None
        """`webapi/validation/complex_array_limit`: how many source items one call may have."""
        self.refused_skus: set[str] = set()
        """What a validator of an extension refuses; Magento's own refuse no SKU that is a product's."""
        self.has_sources = True
        """False: without inventory management, where an order takes its pieces off at once."""
        catalogue.quantities = self.put

    # --- what lies where ---------------------------------------------------------------------------------

    def put(
        self, sku: str, quantity: Decimal, source: str = DEFAULT_SOURCE, status: int | None = None
    ) -> None:
        """Set a quantity; below zero is taken. Status 1 (in stock) unless nothing lies there."""
        status = int(quantity > 0) if status is None else status
        self.items[sku.lower(), source] = SourceItem(sku, source, quantity, status)

    def item(self, sku: str, source: str = DEFAULT_SOURCE) -> SourceItem | None:
        """What lies there, of a generated product too. None when the SKU is not assigned to the source."""
        found = self.items.get((sku.lower(), source))
        if found is not None or source != DEFAULT_SOURCE:
            return found
        product = self._catalogue.find(sku)
        return None if product is None else self._generated(product)

    def lying(self, skus: Iterable[str] | None = None) -> Iterator[SourceItem]:
        """The source items of these SKUs, or all of them, those of generated products last."""
        if skus is not None:
            wanted = {sku.lower() for sku in skus}
            for key in wanted:
                yield from (one for one in (self.item(key, source) for source in self.sources) if one)
            return
        yield from self.items.values()
        for made in self._catalogue.generated:
            for product in made.products():
                if (product.sku.lower(), DEFAULT_SOURCE) not in self.items:
                    yield from filter(None, [self._generated(product)])

    def _generated(self, product: Product) -> SourceItem | None:
        if product.quantity is None:
            return None
        return SourceItem(product.sku, DEFAULT_SOURCE, product.quantity, int(product.quantity > 0))

    # --- what can be sold --------------------------------------------------------------------------------

    def stock_of(self, website_code: str) -> StockOfChannels:
        """The stock that a website sells from; a KeyError when it has none."""
        found = [stock for stock in self.stocks.values() if website_code in stock.websites]
        if not found:
            raise KeyError(website_code)
        return found[0]

    def stock_of_store(self, store_id: int) -> StockOfChannels:
        return self.stock_of(self._pages.website_of(store_id).code)

    def in_sources(self, sku: str, stock_id: int) -> Decimal | None:
        """What lies in the enabled sources of a stock; None when the SKU is in none of them."""
        codes = [code for code in self.stocks[stock_id].sources if self.sources[code].enabled]
        items = [item for item in (self.item(sku, code) for code in codes) if item is not None]
        return sum((item.quantity for item in items if item.status), ZERO) if items else None

    def salable(self, sku: str, stock_id: int) -> Decimal | None:
        """What can still be sold; None when the SKU is not assigned to the stock."""
        lying = self.in_sources(sku, stock_id)
        return None if lying is None else lying + self.reserved(sku, stock_id)

    def reserved(self, sku: str, stock_id: int) -> Decimal:
        """The sum of the reservations: negative while orders wait to be shipped."""
        return sum(
            (
                one.quantity
                for one in self.reservations
                if (one.sku.lower(), one.stock_id) == (sku.lower(), stock_id)
            ),
            ZERO,
        )

    # --- what orders do to it ----------------------------------------------------------------------------

    def placed(self, store_id: int, quantities: Quantities) -> None:
        """An order holds what it needs; the sources keep it until it is shipped."""
        self._reserve(store_id, quantities, sign=-1, event="order_placed")

    def canceled(self, store_id: int, quantities: Quantities) -> None:
        """What was cancelled before it was shipped is free again."""
        self._reserve(store_id, quantities, sign=1, event="order_canceled")

    def shipped(self, store_id: int, quantities: Quantities, source_code: str = "") -> None:
        """Out of a source, and the reservation with it. Refused when the source lacks a piece.

        Without a source: the stock's only one, else `default`, whether the stock has it or not (recorded).
        """
        if not self.has_sources:
            return
        linked = self.stock_of_store(store_id).by_priority()
        source = source_code or (linked[0] if len(linked) == 1 else DEFAULT_SOURCE)
        taken = {sku: self.item(sku, source) for sku in quantities if self._is_counted(sku)}
        for sku, item in taken.items():
            if item is None or item.quantity < quantities[sku]:
                raise Refused(NOT_SHIPPED)
        for sku, item in taken.items():
            if item is not None:
                self.put(item.sku, item.quantity - quantities[sku], source, item.status)
        self._reserve(store_id, {sku: quantities[sku] for sku in taken}, sign=1, event="shipment_created")

    def invoiced(self, store_id: int, quantities: Quantities) -> None:
        """Virtual goods are never shipped: they leave the first source with the invoice."""
        if not self.has_sources:
            return
        linked = self.stock_of_store(store_id).by_priority()
        for sku, quantity in quantities.items():
            item = self.item(sku, linked[0]) if linked else None
            if item is not None:
                self.put(item.sku, item.quantity - quantity, item.source_code, item.status)
        self._reserve(store_id, quantities, sign=1, event="invoice_created")

    def returned(self, store_id: int, quantities: Quantities, *, shipped: bool = True) -> None:
        """A refund that puts goods back: into the source, or off the reservation when they never left."""
        if not shipped:
            self._reserve(store_id, quantities, sign=1, event="creditmemo_created")
            return
        for sku, quantity in quantities.items():
            item = self.item(sku) or SourceItem(sku, DEFAULT_SOURCE, ZERO, 1)
            self.put(item.sku, item.quantity + quantity, item.source_code, 1)

    def _reserve(self, store_id: int, quantities: Quantities, *, sign: int, event: str) -> None:
        if not self.has_sources:
            self._take_at_once(quantities, sign)
            return
        stock_id = self.stock_of_store(store_id).stock_id
        self.reservations += [
            Reservation(stock_id, sku, sign * quantity, event)
            for sku, quantity in quantities.items()
            if self._is_counted(sku) and quantity
        ]

    def _take_at_once(self, quantities: Quantities, sign: int) -> None:
        for sku, quantity in quantities.items():
            item = self.item(sku)
            if item is not None:
                self.put(item.sku, item.quantity + sign * quantity, status=item.status)

    def _is_counted(self, sku: str) -> bool:
        """A SKU that has left the catalogue, or never had a quantity, is shipped without counting."""
        product = self._catalogue.find(sku)
        if product is None or product.type_id not in WITH_OWN_STOCK:
            return False
        return any(self.item(sku, source) is not None for source in self.sources)
