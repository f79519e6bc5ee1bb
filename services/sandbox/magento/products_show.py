"""A product as REST shows it: alone, in a list, as a variant of a configurable (recorded from 2.4.7-p3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from services.sandbox.magento.catalogue import Catalogue
from services.sandbox.magento.catalogue_products import (
    BUNDLE,
    CONFIGURABLE,
    GROUPED,
    Product,
    TierPrice,
)
from services.sandbox.magento.stock_legacy import StockItems

Json = dict[str, Any]

TOP_LEVEL = ("name", "price", "status", "visibility", "weight")
"""Attributes with a field of their own; all others stand in `custom_attributes`."""


class ProductPages:
    """Shows products of one catalogue as a store view sees them."""

    def __init__(self, catalogue: Catalogue, stock_items: StockItems) -> None:
        self._catalogue = catalogue
        self._stock_items = stock_items

    def show(self, product: Product, store_id: int, *, fresh: bool = False) -> Json:
        """`GET /V1/products/{sku}`. `fresh`: as the answer to its creation, which lacks two lists."""
        shown = self._whole(product, store_id, {"stock_item": self._stock_items.show(product)})
        if fresh:
            del shown["product_links"], shown["tier_prices"]
        return shown

    def show_listed(self, product: Product, store_id: int) -> Json:
        """In `GET /V1/products`: without the stock item."""
        return self._whole(product, store_id, {})

    def show_variant(self, product: Product, store_id: int) -> Json:
        """In `GET /V1/configurable-products/{sku}/children`."""
        shown = self._whole(product, store_id, {})
        del shown["extension_attributes"], shown["options"]
        shown["custom_attributes"] = [
            one for one in shown["custom_attributes"] if one["attribute_code"] != "options_container"
        ]
        return shown

    def _whole(self, product: Product, store_id: int, stock: Json) -> Json:
        return self._head(product, store_id) | {
            "extension_attributes": {**self._places(product), **stock, **self._parts(product)},
            "product_links": product.links,
            "options": [],
            "media_gallery_entries": [],
            "tier_prices": [self._tier(tier, product, store_id) for tier in product.tier_prices],
            "custom_attributes": self._custom(product, store_id),
        }

    def _head(self, product: Product, store_id: int) -> Json:
        head = {
            "id": product.entity_id,
            "sku": product.sku,
            "name": product.value("name", store_id),
            "attribute_set_id": product.attribute_set_id,
            "price": self._price(product, store_id),
            "status": product.value("status", store_id),
            "visibility": product.value("visibility", store_id),
            "type_id": product.type_id,
            "created_at": product.created_at,
            "updated_at": product.updated_at,
            "weight": product.value("weight", store_id),
        }
        return {name: value for name, value in head.items() if value is not None}

    def _price(self, product: Product, store_id: int) -> Decimal | None:
        """A configurable has none of its own, nor has a bundle whose price is that of its parts."""
        if product.type_id == CONFIGURABLE or is_dynamic_bundle(product):
            return Decimal(0)
        price: Decimal | None = product.value("price", store_id)
        return None if product.type_id == GROUPED else price

    def _places(self, product: Product) -> Json:
        places: Json = {"website_ids": product.website_ids}
        if product.category_ids:
            places["category_links"] = [
                {"position": 0, "category_id": str(number)} for number in product.category_ids
            ]
        return places

    def _parts(self, product: Product) -> Json:
        match product.type_id:
            case "configurable":
                return {
                    "configurable_product_options": product.options,
                    "configurable_product_links": product.children,
                }
            case "bundle":
                return {"bundle_product_options": [self._bundle_option(one) for one in product.options]}
            case "downloadable":
                return {
                    "downloadable_product_links": product.downloads,
                    "downloadable_product_samples": product.samples,
                }
        return {}

    def _bundle_option(self, option: Json) -> Json:
        """The links of a dynamic bundle show what their products cost today."""
        return option | {"product_links": [self._bundle_link(link) for link in option["product_links"]]}

    def _bundle_link(self, link: Json) -> Json:
        product = self._catalogue.find(link["sku"])
        return link | {
            "price": product.value("price") if product and link.get("price") is None else link["price"]
        }

    def _tier(self, tier: TierPrice, product: Product, store_id: int) -> Json:
        website: Json = {"website_id": tier.website_id}
        value = tier.value
        if tier.percent:
            price = product.value("price", store_id) or Decimal(0)
            value, website = price * (100 - tier.value) / 100, {"percentage_value": tier.value} | website
        return {
            "customer_group_id": tier.group_id,
            "qty": tier.quantity,
            "value": value,
            "extension_attributes": website,
        }

    def _custom(self, product: Product, store_id: int) -> list[Json]:
        values = {**product.values, **product.overrides.get(store_id, {})}
        shown = [
            {"attribute_code": code, "value": self._catalogue.attributes[code].show_value(value)}
            for code, value in values.items()
            if code not in TOP_LEVEL and code in self._catalogue.attributes
        ]
        categories = [str(number) for number in product.category_ids]
        return [*shown, {"attribute_code": "category_ids", "value": categories}]


def is_dynamic_bundle(product: Product) -> bool:
    """`price_type` 0: it costs what its parts cost."""
    return product.type_id == BUNDLE and str(product.values.get("price_type", "0")) == "0"
