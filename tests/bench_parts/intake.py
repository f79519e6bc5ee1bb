"""Verified, stored for good, rung: how much of the speed of a server that only verifies is left."""

import asyncio
import json
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from services.local.ports import free_port
from tests.support.paths import REPOSITORY
from tests.support.processes_world import GATEWAY, House
from tests.support.world import TOKEN

CONNECTIONS = 64
REQUESTS = 6000
ROUNDS = 3
_orders = count(9_500_001, REQUESTS)


@dataclass(frozen=True)
class Speed:
    """Requests a second, and how long one took."""

    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Result:
    intake: Speed
    verify_only: Speed

    @property
    def ratio(self) -> float:
        return self.intake.rate / self.verify_only.rate


async def measure(house: House) -> Result:
    """By turns, so that a busy moment of the machine meets both; the best round of each counts."""
    shop = await house.opens("bench-intake")
    await house.start(GATEWAY, SLUSS_LOG_LEVEL="WARNING")
    port, secret = free_port(), f"not-a-real-secret-{shop.name}"
    bare = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench_parts.verify_only", str(port), TOKEN, secret),
        cwd=REPOSITORY,
        env=house.env,
    )
    await _serves(port)
    path = f"/webhooks/svea/{shop.name}/se/{TOKEN}"
    speeds = [
        [await _loaded(house, at, path, secret) for at in (house.gateway_port, port)] for _ in range(ROUNDS)
    ]
    bare.terminate()
    await bare.wait()
    return Result(*(max(column, key=lambda speed: speed.rate) for column in zip(*speeds, strict=True)))


async def _loaded(house: House, port: int, path: str, secret: str) -> Speed:
    arguments = [str(port), path, secret, str(CONNECTIONS), str(REQUESTS), str(next(_orders))]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench_parts.load", *arguments),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(REPOSITORY),
        env=house.env,
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the load generator failed")
    return Speed(**json.loads(out))


async def _serves(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
