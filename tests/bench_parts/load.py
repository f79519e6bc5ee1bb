"""Load on a callback address from a process of its own: raw sockets, requests signed before the clock starts.

Run by ``intake.py``:  python -m tests.bench_parts.load PORT PATH SECRET CONNECTIONS REQUESTS FIRST_ORDER
"""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from typing import cast

import uvloop

from services.sandbox.svea.signing import webhook_headers

HOST = "127.0.0.1"


def signed_request(path: str, secret: str, order: int, at: datetime) -> bytes:
    """One distinct, genuine webhook, as bytes for the socket."""
    event = {
        "EventName": "CheckoutOrder.Delivered",
        "CheckoutOrderId": order,
        "DeliveryId": order,
        "CorrelationId": f"00000000-0000-4000-8000-{order:012d}",
        "TimestampUtc": at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z",
    }
    body = json.dumps(event, separators=(",", ":")).encode()
    headers = webhook_headers(secret=secret, body=body, at=at) | {
        "Host": HOST,
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(body)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


class Caller(asyncio.Protocol):
    """Keeps one connection busy: the next request leaves when the answer to the last is complete."""

    def __init__(self, requests: list[bytes], seconds: list[float], done: "asyncio.Future[None]") -> None:
        self._requests, self._seconds, self._done = requests, seconds, done
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop has a class of its own
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self._done.set_exception(RuntimeError(self._buffer.decode(errors="replace")))
            return
        self._buffer = b""
        self._seconds.append(time.perf_counter() - self._sent_at)
        self._send()

    def _send(self) -> None:
        if not self._requests:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._requests.pop())


async def load(port: int, requests: list[bytes], connections: int) -> tuple[float, list[float]]:
    """Seconds that all requests took together, and each one's."""
    loop = asyncio.get_running_loop()
    seconds: list[float] = []
    callers = [loop.create_future() for _ in range(connections)]
    started = time.perf_counter()
    for done in callers:
        await loop.create_connection(lambda done=done: Caller(requests, seconds, done), HOST, port)  # type: ignore[misc]
    await asyncio.gather(*callers)
    return time.perf_counter() - started, seconds


def main(port: int, path: str, secret: str, connections: int, count: int, first: int) -> None:
    at = datetime.now(UTC)
    requests = [signed_request(path, secret, order, at) for order in range(first, first + count)]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        took, seconds = runner.run(load(port, requests, connections))
    seconds.sort()
    found = {"rate": count / took, "p50": seconds[count // 2], "p99": seconds[count * 99 // 100]}
    print(json.dumps(found))


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[4:7]]
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], *numbers)
