"""The gateway as a process: `python -m services.webhook_gateway`."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from cryptography.fernet import Fernet

from tests.services.webhook_gateway.support import CALLBACK, a_declaration, a_notice
from tests.support.paths import REPOSITORY

BOOTSTRAP = "the-first-key"


@contextmanager
def running(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SLUSS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "services.webhook_gateway"],
        cwd=REPOSITORY,
        env=inherited | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> dict[str, object]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the gateway ended"
        try:
            answer = httpx.get(f"{url}/health/ready")
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        read: dict[str, object] = answer.json()
        return read
    raise TimeoutError("the gateway did not become ready")


@pytest.mark.kill
def test_it_starts_without_redis_and_a_killed_gateway_keeps_what_it_acknowledged(
    database_url: str, free_port: Callable[[], int]
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "SLUSS_DATABASE_URL": database_url,
        "SLUSS_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "SLUSS_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "SLUSS_BOOTSTRAP_KEY": BOOTSTRAP,
        "SLUSS_PORT": str(port),
    }
    headers = {"authorization": f"Bearer {BOOTSTRAP}"}
    if database_url.startswith("postgresql"):
        migrate(database_url)

    with running(environment) as process:
        assert wait_until_ready(url, process) == {"ready": True, "ledger": "ok", "redis": "unreachable"}
        made = httpx.put(f"{url}/api/v1/connections/acme", json=a_declaration(), headers=headers)
        taken = [httpx.post(url + CALLBACK, content=a_notice(DeliveryId=number)) for number in range(1, 21)]
        process.send_signal(signal.SIGKILL)
        process.wait()
    with running(environment) as process:
        wait_until_ready(url, process)
        kept = httpx.get(f"{url}/api/v1/events", params={"limit": 100}, headers=headers)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)

    assert made.status_code == 200
    assert [answer.status_code for answer in taken] == [200] * 20
    assert len(kept.json()["items"]) == 20
    assert kept.headers.get("server") is None


def migrate(url: str) -> None:
    import asyncio

    from shared.ledger.migrate import upgrade

    asyncio.run(upgrade(url))
