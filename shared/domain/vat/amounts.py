"""The VAT inside a price."""

from decimal import Decimal

from shared.domain.money import Money, to_cents


def net_of(gross: Money, rate: Decimal) -> Money:
    """The net part of a VAT-inclusive amount, rounded to cents; rate in percent."""
    return Money(to_cents(gross.amount * 100 / (100 + rate)), gross.currency)


def vat_in(gross: Money, rate: Decimal) -> Money:
    return gross - net_of(gross, rate)
