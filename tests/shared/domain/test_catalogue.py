"""An article number for every SKU: Fortnox takes it, it is stable, and no two SKUs share one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.catalogue import SAFE_NUMBER, ListPrice, PricesDraft, article_number, sku_of

SKUS = st.text(min_size=1, max_size=64).filter(lambda text: bool(text.strip()))
SHORT = st.text(alphabet="aB1+-/_. åF2E", min_size=1, max_size=16).filter(lambda text: bool(text.strip()))


@pytest.mark.parametrize("sku", ["MUGG-1", "a_b/c", "A+B", "24-MB01", "x" * 50])
def test_a_sku_that_fortnox_takes_is_its_own_number(sku: str) -> None:
    assert article_number(sku) == sku


@pytest.mark.parametrize(
    ("sku", "number"),
    [
        ("10.5 mm", "10+2E5+20mm"),
        ("Åmål", "+C3+85m+C3+A5l"),
        ("A+BC", "A+2BBC"),  # would read as an escape
        (" lead", "lead"),  # Magento removes blanks around a SKU
        ("a~b", "a+7Eb"),
    ],
)
def test_other_characters_are_escaped(sku: str, number: str) -> None:
    assert article_number(sku) == number
    assert sku_of(number) == sku.strip()


def test_a_long_sku_keeps_its_beginning_and_says_that_it_is_shortened() -> None:
    number = article_number("MUGG-" + "x" * 59)

    assert len(number) == 50
    assert number.startswith("MUGG-xxx")
    assert sku_of(number) is None


@given(SKUS)
def test_every_sku_has_a_number_that_fortnox_takes(sku: str) -> None:
    assert SAFE_NUMBER.fullmatch(article_number(sku))


@given(SHORT, SHORT)
def test_two_skus_never_share_a_number(one: str, other: str) -> None:
    assert (article_number(one) == article_number(other)) == (one.strip() == other.strip())


@given(SKUS)
def test_a_number_tells_its_sku_unless_it_is_shortened(sku: str) -> None:
    assert sku_of(article_number(sku)) in (sku.strip(), None)


def test_two_prices_for_one_quantity_of_one_list_cannot_be() -> None:
    price = ListPrice("A", Decimal(0), Decimal(1))
    with pytest.raises(ValueError, match="two prices"):
        PricesDraft("PRICES-A", "ART-A", "A", (price, price))
