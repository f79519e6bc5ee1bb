"""Customers, call by call, against recorded answers."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.clients.magento.search import Filter
from shared.domain.errors import InDoubt, RefusedByMagento
from tests.shared.clients.magento.scripted import ScriptedShop, a_list
from tests.shared.clients.magento.support import recorded, sample

ANNA = recorded("customer/get")["response"]


async def test_a_customer_is_read_with_addresses_and_vat_number(shop: ScriptedShop) -> None:
    shop.says("GET /customers/1", ANNA)

    anna = await shop.client.customer(1)

    assert anna is not None
    assert (anna.customer_id, anna.name, anna.taxvat, anna.website_id) == (
        1,
        "Anna Öberg",
        "SE556677889901",
        1,
    )
    assert anna.billing is not None
    assert anna.billing == anna.shipping
    assert (anna.billing.company, anna.billing.street, anna.billing.region_id) == (
        "Öberg AB",
        ("Storgatan 1", "lgh 1101"),
        None,
    )


async def test_custom_attributes_and_two_addresses_are_read(shop: ScriptedShop) -> None:
    shop.says("GET /customers/502", sample("customers/company-with-vat-and-custom-attribute"))

    firm = await shop.client.customer(502)

    assert firm is not None
    assert firm.attributes == {"fortnox_customer_number": "10502"}
    assert firm.billing is not None
    assert firm.shipping is not None
    assert (firm.billing.address_id, firm.shipping.address_id) == (702, 703)


async def test_a_customer_that_is_gone_is_none(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /customers/999", "errors/customer_404")

    assert await shop.client.customer(999) is None


async def test_customers_are_found_by_their_whole_address_within_a_website(shop: ScriptedShop) -> None:
    shop.says("GET /customers/search", a_list([ANNA, ANNA | {"id": 2, "email": "joanna@example.com"}]))

    found = await shop.client.customers_with_email("Anna@example.com", website_id=1)

    assert [customer.customer_id for customer in found] == [1]
    assert shop.filters()[:2] == [("email", "eq", "Anna@example.com"), ("website_id", "eq", "1")]


async def test_customers_are_listed_by_id(shop: ScriptedShop) -> None:
    shop.says("GET /customers/search", a_list([ANNA], 2), a_list([ANNA | {"id": 5}]))

    found = [customer.customer_id async for customer in shop.client.customers(Filter("group_id", 1))]

    assert found == [1, 5]
    assert shop.filters(1) == [("group_id", "eq", "1"), ("entity_id", "gt", "1")]


async def test_groups_are_read_with_the_one_that_is_not_logged_in(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /customerGroups/search", "base/customerGroups_search")

    groups = await shop.client.customer_groups()

    assert [(group.group_id, group.code) for group in groups[:2]] == [(0, "NOT LOGGED IN"), (1, "General")]


async def test_a_customer_is_created(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST /customers", "customer/create")

    made = await shop.client.create_customer({"email": "anna@example.com", "firstname": "Anna"})

    assert made.customer_id == 1
    assert shop.body() == {"customer": {"email": "anna@example.com", "firstname": "Anna"}}


async def test_a_customer_that_exists_is_refused(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST /customers", "errors/customer_duplicate")

    with pytest.raises(RefusedByMagento, match="same email address already exists"):
        await shop.client.create_customer({"email": "anna@example.com"})


async def test_a_creation_whose_answer_is_not_understood_is_in_doubt(shop: ScriptedShop) -> None:
    shop.says("POST /customers", {"ok": True})

    with pytest.raises(InDoubt, match="id is missing"):
        await shop.client.create_customer({"email": "anna@example.com"})


async def test_an_update_sends_what_changed_and_what_magento_needs(shop: ScriptedShop) -> None:
    shop.says("GET /customers/1", ANNA)
    shop.says("PUT /customers/1", ANNA | {"taxvat": "SE1"})

    def change(found: Mapping[str, Any]) -> Mapping[str, Any]:
        assert found["taxvat"] == "SE556677889901"
        return {"taxvat": "SE1"}

    changed = await shop.client.update_customer(1, change)

    assert changed is not None
    assert changed.taxvat == "SE1"
    assert shop.body() == {
        "customer": {
            "id": 1,
            "email": "anna@example.com",
            "firstname": "Anna",
            "lastname": "Öberg",
            "website_id": 1,
            "taxvat": "SE1",
        }
    }


async def test_an_update_that_changes_nothing_writes_nothing(shop: ScriptedShop) -> None:
    shop.says("GET /customers/1", ANNA)

    found = await shop.client.update_customer(1, lambda customer: {})

    assert found is not None
    assert shop.calls == ["GET /customers/1"]


async def test_an_update_of_a_customer_that_is_gone_is_none(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /customers/999", "errors/customer_404")

    assert await shop.client.update_customer(999, lambda customer: {"taxvat": "SE1"}) is None
