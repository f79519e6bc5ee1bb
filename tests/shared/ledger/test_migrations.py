"""The schema is made by migrations, and a program that meets another schema says so."""

import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

import shared.ledger.models  # noqa: F401 the tables themselves
from shared.ledger.database import open_database
from shared.ledger.errors import SchemaBehind
from shared.ledger.ledger import Ledger
from shared.ledger.metadata import metadata
from shared.ledger.migrate import configuration, upgrade
from tests.shared.ledger.builders import KEY, wall_clock


def difference(connection: Connection) -> Any:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return compare_metadata(context, metadata)


async def test_the_migrations_make_what_the_models_describe(database_url: str) -> None:
    await upgrade(database_url)

    database = open_database(database_url)
    assert await database.read(difference) == []
    await database.close()


async def test_the_way_back_leaves_nothing_behind(database_url: str) -> None:
    from alembic import command

    await upgrade(database_url)
    database = open_database(database_url)

    await database.write(lambda connection: command.downgrade(configuration(connection), "base"))

    assert await database.read(left_behind) == ["alembic_version"]
    await database.close()


def left_behind(connection: Connection) -> list[str]:
    from sqlalchemy import inspect

    return inspect(connection).get_table_names()


async def test_many_processes_that_migrate_at_once_migrate_once(database_url: str) -> None:
    await asyncio.gather(*(upgrade(database_url) for _ in range(4)))

    ledger = await Ledger.open(database_url, keys=[KEY], clock=wall_clock)
    await ledger.ready()
    await ledger.close()


async def test_an_empty_database_is_refused_with_what_to_run(database_url: str) -> None:
    with pytest.raises(SchemaBehind, match="schema is empty: run `sluss migrate`"):
        await Ledger.open(database_url, keys=[KEY], clock=wall_clock)


async def test_a_program_that_is_one_deploy_behind_still_opens_the_newer_ledger(database_url: str) -> None:
    await upgrade(database_url)
    database = open_database(database_url)
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    await database.write(lambda connection: connection.execute(newer))
    await database.close()

    ledger = await Ledger.open(database_url, keys=[KEY], clock=wall_clock)

    await ledger.ready()
    await ledger.close()


@pytest.mark.parametrize(
    "keys, said", [([], "does not keep secrets in plain text"), (["short"], "not a Fernet key")]
)
async def test_without_a_good_key_nothing_is_opened(sqlite_url: str, keys: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        await Ledger.open(sqlite_url, keys=keys, clock=wall_clock, migrate=True)


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:"])
async def test_an_address_that_cannot_keep_a_ledger_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="ledger"):
        await Ledger.open(url, keys=[KEY], clock=wall_clock, migrate=True)


async def test_sqlite_flushes_every_commit_to_the_disk(sqlite_url: str) -> None:
    await upgrade(sqlite_url)
    database = open_database(sqlite_url)

    def pragmas(connection: Connection) -> list[Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    full = 2
    assert await database.write(pragmas) == ["wal", full, 1, 30_000]
    await database.close()
