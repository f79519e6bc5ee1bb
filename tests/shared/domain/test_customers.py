"""What a customer is called by us, and what a sale may do to a card that an account keeps."""

from dataclasses import replace

import pytest

from shared.domain.customers import (
    Card,
    KeptCustomerDraft,
    bare_organisation_number,
    card_from,
    kept_beside,
    kept_from,
    organisation_number_in,
    references_of,
)
from shared.domain.documents import ArticleDraft, CustomerDraft, to_plain
from shared.domain.parties import Address

HOME = Address("", "Storgatan 1", "", "211 34", "Malmö", "SE")
SALE = CustomerDraft(
    ref="CUST-1",
    party="private",
    name="Anna Öberg",
    email="anna@example.com",
    phone="08-1",
    organisation_number="",
    billing=HOME,
    delivery=None,
    currency="SEK",
    vat_type="SEVAT",
)
KEPT = KeptCustomerDraft(
    ref="CUST-1",
    party="private",
    name="Anna Öberg",
    email="anna@example.com",
    phone="08-shop",
    organisation_number="",
    billing=HOME,
    delivery=replace(HOME, name="Anna"),
    currency="",
    vat_type="SEVAT",
    keeper="SHOP-501",
    price_list="B",
)


@pytest.mark.parametrize(
    "number", ["5560360793", "556036-0793", "16556036-0793", "SE556036079301", "SE 556036-0793 01"]
)
def test_a_number_is_one_company_however_it_is_written(number: str) -> None:
    assert bare_organisation_number(number) == "5560360793"
    assert references_of("company", name="Bolaget", organisation_number=number)[0] == "CUST-C5560360793"


@pytest.mark.parametrize("number", ["DE123456789", "5560360793", "SE55603607930", ""])
def test_only_a_swedish_vat_number_holds_an_organisation_number(number: str) -> None:
    assert organisation_number_in(number) == ""


def test_whoever_has_no_number_goes_by_email_and_type() -> None:
    person = references_of("private", name="Anna", email=" ANNA@example.com")

    assert person == references_of(
        "private", name="Anna Öberg", email="anna@example.com", vat_number="SE556036079301"
    )
    assert person != references_of("company", name="Anna", email="anna@example.com")
    assert (
        len(
            references_of("company", name="Anna", email="anna@example.com", organisation_number="556036-0793")
        )
        == 2
    )


def test_without_an_email_name_and_post_code_decide() -> None:
    anna = references_of("private", name="Anna Öberg", postal_code="211 34")

    assert anna == references_of("private", name="anna  öberg", postal_code="211 34")
    assert anna != references_of("private", name="Anna Öberg", postal_code="211 35")


def test_a_sale_leaves_what_an_account_keeps() -> None:
    assert kept_beside(SALE, to_plain(KEPT)) == KEPT
    assert kept_beside(SALE, to_plain(KEPT)).content_hash() == KEPT.content_hash()


def test_a_sale_changes_the_vat_type_alone_and_an_older_sale_not_even_that() -> None:
    reverse = replace(SALE, vat_type="EUREVERSEDVAT", vat_number="DE123456789")

    assert kept_beside(reverse, to_plain(KEPT)) == replace(
        KEPT, vat_type="EUREVERSEDVAT", vat_number="DE123456789"
    )
    assert kept_beside(replace(reverse, revise=False), to_plain(KEPT)) == KEPT


def test_what_no_account_keeps_is_the_sale_s() -> None:
    article = ArticleDraft("ART-1", "1", "Mugg", rate=None, unit=None, account=None)  # type: ignore[arg-type]

    assert kept_beside(SALE, to_plain(replace(SALE, phone="08-2"))) is SALE
    assert kept_beside(KEPT, to_plain(KEPT)) is KEPT
    assert kept_beside(article, {}) is article


def test_what_was_stored_comes_back_as_it_was() -> None:
    card = Card(
        party="company", name="Bolaget", billing=HOME, delivery=replace(HOME, name="Lager"), contact="Nils"
    )

    assert card_from(to_plain(card)) == card
    assert kept_from(to_plain(KEPT)) == KEPT


def test_which_customer_was_found_is_no_change_of_the_card() -> None:
    assert replace(KEPT, found="17").content_hash() == KEPT.content_hash()
    assert replace(KEPT, keeper="SHOP-502").content_hash() != KEPT.content_hash()
