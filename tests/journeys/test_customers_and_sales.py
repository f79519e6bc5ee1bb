"""A customer's account and its sales, met in whatever order, by however many workers at once."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from services.sync_worker.booking import Checkpoint
from services.sync_worker.converge import converge
from shared.domain.documents import Draft
from shared.ledger.records import Subject
from tests.journeys.test_sale import A01
from tests.support.shop_customers import (
    a_company,
    a_person,
    a_shop,
    cards,
    customer,
    customer_writes,
    hears_of,
    people_change,
    replaced,
    shown,
    tell,
)
from tests.support.world import CONNECTION, World

TILDA_AT_SVEA: Mapping[str, Any] = {
    "FullName": "Testsson, Tilda",
    "StreetAddress": "Provgatan 1",
    "PostalCode": "11122",
    "City": "Stockholm",
    "CountryCode": "SE",
}


def order_customers(world: World) -> set[str]:
    return {order["CustomerNumber"] for order in world.orders}


async def due_at_once(world: World, workers: int) -> None:
    """As so many workers do it: everything that is due, at the same time, each with a name of its own."""
    shops = [replace(world.shop, owner=f"worker-{n}", kits={}) for n in range(workers)]
    try:
        for _ in range(10):
            due = await world.ledger.subjects.due(100)
            if not due:
                return
            await asyncio.gather(*(converge(shop, wake.subject_id) for wake in due for shop in shops))
            world.later(timedelta(seconds=2))
    finally:
        for shop in shops:
            await shop.close()
    raise AssertionError("still due")


@pytest.mark.parametrize("attempt", range(3))
async def test_an_account_and_two_sales_of_a_new_person_at_once_are_one_customer(
    world: World, attempt: int
) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    sales = [world.buys(*A01, number=f"10000010{n}") for n in range(2)]
    await world.sandbox.svea.settle()
    await tell(world, account)

    await due_at_once(world, workers=4)

    assert [card["Name"] for card in cards(world)] == ["Tilda Testsson"]
    assert order_customers(world) == {"1"}
    assert [one.state for one in [await customer(world, account), *[await world.sale(s) for s in sales]]] == [
        "done"
    ] * 3
    assert [method for method, _ in customer_writes(world)].count("POST") == 1


@pytest.mark.parametrize("order", list(permutations(("account", "first", "second"))))
async def test_whoever_comes_first_makes_the_customer(world: World, order: tuple[str, ...]) -> None:
    shop = await a_shop(world)
    account = a_person(shop, address={"telephone": "08-shop"})
    for which in order:
        if which == "account":
            await hears_of(world, account)
        else:
            world.buys(*A01, number=f"order-{which}")
            await world.works()

    assert len(cards(world)) == 1
    assert order_customers(world) == {"1"}
    assert cards(world)[0]["Phone1"] == "08-shop"


async def test_a_sale_leaves_the_card_of_an_account_as_it_is_and_costs_no_call_for_it(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    await hears_of(world, account)
    card, before = cards(world)[0], len(world.calls())

    world.buys(*A01, address={**TILDA_AT_SVEA, "StreetAddress": "En annan gata 9"})
    await world.works()

    assert cards(world)[0] == card
    assert [call for call in world.calls()[before:] if "customers" in call] == []
    assert [order["Address1"] for order in world.orders] == ["En annan gata 9"]


async def test_after_a_new_email_address_old_and_new_sales_are_the_same_customer_s(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    await hears_of(world, account)
    world.buys(*A01)
    await world.works()

    shop.customers.change(account, email="tilda@nytt.example")
    await hears_of(world, account)
    buyer = replace(
        world.sandbox.svea.order(world.checkout(*A01, number="x")).customer, email="tilda@nytt.example"
    )
    world.buys(*A01, number="100000102", customer=buyer)
    await world.works()

    assert shown(cards(world)[0], "Email", "EmailInvoice") == ["tilda@nytt.example"] * 2
    assert (len(cards(world)), order_customers(world)) == (1, {"1"})


async def test_an_address_that_somebody_else_has_by_now_is_somebody_else(world: World) -> None:
    shop = await a_shop(world)
    first = a_person(shop)
    await hears_of(world, first)
    shop.customers.change(first, email="tilda@nytt.example")
    await hears_of(world, first)

    second = a_person(shop)  # the address is free again
    await hears_of(world, second)

    assert [card["Email"] for card in cards(world)] == ["tilda@nytt.example", "tilda@example.com"]
    assert (await customer(world, second)).state == "done"
    world.buys(*A01)
    await world.works()
    assert order_customers(world) == {"2"}


async def test_a_sale_that_needs_another_vat_type_changes_that_and_nothing_else(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    await hears_of(world, account)

    sale = world.buys(
        *[replace(row, vat_percent=0) for row in A01], market="no", address={"PostalCode": "0150"}
    )
    await world.works()
    assert (await world.sale(sale)).state == "done"
    assert customer_writes(world)[1:] == [("PUT", {"VATType": "EXPORT"})]

    shop.customers.change(account, addresses=replaced(shop, account, city="Solna"))
    await hears_of(world, account)
    assert customer_writes(world)[2:] == [("PUT", {"City": "Solna"})]


async def test_an_account_takes_over_the_customer_that_its_first_sale_made(world: World) -> None:
    shop = await a_shop(world, accounts="buyers")
    account = a_person(shop, address={"telephone": "08-shop"})
    await hears_of(world, account)
    assert (await customer(world, account)).state == "skipped"
    world.buys(*A01)
    await world.works()

    await hears_of(world, account)

    assert (len(cards(world)), cards(world)[0]["Phone1"]) == (1, "08-shop")


async def test_a_company_that_svea_knows_by_number_and_the_shop_by_vat_number_is_one(world: World) -> None:
    shop = await a_shop(world)
    account = a_company(shop)
    company = replace(
        world.sandbox.svea.order(world.checkout(*A01, number="x")).customer,
        national_id="5590000000",
        is_company=True,
        email="annan@example.com",
    )
    world.buys(*A01, customer=company, address={"FullName": "Exempelbolaget AB"})
    await world.sandbox.svea.settle()
    await tell(world, account)

    await due_at_once(world, workers=3)

    assert [card["OrganisationNumber"].replace("-", "") for card in cards(world)] == ["5590000000"]
    assert order_customers(world) == {"1"}


class Died(BaseException):
    """The worker was killed."""


def dies_once(step: str, kind: str) -> Checkpoint:
    left = [1]

    async def checkpoint(at: str, draft: Draft) -> None:
        if left and at == step and draft.kind == kind:
            left.clear()
            raise Died

    return checkpoint


@pytest.mark.parametrize("kind", ["customer", "shop_customer"])
@pytest.mark.parametrize("step", ["intended", "answered", "created"])
async def test_a_worker_that_dies_leaves_nothing_behind_that_is_made_twice(
    world: World, step: str, kind: str
) -> None:
    shop = await a_shop(world, owned_by_fortnox=["phone"])
    account = a_person(shop)
    await tell(world, account)
    dying = replace(world.shop, checkpoint=dies_once(step, kind), kits={})
    subject = await customer(world, account)

    with pytest.raises(Died):
        await converge(dying, subject.id)
    await dying.close()
    await comes_back(world, subject)

    assert (await customer(world, account)).state == "done"
    assert [card["Name"] for card in cards(world)] == ["Tilda Testsson"]
    people_change(world, "1", Phone1="08-1")
    await hears_of(world, account)
    assert shop.customers.by_id[account].addresses[0].values["telephone"] == "08-1"


async def comes_back(world: World, subject: Subject) -> None:
    """After the lease, and after the time in which an unanswered write may still be under way."""
    for _ in range(3):
        world.later(timedelta(seconds=60))
        await world.works()
    assert await world.ledger.subjects.find(CONNECTION, "customer", subject.key) is not None


async def test_two_companies_with_one_bookkeeper_s_address_are_two(world: World) -> None:
    shop = await a_shop(world)
    account = a_company(shop, email="byran@example.com")
    await hears_of(world, account)
    other = replace(
        world.sandbox.svea.order(world.checkout(*A01, number="x")).customer,
        national_id="5560360793",
        is_company=True,
        email="byran@example.com",
    )

    world.buys(*A01, customer=other, address={"FullName": "Grannbolaget AB"})
    await world.works()

    assert [card["Name"] for card in cards(world)] == ["Exempelbolaget AB", "Grannbolaget AB"]
    assert order_customers(world) == {"2"}


async def test_a_colleague_s_purchase_goes_to_the_company_that_another_account_keeps(world: World) -> None:
    shop = await a_shop(world)
    first, second = a_company(shop), a_company(shop, "ekonomi@example.com")
    await hears_of(world, first, second)
    colleague = replace(
        world.sandbox.svea.order(world.checkout(*A01, number="x")).customer,
        national_id=None,
        is_company=True,
        email="ekonomi@example.com",
    )

    world.buys(*A01, customer=colleague, address={"FullName": "Exempelbolaget AB"})
    await world.works()

    assert (len(cards(world)), order_customers(world)) == (1, {"1"})
    assert cards(world)[0]["Email"] == "inkop@example.com"
