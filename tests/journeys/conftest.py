"""A world per test, on both databases."""

from collections.abc import AsyncIterator

import pytest

from tests.support.clock import Clock
from tests.support.world import World, a_world


@pytest.fixture
async def world(ledger_url: str, redis_url: str, clock: Clock) -> AsyncIterator[World]:
    async with a_world(ledger_url, redis_url, clock) as made:
        yield made
