"""Salable quantities over REST, notices of low stock, and the stock items of the time before sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from services.sandbox.magento import products_inputs as takes
from services.sandbox.magento.catalogue_products import WITH_OWN_STOCK, Product
from services.sandbox.magento.inputs import FLOAT, STRING, Many, Takes, struct
from services.sandbox.magento.products import found, scope
from services.sandbox.magento.refusals import Refused, no_such_entity
from services.sandbox.magento.routing import Answer, MagentoRequest, Route
from services.sandbox.magento.stock import StockOfChannels
from services.sandbox.magento.stock_routes import SALES, SOURCE, has_sources, known_channel, known_stock, some

LEGACY = "Magento_Catalog::catalog_inventory"
_NOTIFY = struct(source_code=STRING, notify_stock_qty=FLOAT, sku=STRING)
NOTIFY = Takes({"sourceItemConfigurations": Many(_NOTIFY)}, ("sourceItemConfigurations",))
STOCK_ITEM = Takes({"stockItem": takes.STOCK_ITEM}, ("stockItem",))


# ---- what can be sold --------------------------------------------------------------------------------------


def _salable_quantity(request: MagentoRequest) -> Answer:
    stock = known_stock(request, request.number("stockId"))
    product = request.shop.catalogue.find(request.values["sku"])
    if product is not None and product.type_id not in WITH_OWN_STOCK:
        raise Refused("Can't check requested quantity for products without Source Items support.")
    salable = None if product is None else request.shop.stock.salable(product.sku, stock.stock_id)
    if salable is None:
        raise Refused("The requested sku is not assigned to given stock.")
    return Answer(salable)


def _is_salable(request: MagentoRequest) -> Answer:
    stock = known_stock(request, request.number("stockId"))
    product = request.shop.catalogue.find(request.values["sku"])
    return Answer(product is not None and _sells(request, product, stock))


def _are_salable(request: MagentoRequest) -> Answer:
    skus = request.query.get("skus")
    number = str(request.query.get("stockId", ""))
    stock = known_stock(request, int(number) if number.isdigit() else 0)
    return Answer(
        [
            {
                "sku": sku,
                "stock_id": stock.stock_id,
                "salable": product is not None and _sells(request, product, stock),
            }
            for sku in (skus.values() if isinstance(skus, dict) else ())
            for product in [request.shop.catalogue.find(str(sku))]
        ]
    )


def _sells(request: MagentoRequest, product: Product, stock: StockOfChannels) -> bool:
    """A product without stock of its own is taken to sell when it is enabled."""
    if product.type_id not in WITH_OWN_STOCK:
        return bool(product.values.get("status") == 1)
    return (request.shop.stock.salable(product.sku, stock.stock_id) or 0) > 0


def _export(request: MagentoRequest) -> Answer:
    """By product, as far as it has stock of its own. `total_count` counts the page only (recorded)."""
    criteria, stock = request.criteria(), known_channel(request, request.values["code"])
    products, _ = request.shop.product_search.page(criteria, scope(request))
    items = [
        {"sku": product.sku, "qty": salable, "is_salable": salable > 0}
        for product in products
        if product.type_id in WITH_OWN_STOCK
        and (salable := request.shop.stock.salable(product.sku, stock.stock_id)) is not None
    ]
    return Answer({"items": items, "search_criteria": criteria.shown(), "total_count": len(items)})


def _dump(request: MagentoRequest) -> Answer:
    """The index: what lies in the sources, reservations not counted."""
    stock = known_channel(request, request.values["code"])
    return Answer(sorted(_indexed(request, stock), key=lambda row: str(row["sku"])))


def _indexed(request: MagentoRequest, stock: StockOfChannels) -> Iterator[dict[str, Any]]:
    products: Iterable[Product] = request.shop.catalogue
    for product in products:
        if product.type_id not in WITH_OWN_STOCK:
            yield {"sku": product.sku, "qty": 0, "is_salable": _sells(request, product, stock)}
        elif (lying := request.shop.stock.in_sources(product.sku, stock.stock_id)) is not None:
            yield {"sku": product.sku, "qty": lying, "is_salable": lying > 0}


# ---- notices of low stock, and the stock items of before ---------------------------------------------------


def _save_notify(request: MagentoRequest) -> Answer:
    for one in some(request.body["sourceItemConfigurations"]):
        request.shop.stock.notify[one["sku"].lower(), one["source_code"]] = one["notify_stock_qty"]
    return Answer([])


def _notify(request: MagentoRequest) -> Answer:
    sku, source = request.values["sku"], request.values["sourceCode"]
    quantity = request.shop.stock.notify.get((sku.lower(), source))
    if quantity is None:
        raise no_such_entity()
    return Answer({"source_code": source, "notify_stock_qty": quantity, "sku": sku})


def _stock_item(request: MagentoRequest) -> Answer:
    return Answer(request.shop.stock_items.show(found(request, "productSku")))


def _stock_status(request: MagentoRequest) -> Answer:
    stock = request.shop.stock.stock_of_store(scope(request) or 1)
    return Answer(request.shop.stock_items.show_status(found(request, "productSku"), stock.stock_id))


def _put_stock_item(request: MagentoRequest) -> Answer:
    """The id in the path is not looked at when the product has an item."""
    request.number("itemId")
    shop, product = request.shop, found(request, "productSku")
    number = shop.stock_items.save(product, request.body["stockItem"])
    shop.catalogue.tell("stock.updated", {"type": "stock", "id": product.entity_id}, 0)
    return Answer(number)


_INVENTORY = (
    Route("GET", "/V1/inventory/get-product-salable-quantity/{sku}/{stockId}", SALES, _salable_quantity),
    Route("GET", "/V1/inventory/is-product-salable/{sku}/{stockId}", SALES, _is_salable),
    Route("GET", "/V1/inventory/are-products-salable", SALES, _are_salable),
    Route("GET", "/V1/inventory/export-stock-salable-qty/{type}/{code}", SALES, _export),
    Route("GET", "/V1/inventory/dump-stock-index-data/{type}/{code}", SALES, _dump),
    Route("POST", "/V1/inventory/low-quantity-notification", SOURCE, _save_notify, NOTIFY),
    Route("GET", "/V1/inventory/low-quantity-notification/{sourceCode}/{sku}", SOURCE, _notify),
)
ROUTES = (
    *(replace(route, installed=has_sources) for route in _INVENTORY),
    Route("GET", "/V1/stockItems/{productSku}", LEGACY, _stock_item),
    Route("GET", "/V1/stockStatuses/{productSku}", LEGACY, _stock_status),
    Route("PUT", "/V1/products/{productSku}/stockItems/{itemId}", LEGACY, _put_stock_item, STOCK_ITEM),
)
