"""The sandbox as a process: what only a real socket can show."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.local.ports import free_port
from services.sandbox.svea.samples import DATA
from services.sandbox.svea.signing import request_headers

SECRET = "not-a-real-secret-se-0001"
ORDER = "/svea/admin/api/v1/orders/9300101"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a process that has the samples in their first state."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "services.sandbox", "--port", str(port), "--samples", "first"],
        env={**os.environ, "PYTHONPATH": "."},
    )
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(retries=50), trust_env=False) as client:
        for _ in range(200):
            assert process.poll() is None, "the sandbox ended at once"
            try:
                if client.get(url + "/_control/health").status_code == 200:
                    return
            except httpx.ConnectError:
                continue
    raise AssertionError("the sandbox did not start")


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client:
        await client.delete("/_control/faults")
        await client.post("/_control/svea/samples", json={"stage": "first"})
        yield client
        await client.delete("/_control/faults")


def signed(body: bytes = b"") -> dict[str, str]:
    return request_headers(merchant_id="700001", secret=SECRET, body=body, at=datetime.now(UTC))


async def read(http: httpx.AsyncClient) -> httpx.Response:
    return await http.get(ORDER, headers=signed())


async def deliver(http: httpx.AsyncClient) -> httpx.Response:
    body = b'{"OrderRowIds":[1]}'
    return await http.post(ORDER + "/deliveries", content=body, headers=signed(body))


async def deliveries(http: httpx.AsyncClient) -> int:
    return len((await read(http)).json()["Deliveries"])


async def fault(http: httpx.AsyncClient, **rule: Any) -> None:
    answer = await http.post("/_control/faults", json={"system": "svea_admin", "method": "POST", **rule})
    assert answer.status_code == 201, answer.text


async def test_a_sample_comes_over_the_socket_byte_for_byte(http: httpx.AsyncClient) -> None:
    answer = await read(http)

    assert answer.content == (DATA / "payment-admin" / "order-9300101-1-open.json").read_bytes()


@pytest.mark.parametrize(("when", "committed"), [("before", 0), ("after", 1)])
async def test_a_dropped_connection_is_a_transport_error(
    http: httpx.AsyncClient, when: str, committed: int
) -> None:
    await fault(http, drop=when, times=1)

    with pytest.raises(httpx.RemoteProtocolError):
        await deliver(http)

    assert await deliveries(http) == committed


async def test_a_client_that_dies_while_its_request_is_held_leaves_a_committed_write(
    http: httpx.AsyncClient,
) -> None:
    await fault(http, pause="after", path="/deliveries$", times=1)

    dying = asyncio.create_task(deliver(http))
    held = (await http.get("/_control/faults/held", params={"at_least": 1})).json()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)

    assert [(one["method"], one["when"]) for one in held] == [("POST", "after")]
    assert await deliveries(http) == 1
    assert (await http.post("/_control/faults/release")).json() == {"released": 1}


async def test_a_released_request_is_answered(http: httpx.AsyncClient) -> None:
    await fault(http, pause="before", times=1)

    waiting = asyncio.create_task(deliver(http))
    await http.get("/_control/faults/held", params={"at_least": 1})
    committed = await deliveries(http)
    await http.post("/_control/faults/release")

    assert ((await waiting).status_code, committed) == (202, 0)


async def test_webhooks_travel_over_sockets(http: httpx.AsyncClient) -> None:
    received: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        received.put_nowait(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    port = free_port()
    async with await asyncio.start_server(take, "127.0.0.1", port):
        wanted = {"CallbackUri": f"http://127.0.0.1:{port}/hook", "Events": ["CheckoutOrder.Delivered"]}
        body = json.dumps(wanted).encode()
        root = "/svea/admin/api/v2/callbacks/subscriptions"
        added = await http.post(root, content=body, headers=signed(body))
        own = f"{root}/{added.json()['SubscriptionId']}"
        await http.post(own + "/verify", headers=signed())
        ping = json.loads(await asyncio.wait_for(received.get(), 10))
        await http.post("/_control/svea/settle")
        delivery_id = (await deliver(http)).json()["DeliveryId"]
        event = json.loads(await asyncio.wait_for(received.get(), 10))
        await http.delete(own, headers=signed())

    assert ping["EventName"] == "Ping"
    assert (event["EventName"], event["DeliveryId"]) == ("CheckoutOrder.Delivered", delivery_id)
