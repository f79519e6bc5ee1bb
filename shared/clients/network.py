"""How calls travel: HTTP by httpcore, on the event loop's own sockets instead of anyio's.

httpcore asks every idle connection whether it was closed, whenever a call starts or ends. Through anyio each
answer is a system call; here the loop has told us already. A call's head and body leave together.
"""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any, cast

import httpcore
import httpx

HIGH_WATER_BYTES = 1024 * 1024


class LoopTransport(httpx.AsyncBaseTransport):
    """What httpx' own transport does, with the whole answer read before it is handed on.

    Raises httpx' errors: theirs of the same name. A call is never sent a second time.
    """

    def __init__(self, *, ssl_context: ssl.SSLContext, connections: int, keepalive_expiry: float) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=connections,
            keepalive_expiry=keepalive_expiry,
            network_backend=LoopNetwork(),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.content,
            extensions=request.extensions,
        )
        try:
            answer = await self._pool.handle_async_request(asked)
            try:
                body = await answer.aread()
            finally:
                await answer.aclose()
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as failure:
            raise _as_httpx(failure, request) from failure
        return httpx.Response(answer.status, headers=answer.headers, content=body, request=request)

    async def aclose(self) -> None:
        await self._pool.aclose()


def _as_httpx(failure: Exception, request: httpx.Request) -> httpx.RequestError:
    theirs = getattr(httpx, type(failure).__name__, httpx.TransportError)
    return cast("httpx.RequestError", theirs(str(failure), request=request))


class Stream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """One connection. What arrives is kept until it is read; more than HIGH_WATER_BYTES is left to wait."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived = bytearray()
        self._leaving: list[bytes] = []
        self._ended = False
        self._failure: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._paused = False
        self._transport: asyncio.Transport

    # ── what the loop tells us ────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is no subclass of asyncio's

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        if len(self._arrived) > HIGH_WATER_BYTES and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._tell()

    def eof_received(self) -> bool:
        self._ended = True
        self._tell()
        return False

    def connection_lost(self, failure: Exception | None) -> None:
        self._ended = True
        self._failure = failure
        self._tell()

    def _tell(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    # ── what httpcore asks for ────────────────────────────────────────────────────────────────────

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._flush()
        if not self._arrived and not self._ended:
            await self._wait(timeout)
        data = bytes(self._arrived[:max_bytes])
        del self._arrived[:max_bytes]
        if self._paused and not self._arrived:
            self._paused = False
            self._transport.resume_reading()
        if not data and self._failure is not None:
            raise httpcore.ReadError(str(self._failure)) from self._failure
        return data

    async def _wait(self, timeout: float | None) -> None:
        self._reader = self._loop.create_future()
        try:
            async with asyncio.timeout(timeout):
                await self._reader
        except TimeoutError as late:
            raise httpcore.ReadTimeout(str(late)) from late
        finally:
            self._reader = None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Kept until the answer is read for, or the loop comes round: never longer."""
        if self._ended:
            raise httpcore.WriteError("the connection was closed")
        if not self._leaving:
            self._loop.call_soon(self._flush)
        self._leaving.append(buffer)

    def _flush(self) -> None:
        if self._leaving:
            self._transport.write(b"".join(self._leaving))
            self._leaving.clear()

    async def aclose(self) -> None:
        self._flush()
        self._transport.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                secured = await self._loop.start_tls(
                    self._transport, self, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError as late:
            self._transport.abort()
            raise httpcore.ConnectTimeout(str(late)) from late
        except (OSError, ssl.SSLError) as failure:
            self._transport.abort()
            raise httpcore.ConnectError(str(failure)) from failure
        if secured is None:
            raise httpcore.ConnectError("the connection was closed")
        self._transport = secured
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return self._ended or bool(self._arrived)
        name = {"client_addr": "sockname", "server_addr": "peername"}.get(info, info)
        return self._transport.get_extra_info(name)


class LoopNetwork(httpcore.AsyncNetworkBackend):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                _, stream = await asyncio.get_running_loop().create_connection(Stream, host, port)
        except TimeoutError as late:
            raise httpcore.ConnectTimeout(str(late)) from late
        except OSError as failure:
            raise httpcore.ConnectError(str(failure)) from failure
        return stream

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
