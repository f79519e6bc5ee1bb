"""Customers of the Magento stand-in: what a save keeps and replaces, what it refuses, and the race."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.sandbox.magento.shop import Shop
from tests.services.sandbox.magento.support import MagentoCaller, search
from tests.support.clock import Clock

HOME: dict[str, Any] = {
    "firstname": "Anna",
    "lastname": "Öberg",
    "street": ["Storgatan 1"],
    "city": "Malmö",
    "postcode": "211 34",
    "country_id": "SE",
    "telephone": "0701234567",
}
NAMES = {"email": "anna@example.com", "firstname": "Anna", "lastname": "Öberg", "website_id": 1}


@pytest.fixture
def anna(shop: Shop) -> int:
    return shop.customers.add(
        "anna@example.com", taxvat="SE556677889901", group_id=2, addresses=[HOME, HOME | {"city": "Lund"}]
    )


# ---- reading ---------------------------------------------------------------------------------------------


async def test_the_first_address_is_both_defaults(anna: int, call: MagentoCaller) -> None:
    customer = await call.get(f"/rest/V1/customers/{anna}")
    billing = await call.get(f"/rest/V1/customers/{anna}/billingAddress")

    assert (customer["default_billing"], customer["default_shipping"]) == ("1", "1")
    assert billing["city"] == "Malmö"
    assert (billing["default_billing"], billing["default_shipping"]) == (True, True)
    assert "default_billing" not in customer["addresses"][1]


async def test_a_customer_without_address_has_no_default(shop: Shop, call: MagentoCaller) -> None:
    number = shop.customers.add("bo@example.com")

    customer = await call.get(f"/rest/V1/customers/{number}")

    assert customer["addresses"] == []
    assert "default_billing" not in customer
    assert await call.get(f"/rest/V1/customers/{number}/billingAddress") is None


async def test_customers_are_found_by_change_and_by_billing_city(
    anna: int, shop: Shop, call: MagentoCaller, clock: Clock
) -> None:
    clock.advance(timedelta(minutes=1))
    bo = shop.customers.add("bo@example.com", addresses=[HOME | {"city": "Kiruna"}])
    since = clock().strftime("%Y-%m-%d %H:%M:%S")

    changed = await call.get(f"/rest/V1/customers/search?{search(updated_at=f'gteq:{since}')}")
    northern = await call.get(f"/rest/V1/customers/search?{search(billing_city='eq:kiruna')}")

    assert [one["id"] for one in changed["items"]] == [bo]
    assert [one["id"] for one in northern["items"]] == [bo]


async def test_an_unknown_attribute_cannot_be_searched(shop: Shop, call: MagentoCaller) -> None:
    answer = await call("GET", f"/rest/V1/customers/search?{search(nosuch='eq:1')}")

    assert (answer.status_code, answer.json()["parameters"]) == (400, ["nosuch"])


async def test_custom_attributes_are_shown_where_the_shop_has_them(shop: Shop, call: MagentoCaller) -> None:
    number = shop.customers.add("bo@example.com", custom={"orgnr": "556677-8899"})

    customer = await call.get(f"/rest/V1/customers/{number}")

    assert customer["custom_attributes"] == [{"attribute_code": "orgnr", "value": "556677-8899"}]


async def test_an_address_is_found_by_its_number(anna: int, call: MagentoCaller) -> None:
    assert (await call.get("/rest/V1/customers/addresses/2"))["city"] == "Lund"
    missing = await call("GET", "/rest/V1/customers/addresses/9")
    assert (missing.status_code, missing.json()["parameters"]["fieldName"]) == (404, "addressId")


# ---- saving ----------------------------------------------------------------------------------------------


async def test_a_put_keeps_what_it_does_not_send(anna: int, call: MagentoCaller, clock: Clock) -> None:
    before = await call.get(f"/rest/V1/customers/{anna}")
    clock.advance(timedelta(seconds=5))

    after = (await _put(call, anna, firstname="Anne")).json()

    assert after.pop("updated_at") > before.pop("updated_at")
    assert after == before | {"firstname": "Anne"}


async def test_a_list_of_addresses_is_the_whole_list(anna: int, call: MagentoCaller) -> None:
    after = (await _put(call, anna, addresses=[{"id": 2, "city": "Ystad"}])).json()

    assert [(one["id"], one["city"], one["postcode"]) for one in after["addresses"]] == [
        (2, "Ystad", "211 34")
    ]
    assert "default_billing" not in after  # it was the address that is gone


async def test_a_new_address_can_become_the_default(anna: int, call: MagentoCaller) -> None:
    new = HOME | {"city": "Umeå", "default_billing": True}

    after = (await _put(call, anna, addresses=[{"id": 1}, {"id": 2}, new])).json()

    assert (after["default_billing"], after["default_shipping"]) == ("3", "1")


async def test_a_read_customer_can_be_sent_back_as_it_is(anna: int, call: MagentoCaller) -> None:
    before = await call.get(f"/rest/V1/customers/{anna}")

    after = (await call("PUT", f"/rest/V1/customers/{anna}", {"customer": before})).json()

    assert after == before


async def test_a_region_is_shown_by_number_and_name(shop: Shop, call: MagentoCaller) -> None:
    region = {"region_code": "SE-M", "region": "Skåne län", "region_id": 1074}
    number = shop.customers.add("bo@example.com", addresses=[HOME | {"region": region}])

    address = (await call.get(f"/rest/V1/customers/{number}"))["addresses"][0]

    assert (address["region"], address["region_id"]) == (region, 1074)


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("firstname", '"First Name" is a required value.'),
        ("email", '"Email" is a required value.'),
        ("website_id", '"Associate to Website" is a required value.'),
    ],
)
async def test_a_put_needs_names_email_and_website(
    anna: int, shop: Shop, call: MagentoCaller, left_out: str, message: str
) -> None:
    sent = {name: value for name, value in NAMES.items() if name != left_out}

    answer = await call("PUT", f"/rest/V1/customers/{anna}", {"customer": sent | {"taxvat": "X"}})

    assert (answer.status_code, answer.json()) == (400, {"message": message})
    assert shop.customers.by_id[anna].values["taxvat"] == "SE556677889901"


async def test_one_missing_part_of_an_address_is_told_by_itself(anna: int, call: MagentoCaller) -> None:
    answer = await _put(call, anna, addresses=[{name: HOME[name] for name in HOME if name != "city"}])

    assert answer.status_code == 400
    assert answer.json() == {
        "message": '"%fieldName" is required. Enter and try again.',
        "parameters": {"fieldName": "city"},
    }


async def test_an_email_is_free_in_another_website(anna: int, shop: Shop, call: MagentoCaller) -> None:
    here = await call("POST", "/rest/V1/customers", {"customer": NAMES})
    there = await call("POST", "/rest/V1/customers", {"customer": NAMES | {"website_id": 2, "store_id": 2}})

    assert (here.status_code, there.status_code) == (400, 200)
    assert there.json()["created_in"] == "Deutsch"


async def test_the_address_of_another_customer_cannot_be_taken_over(
    anna: int, shop: Shop, call: MagentoCaller
) -> None:
    shop.customers.add("bo@example.com")

    answer = await _put(call, anna, email="BO@example.com")

    assert answer.status_code == 400
    assert shop.customers.by_id[anna].values["email"] == "anna@example.com"


async def test_six_at_once_make_one_customer_and_five_errors_500(shop: Shop, call: MagentoCaller) -> None:
    answers = await asyncio.gather(
        *(call("POST", "/rest/V1/customers", {"customer": NAMES}) for _ in range(6))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 500, 500, 500, 500, 500]
    assert len(shop.customers.by_id) == 1
    later = await call("POST", "/rest/V1/customers", {"customer": NAMES})
    assert later.status_code == 400


# ---- groups ----------------------------------------------------------------------------------------------


async def test_groups_are_added_and_renamed(shop: Shop, call: MagentoCaller) -> None:
    added = (
        await call("POST", "/rest/V1/customerGroups", {"group": {"code": "B2B", "tax_class_id": 3}})
    ).json()
    await call("PUT", f"/rest/V1/customerGroups/{added['id']}", {"group": {"code": "Företag"}})

    shown = await call.get(f"/rest/V1/customerGroups/{added['id']}")
    assert shown == added | {"code": "Företag"}
    assert (await call("GET", "/rest/V1/customerGroups/77")).status_code == 404
    again = await call("POST", "/rest/V1/customerGroups", {"group": {"code": "företag", "tax_class_id": 3}})
    assert again.status_code == 400


async def test_a_customer_is_told_of_when_made_changed_and_deleted(shop: Shop, call: MagentoCaller) -> None:
    told: list[tuple[str, int]] = []
    shop.customers.tell = lambda event, entity, store_id: told.append((event, entity["id"]))
    number = shop.customers.add("bo@example.com")

    shop.customers.change(number, taxvat="SE1")
    await call("DELETE", f"/rest/V1/customers/{number}")

    assert told == [("customer.created", 1), ("customer.updated", 1), ("customer.deleted", 1)]


async def _put(call: MagentoCaller, customer_id: int, **changes: Any) -> Any:
    return await call("PUT", f"/rest/V1/customers/{customer_id}", {"customer": NAMES | changes})
