"""A hundred times, backwards or shuffled: whatever way webhooks come, four workers make one of everything."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from services.sandbox.svea.outbox import DeliveryMode, Message, ReleaseOrder
from services.sandbox.svea.signing import webhook_headers
from tests.support.processes_world import ITS_BOOKS, ITS_DOCUMENTS, House

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


async def post(http: httpx.AsyncClient, message: Message) -> int:
    headers = webhook_headers(secret=message.merchant.secret, body=message.body, at=datetime.now(UTC))
    return (await http.post(message.url, content=message.body, headers=headers)).status_code


async def test_the_same_webhook_a_hundred_times_at_once_is_one_order_and_one_invoice(house: House) -> None:
    shop = await house.opens("hundred")
    house.sandbox.svea.delivery_mode = DeliveryMode(lose=-1)
    sale = shop.buys()
    shop.delivers(sale)
    delivered = house.sandbox.svea.outbox.posted[-1]
    house.sandbox.svea.delivery_mode = DeliveryMode()
    await asyncio.sleep(1.1)  # the gateway reads new connections once a second

    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        answers = await asyncio.gather(*(post(http, delivered) for _ in range(100)))

    assert answers == [200] * 100
    subject = await shop.done(sale, wanted=1)
    assert subject.wanted == 1
    assert shop.documents() == ITS_DOCUMENTS | {"credits": 0, "vouchers": 1}
    house.must_have_survived()


async def test_delivered_before_created_is_one_order_and_one_invoice(house: House) -> None:
    shop = await house.opens("backwards")
    svea = house.sandbox.svea
    svea.delivery_mode = DeliveryMode(hold=True)
    sale = shop.buys()
    shop.delivers(sale)
    names = [message.name for message in svea.outbox.held]
    svea.delivery_mode = DeliveryMode()

    svea.release_webhooks(ReleaseOrder.REVERSED)
    await shop.done(sale, wanted=2)

    assert names == ["CheckoutOrder.Created", "CheckoutOrder.Delivered"]
    assert shop.documents() == ITS_DOCUMENTS | {"credits": 0, "vouchers": 1}


async def test_a_story_shuffled_and_doubled_is_booked_once(house: House) -> None:
    shop = await house.opens("shuffled")
    svea = house.sandbox.svea
    svea.delivery_mode = DeliveryMode(copies=5, hold=True)
    sale = shop.buys()
    shop.refunds_a_mug(sale, shop.delivers(sale))
    svea.delivery_mode = DeliveryMode()

    released = svea.release_webhooks(ReleaseOrder.SHUFFLED)
    subject = await shop.done(sale, wanted=3)

    assert (released, subject.wanted) == (15, 3)
    assert shop.documents() == ITS_DOCUMENTS
    assert shop.books() == ITS_BOOKS


async def test_two_sales_of_a_new_customer_at_the_same_moment_are_one_customer(house: House) -> None:
    shop = await house.opens("newcomers")
    emails = [f"new{number}@example.com" for number in range(5)]

    sales = [shop.buys(email=email) for email in emails for _ in range(2)]
    await asyncio.gather(*(shop.done(sale, wanted=1) for sale in sales))

    assert sorted(customer["Email"] for customer in shop.company.customers.values()) == emails
    assert shop.documents()["orders"] == 10
    house.must_have_survived()
