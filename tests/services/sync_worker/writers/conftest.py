"""A desk in a world of its own, on SQLite: what differs between databases is proved elsewhere."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.sync_worker.writers.desk import Desk
from tests.support.clock import Clock
from tests.support.databases import sqlite_url_in
from tests.support.world import a_world


@pytest.fixture
async def desk(tmp_path: Path, migrated_sqlite: Path, redis_url: str, clock: Clock) -> AsyncIterator[Desk]:
    shutil.copy(migrated_sqlite, tmp_path / "ledger.sqlite3")
    async with a_world(sqlite_url_in(tmp_path), redis_url, clock) as world:
        world.on("2026-05-05")
        yield Desk(world)
