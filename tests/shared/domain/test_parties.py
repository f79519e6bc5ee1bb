"""Names as Svea writes them, and as people do."""

import pytest

from shared.domain.parties import natural_name, same_text
from shared.domain.references import SaleReference, credit_ordinal, order_slot


@pytest.mark.parametrize(
    ("written", "kind", "natural"),
    [
        ("Testsson, Tilda", "private", "Tilda Testsson"),
        ("Tilda Testsson", "private", "Tilda Testsson"),
        ("Provbolag, Handel & Co AB", "company", "Provbolag, Handel & Co AB"),
        ("A, B, C", "private", "A, B, C"),
        ("  Testsson,  ", "private", "Testsson,"),
    ],
)
def test_a_person_is_turned_around_and_a_company_is_not(written: str, kind: str, natural: str) -> None:
    assert natural_name(written, kind=kind) == natural  # type: ignore[arg-type]


def test_the_same_name_in_other_letters_is_the_same_and_a_part_of_it_is_not() -> None:
    assert same_text("ÅSA  Öberg", "åsa öberg")
    assert not same_text("Anna", "Anna-Karin")


def test_references_say_what_they_name() -> None:
    sale = SaleReference.of_checkout(9300101)

    assert [sale.order(1), sale.order(3)] == ["S9300101-O", "S9300101-O3"]
    assert [order_slot(sale.order(1)), order_slot(sale.order(3))] == [1, 3]
    assert credit_ordinal(sale.credit(sale.delivery(7200501), 2)) == 2
    assert sale.credit(sale.delivery(7200501), 2) == "S9300101-D7200501-C2"
