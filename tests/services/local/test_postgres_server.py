"""The PostgreSQL of the tests: its own cluster, durable, also when we are root."""

import os
from pathlib import Path

import asyncpg
import pytest

from services.local.children import ServerFailed
from services.local.postgres_server import PostgresMissing, PostgresServer, find_postgres

pytestmark = pytest.mark.postgres


def test_commits_are_durable_as_in_production(postgres_server: PostgresServer) -> None:
    shown = {
        name: postgres_server.execute(f"SHOW {name}")
        for name in ("fsync", "synchronous_commit", "full_page_writes")
    }

    assert shown == {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


async def test_the_address_of_a_fresh_database_leads_to_an_empty_database(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
    try:
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()

    assert tables == 0


def test_a_database_is_a_copy_of_its_template(postgres_server: PostgresServer) -> None:
    postgres_server.create_database("with_a_row")
    postgres_server.execute("CREATE TABLE kept AS SELECT 4711 AS number", database="with_a_row")

    postgres_server.create_database("its_copy", template="with_a_row")

    assert postgres_server.execute("SELECT number FROM kept", database="its_copy") == "4711"
    postgres_server.drop_database("its_copy")
    postgres_server.drop_database("with_a_row")


async def test_a_database_is_dropped_although_somebody_is_connected(postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database("busy")
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))

    postgres_server.drop_database("busy")

    assert postgres_server.execute("SELECT count(*) FROM pg_database WHERE datname = 'busy'") == "0"
    await connection.close()


@pytest.mark.kill
def test_what_was_committed_survives_a_kill_and_a_start_at_the_same_address(
    own_postgres_server: PostgresServer,
) -> None:
    before = own_postgres_server.url()
    own_postgres_server.execute("CREATE TABLE kept AS SELECT 1 AS number")

    own_postgres_server.kill()
    assert not own_postgres_server.running
    own_postgres_server.start()

    assert own_postgres_server.url() == before
    assert own_postgres_server.execute("SELECT number FROM kept") == "1"


def test_a_statement_that_is_refused_says_why(postgres_server: PostgresServer) -> None:
    with pytest.raises(ServerFailed, match='relation "nowhere" does not exist'):
        postgres_server.execute("SELECT * FROM nowhere")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to lend PostgreSQL another user")
def test_root_lends_it_another_user(postgres_server: PostgresServer) -> None:
    folder = Path(postgres_server.execute("SHOW data_directory"))

    assert folder.stat().st_uid != 0
    assert postgres_server.running


def test_the_newest_installed_version_is_found_beside_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("services.local.postgres_server.USUAL_PLACES", (str(tmp_path),))
    for version in ("9", "15", "postgresql@16"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()

    assert find_postgres() == tmp_path / "postgresql@16" / "bin"


def test_a_machine_without_postgres_says_how_to_bring_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("services.local.postgres_server.USUAL_PLACES", ())

    with pytest.raises(PostgresMissing, match="make test-deps"):
        find_postgres()


def test_a_stop_removes_the_cluster() -> None:
    server = PostgresServer()
    server.start()
    folder = Path(server.execute("SHOW data_directory"))

    server.stop()

    assert not server.running
    assert not folder.exists()
