"""VAT numbers by their form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.vat.territories import EU
from shared.domain.vat_numbers import VatNumber, read_vat_number


def read(told: str, country: str = "DE") -> VatNumber:
    return read_vat_number(told, country=country, home="SE")


@pytest.mark.parametrize(
    ("told", "country", "text"),
    [
        ("DE136695976", "DE", "DE136695976"),
        ("de 136 695 976", "DE", "DE136695976"),
        ("DE-136.695.976", "DE", "DE136695976"),
        ("136695976", "DE", "DE136695976"),
        ("ATU13585627", "AT", "ATU13585627"),
        ("GR123456783", "GR", "EL123456783"),
        ("EL123456783", "GR", "EL123456783"),
        ("123456783", "GR", "EL123456783"),
        ("BE697449992", "BE", "BE0697449992"),
        ("FI12345671", "DE", "FI12345671"),  # a Finnish company that has goods sent to Germany
        ("", "DE", ""),
    ],
)
def test_a_number_is_read_however_it_is_written(told: str, country: str, text: str) -> None:
    assert read(told, country) == VatNumber(text)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("DE12345678", "8 characters after DE are too many or too few"),
        ("DE1234567890", "10 characters after DE are too many or too few"),
        ("DE12345678X", "a number of DE has another form"),
        ("SE556677889901", "it is one of SE, as the seller is"),
        ("GB123456789", "GB is no country of the EU"),
        ("NO123456785MVA", "NO is no country of the EU"),
        ("EU372022452", "EU is no country of the EU"),
        ("none", "NO is no country of the EU"),
        ("X", "X is no country of the EU"),
    ],
)
def test_what_cannot_be_a_number_says_why(told: str, fault: str) -> None:
    assert read(told).fault == fault


def test_a_wrong_check_digit_is_a_doubt_and_no_fault() -> None:
    """The number of acceptance case B05."""
    assert read("DE123456789") == VatNumber("DE123456789", doubt="its check digit is not right")


PREFIXES = st.sampled_from([*sorted(EU), "EL", "XI", "GB", "", "²²"])


@given(PREFIXES, st.one_of(st.text(max_size=20), st.text("0123456789ABU +*-.²٣", max_size=14)))
def test_whatever_a_buyer_writes_is_read_or_has_a_fault(prefix: str, rest: str) -> None:
    number = read(prefix + rest)

    assert not (number.fault and number.doubt)
    if number.text and not number.fault:
        assert number.text.isascii()
        assert number.text.isalnum()
        assert read(number.text) == number


@pytest.mark.parametrize(("told", "country"), [("B58378431", "ES"), ("U13585627", "AT")])
def test_a_number_without_prefix_may_begin_with_a_letter(told: str, country: str) -> None:
    number = read_vat_number(told, country=country, home="SE")
    assert (number.text, number.fault) == (country + told, "")
