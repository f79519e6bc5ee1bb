"""One way to run a piece of work in a transaction, on either database.

Work is an ordinary function of a SQLAlchemy ``Connection``. SQLite runs it whole in a thread, so that
a transaction costs one hop and not one per statement; PostgreSQL runs it on asyncpg in a greenlet.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.ledger.errors import LedgerUnavailable
from shared.ledger.intake_rows import EventRow, StoredRow

T = TypeVar("T")
Work = Callable[[Connection], T]

SQLITE_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
# Connection lost, out of resources, shutting down or starting, serialisation, deadlock.
POSTGRES_PASSING = ("08", "53", "57P0", "40001", "40P01")


class Database(Protocol):
    async def read(self, work: Work[T]) -> T:
        """Run it without writing."""

    async def write(self, work: Work[T]) -> T:
        """Run it in one transaction, durable when this returns."""

    async def store_events(self, rows: Sequence[EventRow]) -> list[StoredRow]:
        """The intake's own transaction; answers the new ones only."""

    async def close(self) -> None: ...


def open_database(url: str) -> Database:
    from shared.ledger.postgres_database import PostgresDatabase
    from shared.ledger.sqlite_database import SqliteDatabase

    return SqliteDatabase(url) if is_sqlite(url) else PostgresDatabase(url)


def is_sqlite(url: str) -> bool:
    """Else it is PostgreSQL; raises ValueError for anything else."""
    if not url.startswith(("sqlite", "postgresql")):
        raise ValueError("the ledger is kept in SQLite or PostgreSQL: sqlite:///file or postgresql://...")
    return url.startswith("sqlite")


def as_unavailable(problem: BaseException) -> LedgerUnavailable | None:
    """What passes when the database is back; None for everything that would fail again."""
    if not _passes(problem):
        return None
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    return LedgerUnavailable(f"the ledger cannot be used just now: {type(cause).__name__}: {cause}")


def _passes(problem: BaseException) -> bool:
    if isinstance(problem, DBAPIError):
        causes = (problem.orig, problem.orig and problem.orig.__cause__)  # SQLAlchemy's, then asyncpg's own
        return problem.connection_invalidated or any(map(_passes_below, causes))
    return isinstance(problem, PoolTimeout) or _passes_below(problem)


def _passes_below(problem: BaseException | None) -> bool:
    if isinstance(problem, OSError | TimeoutError):
        return True
    if isinstance(problem, sqlite3.OperationalError):
        return problem.sqlite_errorcode & 0xFF in SQLITE_PASSING
    if isinstance(problem, asyncpg.InterfaceError):
        return not isinstance(problem, ValueError)  # asyncpg's DataError is both, and our mistake
    state = getattr(problem, "sqlstate", None)
    return isinstance(state, str) and state.startswith(POSTGRES_PASSING)
