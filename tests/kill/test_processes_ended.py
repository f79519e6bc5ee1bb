"""Processes that are told to stop, or are not asked at all: nothing is lost, and others go on."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from services.local.postgres_server import PostgresServer
from services.sandbox.faults import Delay, FaultRule, Pause, System, When
from services.sandbox.svea.outbox import DeliveryMode, Message
from services.sandbox.svea.signing import webhook_headers
from tests.support.processes_world import (
    GATEWAY,
    ITS_BOOKS,
    ITS_DOCUMENTS,
    SCHEDULER,
    WORKER,
    House,
    a_house,
    until,
)

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]
ORDERS = r"^/3/orders$"


@pytest.fixture
async def bare(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house in which no process runs yet."""
    async with a_house(database_url, tmp_path / "house") as made:
        yield made


@pytest.fixture
async def embedded(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(sqlite_url, tmp_path / "house") as made:
        yield made


def a_webhook(house: House, shop_name: str) -> tuple[int, Message]:
    """The sale, and the message that Svea would send now and does not."""
    svea = house.sandbox.svea
    svea.delivery_mode = DeliveryMode(lose=-1)
    sale = house.shops[shop_name].buys()
    svea.delivery_mode = DeliveryMode()
    return sale, svea.outbox.posted[-1]


async def post(message: Message) -> int:
    headers = webhook_headers(secret=message.merchant.secret, body=message.body, at=datetime.now(UTC))
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        return (await http.post(message.url, content=message.body, headers=headers)).status_code


async def test_a_worker_told_to_stop_finishes_its_subject(embedded: House) -> None:
    shop = await embedded.opens("finishing")
    await embedded.start(GATEWAY)
    worker = await embedded.start(WORKER)
    rule = embedded.sandbox.faults.add(FaultRule(System.FORTNOX, Delay(0.5), "POST", ORDERS))
    sale = shop.buys()
    await until(lambda: rule.hits, what="the order's call")

    exit_code = await worker.stop()

    subject = await shop.subject(sale)
    assert subject is not None
    assert (exit_code, subject.state) == (0, "done")
    assert shop.documents()["orders"] == 1


async def test_a_worker_that_cannot_finish_in_time_gives_its_subject_back_at_once(embedded: House) -> None:
    shop = await embedded.opens("releasing")
    await embedded.start(GATEWAY)
    await embedded.start(SCHEDULER)
    stopping = await embedded.start(WORKER, SLUSS_SHUTDOWN_GRACE="PT0.2S", SLUSS_LEASE="PT60S")
    embedded.sandbox.faults.add(FaultRule(System.FORTNOX, Pause(When.BEFORE), "POST", ORDERS, times=1))
    sale = shop.buys()
    await embedded.sandbox.faults.until_held(timeout_seconds=30)
    await embedded.start(WORKER)

    exit_code = await stopping.stop()
    ended_at = time.monotonic()
    await _someone_else_tries(embedded, sale)
    taken_over_after = time.monotonic() - ended_at
    embedded.sandbox.faults.clear()

    await shop.done(sale, wanted=1)
    assert exit_code == 0
    assert taken_over_after < 1.0
    assert shop.documents()["orders"] == 1


async def _someone_else_tries(house: House, sale: int) -> None:
    async with asyncio.timeout(30):
        while True:
            subject = await house.shops["releasing"].subject(sale)
            if subject is not None and subject.fence > 1:
                return
            await asyncio.sleep(0.02)


async def test_a_gateway_killed_right_after_it_answered_has_kept_the_event(bare: House) -> None:
    await bare.opens("acknowledged")
    gateway = await bare.start(GATEWAY)
    sale, message = a_webhook(bare, "acknowledged")

    answer = await post(message)
    gateway.kill()

    subject = await bare.shops["acknowledged"].subject(sale)
    assert answer == 200
    assert subject is not None
    assert (subject.wanted, subject.done) == (1, 0)


@pytest.mark.postgres
async def test_a_callback_is_refused_with_503_while_the_ledger_is_down_and_taken_afterwards(
    own_postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = own_postgres_server.create_database("ledger")
    async with a_house(url, tmp_path / "house") as house:
        await house.opens("patient")
        await house.start(GATEWAY)
        sale, message = a_webhook(house, "patient")

        own_postgres_server.kill()
        while_down = await post(message)
        own_postgres_server.start()
        afterwards = await post(message)

        subject = await house.shops["patient"].subject(sale)
        assert (while_down, afterwards) == (503, 200)
        assert subject is not None
        assert subject.wanted == 1


async def test_everything_killed_and_started_again_leaves_the_same_books(bare: House) -> None:
    shops = [await bare.opens(f"power-{number}") for number in range(6)]
    await bare.start_house(crew=2)
    # Svea does not go down with us, and tries again for a while.
    bare.sandbox.svea.outbox.max_attempts = 14
    stories = asyncio.gather(*(shop.whole_story() for shop in shops))

    await until(lambda: sum(len(shop.company.vouchers) for shop in shops) >= 3, what="three vouchers")
    bare.kill_everything()
    bare.redis.start()
    await bare.start_house(crew=2)

    await stories
    assert {shop.name: shop.documents() for shop in shops} == {shop.name: ITS_DOCUMENTS for shop in shops}
    assert {shop.name: shop.books() for shop in shops} == {shop.name: ITS_BOOKS for shop in shops}
