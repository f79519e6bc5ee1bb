"""Workers killed while they tell the shop of invoices and credit invoices: it has each once, and knows it."""

import asyncio
import re
import time
from collections import Counter

import pytest

from services.sandbox.faults import Drop, FaultRule, System, When
from services.sandbox.fortnox.invoices import Invoices
from shared.ledger.records import IncomingEvent
from tests.support.joined_world import RESTING, JoinedShop, opens_joined
from tests.support.processes_world import House, LateRefusal
from tests.support.world import kronor

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

MADE = ("shop_invoice", "shop_comment", "shop_refund")
STEPS = ("intended", "answered", "created", "compared", "finalised", "linked")
PATHS = {
    "invoice": r"/V1/order/\d+/invoice$",
    "comment": r"/V1/orders/\d+/comments$",
    "refund": r"/V1/order/\d+/refund$",
}

on_sqlite = pytest.mark.parametrize("house", ["sqlite"], indirect=True)  # what the database cannot change


async def armed(house: House, step: str, kind: str) -> JoinedShop:
    """A merchant whose first worker to reach this step dies there."""
    joined = await opens_joined(house, f"told-{step}-{kind}", tells_the_shop=True)
    (house.armed / f"{joined.shop.name}.{step}.{kind}").touch()
    return joined


async def story(joined: JoinedShop) -> None:
    """Bought, delivered in Svea's admin, credited by a person; each once the one before is told."""
    checkout, _ = joined.buys()
    await joined.rests(checkout, orders=1)
    joined.shop.delivers(checkout)
    await joined.rests(checkout, orders=1, invoices=1)
    await told(joined, documents=1)
    invoices = Invoices(joined.shop.company)
    (number,) = joined.shop.company.invoices
    invoices.act(number, "PUT credit")
    credit = str(joined.shop.company.invoices[number]["CreditInvoiceReference"])
    invoices.act(credit, "PUT bookkeep")
    await hears(joined, credit)
    await told(joined, documents=2)
    await joined.hears_the_rest(checkout)


async def hears(joined: JoinedShop, number: str) -> None:
    """As the listener on Fortnox' events does."""
    name = joined.shop.name
    event = IncomingEvent(
        name, "fortnox", "invoice-bookkeep-v1", f"{name}|{number}", "shop_document", number, lane="settle"
    )
    await joined.shop.house.ledger.inbox.accept([event])


async def told(joined: JoinedShop, *, documents: int, within: float = 60.0) -> None:
    """Wait until the shop has heard of so many, and nobody works on any."""
    deadline = time.monotonic() + within
    while True:
        page = await joined.shop.house.ledger.subjects.page(joined.shop.name, kind="shop_document")
        resting = [one for one in page.items if one.state in RESTING and one.wanted == one.done]
        if len(resting) == len(page.items) == documents:
            return
        joined.shop.house_must_stand()
        states = [(one.key, one.state, one.problem) for one in page.items]
        assert time.monotonic() < deadline, f"{joined.shop.name}: {states}"
        await asyncio.sleep(0.05)


async def must_have_each_once(joined: JoinedShop) -> None:
    """In the shop, in our links, and in the books nothing that a memo of ours could have made."""
    name, sales = joined.shop.name, joined.store.sales
    assert (name, [one.fields["grand_total"] for one in sales.invoices.values()]) == (name, [547])
    assert (name, [one.fields["grand_total"] for one in sales.memos.values()]) == (name, [547])
    (order,) = sales.orders.values()
    marks = [found for one in order.histories for found in re.findall(r"\[F\d+-[NP]\]", one["comment"])]
    assert (name, marks) == (name, ["[F1-N]"])
    assert joined.shop.books() == kronor()
    assert Counter(one["Credit"] for one in joined.shop.company.invoices.values()).total() == 2
    links = await joined.shop.house.ledger.links.numbered(name, "magento", {"1", "F1-N"})
    assert {link.kind: link.state for link in links} == dict.fromkeys(MADE, "final")
    joined.shop.house.must_have_survived()


@on_sqlite
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_killed_at_this_step_leaves_one_of_each_in_the_shop(house: House, step: str) -> None:
    joined = {kind: await armed(house, step, kind) for kind in MADE}

    await asyncio.gather(*(story(one) for one in joined.values()))

    assert [file.name for file in house.armed.iterdir()] == []
    for one in joined.values():
        await must_have_each_once(one)


@pytest.mark.parametrize("what", list(PATHS))
@pytest.mark.parametrize("when", list(When), ids=["before_the_commit", "after_the_commit"])
async def test_an_answer_of_the_shop_that_is_lost_leaves_one_of_each(
    house: House, what: str, when: When
) -> None:
    joined = await opens_joined(house, f"told-dropped-{what}-{when}", tells_the_shop=True)
    rule = house.sandbox.faults.add(FaultRule(System.MAGENTO, Drop(when), "POST", PATHS[what], times=1))

    await story(joined)

    assert rule.hits == 1
    house.sandbox.faults.clear()
    await must_have_each_once(joined)


@on_sqlite
@pytest.mark.parametrize("what", list(PATHS))
async def test_what_is_made_although_the_shop_answers_502_is_made_once(house: House, what: str) -> None:
    joined = await opens_joined(house, f"told-502-{what}", tells_the_shop=True)
    house.late.rules = [LateRefusal("POST", re.compile(PATHS[what]), status=502)]

    await story(joined)

    assert [rule.times for rule in house.late.rules] == [0]
    await must_have_each_once(joined)
