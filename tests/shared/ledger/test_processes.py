"""Several processes, some of which are killed: nothing that was acknowledged is lost."""

import asyncio
import os
import signal
import subprocess
import time

import pytest

from services.local.postgres_server import PostgresServer
from shared.ledger.errors import LedgerUnavailable
from shared.ledger.ledger import Ledger
from tests.shared.ledger.builders import an_event, an_open_ledger, finished, in_another_process, said


def acknowledged_before_the_end(process: "subprocess.Popen[str]", enough: int) -> list[int]:
    """Kills it in the middle of its work; what it had acknowledged until then."""
    numbers = [said(process) for _ in range(enough)]
    os.kill(process.pid, signal.SIGKILL)
    assert process.stdout is not None
    numbers += [int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    assert finished(process) == -signal.SIGKILL
    return numbers


@pytest.mark.kill
@pytest.mark.parametrize("enough", [1, 150])
async def test_a_killed_gateway_loses_nothing_that_it_acknowledged(database_url: str, enough: int) -> None:
    ledger = await an_open_ledger(database_url)
    process = in_another_process("intake", database_url, "k")

    numbers = await asyncio.to_thread(acknowledged_before_the_end, process, enough)

    assert len(numbers) >= enough
    for number in numbers:
        subject = await ledger.subjects.find("acme", "sale", f"k{number}")
        assert subject is not None
        assert len(await ledger.inbox.for_subject(subject.id)) == subject.wanted == 1
    await ledger.close()


@pytest.mark.kill
async def test_after_a_kill_the_others_write_on(database_url: str) -> None:
    ledger = await an_open_ledger(database_url)
    process = in_another_process("intake", database_url, "k")
    await asyncio.to_thread(acknowledged_before_the_end, process, 30)

    async with asyncio.timeout(10):
        (accepted,) = await ledger.inbox.accept([an_event("afterwards")])

    assert not accepted.duplicate
    await ledger.close()


async def test_six_processes_that_write_at_once_never_find_the_database_locked(database_url: str) -> None:
    ledger = await an_open_ledger(database_url)
    others = [in_another_process("churn", database_url, f"p{n}-", "8") for n in range(5)]

    longest = 0.0
    for number in range(30):
        began = time.monotonic()
        await ledger.inbox.accept([an_event(f"here{number}", dedupe_key=str(number))])
        longest = max(longest, time.monotonic() - began)
    counts = [await asyncio.to_thread(said, other) for other in others]
    codes = [await asyncio.to_thread(finished, other) for other in others]

    assert (counts, codes) == ([8] * 5, [0] * 5)
    assert await ledger.subjects.counts() == {"done": 40, "due": 30}
    assert longest < 10
    await ledger.close()


@pytest.mark.kill
@pytest.mark.postgres
async def test_a_database_that_goes_away_is_unavailable_and_is_used_again_when_it_is_back(
    own_postgres_server: PostgresServer,
) -> None:
    ledger = await an_open_ledger(own_postgres_server.create_database("ledger"))
    await ledger.inbox.accept([an_event(dedupe_key="before")])

    await asyncio.to_thread(own_postgres_server.kill)
    with pytest.raises(LedgerUnavailable):
        await ledger.inbox.accept([an_event(dedupe_key="during")])
    with pytest.raises(LedgerUnavailable):
        await ledger.ready()
    with pytest.raises(LedgerUnavailable):
        await ledger.subjects.counts()
    await asyncio.to_thread(own_postgres_server.start)

    await ledger.ready()
    (accepted,) = await ledger.inbox.accept([an_event(dedupe_key="after")])
    assert accepted.subject is not None
    assert accepted.subject.wanted == 2
    await ledger.close()


async def test_a_file_that_cannot_be_written_is_unavailable(sqlite_url: str) -> None:
    ledger = await an_open_ledger(sqlite_url)
    await ledger.ready()

    with pytest.raises(LedgerUnavailable, match="ledger cannot be used just now"):
        await read_only(ledger)

    await ledger.close()


async def read_only(ledger: Ledger) -> None:
    """As when the disk was mounted read-only."""
    database = ledger._database
    await database.write(lambda connection: connection.exec_driver_sql("PRAGMA query_only=ON"))
    await ledger.ready()
