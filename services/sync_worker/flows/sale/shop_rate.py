"""What a shop's order says of its currency. Pure."""

from decimal import Decimal

from shared.clients.magento.wire_sales import Order
from shared.domain.exchange import rate_of_shop
from shared.domain.postings import BOOK_CURRENCY


def shop_rate_of(order: Order) -> Decimal | None:
    """SEK for one unit of the order's currency; told only by a shop that accounts in SEK."""
    if order.base_currency != BOOK_CURRENCY or order.currency == BOOK_CURRENCY:
        return None
    return rate_of_shop(
        base_total=order.base_grand_total, total=order.grand_total, base_to_order=order.base_to_order_rate
    )
