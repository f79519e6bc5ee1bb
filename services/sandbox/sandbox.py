"""The stand-ins of one sandbox, with the clock and the faults that they share."""

from __future__ import annotations

import random

import httpx

from services.sandbox.clock import SandboxClock
from services.sandbox.faults import Faults
from services.sandbox.fortnox.company import SandboxFortnox
from services.sandbox.magento.stand_in import SandboxMagento
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.vies import SandboxVies


class Sandbox:
    """`webhook_transport` takes the outgoing webhooks instead of the network."""

    def __init__(
        self,
        clock: SandboxClock | None = None,
        *,
        webhook_transport: httpx.AsyncBaseTransport | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.clock = clock or SandboxClock()
        self.faults = Faults()
        self.svea = SandboxSvea(self.clock, webhook_transport=webhook_transport, chance=chance)
        self.fortnox = SandboxFortnox(self.clock, token_clock=self.clock.source)
        self.vies = SandboxVies(self.clock)
        self.magento = SandboxMagento(self.clock, webhook_transport=webhook_transport, chance=chance)

    async def aclose(self) -> None:
        self.faults.clear()
        await self.svea.outbox.aclose()
        await self.magento.outbox.aclose()
