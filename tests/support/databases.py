"""Fresh, empty databases for tests: one file or one PostgreSQL database each."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.local.postgres_server import PostgresServer

_numbers = itertools.count(1)


def sqlite_url_in(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'ledger.sqlite3'}"


@contextmanager
def postgres_database(server: PostgresServer, *, template: str = "template0") -> Iterator[str]:
    """The address of a new database, `postgresql+asyncpg://...`; dropped afterwards, whoever is connected."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    yield server.create_database(name, template=template)
    server.drop_database(name)
