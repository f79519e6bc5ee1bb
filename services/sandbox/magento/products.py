"""`/V1/products` and what hangs on a product."""

from __future__ import annotations

from services.sandbox.magento import products_inputs as takes
from services.sandbox.magento.catalogue_products import BUNDLE, CONFIGURABLE, TYPES, Product
from services.sandbox.magento.products_prices import PriceStorage
from services.sandbox.magento.products_save import ProductSaving
from services.sandbox.magento.products_show import ProductPages
from services.sandbox.magento.products_tiers import TierStorage
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.routing import Answer, MagentoRequest, Route
from services.sandbox.magento.shop import Shop

PRODUCTS = "Magento_Catalog::products"
PRICES = "Magento_Catalog::catalog"
MISSING = "The product that was requested doesn't exist. Verify the product and try again."


def missing() -> Refused:
    return Refused(MISSING, status=404)


def found(request: MagentoRequest, name: str = "sku") -> Product:
    """The product whose SKU stands in the path, in any case; 404 when there is none."""
    product = request.shop.catalogue.find(request.values[name])
    if product is None:
        raise missing()
    return product


def _pages(shop: Shop) -> ProductPages:
    return ProductPages(shop.catalogue, shop.stock_items)


def _saving(shop: Shop) -> ProductSaving:
    return ProductSaving(shop.catalogue, shop.stock_items)


def _prices(shop: Shop) -> PriceStorage:
    return PriceStorage(shop.catalogue, shop.pages)


def _tiers(shop: Shop) -> TierStorage:
    return TierStorage(shop.catalogue, shop.pages, shop.groups.by_code)


def scope(request: MagentoRequest) -> int:
    return request.shop.pages.scope(request.store_code)


# ---- products ----------------------------------------------------------------------------------------------


def _get(request: MagentoRequest) -> Answer:
    return Answer(_pages(request.shop).show(found(request), scope(request)))


def _list(request: MagentoRequest) -> Answer:
    criteria = request.criteria()
    products, total = request.shop.product_search.page(criteria, scope(request))
    items = [_pages(request.shop).show_listed(product, scope(request)) for product in products]
    return Answer({"items": items, "search_criteria": criteria.shown(), "total_count": total})


def _post(request: MagentoRequest) -> Answer:
    product, fresh = _saving(request.shop).save(request.body["product"], scope(request))
    fresh = fresh and not request.mode  # an asynchronous answer is read anew
    return Answer(_pages(request.shop).show(product, scope(request), fresh=fresh))


def _put(request: MagentoRequest) -> Answer:
    """The SKU of the path wins over the one in the body."""
    sent = {**request.body["product"], "sku": request.values["sku"]}
    product, _ = _saving(request.shop).save(sent, scope(request))
    return Answer(_pages(request.shop).show(product, scope(request)))


def _delete(request: MagentoRequest) -> Answer:
    request.shop.catalogue.delete(found(request).sku)
    return Answer(True)


def _types(_: MagentoRequest) -> Answer:
    labels = {
        "simple": "Simple Product",
        "virtual": "Virtual Product",
        "downloadable": "Downloadable Product",
    }
    labels |= {
        "configurable": "Configurable Product",
        "bundle": "Bundle Product",
        "grouped": "Grouped Product",
    }
    return Answer([{"name": name, "label": labels[name]} for name in TYPES])


# ---- their parts -------------------------------------------------------------------------------------------


def _variants(request: MagentoRequest) -> Answer:
    shop, product = request.shop, found(request)
    if product.type_id != CONFIGURABLE:
        return Answer([])
    variants = [shop.catalogue.by_id(number) for number in product.children]
    return Answer([_pages(shop).show_variant(one, scope(request)) for one in variants if one is not None])


def _configurable_options(request: MagentoRequest) -> Answer:
    return Answer(found(request).options)


def _bundle_options(request: MagentoRequest) -> Answer:
    shown = _pages(request.shop).show(found(request), scope(request))
    return Answer(shown["extension_attributes"].get("bundle_product_options", []))


def _bundle_children(request: MagentoRequest) -> Answer:
    product = found(request, "productSku")
    if product.type_id != BUNDLE:
        text = "This is implemented for bundle products only."
        raise Refused(text)
    shown = _pages(request.shop).show(product, scope(request))
    options = shown["extension_attributes"]["bundle_product_options"]
    return Answer([link for option in options for link in option["product_links"]])


def _links(request: MagentoRequest) -> Answer:
    kind = request.values["type"]
    return Answer([link for link in found(request).links if link["link_type"] == kind])


def _downloads(request: MagentoRequest) -> Answer:
    return Answer(found(request).downloads)


# ---- prices ------------------------------------------------------------------------------------------------


def _save_base_prices(request: MagentoRequest) -> Answer:
    return Answer(_prices(request.shop).save_values("price", request.body["prices"]))


def _show_base_prices(request: MagentoRequest) -> Answer:
    return Answer(_prices(request.shop).show_values("price", request.body["skus"]))


def _save_costs(request: MagentoRequest) -> Answer:
    return Answer(_prices(request.shop).save_values("cost", request.body["prices"]))


def _show_costs(request: MagentoRequest) -> Answer:
    return Answer(_prices(request.shop).show_values("cost", request.body["skus"]))


def _delete_costs(request: MagentoRequest) -> Answer:
    """True, or the faults."""
    return Answer(_prices(request.shop).delete_values("cost", request.body["skus"]) or True)


def _save_special(request: MagentoRequest) -> Answer:
    return Answer(_prices(request.shop).save_special(request.body["prices"]))


def _show_special(request: MagentoRequest) -> Answer:
    return Answer(_prices(request.shop).show_special(request.body["skus"]))


def _save_tiers(request: MagentoRequest) -> Answer:
    return Answer(_tiers(request.shop).save(request.body["prices"]))


def _replace_tiers(request: MagentoRequest) -> Answer:
    return Answer(_tiers(request.shop).replace(request.body["prices"]))


def _delete_tiers(request: MagentoRequest) -> Answer:
    return Answer(_tiers(request.shop).delete(request.body["prices"]))


def _show_tiers(request: MagentoRequest) -> Answer:
    shop = request.shop
    return Answer(_tiers(shop).show(request.body["skus"], shop.groups.code))


ROUTES = (
    Route("GET", "/V1/products", PRODUCTS, _list),
    Route("POST", "/V1/products", PRODUCTS, _post, takes.SAVED_PRODUCT),
    Route("GET", "/V1/products/types", PRODUCTS, _types),
    Route("GET", "/V1/products/{sku}", PRODUCTS, _get),
    Route("PUT", "/V1/products/{sku}", PRODUCTS, _put, takes.SAVED_PRODUCT),
    Route("DELETE", "/V1/products/{sku}", PRODUCTS, _delete),
    Route("GET", "/V1/products/{sku}/links/{type}", PRODUCTS, _links),
    Route("GET", "/V1/products/{sku}/downloadable-links", PRODUCTS, _downloads),
    Route("GET", "/V1/configurable-products/{sku}/children", PRODUCTS, _variants),
    Route("GET", "/V1/configurable-products/{sku}/options/all", PRODUCTS, _configurable_options),
    Route("GET", "/V1/bundle-products/{sku}/options/all", PRODUCTS, _bundle_options),
    Route("GET", "/V1/bundle-products/{productSku}/children", PRODUCTS, _bundle_children),
    Route("POST", "/V1/products/base-prices", PRICES, _save_base_prices, takes.BASE_PRICES),
    Route("POST", "/V1/products/base-prices-information", PRICES, _show_base_prices, takes.SKUS),
    Route("POST", "/V1/products/cost", PRICES, _save_costs, takes.COSTS),
    Route("POST", "/V1/products/cost-information", PRICES, _show_costs, takes.SKUS),
    Route("POST", "/V1/products/cost-delete", PRICES, _delete_costs, takes.SKUS),
    Route("POST", "/V1/products/special-price", PRICES, _save_special, takes.SPECIAL_PRICES),
    Route("POST", "/V1/products/special-price-information", PRICES, _show_special, takes.SKUS),
    Route("POST", "/V1/products/tier-prices", PRICES, _save_tiers, takes.TIER_PRICES),
    Route("PUT", "/V1/products/tier-prices", PRICES, _replace_tiers, takes.TIER_PRICES),
    Route("POST", "/V1/products/tier-prices-delete", PRICES, _delete_tiers, takes.TIER_PRICES),
    Route("POST", "/V1/products/tier-prices-information", PRICES, _show_tiers, takes.SKUS),
)
