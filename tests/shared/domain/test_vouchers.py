from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Unbalanced
from shared.domain.vouchers import VoucherDraft, VoucherRow, gathered

ROWS = st.lists(
    st.builds(
        VoucherRow,
        st.sampled_from([1581, 1930, 2641, 2999, 6040, 6064]),
        st.decimals(-1000, 1000, places=2).filter(bool),
        st.text("ab", max_size=3),
    ),
    max_size=60,
).map(tuple)


def by_account_and_side(rows: tuple[VoucherRow, ...]) -> dict[tuple[int, bool], Decimal]:
    found: dict[tuple[int, bool], Decimal] = {}
    for row in rows:
        key = (row.account, row.amount > 0)
        found[key] = found.get(key, Decimal(0)) + row.amount
    return found


@given(ROWS, st.integers(12, 60))
def test_gathered_rows_fit_and_say_the_same_by_account_and_side(
    rows: tuple[VoucherRow, ...], at_most: int
) -> None:
    fitting = gathered(rows, at_most)

    assert len(fitting) <= at_most
    assert by_account_and_side(fitting) == by_account_and_side(rows)
    assert gathered(fitting, at_most) == fitting


@given(ROWS)
def test_rows_that_fit_stay_as_they_are(rows: tuple[VoucherRow, ...]) -> None:
    assert gathered(rows, 60) == rows


def test_the_largest_group_is_gathered_first() -> None:
    parked = tuple(VoucherRow(2999, Decimal(-1), f"Svea order {n}") for n in range(3))
    fees = (VoucherRow(6040, Decimal(1), "fee"), VoucherRow(6040, Decimal(2), "fee"))

    assert gathered((*parked, *fees), 3) == (VoucherRow(2999, Decimal(-3), "3 rader, se rapporten"), *fees)


@pytest.mark.parametrize("amounts", [("100", "-99.99"), ("0", ""), ("5", "")])
def test_a_voucher_that_does_not_balance_or_has_one_row_cannot_be(amounts: tuple[str, str]) -> None:
    rows = tuple(VoucherRow(1930, Decimal(amount)) for amount in amounts if amount)

    with pytest.raises(Unbalanced):
        VoucherDraft(ref="P1-V", series="S", dated=date(2026, 5, 8), text="Svea", rows=rows)


def test_a_row_is_debit_or_credit() -> None:
    row = VoucherRow(1930, Decimal("-5.00"))

    assert (row.debit, row.credit) == (Decimal(0), Decimal("5.00"))
