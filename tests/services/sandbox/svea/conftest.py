"""The Svea stand-in with a verified subscription to everything."""

from __future__ import annotations

import pytest

from services.sandbox.sandbox import Sandbox
from services.sandbox.svea.events import EVENT_NAMES
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.subscriptions import Subscription
from tests.services.sandbox.svea.support import MERCHANT


@pytest.fixture
def svea(sandbox: Sandbox) -> SandboxSvea:
    return sandbox.svea


@pytest.fixture
def subscription(svea: SandboxSvea) -> Subscription:
    subscription = svea.subscriptions.add(
        "the-subscription", merchant_id=MERCHANT, url="http://receiver/webhooks", events=EVENT_NAMES
    )
    subscription.verified = True
    return subscription
