"""Journeys of a customer: from an account in the shop to Fortnox, and back what Fortnox may decide."""

from tests.support.shop_customers import (
    HOME,
    a_company,
    a_person,
    a_shop,
    cards,
    customer,
    hears_of,
    shown,
)
from tests.support.world import World


async def test_an_account_becomes_a_customer_with_one_call_to_each_system(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)

    await hears_of(world, account, name="customer.created")

    assert (await customer(world, account)).state == "done"
    (card,) = cards(world)
    assert shown(card, "Name", "Type", "Email", "EmailInvoice", "Phone1") == [
        "Tilda Testsson",
        "PRIVATE",
        "tilda@example.com",
        "tilda@example.com",
        "+46700000101",
    ]
    assert shown(card, "Address1", "ZipCode", "City", "CountryCode", "DeliveryAddress1") == [
        "Provgatan 1",
        "111 22",
        "Stockholm",
        "SE",
        None,
    ]
    assert shown(card, "VATType", "ShowPriceVATIncluded", "PriceList") == ["SEVAT", True, "A"]
    assert world.writes() == ["POST /3/customers"]
    assert [call.method for call in shop.calls] == ["GET"]


async def test_a_company_brings_its_numbers_its_contact_and_its_delivery_address(world: World) -> None:
    shop = await a_shop(world)
    warehouse = HOME | {"company": "Exempelbolaget AB", "street": ["Lagergatan 9"], "default_shipping": True}
    account = a_company(shop, address={"default_billing": True})
    shop.customers.change(
        account,
        addresses=[{**shop.customers.by_id[account].addresses[0].values, "default_billing": True}, warehouse],
    )

    await hears_of(world, account)

    (card,) = cards(world)
    assert shown(card, "Name", "Type", "OrganisationNumber", "VATNumber", "YourReference") == [
        "Exempelbolaget AB",
        "COMPANY",
        "559000-0000",
        "SE559000000001",
        "Nils Ek",
    ]
    assert shown(card, "Address1", "Address2", "DeliveryName", "DeliveryAddress1", "DeliveryPhone1") == [
        "Fakturavägen 1",
        "Box 44",
        "Exempelbolaget AB",
        "Lagergatan 9",
        "+46700000101",
    ]
