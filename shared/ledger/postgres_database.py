"""The ledger in PostgreSQL, through asyncpg."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.ledger.database import Work, as_unavailable
from shared.ledger.intake_postgres import store
from shared.ledger.intake_rows import EventRow, StoredRow

T = TypeVar("T")

CONNECT_SECONDS = 10
COMMAND_SECONDS = 30
CONNECTIONS = 5
MORE_CONNECTIONS = 10


class PostgresDatabase:
    """READ COMMITTED: what must not change between two statements is locked by the first."""

    def __init__(self, url: str) -> None:
        self._engine = postgres_engine(url)
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def read(self, work: Work[T]) -> T:
        async with _translated(), self._reading.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Work[T]) -> T:
        async with _translated(), self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def store_events(self, rows: Sequence[EventRow]) -> list[StoredRow]:
        async with _translated(), self._engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            return await store(driver, rows)  # type: ignore[arg-type]  # it is asyncpg's own

    async def close(self) -> None:
        await self._engine.dispose()


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except Exception as problem:
        if unavailable := as_unavailable(problem):
            raise unavailable from problem
        raise


def postgres_engine(url: str) -> AsyncEngine:
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=CONNECTIONS,
        max_overflow=MORE_CONNECTIONS,
        pool_pre_ping=True,
        pool_use_lifo=True,
        connect_args={"timeout": CONNECT_SECONDS, "command_timeout": COMMAND_SECONDS},
    )
