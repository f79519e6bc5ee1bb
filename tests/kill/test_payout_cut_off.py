"""A payout that lasts longer than a run may: it is cut off, released, and goes on where it was."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.kill.test_payouts import ended, evening, must_be_booked_once, settles
from tests.support.databases import postgres_database, sqlite_url_in
from tests.support.processes_world import SCHEDULER, SHORT, WORKER, House, a_house

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

LONGEST_RUN = {"SLUSS_JOB_TIMEOUT": "PT0.7S"}
RUNS_AT_LEAST = 3  # 200 rows are more than two of them can book: each reads and plans first
LONG_LEASE = {"SLUSS_LEASE": "PT60S", "SLUSS_LEASE_HEARTBEAT": "PT10S"}
"""So that the next run begins because the lease was given back, and not because it ran out."""


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
async def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Scheduler and two workers of the product, whose runs are cut off."""
    folder, settings = tmp_path_factory.mktemp("house"), SHORT | LONGEST_RUN | LONG_LEASE
    if request.param == "sqlite":
        async with a_house(sqlite_url_in(folder), folder, settings=settings) as made:
            await _works(made)
            yield made
    else:
        with postgres_database(request.getfixturevalue("postgres_server")) as url:
            async with a_house(url, folder, settings=settings) as made:
                await _works(made)
                yield made


async def _works(house: House) -> None:
    for process in [house.launch(SCHEDULER), house.launch(WORKER), house.launch(WORKER)]:
        await house.ready(process)


def cut_off(house: House) -> int:
    return sum(one.said("subject.released") for one in house.running(WORKER))


async def test_a_payout_that_is_cut_off_again_and_again_pays_every_row_once(house: House) -> None:
    shop, sales, paid = await settles(house, "payout-cut-off")
    payout = await evening(shop)

    subject = await ended(shop, payout, within=150)

    assert cut_off(house) >= RUNS_AT_LEAST - 1
    assert subject.fence >= RUNS_AT_LEAST
    assert subject.lease_owner is None
    await must_be_booked_once(shop, sales, paid, payout)
    asked = Counter(f"{call.method} {call.path}" for call in shop.company.writes())
    again = {call: count for call, count in asked.items() if "bookkeep" in call and count > 1}
    assert len(again) <= cut_off(house), "no more than what a cut left in doubt"
    house.must_have_survived()

    writes = len(shop.company.writes())
    await house.ledger.subjects.retry([payout])
    await ended(shop, payout)
    assert len(shop.company.writes()) == writes, "the same payout again writes nothing"
