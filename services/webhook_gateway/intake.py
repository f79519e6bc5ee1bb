"""The only way in: stored in one transaction with whatever else is waiting, then rung, then acknowledged."""

import asyncio

from services.webhook_gateway.doorbell import Doorbell
from shared.ledger.group_commit import GroupCommit
from shared.ledger.ledger import Ledger
from shared.ledger.records import Accepted, IncomingEvent

STORED_WITHIN_SECONDS = 10.0
EVENTS_PER_TRANSACTION = 500
OPERATORS_RING_SECONDS = 5.0


class Intake:
    def __init__(self, ledger: Ledger, doorbell: Doorbell) -> None:
        self._ledger = ledger
        self._doorbell = doorbell
        self._commits = GroupCommit(ledger, doorbell.ring)

    async def start(self) -> None:
        await self._commits.start()

    async def close(self) -> None:
        await self._commits.close()

    async def accept(self, event: IncomingEvent) -> Accepted:
        """Returns when the event is durable; else raises TimeoutError, or what the ledger raised."""
        async with asyncio.timeout(STORED_WITHIN_SECONDS):
            return await self._commits.accept(event)

    async def accept_many(self, events: list[IncomingEvent]) -> list[Accepted]:
        """For an operator's list: not through the group, so that callbacks do not wait behind it."""
        accepted: list[Accepted] = []
        for start in range(0, len(events), EVENTS_PER_TRANSACTION):
            stored = await self._ledger.inbox.accept(events[start : start + EVENTS_PER_TRANSACTION])
            due = [one.subject for one in stored if one.subject is not None]
            await self._doorbell.ring(due, within=OPERATORS_RING_SECONDS)
            accepted.extend(stored)
        return accepted
