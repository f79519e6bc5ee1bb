"""An open ledger on either database."""

from collections.abc import AsyncIterator

import pytest

from shared.ledger.ledger import Ledger
from tests.shared.ledger.builders import KEY
from tests.support.clock import Clock


@pytest.fixture
async def ledger(ledger_url: str, clock: Clock) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(ledger_url, keys=[KEY], clock=clock)
    yield opened
    await opened.close()
