"""Alembic's entry: on the connection that `shared.ledger.migrate` hands in, else on a configured address."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

import shared.ledger.models  # noqa: F401 the tables themselves
from shared.ledger.columns import Exact, Instant, Json, Key
from shared.ledger.metadata import metadata
from shared.ledger.postgres_database import postgres_engine
from shared.ledger.sqlite_database import path_of, sqlite_engine


def render_item(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Our own column types by name, so that a new migration reads like the models."""
    if kind != "type" or not (item is Key or isinstance(item, Exact | Instant | Json)):
        return False
    name = "Key" if item is Key else type(item).__name__
    autogenerate.imports.add(f"from shared.ledger.columns import {name}")
    return name if item is Key else f"{name}()"


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_postgres(url: str) -> None:
    engine = postgres_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def migrate_sqlite(url: str) -> None:
    engine = sqlite_engine(path_of(url), begin="BEGIN IMMEDIATE", connections=1)
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()


def main() -> None:
    if (given := context.config.attributes.get("connection")) is not None:
        migrate(given)
        return
    url = context.config.get_main_option("sqlalchemy.url") or ""
    if url.startswith("sqlite"):
        migrate_sqlite(url)
    else:
        asyncio.run(migrate_postgres(url))


main()
