"""The right to write for a subject, kept alive while a run lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.errors import LeaseLost
from shared.ledger.records import Lease
from shared.ledger.subjects import Subjects


@dataclass
class Hold:
    """A lease with its heartbeat; once lost it stays lost."""

    lease: Lease
    lost: bool = False
    good_until: float = 0.0  # on the loop's own clock, which no one can set back

    def must_hold(self) -> None:
        """Raise LeaseLost unless nobody else can have taken the subject; asked before every write."""
        if self.lost or asyncio.get_running_loop().time() >= self.good_until:
            raise LeaseLost(f"the lease on {self.lease.subject.key} ran out while we worked")


@asynccontextmanager
async def kept_alive(
    subjects: Subjects, lease: Lease, *, lease_for: timedelta, heartbeat: timedelta
) -> AsyncIterator[Hold]:
    """Renew the lease every ``heartbeat`` until the block ends."""
    loop = asyncio.get_running_loop()
    hold = Hold(lease, good_until=loop.time() + lease_for.total_seconds())
    beating = asyncio.create_task(_beat(subjects, hold, lease_for=lease_for, heartbeat=heartbeat))
    try:
        yield hold
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def _beat(subjects: Subjects, hold: Hold, *, lease_for: timedelta, heartbeat: timedelta) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(heartbeat.total_seconds())
        asked_at = loop.time()
        try:
            hold.lease = await subjects.renew(hold.lease, lease_for)
        except LeaseLost:
            hold.lost = True
            return
        hold.good_until = asked_at + lease_for.total_seconds()
