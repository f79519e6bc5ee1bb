"""The stock item of the time before sources: one per product, a mirror of the source `default`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.sandbox.magento.catalogue_products import WITH_OWN_STOCK, Product
from services.sandbox.magento.stock import DEFAULT_STOCK, Stock

Json = dict[str, Any]

MIRRORED = ("qty", "is_in_stock", "item_id", "product_id", "stock_id")
"""Fields that are not settings of the item itself."""

_FRESH: Json = {
    "is_qty_decimal": False,
    "show_default_notification_message": False,
    "use_config_min_qty": True,
    "min_qty": 0,
    "use_config_min_sale_qty": 1,
    "min_sale_qty": 1,
    "use_config_max_sale_qty": True,
    "max_sale_qty": 10000,
    "use_config_backorders": True,
    "backorders": 0,
    "use_config_notify_stock_qty": True,
    "notify_stock_qty": 1,
    "use_config_qty_increments": True,
    "qty_increments": 0,
    "use_config_enable_qty_inc": True,
    "enable_qty_increments": False,
    "use_config_manage_stock": True,
    "manage_stock": True,
    "low_stock_date": None,
    "is_decimal_divided": False,
    "stock_status_changed_auto": 0,
}


class StockItems:
    """Stock items by product. Settings that were never sent are the shop's own."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._settings: dict[int, Json] = {}
        self._in_stock: dict[int, bool] = {}
        """For products without stock of their own, whose status is all they have."""

    def show(self, product: Product) -> Json:
        """Without a quantity until there is one in the source `default`."""
        quantity, in_stock = self._mirrored(product)
        head: Json = {
            "item_id": product.entity_id,
            "product_id": product.entity_id,
            "stock_id": DEFAULT_STOCK,
        }
        head |= {"qty": quantity, "is_in_stock": in_stock}
        return head | _FRESH | self._settings.get(product.entity_id, {})

    def save(self, product: Product, sent: Mapping[str, Any]) -> int:
        """Write an item; only the source `default` hears of it. The id of the item."""
        settings = {name: value for name, value in sent.items() if name not in MIRRORED}
        self._settings[product.entity_id] = self._settings.get(product.entity_id, {}) | settings
        if product.type_id not in WITH_OWN_STOCK:
            self._in_stock[product.entity_id] = bool(sent.get("is_in_stock"))
            return product.entity_id
        quantity, in_stock = self._mirrored(product)
        wanted = sent.get("qty", quantity)
        if wanted is not None:
            self._stock.put(product.sku, wanted, status=int(sent.get("is_in_stock", in_stock)))
        return product.entity_id

    def show_status(self, product: Product, stock_id: int) -> Json:
        """`GET /V1/stockStatuses/{sku}`: the quantity is of the website's stock, cut to a whole number."""
        lying = self._stock.in_sources(product.sku, stock_id)
        return {
            "product_id": product.entity_id,
            "stock_id": DEFAULT_STOCK,
            "qty": int(lying or 0),
            "stock_status": int(bool(lying and lying > 0)),
            "stock_item": self.show(product),
        }

    def _mirrored(self, product: Product) -> tuple[Decimal | int | None, bool]:
        if product.type_id not in WITH_OWN_STOCK:
            return 0, self._in_stock.get(product.entity_id, False)
        item = self._stock.item(product.sku)
        return (None, False) if item is None else (item.quantity, bool(item.status))
