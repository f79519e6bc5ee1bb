"""How many events a second the intake stores: `python -m tests.shared.ledger.measure_intake`.

Each figure is one process with as many callers as the batch is large, each sending its next event
when its last is durable. Both databases flush to the disk of this machine, so compare ratios.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import Fernet

from services.local.postgres_server import PostgresServer
from shared.ledger.group_commit import GroupCommit
from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent, Wake
from tests.support.databases import sqlite_url_in

CALLERS = (1, 16, 64)
SECONDS = 3.0
BODY = b'{"CheckoutOrderId": 9300101, "EventName": "CheckoutOrder.Delivered"}' * 20  # about 1.4 kB


async def ring_nobody(_: Sequence[Wake]) -> None:
    """The bell costs nothing here; it is measured with the queue."""


def an_event(number: int) -> IncomingEvent:
    return IncomingEvent(
        connection="acme",
        source="svea",
        name="CheckoutOrder.Delivered",
        dedupe_key=f"CheckoutOrder.Delivered|{number}|{time.monotonic_ns()}",
        subject_kind="sale",
        subject_key=str(9300000 + number % 5000),
        market="se",
        occurred_at=datetime.now(UTC),
        body=BODY,
        attributes={"event": "CheckoutOrder.Delivered", "delivery_id": str(number)},
    )


async def measure(url: str, callers: int) -> tuple[float, float]:
    """Events a second, and milliseconds that the median caller waited."""
    key = Fernet.generate_key().decode()
    ledger = await Ledger.open(url, keys=[key], clock=lambda: datetime.now(UTC), migrate=True)
    commits = GroupCommit(ledger, ring_nobody)
    await commits.start()
    waited: list[float] = []
    end = time.perf_counter() + SECONDS

    async def send(caller: int) -> None:
        number = caller
        while (began := time.perf_counter()) < end:
            await commits.accept(an_event(number))
            waited.append(time.perf_counter() - began)
            number += callers

    await asyncio.gather(*(send(caller) for caller in range(callers)))
    await commits.close()
    await ledger.close()
    return len(waited) / SECONDS, sorted(waited)[len(waited) // 2] * 1000


def report(name: str, url: str) -> None:
    for callers in CALLERS:
        rate, median = asyncio.run(measure(url, callers))
        sys.stdout.write(f"{name:10} {callers:3} at once  {rate:8,.0f} events/s  median {median:6.2f} ms\n")
        sys.stdout.flush()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sluss-measure-") as folder:
        report("SQLite", sqlite_url_in(Path(folder)))
    with PostgresServer() as server:
        report("PostgreSQL", server.create_database("measure"))


if __name__ == "__main__":
    main()
