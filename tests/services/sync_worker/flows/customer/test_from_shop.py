"""Accounts as shops show them -> cards: what was recorded, and what people do to their addresses."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.sync_worker.flows.customer.from_shop import to_account
from shared.clients.fields import Fields
from shared.clients.magento.wire_customers import to_customer
from shared.domain.customers import Card
from shared.domain.parties import Address
from shared.settings.customers import CustomerSettings

RECORDED = Path(__file__).parents[4] / "recorded" / "customer"


def sample(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return told


def card_of(told: dict[str, Any], **settings: Any) -> Card:
    return to_account(
        to_customer(Fields(told, of="customer")), CustomerSettings(**settings), group="", home="SE"
    ).card


def test_a_person_with_one_address_is_delivered_to_where_the_bill_goes() -> None:
    assert card_of(sample("private")) == Card(
        party="private",
        name="Astrid Lind",
        email="astrid.lind@example.com",
        phone="+46700000001",
        billing=Address("", "Exempelgatan 12", "", "411 05", "Göteborg", "SE"),
    )


def test_a_company_is_named_by_its_address_and_numbered_by_its_vat_number() -> None:
    assert card_of(sample("company-with-vat-and-custom-attribute")) == Card(
        party="company",
        name="Exempelbolaget AB",
        email="inkop@exempelbolaget.example",
        phone="+46700000002",
        organisation_number="559000-0000",
        vat_number="SE559000000001",
        billing=Address("", "Fakturavägen 1", "Box 44", "111 22", "Stockholm", "SE"),
        delivery=Address("Exempelbolaget AB", "Lagergatan 9", "", "111 33", "Stockholm", "SE"),
        contact="Nils Ek",
    )


def test_what_a_real_shop_was_heard_to_say_is_read() -> None:
    told = sample("recorded-2.4.7")
    account = to_account(to_customer(Fields(told, of="customer")), CustomerSettings(), group="", home="SE")

    assert (account.id, account.group_id, account.updated_at) == (1, "1", "2026-11-20T23:10:44+00:00")
    assert (account.card.party, account.card.name, account.card.contact) == (
        "company",
        "Öberg AB",
        "Anna Öberg",
    )
    assert account.card.billing.street2 == "lgh 1101"


def test_a_custom_attribute_holds_the_organisation_number_or_the_customer_number() -> None:
    told = sample("company-with-vat-and-custom-attribute")
    told["custom_attributes"].append({"attribute_code": "orgnr", "value": "16556036-0793"})
    settings = CustomerSettings(
        organisation_number_attribute="orgnr", customer_number_attribute="fortnox_customer_number"
    )

    account = to_account(to_customer(Fields(told, of="customer")), settings, group="", home="SE")

    assert account.card.organisation_number == "556036-0793"
    assert account.customer_number == "10502"


@pytest.mark.parametrize(
    ("company", "by", "party"),
    [("", "name", "private"), ("Bolaget", "name", "company"), ("Bolaget", "number", "private")],
)
def test_what_makes_a_company_is_the_merchants_choice(company: str, by: str, party: str) -> None:
    told = sample("private")
    told["addresses"][0]["company"] = company

    assert card_of(told, company=by).party == party


def test_a_personal_number_in_the_vat_field_is_not_passed_on() -> None:
    told = sample("private") | {"taxvat": "19900101-9999"}

    card = card_of(told)

    assert (card.party, card.organisation_number, card.vat_number) == ("private", "", "")


def test_what_fortnox_cannot_write_is_written_as_it_can() -> None:
    told = sample("private") | {"firstname": "Åsa “Kex”", "lastname": "~Berg~"}
    told["addresses"][0] |= {"street": ["Lilla|gatan 1", "", "3 tr", "port B"], "postcode": "SW1A 1AA-LONG"}

    card = card_of(told)

    assert card.name == "Åsa ’Kex’ –Berg–"
    assert card.billing == Address("", "Lilla/gatan 1", "3 tr, port B", "SW1A1AALON", "Göteborg", "SE")


def test_an_account_without_addresses_is_a_person_without_one() -> None:
    told = sample("private") | {"addresses": [], "default_billing": None, "default_shipping": None}

    card = card_of(told)

    assert (card.party, card.phone, card.billing, card.delivery) == (
        "private",
        "",
        Address(name="", country=""),
        None,
    )
