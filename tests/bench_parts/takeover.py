"""How long a subject stands still after the worker that had it was killed; settings as delivered."""

import asyncio
import os
import signal
import time

from services.sandbox.faults import FaultRule, Pause, System, When
from tests.support.processes_world import GATEWAY, SCHEDULER, WORKER, House


async def measure(house: House) -> float:
    """Seconds from SIGKILL to the next run of the same subject."""
    shop = await house.opens("bench-takeover")
    for module in (GATEWAY, SCHEDULER, WORKER, WORKER):
        await house.start(module)
    faults = house.sandbox.faults
    faults.add(FaultRule(System.SVEA_ADMIN, Pause(When.BEFORE), "GET", times=1))
    sale = shop.buys()
    await faults.until_held(timeout_seconds=60)
    os.kill(await shop.worker_of(sale), signal.SIGKILL)
    killed_at = time.perf_counter()
    async with asyncio.timeout(120):
        while True:
            subject = await shop.subject(sale)
            if subject is not None and subject.fence > 1:
                break
            await asyncio.sleep(0.02)
    took = time.perf_counter() - killed_at
    faults.clear()
    await shop.done(sale, wanted=1)
    return took
