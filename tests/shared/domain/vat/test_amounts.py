"""The VAT inside a price."""

from decimal import Decimal

from shared.domain.money import Money
from shared.domain.vat.amounts import net_of, vat_in


def test_net_and_vat_make_the_gross_again_also_with_decimals() -> None:
    gross = Money(Decimal("79.90"), "EUR")

    assert net_of(gross, Decimal("25.5")) == Money(Decimal("63.67"), "EUR")
    assert net_of(gross, Decimal("25.5")) + vat_in(gross, Decimal("25.5")) == gross
