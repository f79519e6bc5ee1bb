"""A world with a shop, whose event stream is on a real socket; and one replica that listens."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.clock import Clock
from tests.support.databases import sqlite_url_in
from tests.support.listening import Ears, ears
from tests.support.world import TENANT, World, a_declaration, a_shop, a_world


@pytest.fixture
async def world(migrated_sqlite: Path, tmp_path: Path, redis_url: str, clock: Clock) -> AsyncIterator[World]:
    shutil.copy(migrated_sqlite, tmp_path / "ledger.sqlite3")
    async with a_world(sqlite_url_in(tmp_path), redis_url, clock, a_declaration(magento=a_shop())) as made:
        yield made


@pytest.fixture
async def silent(world: World) -> AsyncIterator[Ears]:
    """Nobody listens yet."""
    async with ears(world, magento=a_shop()) as made:
        yield made


@pytest.fixture
async def heard_at(silent: Ears) -> Ears:
    """One replica listens."""
    silent.start()
    await silent.listen(TENANT)
    return silent
