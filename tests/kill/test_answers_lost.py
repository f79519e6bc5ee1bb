"""Fortnox works and its answer does not arrive: nothing is written twice, and nothing is missing."""

import asyncio
import os
import re
import signal

import pytest

from services.sandbox.faults import Action, Drop, FaultRule, Pause, Status, System, When
from tests.support.processes_world import ITS_BOOKS, ITS_DOCUMENTS, House, LateRefusal, Shop, until

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

# Every write of a sale with a refund, in the order in which they happen.
WRITES = (
    ("POST", r"/3/customers$"),
    ("POST", r"/3/articles$"),
    ("POST", r"/3/orders$"),
    ("PUT", r"/3/orders/\d+/createinvoice$"),
    ("PUT", r"/3/invoices/\d+$"),
    ("PUT", r"/3/invoices/\d+/bookkeep$"),
    ("PUT", r"/3/invoices/\d+/credit$"),
)

on_sqlite = pytest.mark.parametrize("house", ["sqlite"], indirect=True)  # what the database cannot change


def at_every_write(house: House, action: Action) -> None:
    for method, path in WRITES:
        house.sandbox.faults.add(FaultRule(System.FORTNOX, action, method, path, times=1))


def must_have_struck_everywhere(house: House) -> None:
    assert [one.rule.path for one in house.sandbox.faults.rules if not one.hits] == []
    house.sandbox.faults.clear()


def must_be_undisturbed(shop: Shop) -> None:
    assert shop.documents() == ITS_DOCUMENTS
    assert shop.books() == ITS_BOOKS
    shop.house.must_have_survived()


@pytest.mark.parametrize("when", list(When), ids=["before_the_commit", "after_the_commit"])
async def test_a_connection_that_breaks_at_every_write_costs_nothing(house: House, when: When) -> None:
    shop = await house.opens(f"broken-{when}")
    at_every_write(house, Drop(when))

    await shop.whole_story()

    must_have_struck_everywhere(house)
    must_be_undisturbed(shop)


@on_sqlite
async def test_an_error_500_after_every_commit_costs_nothing(house: House) -> None:
    shop = await house.opens("late-500")
    house.late.rules = [LateRefusal(method, re.compile(path)) for method, path in WRITES]

    await shop.whole_story()

    assert [rule.path.pattern for rule in house.late.rules if rule.times] == []
    must_be_undisturbed(shop)


async def test_a_worker_killed_between_commit_and_answer_of_every_write_costs_nothing(house: House) -> None:
    shop = await house.opens("killed-in-flight", invoice_reference="delivery")  # else no invoice is patched
    faults = house.sandbox.faults
    sale = shop.buys()
    story = asyncio.create_task(shop.whole_story(sale))

    for method, path in WRITES:
        faults.add(FaultRule(System.FORTNOX, Pause(When.AFTER), method, path, times=1))
        await faults.until_held(timeout_seconds=30)
        os.kill(await shop.worker_of(sale), signal.SIGKILL)
        faults.release()
        await until(lambda: not faults.held, what="the release")

    await story
    must_have_struck_everywhere(house)
    must_be_undisturbed(shop)


@on_sqlite
async def test_a_storm_of_429_delays_a_sale_and_nothing_else(house: House) -> None:
    shop = await house.opens("storm")
    storm = Status(429, headers={"Retry-After": "1"})
    rule = house.sandbox.faults.add(FaultRule(System.FORTNOX, storm, path=r"^/3/", times=4))

    await shop.whole_story()

    assert rule.hits == 4
    house.sandbox.faults.clear()
    must_be_undisturbed(shop)


@on_sqlite
async def test_fortnox_down_for_a_while_delays_a_sale_and_nothing_else(house: House) -> None:
    shop = await house.opens("down")
    down = house.sandbox.faults.add(FaultRule(System.FORTNOX, Status(503)))
    story = asyncio.create_task(shop.whole_story())

    await until(lambda: down.hits >= 3, what="three calls in vain")
    assert shop.books() == {}
    house.sandbox.faults.clear()

    await story
    must_be_undisturbed(shop)
