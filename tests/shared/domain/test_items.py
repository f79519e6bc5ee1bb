"""Rows express any total exactly in two-decimal prices."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.items import Row, expressed, gathered, would_leak
from shared.domain.money import Money


def a_row(quantity: str = "1", **more: object) -> Row:
    fields: dict[str, object] = {
        "text": "Mugg",
        "quantity": Decimal(quantity),
        "price": Money.zero("SEK"),
        "rate": Decimal(25),
        "account": 3001,
        "kind": "goods",
        "vat_code": "MP1",
        "article": "SKU-1",
    }
    return Row(**(fields | more))  # type: ignore[arg-type]


quantities = st.one_of(
    st.integers(min_value=1, max_value=999).map(str),
    st.integers(min_value=-999, max_value=-1).map(str),
    st.decimals(min_value="0.01", max_value="99.99", places=2).map(str),
)


@given(quantities, st.integers(min_value=-(10**8), max_value=10**8))
def test_the_rows_of_a_total_sum_to_it_and_keep_the_quantity_of_whole_pieces(
    quantity: str, minor: int
) -> None:
    total = Money.from_minor(minor, "SEK")
    rows = expressed(a_row(quantity), total)

    assert sum(row.total.minor for row in rows) == minor
    assert all(row.price.rounded() == row.price for row in rows)
    if Decimal(quantity) == Decimal(quantity).to_integral_value():
        assert sum(row.quantity for row in rows) == Decimal(quantity)


def test_three_pieces_for_a_hundred_are_two_prices() -> None:
    rows = expressed(a_row("3"), Money(Decimal("100.00"), "SEK"))

    assert [(row.quantity, row.price.amount) for row in rows] == [
        (Decimal(2), Decimal("33.33")),
        (Decimal(1), Decimal("33.34")),
    ]


@given(st.lists(st.tuples(st.integers(1, 10**6), st.sampled_from([3001, 3002])), max_size=700))
def test_gathered_rows_keep_the_sum_of_each_account(sold: list[tuple[int, int]]) -> None:
    rows = [a_row(price=Money.from_minor(minor, "SEK"), account=account) for minor, account in sold]
    few = gathered(rows)

    assert len(few) <= 500
    for account in (3001, 3002):
        assert sum(row.total.minor for row in few if row.account == account) == sum(
            minor for minor, sold_on in sold if sold_on == account
        )


def test_an_old_article_would_leak_into_a_row_that_names_none() -> None:
    assert would_leak([a_row()], [a_row(article=None)])
    assert would_leak([a_row()], [a_row(vat_code=None)])
    assert not would_leak([a_row(article=None)], [a_row()])
    assert not would_leak([a_row(), a_row()], [a_row()])
