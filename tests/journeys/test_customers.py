"""Journeys of a customer: from an account in the shop to Fortnox, and back what Fortnox may decide."""

import pytest

from tests.journeys.test_chores import chore
from tests.support.shop_customers import (
    HOME,
    a_company,
    a_person,
    a_shop,
    cards,
    customer,
    customer_writes,
    hears_of,
    people_change,
    previewed,
    replaced,
    shown,
    tell,
)
from tests.support.world import CONNECTION, World


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


async def test_only_what_differs_is_written(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    await hears_of(world, account)

    shop.customers.change(account, addresses=replaced(shop, account, telephone="+46700000999"))
    await hears_of(world, account)

    assert customer_writes(world)[1:] == [("PUT", {"Phone1": "+46700000999"})]


async def test_what_the_merchant_wrote_where_the_shop_says_nothing_stays(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    await hears_of(world, account)
    people_change(
        world, "1", DeliveryName="Kalle", DeliveryAddress1="Sidogatan 3", YourReference="Kalle", WWW="x.se"
    )

    shop.customers.change(account, addresses=replaced(shop, account, city="Solna"))
    await hears_of(world, account)

    assert customer_writes(world)[1:] == [("PUT", {"City": "Solna"})]


async def test_what_the_account_had_filled_it_also_empties(world: World) -> None:
    shop = await a_shop(world)
    account = a_company(shop)
    await hears_of(world, account)

    shop.customers.change(account, addresses=replaced(shop, account, street=["Fakturavägen 1"]))
    await hears_of(world, account)

    assert customer_writes(world)[1:] == [("PUT", {"Address2": ""})]


async def test_a_delivery_address_that_is_gone_becomes_the_billing_address(world: World) -> None:
    shop = await a_shop(world)
    account = shop.customers.add(
        "tilda@example.com",
        "Tilda",
        "Testsson",
        addresses=[
            HOME | {"default_billing": True},
            HOME | {"street": ["Stugan 4"], "city": "Åre", "default_shipping": True},
        ],
    )
    await hears_of(world, account)

    shop.customers.change(account, addresses=replaced(shop, account, default_shipping=True)[:1])
    await hears_of(world, account)

    (_, sent) = customer_writes(world)[-1]
    assert sent == {"DeliveryAddress1": "Provgatan 1", "DeliveryCity": "Stockholm"}


async def test_the_same_event_again_writes_nothing_and_costs_one_call(world: World) -> None:
    shop = await a_shop(world)
    account = a_company(shop)
    await hears_of(world, account)
    calls, told = len(world.calls()), len(shop.calls)

    await hears_of(world, account)

    assert (len(world.calls()) - calls, len(shop.calls) - told) == (0, 1)
    assert (await customer(world, account)).state == "done"


async def test_a_preview_says_what_the_run_then_writes_and_shows_nobodys_name(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    await tell(world, account)

    said = await previewed(world, account)
    assert world.writes() == []
    await world.works()

    assert said["outcome"] == "would_book"
    assert [(one["kind"], one["exists"]) for one in said["drafts"]] == [
        ("customer", False),
        ("shop_customer", False),
    ]
    told = str(said) + str((await customer(world, account)).summary)
    assert [word for word in ("Testsson", "tilda@", "Provgatan", "+46700000101") if word in told] == []
    assert (await previewed(world, account))["drafts"][0]["number"] == "1"


# ── who it is already ─────────────────────────────────────────────────────────────────────────────


async def people_make(world: World, **fields: str) -> str:
    kit = await world.shop.kit(CONNECTION)
    made = await kit.fortnox.create_customer({"Name": "Tilda Testsson", "Type": "PRIVATE", **fields})
    return made.number


@pytest.mark.parametrize("register", [False, True], ids=["by a search", "by our copy"])
@pytest.mark.parametrize(
    "theirs",
    [
        {"OrganisationNumber": "559000-0000", "Name": "Heter Annorlunda", "Email": "annan@example.com"},
        {"OrganisationNumber": "5590000000", "Name": "Heter Annorlunda"},
        {"VATNumber": "SE 559000-0000 01", "Name": "Heter Annorlunda", "Email": "INKOP@example.com"},
        {"Email": "inkop@example.com", "Name": "exempelbolaget  ab"},
    ],
    ids=["organisation number", "written otherwise", "VAT number", "e-mail and name"],
)
async def test_a_company_that_people_made_is_taken_over_and_brought_up_to_date(
    world: World, theirs: dict[str, str], register: bool
) -> None:
    shop = await a_shop(world)
    number = await people_make(world, Type="COMPANY", **theirs)
    if register:
        await chore(world, "customer_register")
    account = a_company(shop)

    await hears_of(world, account)

    (card,) = cards(world)
    assert shown(card, "CustomerNumber", "Name", "Email", "OrganisationNumber", "City") == [
        number,
        "Exempelbolaget AB",
        "inkop@example.com",
        theirs.get("OrganisationNumber", "559000-0000"),
        "Stockholm",
    ]
    await hears_of(world, account)
    assert len(customer_writes(world)) == 2


@pytest.mark.parametrize("register", [False, True], ids=["by a search", "by our copy"])
@pytest.mark.parametrize(
    "theirs",
    [
        {"Email": "tilda@example.com", "Type": "COMPANY"},
        {"Email": "tilda@example.com", "Name": "Tilda Testsson-Berg"},
        {"Email": "matilda@example.com"},
        {"Email": "tilda@example.com", "Name": "Tilda"},
        {"Name": "Tilda Testsson"},
    ],
    ids=["another type", "a longer name", "a longer address", "a part of the name", "the name alone"],
)
async def test_nobody_is_taken_for_another(world: World, theirs: dict[str, str], register: bool) -> None:
    shop = await a_shop(world)
    await people_make(world, **theirs)
    if register:
        await chore(world, "customer_register")
    account = a_person(shop)

    await hears_of(world, account)

    assert len(cards(world)) == 2


async def test_two_companies_with_one_address_and_two_numbers_are_two(world: World) -> None:
    shop = await a_shop(world)
    await people_make(
        world,
        Type="COMPANY",
        Name="Exempelbolaget AB",
        Email="inkop@example.com",
        OrganisationNumber="556036-0793",
    )
    account = a_company(shop)

    await hears_of(world, account)

    assert [card["OrganisationNumber"] for card in cards(world)] == ["556036-0793", "559000-0000"]


async def test_the_number_that_the_shop_itself_knows_comes_first(world: World) -> None:
    shop = await a_shop(world, customer_number_attribute="fortnox_customer_number")
    number = await people_make(world, Name="Någon helt annan", Email="annan@example.com")
    account = a_person(shop, custom={"fortnox_customer_number": number})

    await hears_of(world, account)

    (card,) = cards(world)
    assert shown(card, "CustomerNumber", "Name") == [number, "Tilda Testsson"]


async def test_a_customer_that_people_deleted_is_made_anew(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    await hears_of(world, account)
    del world.company.customers["1"]

    shop.customers.change(account, firstname="Matilda")
    await hears_of(world, account)

    assert [(card["CustomerNumber"], card["Name"]) for card in cards(world)] == [("2", "Matilda Testsson")]


# ── groups, numbers, VAT ──────────────────────────────────────────────────────────────────────────


async def test_a_group_means_a_price_list_terms_and_a_vat_type(world: World) -> None:
    shop = await a_shop(
        world,
        terms_of_payment="30",
        groups=[
            {"group": "Wholesale", "price_list": "B", "terms_of_payment": "10", "vat_type": "SEREVERSEDVAT"},
            {"group": "1", "price_list": "A"},
        ],
    )
    world.company.price_lists["B"] = {"Code": "B", "Description": "Återförsäljare"}
    wholesale = shop.groups.by_code("Wholesale")
    account = a_company(shop)
    await hears_of(world, account)
    assert shown(cards(world)[0], "PriceList", "TermsOfPayment", "VATType") == ["A", "30", "SEVAT"]

    shop.customers.change(account, group_id=wholesale)
    await hears_of(world, account)
    assert customer_writes(world)[1:] == [
        ("PUT", {"PriceList": "B", "TermsOfPayment": "10", "VATType": "SEREVERSEDVAT"})
    ]

    people_change(world, "1", PriceList="A", TermsOfPayment="30")  # the merchant's choice for this one
    shop.customers.change(account, addresses=replaced(shop, account, city="Solna"))
    await hears_of(world, account)
    assert customer_writes(world)[2:] == [("PUT", {"City": "Solna"})]


@pytest.mark.parametrize(
    ("country", "postcode", "vat_id", "expected"),
    [
        ("DE", "10115", "DE123456789", "EUREVERSEDVAT"),
        ("DE", "10115", "", "SEVAT"),
        ("NO", "0150", "", "EXPORT"),
        ("FI", "22100", "FI12345678", "EXPORT"),  # Åland is outside the EU's VAT area
        ("SE", "111 22", "SE559000000001", "SEVAT"),
    ],
)
async def test_a_companys_country_and_number_decide_its_vat_type(
    world: World, country: str, postcode: str, vat_id: str, expected: str
) -> None:
    shop = await a_shop(world)
    account = a_company(shop, address={"country_id": country, "postcode": postcode, "vat_id": vat_id})

    await hears_of(world, account)

    assert shown(cards(world)[0], "VATType", "CountryCode") == [expected, country]


async def test_a_price_list_that_fortnox_lacks_asks_a_person_and_goes_on_when_it_is_there(
    world: World,
) -> None:
    shop = await a_shop(world, groups=[{"group": "General", "price_list": "B"}])
    account = a_person(shop)

    await hears_of(world, account)
    stuck = await customer(world, account)
    assert (stuck.state, stuck.problem and stuck.problem.code) == ("needs_attention", "refused_by_fortnox")
    assert cards(world) == []

    world.company.price_lists["B"] = {"Code": "B", "Description": "Återförsäljare"}
    await world.ledger.subjects.retry([stuck.id])
    await world.works()
    assert [card["PriceList"] for card in cards(world)] == ["B"]


# ── who is not kept ───────────────────────────────────────────────────────────────────────────────


async def test_every_event_ends_with_a_reason(world: World) -> None:
    shop = await a_shop(world, accounts="buyers")
    account = a_person(shop)

    await hears_of(world, account, 999)

    assert {
        (one.state, one.reason) for one in (await customer(world, account), await customer(world, 999))
    } == {
        ("skipped", "the account has not bought anything, and only buyers become customers"),
        ("skipped", "the shop has no customer 999"),
    }
    await world.declare(magento=None)
    await hears_of(world, account)
    assert (await customer(world, account)).reason == "the connection has no shop"
    await world.declare(sync={"customers": False})
    await hears_of(world, account)
    assert (await customer(world, account)).reason == "customers are switched off for this connection"
    assert world.writes() == []


async def test_several_accounts_of_one_company_are_one_customer_that_the_first_keeps(world: World) -> None:
    shop = await a_shop(world)
    first, second = a_company(shop), a_company(shop, "ekonomi@example.com", address={"city": "Solna"})

    await hears_of(world, first, second)

    (card,) = cards(world)
    assert shown(card, "Email", "City") == ["inkop@example.com", "Stockholm"]
    ended = await customer(world, second)
    assert (ended.state, [one["code"] for one in ended.summary["plan"]["advice"]]) == (
        "done",
        ["kept_by_another_account"],
    )

    shop.customers.delete(first)
    await hears_of(world, first, second)
    assert (await customer(world, first)).state == "done"
    assert shown(cards(world)[0], "Email", "City") == ["ekonomi@example.com", "Solna"]
    await hears_of(world, first)
    assert (await customer(world, first)).reason == f"the shop has no customer {first}"
