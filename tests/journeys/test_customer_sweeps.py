"""Customers that nobody told us of: sweeps, the nightly pass, a first load with progress."""

from datetime import timedelta
from typing import Any

import pytest

from services.sandbox.magento.shop import Shop
from services.scheduler.trigger import trigger_due_jobs
from services.sync_worker import customer_sweeps
from services.sync_worker.converge import converge
from shared.ledger.records import IncomingEvent
from tests.journeys.test_chores import chore
from tests.journeys.test_sale import A01
from tests.journeys.test_sale_backfill import ask
from tests.support.shop_customers import HOME, a_person, a_shop, cards, customer, hears_of, replaced
from tests.support.world import CONNECTION, World


def many(shop: Shop, how_many: int) -> list[int]:
    return [
        shop.customers.add(f"kund{n}@example.com", "Kund", f"Nummer {n}", addresses=[HOME])
        for n in range(how_many)
    ]


def searches(shop: Shop) -> int:
    return sum(call.path.endswith("/customers/search") for call in shop.calls)


async def runs_of(world: World) -> int:
    found = await world.ledger.subjects.page(connection=CONNECTION, kind="customer", limit=500)
    return sum(subject.wanted for subject in found.items)


async def test_an_account_that_nobody_told_us_of_is_found_by_the_sweep(world: World) -> None:
    shop = await a_shop(world)
    a_person(shop)

    assert await chore(world, "customers") == "done"

    assert [card["Name"] for card in cards(world)] == ["Tilda Testsson"]


async def test_what_says_the_same_as_last_time_is_left_alone(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    await hears_of(world, account)
    shop.customers.change(account)  # saved, and nothing changed
    before = await runs_of(world)

    await chore(world, "customers")
    world.later(timedelta(minutes=1))
    await chore(world, "customers_full")

    assert await runs_of(world) == before


async def test_the_nightly_pass_finds_what_the_shop_does_not_call_a_change(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    await hears_of(world, account)
    world.on("2026-05-10")
    shop.customers.by_id[account].addresses[0].values["city"] = "Solna"  # updated_at stays

    await chore(world, "customers")
    assert cards(world)[0]["City"] == "Stockholm"
    world.later(timedelta(minutes=1))
    await chore(world, "customers_full")

    assert cards(world)[0]["City"] == "Solna"


async def test_a_new_mapping_is_brought_to_every_customer_by_the_nightly_pass(world: World) -> None:
    shop = await a_shop(world)
    many(shop, 3)
    await chore(world, "customers_full")
    world.company.price_lists["B"] = {"Code": "B", "Description": "Återförsäljare"}
    await world.declare(
        magento={"base_url": "http://sandbox/magento", **shop_keys(shop)},
        customers={"groups": [{"group": "General", "price_list": "B"}]},
    )
    world.later(timedelta(minutes=1))

    await chore(world, "customers_full")

    assert [card["PriceList"] for card in cards(world)] == ["B", "B", "B"]


def shop_keys(shop: Shop) -> dict[str, str]:
    one = shop.integration
    return {
        "consumer_key": one.consumer_key,
        "consumer_secret": one.consumer_secret,
        "access_token": one.access_token,
        "access_token_secret": one.access_token_secret,
    }


async def test_only_buyers_are_looked_at_where_only_buyers_become_customers(world: World) -> None:
    shop = await a_shop(world, accounts="buyers")
    many(shop, 3)
    tilda = a_person(shop, address={"telephone": "08-shop"})
    world.buys(*A01)
    await world.works()

    await chore(world, "customers_full")

    assert await runs_of(world) == 1
    assert [card["Phone1"] for card in cards(world)] == ["08-shop"]
    assert (await customer(world, tilda)).state == "done"


async def load(world: World, **wanted: Any) -> str:
    answer = await ask(world, "POST", f"/connections/{CONNECTION}/jobs/customers/run", wanted)
    return str(answer["run_id"])


async def test_a_first_load_tells_how_far_it_has_come_and_ends_when_all_are_kept(world: World) -> None:
    shop = await a_shop(world)
    many(shop, 7)

    run = await load(world, full=True)
    waiting = await ask(world, "GET", f"/runs/{run}")
    assert (waiting["total"], waiting["open"], waiting["items"][0]["text"]) == (
        1,
        1,
        "It waits for a worker.",
    )
    await world.works()

    ended = await ask(world, "GET", f"/runs/{run}")
    assert (ended["total"], ended["open"], ended["counts"]) == (8, 0, {"done": 8})
    assert ended["finished_at"] is not None
    assert ended["items"][0]["text"] == "7 customers compared, 7 to look at"
    assert ended["items"][1]["text"] == "customer 1, shop_customer 1"
    assert len(cards(world)) == 7


async def test_a_load_that_finds_nothing_new_ends_as_well(world: World) -> None:
    shop = await a_shop(world)
    many(shop, 2)
    await load(world, full=True)
    await world.works()
    writes = world.writes()

    again = await load(world, full=True)
    await world.works()

    ended = await ask(world, "GET", f"/runs/{again}")
    assert (ended["total"], ended["open"]) == (1, 0)
    assert ended["items"][0]["text"] == "2 customers compared, 0 to look at"
    assert world.writes() == writes


async def test_a_job_that_has_nothing_to_do_or_cannot_be_done_says_so_in_its_run(world: World) -> None:
    without_shop = await load(world)
    await world.works()
    shop = await a_shop(world)
    shop.broken = "maintenance"
    closed = await load(world, full=True)
    await world.works()

    said = [(await ask(world, "GET", f"/runs/{run}"))["items"][0] for run in (without_shop, closed)]
    assert [one["state"] for one in said] == ["skipped", "running"]
    assert said[0]["text"] == customer_sweeps.NOTHING_TO_KEEP
    assert "maintenance" in said[1]["text"].lower()

    shop.broken = None
    world.later(timedelta(hours=1))
    await world.works()
    assert (await ask(world, "GET", f"/runs/{closed}"))["counts"] == {"done": 1}


async def test_one_that_cannot_be_kept_has_a_line_that_says_why_and_the_others_go_on(world: World) -> None:
    shop = await a_shop(world, groups=[{"group": "Wholesale", "price_list": "B"}])
    many(shop, 2)
    a_person(shop, group_id=shop.groups.by_code("Wholesale"))

    run = await load(world, full=True)
    await world.works()

    ended = await ask(world, "GET", f"/runs/{run}")
    assert ended["counts"] == {"done": 3, "needs_attention": 1}
    (stuck,) = [item for item in ended["items"] if item["state"] == "needs_attention"]
    assert (stuck["key"], stuck["facts"]["code"]) == ("3", "refused_by_fortnox")


async def test_a_load_goes_on_where_it_was_interrupted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_sweeps, "PER_BATCH", 2)
    shop = await a_shop(world)
    accounts = many(shop, 5)
    await world.ledger.cursors.set(CONNECTION, customer_sweeps.FULL_CURSOR, str(accounts[1]))

    await chore(world, "customers_full")

    assert [card["Name"] for card in cards(world)] == ["Kund Nummer 2", "Kund Nummer 3", "Kund Nummer 4"]
    assert await world.ledger.cursors.get(CONNECTION, customer_sweeps.FULL_CURSOR) == "0"
    world.later(timedelta(minutes=1))
    await chore(world, "customers_full")
    assert len(cards(world)) == 5


async def test_a_large_shop_is_read_page_by_page(world: World) -> None:
    shop = await a_shop(world)
    many(shop, 230)
    before = searches(shop)

    await world.ledger.inbox.accept(
        [IncomingEvent(CONNECTION, "operator", "run_job", "x", "customers_full", CONNECTION, lane="bulk")]
    )
    (due,) = await world.ledger.subjects.due(10)
    await converge(world.shop, due.subject_id)

    assert searches(shop) - before == 3
    assert await runs_of(world) == 230


async def test_the_timetable_asks_only_connections_with_a_shop(world: World) -> None:
    async def ticked() -> set[str]:
        world.later(timedelta(days=1))
        await trigger_due_jobs(world.ledger, world.clock)
        found = await world.ledger.subjects.page(connection=CONNECTION, state="due", limit=100)
        return {subject.kind for subject in found.items} & {"customers", "customers_full"}

    assert await ticked() == set()
    await a_shop(world)
    assert await ticked() == {"customers", "customers_full"}


async def test_without_a_shop_or_when_switched_off_a_sweep_says_so(world: World) -> None:
    assert await chore(world, "customers") == "skipped"
    await a_shop(world)
    await world.declare(sync={"customers": False})
    world.later(timedelta(minutes=1))
    assert await chore(world, "customers_full") == "skipped"


async def test_a_changed_account_is_looked_at_once_by_overlapping_sweeps(world: World) -> None:
    shop = await a_shop(world)
    account = a_person(shop)
    await hears_of(world, account)
    shop.customers.change(account, addresses=replaced(shop, account, city="Solna"))
    before = await runs_of(world)

    for _ in range(3):
        world.later(timedelta(minutes=2))
        await chore(world, "customers")

    assert await runs_of(world) == before + 1
