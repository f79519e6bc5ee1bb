"""Magento, call by call: one method is one request (lists: one per page), nothing is hidden.

The parts are by subject; each is a file of its own. What is missing is None, or an empty list.
"""

from shared.clients.magento.client_customers import CustomerCalls
from shared.clients.magento.client_prices import PriceCalls
from shared.clients.magento.client_sales import SalesCalls
from shared.clients.magento.client_shop import ShopCalls
from shared.clients.magento.client_stock import StockCalls


class MagentoClient(SalesCalls, CustomerCalls, PriceCalls, StockCalls, ShopCalls):
    """One shop, in one lane of its rate limit; ``in_lane`` gives the same pool in another."""
