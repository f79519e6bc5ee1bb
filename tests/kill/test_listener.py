"""Listeners that are killed, frozen or stopped: another goes on within the lease, each event is one row."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import psutil
import pytest

from services.local.postgres_server import PostgresServer
from services.sandbox.fortnox.websocket import Stream
from tests.support.processes_world import LISTENER, House, Process, Shop, a_house, now_utc, until
from tests.support.world import a_shop

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]
LEASE_SECONDS = 1.5  # SHORT of processes_world; 10 in life
TAKEN_OVER_WITHIN = LEASE_SECONDS + 0.3 + 2.0  # the lease, a heartbeat, and a connection on a busy machine


@pytest.fixture
async def bare(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(database_url, tmp_path / "house") as made:
        yield made


@pytest.fixture
async def embedded(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(sqlite_url, tmp_path / "house") as made:
        yield made


async def listeners(house: House, count: int = 2) -> tuple[Shop, list[Process]]:
    """A connection with a shop; so many replicas, the first of which listens."""
    shop = await house.opens("heard", magento=a_shop())
    found = [await house.start(LISTENER)]
    await begun(house)
    found += [await house.start(LISTENER) for _ in range(count - 1)]
    return shop, found


def stream(house: House) -> Stream:
    return house.sandbox.fortnox.stream


async def begun(house: House, within: float = 30.0) -> None:
    await until(lambda: any(one.subscribed for one in stream(house).sockets), within=within, what="listening")


def change(house: House, shop: Shop, numbers: Sequence[int]) -> None:
    for number in numbers:
        stream(house).changes.note("articles", "article-updated", shop.tenant, f"{number:03}", now_utc())


async def rows(house: House, shop: Shop) -> list[str]:
    found = (await house.ledger.inbox.page(shop.name, source="fortnox", limit=500)).items
    return sorted(one.attributes["number"] for one in found)


async def heard(house: House, shop: Shop, count: int) -> None:
    """Every event once: none is missing, and none came twice."""
    wanted = [f"{number:03}" for number in range(count)]
    async with asyncio.timeout(60):
        while len(await rows(house, shop)) < count:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert await rows(house, shop) == wanted


async def test_when_the_one_that_listens_is_killed_another_goes_on_and_each_event_is_heard_once(
    bare: House,
) -> None:
    shop, (leader, standby) = await listeners(bare)
    change(bare, shop, range(5))
    await heard(bare, shop, 5)
    assert (leader.said("stream.joined"), standby.said("stream.joined")) == (1, 0)

    leader.kill()
    await until(lambda: not stream(bare).sockets, what="the end of its connection")
    killed_at = time.monotonic()
    change(bare, shop, range(5, 20))
    await begun(bare, within=20)

    assert time.monotonic() - killed_at < TAKEN_OVER_WITHIN
    await heard(bare, shop, 20)
    bare.must_have_survived()


async def test_one_that_was_frozen_for_too_long_finds_that_another_listens_and_steps_back(
    embedded: House,
) -> None:
    shop, (leader, standby) = await listeners(embedded)
    change(embedded, shop, range(5))
    await heard(embedded, shop, 5)

    os.kill(leader.pid, signal.SIGSTOP)
    change(embedded, shop, range(5, 10))
    await until(lambda: standby.said("stream.joined"), within=20, what="taking over")
    os.kill(leader.pid, signal.SIGCONT)
    change(embedded, shop, range(10, 15))

    await heard(embedded, shop, 15)
    await until(lambda: leader.said("lead.ended"), within=20, what="stepping back")
    await until(lambda: len(stream(embedded).sockets) == 1, within=20, what="one connection")
    change(embedded, shop, range(15, 18))
    await heard(embedded, shop, 18)


async def test_one_that_is_told_to_stop_gives_the_lead_to_another_at_once(embedded: House) -> None:
    shop, (leader, _) = await listeners(embedded)
    change(embedded, shop, range(3))
    await asyncio.sleep(0.3)  # the first of their topic, and none is stored yet

    exit_code = await leader.stop(within=10)
    stopped_at = time.monotonic()
    change(embedded, shop, range(3, 6))
    await begun(embedded, within=20)

    assert exit_code == 0
    assert time.monotonic() - stopped_at < LEASE_SECONDS  # nobody had to wait for it to run out
    await heard(embedded, shop, 6)


async def test_events_that_flow_while_listeners_are_killed_one_after_the_other_are_each_heard_once(
    embedded: House,
) -> None:
    shop, crew = await listeners(embedded)
    change(embedded, shop, [0])
    await heard(embedded, shop, 1)
    told = 1

    for _ in range(3):
        change(embedded, shop, range(told, told + 20))
        told += 20
        await asyncio.sleep(0.15)
        crew.pop(0).kill()
        crew.append(await embedded.start(LISTENER))
        await begun(embedded)

    await heard(embedded, shop, told)


@pytest.mark.postgres
async def test_while_the_ledger_is_down_nobody_leads_and_afterwards_nothing_is_missing(
    own_postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = own_postgres_server.create_database("ledger")
    async with a_house(url, tmp_path / "house") as house:
        shop, (leader, _) = await listeners(house)
        change(house, shop, range(3))
        await heard(house, shop, 3)

        own_postgres_server.kill()
        change(house, shop, range(3, 6))
        await until(lambda: leader.said("lead.ended"), within=20, what="stepping back")
        own_postgres_server.start()
        change(house, shop, range(6, 9))

        await begun(house)
        await heard(house, shop, 9)
        house.must_have_survived()


async def test_a_listener_waits_while_fortnox_is_down_and_its_processor_rests(embedded: House) -> None:
    stream(embedded).change(refuse_status=503, refuse_times=-1)
    await embedded.opens("heard", magento=a_shop())
    listener = await embedded.start(LISTENER)
    await until(lambda: stream(embedded).refused, what="a first try")

    before = _cpu_seconds(listener)
    await asyncio.sleep(4)

    assert stream(embedded).refused <= 5  # after 1, 2 and 4 seconds, more or less
    assert _cpu_seconds(listener) - before < 1.0
    listener.kill()


def _cpu_seconds(process: Process) -> float:
    used = psutil.Process(process.pid).cpu_times()
    return float(used.user + used.system)
