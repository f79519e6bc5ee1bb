"""Which writer brings about which kind of draft in the shop."""

from services.sync_worker.booking import Writer
from services.sync_worker.writers.magento_comments import ShopCommentWriter
from services.sync_worker.writers.magento_customers import ShopCustomerWriter
from services.sync_worker.writers.magento_invoices import ShopInvoiceWriter
from services.sync_worker.writers.magento_prices import ShopPricesWriter
from services.sync_worker.writers.magento_rates import ShopRatesWriter
from services.sync_worker.writers.magento_refunds import ShopRefundWriter
from services.sync_worker.writers.magento_stock import ShopStockWriter
from shared.clients.magento.client import MagentoClient
from shared.settings.magento import MagentoSettings


def magento_writers(client: MagentoClient | None, shop: MagentoSettings | None) -> dict[str, Writer]:
    """One set per run; none for a connection without a shop."""
    if client is None or shop is None:
        return {}
    wait = shop.in_doubt_wait
    return {
        "shop_prices": ShopPricesWriter(client),
        "shop_rates": ShopRatesWriter(client),
        "shop_customer": ShopCustomerWriter(client),
        "shop_refund": ShopRefundWriter(client, in_doubt_wait=wait),
        "shop_stock": ShopStockWriter(client),
        "shop_invoice": ShopInvoiceWriter(client, in_doubt_wait=wait),
        "shop_comment": ShopCommentWriter(client, in_doubt_wait=wait),
    }
