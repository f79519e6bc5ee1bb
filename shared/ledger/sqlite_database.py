"""The ledger in one SQLite file, written by several processes.

WAL with ``synchronous=FULL``: what is committed survives a power cut. A write takes a file lock before
SQLite's own, because a waiter of that lock is woken by the kernel while SQLite's waiters poll, and
because a transaction that starts as a writer can never find itself locked out half-way.
"""

import asyncio
import fcntl
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

from shared.ledger.database import Work, as_unavailable
from shared.ledger.intake_rows import EventRow, StoredRow
from shared.ledger.intake_sqlite import store

T = TypeVar("T")

READERS = 4
BUSY_SECONDS = 30
STATEMENTS_KEPT = 256


class SqliteDatabase:
    """One writing connection and thread per process, and readers that never wait for it."""

    def __init__(self, url: str) -> None:
        self._path = path_of(url)
        self._writer = sqlite_engine(self._path, begin="BEGIN IMMEDIATE", connections=1)
        self._reader = sqlite_engine(self._path, begin="BEGIN", connections=READERS)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="ledger-writer")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="ledger-reader")

    async def read(self, work: Work[T]) -> T:
        return await self._run(self._reading, lambda: self._read(work))

    async def write(self, work: Work[T]) -> T:
        return await self._run(self._writing, lambda: self._write(work))

    async def store_events(self, rows: Sequence[EventRow]) -> list[StoredRow]:
        return await self._run(self._writing, lambda: self._store(rows))

    async def close(self) -> None:
        for executor in (self._writing, self._reading):
            await asyncio.to_thread(executor.shutdown)
        self._writer.dispose()
        self._reader.dispose()

    async def _run(self, executor: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(executor, work)
        except Exception as problem:
            if unavailable := as_unavailable(problem):
                raise unavailable from problem
            raise

    def _read(self, work: Work[T]) -> T:
        with self._reader.connect() as connection:
            return work(connection)

    def _write(self, work: Work[T]) -> T:
        with writing_alone(self._path), self._writer.begin() as connection:
            return work(connection)

    def _store(self, rows: Sequence[EventRow]) -> list[StoredRow]:
        with writing_alone(self._path):
            pooled = self._writer.raw_connection()
            try:
                return _in_transaction(pooled.driver_connection, rows)
            finally:
                pooled.close()


def _in_transaction(database: Any, rows: Sequence[EventRow]) -> list[StoredRow]:
    """By the driver alone: on this path SQLAlchemy would cost more than SQLite."""
    database.execute("BEGIN IMMEDIATE")
    try:
        stored = store(database, rows)
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
    return stored


@contextmanager
def writing_alone(path: Path) -> Iterator[None]:
    """Wait, asleep, until no other process writes; the kernel lets go if a holder dies."""
    with path.with_name(path.name + ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sqlite_engine(path: Path, *, begin: str, connections: int) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        pool_size=connections,
        max_overflow=0,
        connect_args={
            "check_same_thread": False,
            "timeout": BUSY_SECONDS,
            "cached_statements": STATEMENTS_KEPT,
        },
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # else the driver begins when it thinks fit, and never as a writer
        _use_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """Changing the mode ignores the busy timeout, so processes that start together try again."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            break
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)
    if mode != "wal":
        raise ValueError(
            f"SQLite cannot use a write-ahead log here (it says {mode}); is this a network disk?"
        )


def path_of(url: str) -> Path:
    database = make_url(url).database
    if not database or database == ":memory:":
        raise ValueError("the ledger needs a file: sqlite:///path/to/sluss.db")
    return Path(database).absolute()
