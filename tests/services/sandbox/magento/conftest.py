"""One Magento shop in a sandbox in process, and a client with its credentials."""

from __future__ import annotations

import httpx
import pytest

from services.sandbox.magento.shop import Shop
from services.sandbox.sandbox import Sandbox
from tests.services.sandbox.magento.support import MagentoCaller
from tests.support.clock import Clock


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return sandbox.magento.add_shop()


@pytest.fixture
def call(http: httpx.AsyncClient, shop: Shop, clock: Clock) -> MagentoCaller:
    return MagentoCaller(http, shop, clock)
