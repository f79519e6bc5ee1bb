"""Prices and costs in bulk. 200 whatever happens: the answer lists what was not taken, the rest is stored.

None of these moves a product's `updated_at`, and none tells anybody (measured).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from services.sandbox.magento.catalogue import Catalogue
from services.sandbox.magento.catalogue_products import BUNDLE, DOWNLOADABLE, SIMPLE, VIRTUAL, Product
from services.sandbox.magento.products_show import is_dynamic_bundle
from services.sandbox.magento.shop_pages import ShopPages

Json = Mapping[str, Any]
Fault = dict[str, Any]

PRICED = (SIMPLE, VIRTUAL, DOWNLOADABLE, BUNDLE)
COSTED = (SIMPLE, VIRTUAL, DOWNLOADABLE)


class PriceStorage:
    """Base prices, special prices and costs; tier prices are in ``products_tiers``."""

    def __init__(self, catalogue: Catalogue, pages: ShopPages) -> None:
        self._catalogue = catalogue
        self._pages = pages

    # --- base prices and cost ------------------------------------------------------------------------------

    def save_values(self, code: str, sent: Iterable[Json]) -> list[Fault]:
        """`code`: price or cost, which is also the name of the field."""
        faults: list[Fault] = []
        for one in sent:
            product = self._catalogue.find(str(one.get("sku", "")))
            found = self._faults(one, code, product, PRICED if code == "price" else COSTED)
            if product is None or found:
                faults += found
            else:
                self._write(product, code, one[code], one.get("store_id", 0))
        return faults

    def show_values(self, code: str, skus: Iterable[str]) -> list[Json]:
        """The default value and every store view's own; an unknown SKU is passed over."""
        return [
            {code: value, "store_id": store_id, "sku": product.sku}
            for product in self._known(skus)
            for store_id, value in _stored(product, code)
        ]

    def delete_values(self, code: str, skus: Iterable[str]) -> list[Fault]:
        faults = [_fault("SKU", sku) for sku in skus if self._catalogue.find(sku) is None]
        for product in self._known(skus):
            for store_id, _ in _stored(product, code):
                self._write(product, code, None, store_id)
        return faults

    # --- special prices ------------------------------------------------------------------------------------

    def save_special(self, sent: Iterable[Json]) -> list[Fault]:
        faults: list[Fault] = []
        for one in sent:
            product = self._catalogue.find(str(one.get("sku", "")))
            found = self._faults(one, "price", product, PRICED)
            if product is None or found:
                faults += found
                continue
            names = {
                "special_price": "price",
                "special_from_date": "price_from",
                "special_to_date": "price_to",
            }
            for code, name in names.items():
                self._write(product, code, one.get(name), one.get("store_id", 0))
        return faults

    def show_special(self, skus: Iterable[str]) -> list[Json]:
        return [
            {
                "price": value,
                "store_id": store_id,
                "sku": product.sku,
                "price_from": str(product.value("special_from_date", store_id) or ""),
                "price_to": str(product.value("special_to_date", store_id) or ""),
            }
            for product in self._known(skus)
            for store_id, value in _stored(product, "special_price")
        ]

    # --- common --------------------------------------------------------------------------------------------

    def _faults(self, one: Json, code: str, product: Product | None, types: tuple[str, ...]) -> list[Fault]:
        faults = []
        if (
            product is None
            or product.type_id not in types
            or (code == "price" and is_dynamic_bundle(product))
        ):
            faults.append(_fault("SKU", one.get("sku", "")))
        value = one.get(code)
        if value is None or value < 0:
            faults.append(_fault("Cost" if code == "cost" else "Price", "" if value is None else value))
        if not self._pages.has_view(one.get("store_id", 0)):
            text = "Requested store is not found. Row ID: SKU = %SKU, Store ID: %storeId."
            faults.append({"message": text, "parameters": [one.get("sku", ""), str(one["store_id"])]})
        return faults

    def _write(self, product: Product, code: str, value: Any, store_id: int) -> None:
        """At website price scope a store view's price is that of all views of its website (measured)."""
        self._catalogue.write(self._catalogue.ours(product), code, value, store_id)

    def _known(self, skus: Iterable[str]) -> list[Product]:
        return [product for product in map(self._catalogue.find, skus) if product is not None]


def _stored(product: Product, code: str) -> list[tuple[int, Decimal]]:
    own = [(store_id, values[code]) for store_id, values in product.overrides.items() if code in values]
    return ([(0, product.values[code])] if code in product.values else []) + sorted(own)


def _fault(field: str, value: object) -> Fault:
    text = "Invalid attribute %fieldName = %fieldValue."
    return {"message": text, "parameters": [field, f"{value}"]}
