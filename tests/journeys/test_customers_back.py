"""Journeys of a customer from Fortnox back to the shop: who decides, who wins, and no echo."""

import json
from typing import Any

import pytest

from services.sandbox.magento.shop import Shop
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
from tests.support.world import World


def puts(shop: Shop) -> list[dict[str, Any]]:
    """What the shop was told, as it was sent."""
    return [json.loads(call.body)["customer"] for call in shop.writes()]


def address_of(shop: Shop, customer_id: int, use: str = "billing") -> dict[str, Any]:
    account = shop.customers.by_id[customer_id]
    found = account.address(getattr(account, f"default_{use}"))
    assert found is not None
    return found.values


async def looks_around(world: World) -> None:
    """The sweep, and whatever it finds; then once more, for the echo of what was written."""
    for _ in range(2):
        world.on(world.clock().date().isoformat())
        assert await chore(world, "customers") == "done"
        await world.works()


async def a_kept_person(world: World, **settings: Any) -> tuple[Shop, int]:
    shop = await a_shop(world, **settings)
    account = a_person(shop)
    await hears_of(world, account)
    await looks_around(world)
    return shop, account


async def test_what_fortnox_owns_reaches_the_shop_and_does_not_come_back(world: World) -> None:
    shop, account = await a_kept_person(world, owned_by_fortnox=["phone", "billing"])
    before = world.writes()
    people_change(world, "1", Phone1="08-555 00", Address1="Kontorsgatan 7", ZipCode="333 33", City="Umeå")

    await looks_around(world)

    assert {
        name: address_of(shop, account)[name] for name in ("street", "postcode", "city", "telephone")
    } == {
        "street": ["Kontorsgatan 7"],
        "postcode": "333 33",
        "city": "Umeå",
        "telephone": "08-555 00",
    }
    assert [call.method for call in shop.writes()] == ["PUT"]
    assert world.writes() == before
    assert (await customer(world, account)).state == "done"


async def test_what_fortnox_owns_is_changed_back_when_the_buyer_changes_it(world: World) -> None:
    shop, account = await a_kept_person(world, owned_by_fortnox=["phone"])

    for _ in range(2):
        shop.customers.change(account, addresses=replaced(shop, account, telephone="070-1"))
        await hears_of(world, account)
        assert address_of(shop, account)["telephone"] == "+46700000101"

    assert cards(world)[0]["Phone1"] == "+46700000101"
    assert len(customer_writes(world)) == 1


async def test_what_magento_owns_is_not_told_to_the_shop(world: World) -> None:
    shop, _ = await a_kept_person(world, both_ways=["billing"])
    people_change(world, "1", Phone1="08-555 00")

    await looks_around(world)

    assert shop.writes() == []


async def test_what_goes_both_ways_goes_both_ways(world: World) -> None:
    shop, account = await a_kept_person(world, both_ways=["phone"])

    people_change(world, "1", Phone1="08-1")
    await looks_around(world)
    assert address_of(shop, account)["telephone"] == "08-1"

    shop.customers.change(account, addresses=replaced(shop, account, telephone="08-2"))
    await looks_around(world)
    assert cards(world)[0]["Phone1"] == "08-2"
    assert (len(shop.writes()), len(customer_writes(world))) == (1, 2)


@pytest.mark.parametrize(("winner", "phone"), [("magento", "08-shop"), ("fortnox", "08-books")])
async def test_when_both_changed_the_winner_is_right_on_both_sides(
    world: World, winner: str, phone: str
) -> None:
    shop, account = await a_kept_person(world, both_ways=["phone"], winner=winner)
    shop.customers.change(account, addresses=replaced(shop, account, telephone="08-shop"))
    people_change(world, "1", Phone1="08-books")

    await looks_around(world)

    assert (address_of(shop, account)["telephone"], cards(world)[0]["Phone1"]) == (phone, phone)
    assert (len(shop.writes()), len(customer_writes(world)) - 1) == (
        (1, 0) if winner == "fortnox" else (0, 1)
    )


async def test_an_echo_of_our_own_write_plans_nothing(world: World) -> None:
    shop, account = await a_kept_person(world, both_ways=["phone", "billing", "delivery", "email"])
    people_change(
        world, "1", Phone1="08-1", DeliveryAddress1="Stugan 4", DeliveryZipCode="837 00", DeliveryCity="Åre"
    )
    await looks_around(world)
    told, written = shop.writes(), world.writes()

    for _ in range(3):
        await hears_of(world, account)
        await looks_around(world)

    assert (shop.writes(), world.writes()) == (told, written)
    assert len(told) == 1


async def test_a_new_delivery_address_is_an_address_of_its_own_in_the_shop(world: World) -> None:
    shop, account = await a_kept_person(world, owned_by_fortnox=["delivery"])
    people_change(world, "1", DeliveryAddress1="Stugan 4", DeliveryZipCode="837 00", DeliveryCity="Åre")
    await looks_around(world)

    shipping = address_of(shop, account, "shipping")
    assert (shipping["street"], shipping["city"], shipping["lastname"]) == (["Stugan 4"], "Åre", "Testsson")
    assert address_of(shop, account)["street"] == ["Provgatan 1"]

    people_change(world, "1", DeliveryAddress1="", DeliveryZipCode="", DeliveryCity="")
    await looks_around(world)
    assert address_of(shop, account, "shipping")["street"] == ["Provgatan 1"]
    assert len(shop.customers.by_id[account].addresses) == 2


async def test_a_move_abroad_takes_the_region_with_it(world: World) -> None:
    shop = await a_shop(world, owned_by_fortnox=["billing"])
    account = a_person(
        shop,
        address={"country_id": "DE", "postcode": "10115", "region": {"region": "Berlin", "region_id": 82}},
    )
    await hears_of(world, account)
    people_change(world, "1", CountryCode="SE", ZipCode="111 22")

    await looks_around(world)

    billing = address_of(shop, account)
    assert (billing["country_id"], billing["postcode"], billing["region"]["region_id"]) == ("SE", "111 22", 0)


async def test_a_company_s_number_and_address_are_told_and_nothing_else_is_lost(world: World) -> None:
    shop = await a_shop(world, owned_by_fortnox=["vat_number", "email"])
    account = a_company(shop, taxvat="SE559000000001", group_id=2)
    await hears_of(world, account)
    people_change(world, "1", VATNumber="SE559000000101", Email="faktura@example.com")

    await looks_around(world)

    values = shop.customers.by_id[account].values
    assert (values["taxvat"], values["email"], values["group_id"]) == (
        "SE559000000101",
        "faktura@example.com",
        2,
    )
    assert address_of(shop, account)["vat_id"] == "SE559000000101"
    assert address_of(shop, account)["company"] == "Exempelbolaget AB"


async def test_what_the_shop_refuses_asks_a_person_after_fortnox_was_told(world: World) -> None:
    shop, account = await a_kept_person(world, owned_by_fortnox=["email"])
    shop.customers.add("taken@example.com")
    people_change(world, "1", Email="taken@example.com")
    shop.customers.change(account, firstname="Matilda")

    await hears_of(world, account)

    stuck = await customer(world, account)
    assert (stuck.state, stuck.problem and stuck.problem.code) == ("needs_attention", "refused_by_magento")
    assert shown(cards(world)[0], "Name", "Email") == ["Matilda Testsson", "taken@example.com"]

    people_change(world, "1", Email="free@example.com")
    await world.ledger.subjects.retry([stuck.id])
    await world.works()
    assert (await customer(world, account)).state == "done"
    assert shop.customers.by_id[account].values["email"] == "free@example.com"


async def test_a_customer_that_people_made_brings_what_fortnox_owns_to_the_shop(world: World) -> None:
    shop = await a_shop(world, owned_by_fortnox=["phone"])
    kit = await world.shop.kit("acme")
    await kit.fortnox.create_customer(
        {"Name": "Tilda Testsson", "Type": "PRIVATE", "Email": "tilda@example.com", "Phone1": "08-555 00"}
    )
    account = a_person(shop)

    await tell(world, account)
    said = await previewed(world, account)
    assert (shop.writes(), len(world.writes())) == ([], 1)
    await world.works()

    assert [one.get("writes") for one in said["drafts"]] == [None, ["phone"]]
    assert address_of(shop, account)["telephone"] == "08-555 00"
    assert shown(cards(world)[0], "Phone1", "City") == ["08-555 00", "Stockholm"]


async def test_an_answer_that_was_lost_is_written_again_and_once_is_enough(world: World) -> None:
    shop, account = await a_kept_person(world, owned_by_fortnox=["phone"])
    people_change(world, "1", Phone1="08-1")
    shop.broken = "gateway"
    await hears_of(world, account)
    assert (await customer(world, account)).state == "waiting"

    shop.broken = None
    await world.ledger.subjects.retry([(await customer(world, account)).id])
    await world.works()

    assert address_of(shop, account)["telephone"] == "08-1"
    assert HOME["telephone"] != "08-1"
