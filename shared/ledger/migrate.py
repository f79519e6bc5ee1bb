"""Bring a database to the schema of this program, or say that it is not there."""

import asyncio
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.ledger.database import is_sqlite
from shared.ledger.errors import SchemaBehind
from shared.ledger.postgres_database import postgres_engine
from shared.ledger.sqlite_database import path_of, sqlite_engine, writing_alone

log = structlog.get_logger()

MIGRATIONS = Path(__file__).parent / "migrations"
POSTGRES_LOCK = 0x51055  # any number, the same in every process


async def upgrade(url: str) -> None:
    """Run what is missing, once, however many processes start at the same time."""
    if is_sqlite(url):
        await asyncio.to_thread(_upgrade_sqlite, url)
        return
    engine = postgres_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": POSTGRES_LOCK})
            await connection.run_sync(upgrade_through)
    finally:
        await engine.dispose()


def _upgrade_sqlite(url: str) -> None:
    path = path_of(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sqlite_engine(path, begin="BEGIN IMMEDIATE", connections=1)
    try:
        with writing_alone(path), engine.begin() as connection:
            upgrade_through(connection)
    finally:
        engine.dispose()


def upgrade_through(connection: Connection) -> None:
    command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def must_be_at_head(connection: Connection) -> None:
    there = MigrationContext.configure(connection).get_current_revision()
    known = ScriptDirectory(str(MIGRATIONS))
    if there == known.get_current_head():
        return
    if there is not None and there not in {one.revision for one in known.walk_revisions()}:
        # Migrations expand before they contract, so a program that is one deploy behind still runs.
        log.warning("schema.newer_than_program", schema=there)
        return
    raise SchemaBehind(f"the ledger's schema is {there or 'empty'}: run `sluss migrate`")
