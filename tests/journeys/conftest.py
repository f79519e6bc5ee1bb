"""A world per test, on both databases."""

from collections.abc import AsyncIterator

import pytest

from tests.support.clock import Clock
from tests.support.world import World, a_world

HEARD_AGAIN = ("test_sale.py", "test_sale_credits.py")


@pytest.fixture
async def world(
    request: pytest.FixtureRequest, ledger_url: str, redis_url: str, clock: Clock
) -> AsyncIterator[World]:
    """After a journey that ended well everything is heard once more, which may not write anything."""
    async with a_world(ledger_url, redis_url, clock) as made:
        yield made
        if request.path.name in HEARD_AGAIN:
            await made.hears_everything_again()
