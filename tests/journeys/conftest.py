"""A world per test, on both databases."""

from collections.abc import AsyncIterator

import pytest

from tests.support.clock import Clock
from tests.support.world import World, a_declaration, a_shop, a_world

HEARD_AGAIN = (
    "test_sale.py",
    "test_sale_credits.py",
    "test_shop_sale.py",
    "test_shop_credits.py",
    "test_shop_documents.py",
    "test_shop_credit_notes.py",
    "test_shop_documents_trouble.py",
)


@pytest.fixture
async def world(
    request: pytest.FixtureRequest, ledger_url: str, redis_url: str, clock: Clock
) -> AsyncIterator[World]:
    """After a journey that ended well everything is heard once more, which may not write anything."""
    async with a_world(ledger_url, redis_url, clock) as made:
        yield made
        if request.path.name in HEARD_AGAIN:
            await made.hears_everything_again()


@pytest.fixture
async def shop_world(
    request: pytest.FixtureRequest, ledger_url: str, redis_url: str, clock: Clock
) -> AsyncIterator[World]:
    """The same with a Magento shop; settings of the shop are given by the marker ``shop``."""
    marker = request.node.get_closest_marker("shop")
    declaration = a_declaration(magento=a_shop(**(marker.kwargs if marker else {})))
    async with a_world(ledger_url, redis_url, clock, declaration) as made:
        yield made
        if request.path.name in HEARD_AGAIN:
            await made.hears_everything_again()
