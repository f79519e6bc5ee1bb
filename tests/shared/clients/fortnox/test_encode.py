"""No text makes a document fail, and no name of a thing is altered in silence."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clients.fortnox.countries import ENGLISH_NAMES
from shared.clients.fortnox.encode import TABLES, clean_text, clean_zip, country_name, encode, is_clean
from tests.shared.clients.support import openapi


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        ("Conan O'Neil", "Conan O’Neil"),
        ('Skärm 27" "ny"', "Skärm 27’ ’ny’"),
        ("Grattis 🎉🎂", "Grattis"),
        ("A -> B => C", "A – B – C"),
        ("<b>{x}|[y]~\\", "(b)(x)/(y)–/"),
        ("Müller & Söhne, Łódź; Ærø 50%", "Müller & Söhne, Łódź; Ærø 50%"),
        ("Åsa", "Åsa"),  # a letter and a combining ring
        ("中文 кириллица عربي", "中文 кириллица عربي"),
        ("½ m² ³ ¼ …", "½ m² ³ 1/4 ..."),
        ("tab\there\nand\r\nthere", "tab here and there"),
        ("١٢٣ ①", "123 1"),
        ("zero\u200bwidth\u202e", "zerowidth"),
        ("  many   spaces ", "many spaces"),
        ("👍", ""),
    ],
)
def test_texts_are_brought_into_fortnox_characters(sent: str, arrives: str) -> None:
    assert clean_text(sent) == arrives


@given(st.text(max_size=300), st.integers(1, 100))
def test_whatever_is_sent_is_allowed_and_short_enough(text: str, limit: int) -> None:
    cleaned = clean_text(text, limit)

    assert len(cleaned) <= limit
    assert is_clean(cleaned)
    assert clean_text(cleaned, limit) == cleaned


def test_remarks_keep_their_lines() -> None:
    assert clean_text("one\r\n two\t\n\n'three'", lines=True) == "one\ntwo\n\n’three’"


@given(st.text(max_size=40))
def test_a_zip_code_has_at_most_ten_characters(zip_code: str) -> None:
    assert len(clean_zip(zip_code)) <= 10


def test_a_long_zip_code_loses_its_spaces_first() -> None:
    assert clean_zip("SW1A 1AA") == "SW1A 1AA"
    assert clean_zip("12345 - 6789") == "123456789"
    assert clean_zip("12345-6789-0000") == "1234567890"


def test_countries_have_the_names_that_were_recorded() -> None:
    assert country_name("no") == "Norway"
    assert country_name("VA") == "Holy See (Vatican City State)"
    assert country_name("SE") == "Sverige"
    assert country_name("??") is None
    assert country_name(None) is None
    assert all(is_clean(name) and len(code) == 2 for code, name in ENGLISH_NAMES.items())


def test_a_customer_with_the_worst_texts_is_still_a_customer() -> None:
    worst = "😀'\"<>{}[]|~\\" * 200

    body = encode(
        "Customer",
        {"Name": "🎉", "Address1": worst, "Email": "o'neil@example.test", "ZipCode": worst, "Comments": None},
    )["Customer"]

    assert body["Name"] == "-"
    assert len(body["Address1"]) <= 1024
    assert "Email" not in body  # an address is left out rather than altered
    assert "Comments" not in body


def test_values_are_written_as_fortnox_wants_them() -> None:
    body = encode(
        "Order",
        {
            "CustomerNumber": "1",
            "OrderDate": date(2026, 5, 4),
            "VATIncluded": True,
            "YourOrderNumber": "x" * 100,
            "OrderRows": [{"Description": "a" * 300, "Price": Decimal("10.50"), "VAT": Decimal("25.5")}],
        },
    )["Order"]

    assert body["OrderDate"] == "2026-05-04"
    assert len(body["YourOrderNumber"]) == 75
    assert body["OrderRows"] == [
        {"Description": "a" * 255, "Price": Decimal("10.50"), "VAT": Decimal("25.5")}
    ]


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("Order", {"Total": Decimal(1)}),  # read only
        ("Order", {"OrderRows": [{"Totall": 1}]}),
        ("Invoice", {"InvoiceRows": [{"OrderedQuantity": Decimal(1)}]}),
        ("Order", {"ExternalInvoiceReference1": "x" * 81}),
        ("Order", {"ExternalInvoiceReference1": "O'Neil"}),
        ("Article", {"ArticleNumber": "two words"}),
        ("Customer", {"CountryCode": "Sweden"}),
        ("Invoice", {"InvoiceDate": "today"}),
        ("Order", {"Currency": "kr"}),
        ("Order", {"CustomerNumber": ["1"]}),
        ("Order", {"OrderRows": [{"Price": 10.5}]}),  # a float is never an amount
        ("Order", {"VATIncluded": "true"}),
    ],
)
def test_what_must_not_be_altered_or_written_is_our_bug(kind: str, payload: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError), match=kind):
        encode(kind, payload)


def test_every_name_we_write_is_writable_and_no_limit_is_longer_than_fortnox_own(
    shared_material: Path,
) -> None:
    schemas = openapi(shared_material)["components"]["schemas"]
    names = {
        "Order": "fortnox_Order",
        "Invoice": "fortnox_InvoicePayload",
        "Customer": "fortnox_Customer",
        "Article": "fortnox_Article",
    }
    for kind, schema in names.items():
        properties = schemas[schema]["properties"]
        assert set(TABLES[kind]) - set(properties) == set()
        for name, rules in properties.items():
            if name in TABLES[kind] and "maxLength" in rules and "minLength" not in rules:
                sent = _longest(kind, name)
                assert sent is None or len(sent) <= rules["maxLength"], (kind, name)


def _longest(kind: str, name: str) -> str | None:
    """What a text of 20 000 letters becomes; None when it is refused or left out."""
    try:
        found = encode(kind, {name: "X" * 20_000})[kind].get(name)
    except (ValueError, TypeError):
        return None
    return found if isinstance(found, str) else None
