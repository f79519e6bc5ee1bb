"""Amounts travel as the digits they are."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clients import json_numbers

EXACT = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)


@given(EXACT)
def test_a_decimal_comes_back_as_it_was(amount: Decimal) -> None:
    back = json_numbers.loads(json_numbers.dumps({"Price": amount}))

    assert back == {"Price": amount}


def test_decimals_are_written_as_plain_numbers() -> None:
    body = {"a": Decimal("1E+3"), "b": Decimal("0.10"), "c": Decimal("-1E-7"), "d": 25, "e": True, "f": None}

    assert json_numbers.dumps(body) == b'{"a":1000,"b":0.10,"c":-0.0000001,"d":25,"e":true,"f":null}'


def test_texts_dates_and_lists_keep_their_order_and_their_letters() -> None:
    body = {"z": 'Åsa "x"\n', "a": [date(2026, 5, 4), ()]}

    assert json_numbers.dumps(body) == '{"z":"Åsa \\"x\\"\\n","a":["2026-05-04",[]]}'.encode()


@pytest.mark.parametrize("wrong", [1.5, {1, 2}, b"x", Decimal("NaN"), Decimal("Infinity")])
def test_what_is_not_exact_is_refused(wrong: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        json_numbers.dumps({"Price": wrong})


def test_a_byte_order_mark_is_skipped_and_nan_is_not_json() -> None:
    assert json_numbers.loads(b'\xef\xbb\xbf{"a":1.10}') == {"a": Decimal("1.10")}
    with pytest.raises(ValueError, match="NaN"):
        json_numbers.loads(b'{"a":NaN}')
