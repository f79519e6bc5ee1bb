"""Sales that Svea and Magento both tell of: killed, doubled and cut off, they leave the books of one sale."""

import asyncio
import re
from functools import partial

import httpx
import pytest

from services.sandbox.faults import Drop, FaultRule, System, When
from services.sandbox.magento.notices import Notice
from services.sandbox.outbox import DeliveryMode
from services.sandbox.svea.outbox import Message
from tests.kill.test_webhooks_doubled import post as post_sveas
from tests.support.joined_world import JoinedShop, opens_joined, post
from tests.support.processes_world import ITS_BOOKS, ITS_DOCUMENTS, House, LateRefusal, until

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

BOOKED = ("order", "invoice", "credit_invoice")
MEMO = "shop_refund"  # the credit memo that Magento gets for a refund made at Svea only
KINDS = {
    "intended": (*BOOKED, MEMO),
    "answered": (*BOOKED, MEMO),
    "created": (*BOOKED, MEMO),
    "compared": (*BOOKED, MEMO),
    "finalised": ("invoice", "credit_invoice", MEMO),
    "linked": ("invoice", "credit_invoice", MEMO),
}
REFUNDS = r"/V1/order/\d+/refund$"
SALES_PER_SHOP = 6

on_sqlite = pytest.mark.parametrize("house", ["sqlite"], indirect=True)  # what the database cannot change


async def armed(house: House, step: str, kind: str) -> JoinedShop:
    """A merchant whose first worker to reach this step dies there."""
    joined = await opens_joined(house, f"joined-{step}-{kind}", refunds_to_shop=kind == MEMO)
    (house.armed / f"{joined.shop.name}.{step}.{kind}").touch()
    return joined


def must_be_booked_once(joined: JoinedShop, sales: int = 1) -> None:
    """One of everything in both systems, and the books of an undisturbed sale of Svea's alone."""
    name = joined.shop.name
    counted = {one: number * sales for one, number in ITS_DOCUMENTS.items()} | {"articles": 1}
    assert (name, joined.shop.documents()) == (name, counted)
    books = {account: amount * sales for account, amount in ITS_BOOKS.items()}
    assert (name, joined.shop.books()) == (name, books)
    assert [memo.fields["grand_total"] for memo in joined.memos()] == [249] * sales
    joined.shop.house.must_have_survived()


def have_vouchers(shops: list[JoinedShop], number: int) -> bool:
    return sum(len(one.shop.company.vouchers) for one in shops) >= number


@on_sqlite
@pytest.mark.parametrize("step", list(KINDS))
async def test_a_worker_killed_at_this_step_leaves_the_books_of_one_sale_in_both_systems(
    house: House, step: str
) -> None:
    """Four merchants at once; a memo is made for the one whose refund was made at Svea only."""
    joined = {kind: await armed(house, step, kind) for kind in KINDS[step]}

    await asyncio.gather(*(one.whole_story(at_svea_only=kind == MEMO) for kind, one in joined.items()))

    assert [file.name for file in house.armed.iterdir()] == []
    for one in joined.values():
        must_be_booked_once(one)


async def test_a_hundred_equal_notices_of_each_at_once_are_one_sale(house: House) -> None:
    joined = await opens_joined(house, "joined-hundred")
    svea, magento = house.sandbox.svea, house.sandbox.magento
    svea.delivery_mode = magento.outbox.mode = DeliveryMode(lose=-1)
    checkout, order = joined.buys()
    delivery = joined.delivers(checkout, order)
    joined.gives_a_mug_back(checkout, order, delivery)
    told: list[Message | Notice] = [svea.outbox.posted[-1], magento.outbox.posted[-1]]
    svea.delivery_mode = magento.outbox.mode = DeliveryMode()
    await asyncio.sleep(1.1)  # the gateway reads new connections once a second

    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        answers = await asyncio.gather(
            *(
                post(http, one) if isinstance(one, Notice) else post_sveas(http, one)
                for _ in range(100)
                for one in told
            )
        )

    assert answers == [200] * 200
    await joined.rests(checkout, orders=1, invoices=1, credits=1)
    must_be_booked_once(joined)
    page = await house.ledger.subjects.page(joined.shop.name, kind="sale")
    wanted = {subject.key: subject.wanted for subject in page.items}
    assert wanted.pop(str(checkout)) in (1, 2)  # the memo's notice may go to the order's own subject first
    assert wanted in ({}, {f"M{order}": 1})


@pytest.mark.parametrize("when", list(When), ids=["before_the_commit", "after_the_commit"])
async def test_a_memo_whose_answer_is_lost_is_one_memo(house: House, when: When) -> None:
    joined = await opens_joined(house, f"joined-dropped-{when}", refunds_to_shop=True)
    rule = house.sandbox.faults.add(FaultRule(System.MAGENTO, Drop(when), "POST", REFUNDS, times=1))

    await joined.whole_story(at_svea_only=True)

    assert rule.hits == 1
    house.sandbox.faults.clear()
    must_be_booked_once(joined)


@on_sqlite
async def test_a_memo_that_is_made_although_the_shop_answers_502_is_one_memo(house: House) -> None:
    joined = await opens_joined(house, "joined-502", refunds_to_shop=True)
    house.late.rules = [LateRefusal("POST", re.compile(REFUNDS), status=502)]

    await joined.whole_story(at_svea_only=True)

    assert [rule.times for rule in house.late.rules] == [0]
    must_be_booked_once(joined)


@on_sqlite
async def test_redis_emptied_again_and_again_loses_no_joined_sale_and_books_none_twice(house: House) -> None:
    shops = [await opens_joined(house, f"joined-flushed-{number}") for number in range(2)]
    stories = asyncio.gather(
        *(one.whole_story(email=f"buyer{n}@example.com") for one in shops for n in range(SALES_PER_SHOP))
    )

    for vouchers in (1, 8, 16):
        await until(partial(have_vouchers, shops, vouchers), what=f"{vouchers} vouchers")
        house.redis.flush()

    await stories
    for one in shops:
        must_be_booked_once(one, SALES_PER_SHOP)
