"""The ledger in one SQLite file, written by several processes.

WAL with ``synchronous=FULL``: what is committed survives a power cut. A write takes a file lock before
SQLite's own, because a waiter of that lock is woken by the kernel while SQLite's waiters poll, and
because a transaction that starts as a writer can never find itself locked out half-way. Connections stay
with their thread: fetching them from a pool for each transaction would cost as much as a small one.
"""

import asyncio
import fcntl
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
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
        self._reader = sqlite_engine(self._path, begin=None, connections=READERS)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="ledger-writer")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="ledger-reader")
        self._of_thread = threading.local()
        self._opened: list[Connection | IO[bytes]] = []

    async def read(self, work: Work[T]) -> T:
        return await self._run(self._reading, lambda: self._read(work))

    async def write(self, work: Work[T]) -> T:
        return await self._run(self._writing, lambda: self._write(work))

    async def store_events(self, rows: Sequence[EventRow]) -> list[StoredRow]:
        return await self._run(self._writing, lambda: self._store(rows))

    async def close(self) -> None:
        for executor in (self._writing, self._reading):
            await asyncio.to_thread(executor.shutdown)
        for opened in self._opened:
            opened.close()
        self._opened.clear()
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
        """Each statement sees what is committed then, as on PostgreSQL."""
        connection = self._connection(self._reader)
        try:
            return work(connection)
        finally:
            connection.rollback()

    def _write(self, work: Work[T]) -> T:
        connection = self._connection(self._writer)
        with locked(self._lock()), connection.begin():
            return work(connection)

    def _store(self, rows: Sequence[EventRow]) -> list[StoredRow]:
        connection = self._connection(self._writer)
        with locked(self._lock()):
            return _in_transaction(connection.connection.driver_connection, rows)

    def _connection(self, engine: Engine) -> Connection:
        """This thread's own; a thread reads or writes, and never both."""
        known: Connection | None = getattr(self._of_thread, "connection", None)
        if known is None or known.closed or known.invalidated:
            known = self._of_thread.connection = engine.connect()
            self._opened.append(known)
        return known

    def _lock(self) -> IO[bytes]:
        known: IO[bytes] | None = getattr(self._of_thread, "lock", None)
        if known is None:
            known = self._of_thread.lock = lock_file(self._path)
            self._opened.append(known)
        return known


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
    """As ``locked``, for who writes once."""
    with lock_file(path) as lock, locked(lock):
        yield


def lock_file(path: Path) -> IO[bytes]:
    return path.with_name(path.name + ".lock").open("ab")


@contextmanager
def locked(lock: IO[bytes]) -> Iterator[None]:
    """Wait, asleep, until no other process writes; the kernel lets go if a holder dies."""
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def sqlite_engine(path: Path, *, begin: str | None, connections: int) -> Engine:
    """``begin`` None: nothing begins, so every statement stands alone."""
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

    if begin is not None:
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
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
