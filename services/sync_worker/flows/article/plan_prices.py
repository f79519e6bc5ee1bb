"""The shop's prices -> the lines of Fortnox' price lists, in cents and with or without VAT as the list is."""

from decimal import Decimal

from shared.domain.catalogue import ListPrice, Product, ShopPrice
from shared.domain.money import to_cents
from shared.settings.products import PriceLine, ProductSettings

BASE = Decimal(0)  # Fortnox keeps the base price from quantity 0 (or 1: seen both)


def list_prices(product: Product, rate: Decimal, settings: ProductSettings) -> tuple[ListPrice, ...]:
    """Per list, the lowest price from each quantity on, as the shop sells; empty where it has none."""
    found = []
    for line in settings.prices_to_fortnox:
        for quantity, amount in sorted(_by_quantity(product.prices, line).items()):
            found.append(ListPrice(line.price_list, quantity, _in_list(amount, rate, line, settings)))
    return tuple(found)


def _by_quantity(prices: tuple[ShopPrice, ...], line: PriceLine) -> dict[Decimal, Decimal]:
    """A tier from one piece on, as group prices are, competes with the base price."""
    lowest: dict[Decimal, Decimal] = {}
    for price in prices:
        if price.website != line.website or not _is_for(price, line):
            continue
        quantity = price.from_quantity if price.from_quantity > 1 else BASE
        lowest[quantity] = min(price.amount, lowest.get(quantity, price.amount))
    return lowest


def _is_for(price: ShopPrice, line: PriceLine) -> bool:
    if price.from_quantity == BASE and price.group is None:
        return True
    return line.tiers and price.group in (None, line.customer_group)


def _in_list(amount: Decimal, rate: Decimal, line: PriceLine, settings: ProductSettings) -> Decimal:
    if settings.shop_prices_include_vat and not line.includes_vat:
        return to_cents(amount * 100 / (100 + rate))
    if line.includes_vat and not settings.shop_prices_include_vat:
        return to_cents(amount * (100 + rate) / 100)
    return to_cents(amount)
