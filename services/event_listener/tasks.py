"""Tasks that live and end together."""

import asyncio
from collections.abc import Coroutine


async def first_of(*jobs: Coroutine[None, None, None]) -> None:
    """End as the first of them does; the others are cancelled, and have ended when this returns."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
