"""An open ledger on either database."""

from collections.abc import AsyncIterator

import pytest

from shared.ledger.ledger import Ledger
from tests.shared.ledger.builders import KEY
from tests.support.clock import Clock


@pytest.fixture
async def ledger(database_url: str, clock: Clock) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(database_url, keys=[KEY], clock=clock, migrate=True)
    yield opened
    await opened.close()
