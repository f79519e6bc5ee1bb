"""Every route of the stand-in."""

from __future__ import annotations

from services.sandbox.magento import (
    bulk_routes,
    catalogue_routes,
    customers_routes,
    products,
    sales_document_routes,
    sales_routes,
    shop_pages_routes,
    stock_routes,
    stock_salable,
)
from services.sandbox.magento.bulk import accept
from services.sandbox.magento.routing import RouteTable

TABLE = RouteTable(
    routes=(
        *shop_pages_routes.ROUTES,
        *products.ROUTES,
        *catalogue_routes.ROUTES,
        *stock_routes.ROUTES,
        *stock_salable.ROUTES,
        *customers_routes.ROUTES,
        *bulk_routes.ROUTES,
        *sales_routes.ROUTES,
        *sales_document_routes.ROUTES,
    ),
    accept=accept,
)
