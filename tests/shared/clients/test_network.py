"""Calls over real sockets: connections are used again while they live, and nothing is ever sent twice."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.clients.http import HttpClient
from shared.clients.network import HIGH_WATER_BYTES, LoopTransport
from shared.domain.errors import InDoubt, Unavailable

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
Answers = Callable[[int, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Answers as told; knows every request that arrived and how many connections there were."""

    answer: Answers
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
                self.requests.append(head + await reader.readexactly(length))
                await self.answer(len(self.requests), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def a_server(answer: Answers, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(answer)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for writer in server.open:
            writer.close()


@asynccontextmanager
async def a_client(server: Server, *, seconds: float = 5, scheme: str = "http") -> AsyncIterator[HttpClient]:
    client = HttpClient(
        f"{scheme}://127.0.0.1:{server.port}", system="fortnox", timeout=timedelta(seconds=seconds)
    )
    try:
        yield client
    finally:
        await client.close()


async def says_ok(number: int, writer: asyncio.StreamWriter) -> None:
    writer.write(OK)


async def test_calls_one_after_another_share_a_connection_and_leave_in_one_piece() -> None:
    async with a_server(says_ok) as server, a_client(server) as client:
        for _ in range(3):
            answer = await client.call("PUT", "/3/orders/1", body=b'{"Order":{}}', headers={"X-Own": "1"})

    assert (answer.status, answer.body) == (200, b"{}")
    assert (len(server.requests), server.connections) == (3, 1)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /3/orders/1 HTTP/1.1\r\n")
    assert b"x-own: 1" in head.lower()
    assert body == b'{"Order":{}}'


async def test_calls_at_once_have_a_connection_each() -> None:
    async with a_server(says_ok) as server, a_client(server) as client:
        answers = await asyncio.gather(*(client.call("GET", "/3/orders") for _ in range(8)))

    assert [answer.status for answer in answers] == [200] * 8
    assert server.connections == 8


async def test_a_connection_that_was_closed_while_it_was_idle_is_not_used_again() -> None:
    async with a_server(says_ok) as server, a_client(server) as client:
        await client.call("POST", "/3/orders", body=b"{}")
        server.open[0].close()
        await asyncio.sleep(0.05)
        answer = await client.call("POST", "/3/orders", body=b"{}")

    assert answer.status == 200
    assert (len(server.requests), server.connections) == (2, 2)


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_write_whose_connection_dies_under_it_is_in_doubt_and_was_sent_once(method: str) -> None:
    async def dies_the_second_time(number: int, writer: asyncio.StreamWriter) -> None:
        if number == 1:
            writer.write(OK)
        else:
            writer.transport.abort()

    async with a_server(dies_the_second_time) as server, a_client(server) as client:
        await client.call(method, "/3/orders/1", body=b"{}")
        with pytest.raises(InDoubt):
            await client.call(method, "/3/orders/1", body=b"{}", idempotent=False)

    assert len(server.requests) == 2


async def test_an_answer_that_ends_too_soon_is_no_answer() -> None:
    async def half(number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
        writer.close()

    async with a_server(half) as server, a_client(server) as client:
        with pytest.raises(InDoubt, match="RemoteProtocolError"):
            await client.call("POST", "/3/orders", body=b"{}")


async def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    async def nothing(number: int, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with a_server(nothing) as server, a_client(server, seconds=0.1) as client:
        with pytest.raises(InDoubt, match="ReadTimeout"):
            await client.call("POST", "/3/orders", body=b"{}")


async def test_a_write_that_reached_nobody_is_known_not_to_have_happened(
    free_port: Callable[[], int],
) -> None:
    client = HttpClient(f"http://127.0.0.1:{free_port()}", system="fortnox", sleep=_at_once)
    with pytest.raises(Unavailable, match="ConnectError"):
        await client.call("POST", "/3/orders", body=b"{}")
    await client.close()


async def _at_once(seconds: float) -> None:
    """A wait that is none."""


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_an_answer_in_chunks_and_packed_is_put_together(coding: str) -> None:
    said = b'{"ok": true}' * 1000
    body = gzip.compress(said) if coding == "gzip" else said

    async def chunks(number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-encoding: %s\r\n\r\n" % coding.encode()
        )
        for start in range(0, len(body), 700):
            part = body[start : start + 700]
            writer.write(b"%x\r\n%s\r\n" % (len(part), part))
            await writer.drain()
        writer.write(b"0\r\n\r\n")

    async with a_server(chunks) as server, a_client(server) as client:
        answer = await client.call("GET", "/3/orders")

    assert answer.body == said


async def test_an_answer_larger_than_what_is_kept_unread_arrives_whole() -> None:
    body = b"x" * (5 * HIGH_WATER_BYTES)

    async def much(number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)

    async with a_server(much) as server, a_client(server) as client:
        answer = await client.call("GET", "/3/orders")

    assert answer.body == body


def a_certificate(folder: Path) -> Path:
    """Key and certificate of 127.0.0.1 in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.parametrize("trusted", [True, False])
async def test_tls_is_spoken_and_a_certificate_that_nobody_knows_is_refused(
    tmp_path: Path, trusted: bool
) -> None:
    file = a_certificate(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    asking = ssl.create_default_context(cafile=str(file) if trusted else None)
    async with a_server(says_ok, tls=serving) as server:
        transport = LoopTransport(ssl_context=asking, connections=2, keepalive_expiry=1)
        request = httpx.Request("GET", f"https://localhost:{server.port}/3/orders")
        if trusted:
            answers = [await transport.handle_async_request(request) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [200, 200]
            assert server.connections == 1
        else:
            with pytest.raises(httpx.ConnectError):
                await transport.handle_async_request(request)
            assert server.requests == []
        await transport.aclose()
