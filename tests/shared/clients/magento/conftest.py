"""A shop that answers what it is told to, and shows what it was asked."""

from collections.abc import AsyncIterator

import pytest

from tests.shared.clients.magento.scripted import ScriptedShop
from tests.support.clock import Clock


@pytest.fixture
async def shop(clock: Clock) -> AsyncIterator[ScriptedShop]:
    found = ScriptedShop(clock)
    yield found
    await found.client.close()
