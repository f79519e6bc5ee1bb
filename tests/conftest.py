"""What every test may ask for: real servers, fresh databases, a clock, the material beside the project."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.local.ports import free_port
from services.local.postgres_server import PostgresMissing, PostgresServer
from services.local.redis_server import RedisServer
from shared.ledger.migrate import upgrade
from tests.support.clock import Clock
from tests.support.databases import postgres_database, sqlite_url_in
from tests.support.paths import REPOSITORY, SHARED_MATERIAL


@pytest.fixture
def clock() -> Clock:
    """Monday 2026-05-04 09:00 in Stockholm, until the test moves it."""
    return Clock()


@pytest.fixture(name="free_port")
def free_port_fixture() -> Callable[[], int]:
    """Call it for a loopback port that nobody listens on."""
    return free_port


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_material() -> Path:
    """Recorded answers and other people's documents: read from beside the project, never copied."""
    if not SHARED_MATERIAL.is_dir():
        pytest.skip("the recorded material is not beside the project (../shared)")
    return SHARED_MATERIAL


# ── Redis ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One real server for the session. Tests that kill or flush take `own_redis_server`."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """An empty Redis."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def own_redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that this test may kill, flush, stop and start: it keeps its address."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


# ── databases ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One real server for the session, started by the first test that asks."""
    try:
        server = PostgresServer()
        server.start()
    except PostgresMissing as missing:
        pytest.fail(str(missing), pytrace=False)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def own_postgres_server() -> Iterator[PostgresServer]:
    """A server that this test may kill and start again: it keeps its address and what was committed."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh, empty database."""
    with postgres_database(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return sqlite_url_in(tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, empty database; the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> str:
    """The name of a database with the ledger's schema, to be copied."""
    url = postgres_server.create_database("migrated")
    asyncio.run(upgrade(url))
    return "migrated"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the ledger's schema, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    asyncio.run(upgrade(sqlite_url_in(folder)))
    return folder / "ledger.sqlite3"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh ledger with its schema and nothing in it; once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "ledger.sqlite3")
        yield sqlite_url_in(tmp_path)
        return
    server, template = (
        request.getfixturevalue("postgres_server"),
        request.getfixturevalue("migrated_postgres"),
    )
    with postgres_database(server, template=template) as url:
        yield url
