"""How fast this is, on this machine: `python -m tests.bench` prints a table and writes nothing.

Ratios are taken within one run, so that they say something on a machine that is busy or slow.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.local.postgres_server import PostgresServer
from services.local.redis_server import RedisServer
from tests.bench_parts import (
    catalogue,
    intake,
    limiter,
    magento,
    payouts,
    prices,
    sales,
    stock,
    takeover,
    tie_out,
)
from tests.support.databases import postgres_database, sqlite_url_in
from tests.support.processes_world import House, a_house

DATABASES = ("sqlite", "postgres")
LIMITER = limiter.Load(seconds=20)


class Bench:
    """Rows of the table, printed as they are found."""

    def __init__(self, folder: Path, postgres: PostgresServer) -> None:
        self._folder, self._postgres = folder, postgres
        self._houses = 0
        self.table = Table("What", "Where", "Found", "Target", title="Sluss, measured")

    def row(self, what: str, where: str, found: str, target: str = "") -> None:
        print(f"{what} | {where} | {found} | {target}", file=sys.stderr, flush=True)
        self.table.add_row(what, where, found, target)

    @asynccontextmanager
    async def house(self, database: str) -> AsyncIterator[House]:
        """A house with the product's own settings."""
        self._houses += 1
        folder = self._folder / f"house-{self._houses}"
        folder.mkdir()
        if database == "sqlite":
            async with a_house(sqlite_url_in(folder), folder, settings={}) as made:
                yield made
        else:
            with postgres_database(self._postgres) as url:
                async with a_house(url, folder, settings={}) as made:
                    yield made

    async def run(self, wanted: list[str]) -> None:
        for name in wanted:
            await getattr(self, name)()

    async def intake(self) -> None:
        for database in DATABASES:
            async with self.house(database) as house:
                found = await intake.measure(house)
            for what, speed in (("intake", found.intake), ("verifying only", found.verify_only)):
                took = f"p50 {speed.p50 * 1000:.1f} ms, p99 {speed.p99 * 1000:.1f} ms"
                self.row(what, database, f"{speed.rate:,.0f} requests/s, {took}")
            self.row("intake / verifying only", database, f"{found.ratio:.2f}", ">= 0.50")

    async def sales(self) -> None:
        for database in DATABASES:
            async with self.house(database) as house:
                await sales.start_services(house)
                latency = await sales.measure_latency(house)
                self.row(
                    "200 to the first Svea call",
                    database,
                    f"p50 {latency.p50 * 1000:.0f} ms, p99 {latency.p99 * 1000:.0f} ms",
                )
                if database == "sqlite":
                    await self._calls(house)
                cpu = await sales.measure_cpu(house)
            parts = ", ".join(f"{module} {milliseconds:.1f}" for module, milliseconds in cpu.items())
            self.row(
                "processor time of a sale", database, f"{sum(cpu.values()):.1f} ms ({parts})", "<= 20 ms"
            )

    async def _calls(self, house: House) -> None:
        for (reference, customer), calls in (await sales.count_calls(house)).items():
            listed = ", ".join(f"{call} x{count}" if count > 1 else call for call, count in calls.items())
            target = {"known": "3", "new": "4"}[customer] if reference == "auto" else ""
            where = f"{customer} customer, reference {reference}"
            self.row("Fortnox calls of a sale", where, f"{calls.total()}: {listed}", target)

    async def limiter(self) -> None:
        with RedisServer(self._folder / "limiter") as redis:
            found = await limiter.measure(redis.url, LIMITER)
        where = f"{LIMITER.processes} processes, {found.seconds:.0f} s"
        self.row("use of Fortnox' window", where, f"{found.used:.1%}", ">= 97 %")
        self.row("refused (429)", where, str(found.refused), "0")

    async def takeover(self) -> None:
        async with self.house("sqlite") as house:
            took = await takeover.measure(house)
        self.row("SIGKILL to the subject's next run", "default settings", f"{took:.1f} s", "<= 15 s")

    async def magento(self) -> None:
        async with self.house("sqlite") as house:
            speed = await magento.measure_planning(house)
        where = f"{magento.ORDERS} orders, {magento.AT_ONCE} at once"
        self.row("shop orders read", where, f"{speed.read:,.0f} a second")
        self.row("shop orders read and planned", where, f"{speed.both:,.0f} a second")
        self.row("read and planned / read", where, f"{speed.ratio:.2f}")
        self.row("shop orders planned, without reading", where, f"{speed.plan:,.0f} a second")
        async with self.house("sqlite") as house:
            await sales.start_services(house)
            for part, calls in (await magento.count_calls(house)).items():
                mean = ", ".join(
                    f"{system} {calls[system] / magento.COUNTED_SALES:.1f}" for system in sorted(calls)
                )
                where = f"{magento.COUNTED_SALES} sales, known customer"
                self.row(f"calls of a sale in both, {part}", where, mean)

    async def catalogue(self) -> None:
        for with_prices in (False, True):
            async with self.house("sqlite") as house:
                loads = await catalogue.measure(house, with_prices=with_prices)
            prices = "one price list" if with_prices else "no prices"
            for load in loads:
                where = f"{catalogue.PRODUCTS:,} products, {prices}"
                listed = ", ".join(f"{call} x{count:,}" for call, count in load.calls.items()) or "none"
                self.row(f"{load.what}: Fortnox calls", where, f"{load.calls.total():,} ({listed})")
                took = f"{load.seconds_at_the_limit:,.0f} s at the rate limit, {load.wall:,.0f} s without it"
                self.row(f"{load.what}: time", where, f"{took}; {load.magento_calls:,} calls to Magento")
                memory = f"peak {load.peak:.0f} MiB, {load.peak - load.early:+.0f} after the first tenth"
                self.row(f"{load.what}: worker's memory", where, memory, "flat")

    async def stock(self) -> None:
        async with self.house("sqlite") as house:
            loads, latency = await stock.measure(house)
        where = f"{stock.ARTICLES:,} articles"
        for load in loads:
            fortnox = ", ".join(f"{call} x{count:,}" for call, count in load.fortnox.items()) or "none"
            self.row(f"stock, {load.what}: Fortnox calls", where, f"{load.fortnox.total():,} ({fortnox})")
            listed = ", ".join(f"{call} x{count:,}" for call, count in load.magento.items())
            self.row(f"stock, {load.what}: Magento calls", where, listed)
            took = f"{load.least_seconds:,.0f} s at the rate limit, {load.wall:,.0f} s without it"
            took += f", {load.cpu:,.0f} s of the worker's processor"
            self.row(f"stock, {load.what}: time", where, took)
            memory = f"peak {load.peak:.0f} MiB, {load.peak - load.early:+.0f} after the first tenth"
            self.row(f"stock, {load.what}: worker's memory", where, f"{memory}; {load.links} links", "flat")
        took = f"p50 {latency.p50 * 1000:.0f} ms, p95 {latency.p95 * 1000:.0f} ms"
        calls = ", ".join(f"{call} x{count / stock.SINGLES:.1f}" for call, count in latency.calls.items())
        self.row("one article: event to the shop's quantity", f"{stock.SINGLES} in turn", f"{took}; {calls}")

    async def prices(self) -> None:
        async with self.house("sqlite") as house:
            passes, one = await prices.measure(house)
        where = f"{prices.PRICES:,} prices of one list"
        for found in passes:
            calls = f"{found.fortnox:,} to Fortnox, {found.magento:,} to Magento"
            calls += f" ({found.magento_writes:,} writes)"
            self.row(f"{found.what}: calls", where, calls, f"{prices.PRICES // 500} pages to Fortnox")
            took = f"{found.seconds_at_the_limit:,.0f} s at the rate limit, {found.wall:,.0f} s without it"
            self.row(f"{found.what}: time", where, took)
            memory = f"peak {found.peak:.0f} MiB, {found.peak - found.early:+.0f} after the first seconds"
            self.row(f"{found.what}: worker's memory", where, memory, "flat")
        self.row("event of an article to the shop's price", where, f"{one:.2f} s, rung by the sweep")

    async def payouts(self) -> None:
        where = f"{payouts.ROWS:,} rows"
        async with self.house("sqlite") as house:
            paid, again = await payouts.measure(house)
        listed = ", ".join(f"{call} x{count:,}" for call, count in paid.calls.items())
        self.row("payout: Fortnox calls per row", where, f"{paid.calls_per_row:.3f} ({listed})", "2")
        took = f"{paid.seconds_at_the_limit:,.0f} s at the rate limit, {paid.wall:,.0f} s without it"
        self.row("payout: time", where, f"{took}, {paid.cpu:,.0f} s of the worker's processor", "")
        self.row(
            "payout: asked for to first payment", where, f"{paid.first:.1f} s: reports read, rows planned"
        )
        memory = f"peak {paid.peak:.0f} MiB, {paid.peak - paid.before:+.0f} over an idle worker"
        self.row("payout: worker's memory", where, memory)
        found = f"{again.calls.total()} calls, {again.wall:.1f} s, {again.cpu:.1f} s of processor"
        self.row("the same payout looked at again", where, found, "0 calls")

    async def tie_out(self) -> None:
        for name in DATABASES:
            with self._database(name) as url:
                half, whole = await tie_out.measure(url)
            for asked in (half, whole):
                where = f"{name}, {asked.documents:,} documents, {asked.open} open"
                waits = f"others of the process wait {asked.longest_wait * 1000:.0f} ms at most"
                self.row("tie-out", where, f"{asked.seconds:.1f} s; {waits}")
                self.row("tie-out: memory", where, f"{asked.peak:.1f} MiB", "flat")

    @contextmanager
    def _database(self, name: str) -> Iterator[str]:
        if name == "sqlite":
            folder = self._folder / "tie-out"
            folder.mkdir()
            yield sqlite_url_in(folder)
        else:
            with postgres_database(self._postgres) as url:
                yield url


PARTS = (
    "intake",
    "sales",
    "limiter",
    "takeover",
    "magento",
    "catalogue",
    "stock",
    "payouts",
    "tie_out",
    "prices",
)


def main(wanted: list[str]) -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sluss-bench-") as folder, PostgresServer() as postgres:
        bench = Bench(Path(folder), postgres)
        asyncio.run(bench.run(wanted))
    bench.table.caption = (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, FastAPI {version('fastapi')}, uvicorn {version('uvicorn')}, "
        f"SQLAlchemy {version('sqlalchemy')}, arq {version('arq')}; {time.monotonic() - began:.0f} s"
    )
    Console(width=150).print(bench.table)


if __name__ == "__main__":
    main([part for part in sys.argv[1:] if part in PARTS] or list(PARTS))
