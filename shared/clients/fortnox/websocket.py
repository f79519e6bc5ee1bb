"""One connection to Fortnox' event stream, for many tenants at once.

Commands are answered one at a time, also while events flow. Whatever breaks is Unavailable: what was
missed is asked for again by offset, on the next connection.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from shared.clients.fortnox.websocket_frames import (
    Reply,
    StreamEvent,
    Unreadable,
    bearer,
    command,
    to_frame,
    topics_payload,
)
from shared.clients.http import certificates
from shared.domain.errors import Unavailable

PING_EVERY_SECONDS = 30.0
PONG_WITHIN_SECONDS = 20.0
CONNECT_WITHIN_SECONDS = 15.0
ANSWER_WITHIN_SECONDS = 20.0
CLOSE_WITHIN_SECONDS = 2.0
MOST_WAITING = 1000  # events that nobody has taken yet; then the socket itself is made to wait
LARGEST_FRAME_BYTES = 1024 * 1024
TOO_MANY = 429
LEAST_PAUSE = timedelta(seconds=30)  # after a 429 that names no time


@dataclass(frozen=True)
class Joined:
    """Tenant ids by access token, and the tokens that were not taken."""

    tenants: Mapping[str, int]
    refused: tuple[str, ...]


class EventStream:
    """Add tenants, add topics, subscribe; then ``events``. Made by ``open_stream``."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._waiting: asyncio.Queue[StreamEvent | Unreadable | None] = asyncio.Queue(MOST_WAITING)
        self._one_at_a_time = asyncio.Lock()
        self._asked: tuple[str, asyncio.Future[Reply]] | None = None
        self._ended: Unavailable | None = None

    async def add_tenants(self, client_secret: str, tokens: Sequence[str]) -> Joined:
        """Those whose token is good are on the connection, also when others are refused."""
        reply = await self._ask(
            "add-tenants",
            includeChildTenants=False,
            clientSecret=client_secret,
            accessTokens=[bearer(token) for token in tokens],
        )
        if not reply.ok and not reply.invalid_tokens:
            raise Unavailable(f"Fortnox' event stream refused all tenants: {reply.said or 'no reason given'}")
        return Joined(reply.tenants, reply.invalid_tokens)

    async def remove_tenants(self, tenants: Sequence[int]) -> None:
        await self._ask("remove-tenants", tenants=list(tenants))

    async def add_topics(self, offsets: Mapping[str, str | None]) -> tuple[str, ...]:
        """Each with the offset to go on from; those that were refused."""
        reply = await self._ask("add-topics", topics=topics_payload(offsets))
        if not reply.ok and not reply.invalid_topics:
            raise Unavailable(f"Fortnox' event stream refused all topics: {reply.said or 'no reason given'}")
        return reply.invalid_topics

    async def subscribe(self) -> None:
        """From now on events come."""
        reply = await self._ask("subscribe")
        if not reply.ok:
            raise Unavailable(f"Fortnox' event stream refused to begin: {reply.said or 'no reason given'}")

    async def events(self) -> AsyncIterator[StreamEvent | Unreadable]:
        """As they come, for as long as the connection lives; then raises Unavailable."""
        while (found := await self._waiting.get()) is not None:
            yield found
        raise self._ended or Unavailable("Fortnox' event stream ended")

    async def _ask(self, name: str, **payload: object) -> Reply:
        async with self._one_at_a_time:
            if self._ended is not None:
                raise self._ended
            answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
            self._asked = (name, answered)
            try:
                async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                    await self._socket.send(command(f"{name}-v1", **payload))
                    return await answered
            except TimeoutError:
                raise Unavailable(f"Fortnox' event stream did not answer {name}") from None
            except ConnectionClosed as closed:
                raise _lost(closed) from closed
            finally:
                self._asked = None

    async def listen(self) -> None:
        """Read until the connection ends; ``open_stream`` runs it."""
        ended = Unavailable("Fortnox closed the event stream")
        try:
            async for text in self._socket:
                await self._take(to_frame(text))
        except WebSocketException as closed:
            ended = _lost(closed)
        finally:
            self._ended = ended
            if self._asked is not None and not self._asked[1].done():
                self._asked[1].set_exception(ended)
        await self._waiting.put(None)

    async def _take(self, frame: StreamEvent | Reply | Unreadable) -> None:
        if not isinstance(frame, Reply):
            await self._waiting.put(frame)
        elif self._asked is not None and frame.command == self._asked[0] and not self._asked[1].done():
            self._asked[1].set_result(frame)
        else:
            await self._waiting.put(Unreadable(f"an answer to {frame.command}, which nobody asked"))


@asynccontextmanager
async def open_stream(url: str) -> AsyncIterator[EventStream]:
    """Connected inside. Raises Unavailable, with what a 429 asks us to wait."""
    try:
        socket = await connect(
            url,
            ssl=certificates() if url.startswith("wss:") else None,
            proxy=None,
            compression=None,
            user_agent_header=None,
            open_timeout=CONNECT_WITHIN_SECONDS,
            ping_interval=PING_EVERY_SECONDS,
            ping_timeout=PONG_WITHIN_SECONDS,
            close_timeout=CLOSE_WITHIN_SECONDS,
            max_size=LARGEST_FRAME_BYTES,
        )
    except InvalidStatus as refused:
        raise _refused(refused) from refused
    except (WebSocketException, OSError, TimeoutError) as failure:
        raise Unavailable(f"Fortnox' event stream cannot be reached: {_words(failure)}") from failure
    stream = EventStream(socket)
    listening = asyncio.create_task(stream.listen())
    try:
        yield stream
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await socket.close()


def _refused(refused: InvalidStatus) -> Unavailable:
    status = refused.response.status_code
    pause = _retry_after(refused.response.headers.get("Retry-After", "")) if status == TOO_MANY else None
    return Unavailable(
        f"Fortnox' event stream answered {status}", retry_after=pause, facts={"http_status": str(status)}
    )


def _retry_after(value: str) -> timedelta:
    """Seconds or an HTTP date; nonsense counts as absent."""
    if value.strip().isdecimal():
        return timedelta(seconds=min(int(value), 3600))
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return LEAST_PAUSE
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(aware - datetime.now(UTC), timedelta(0)), timedelta(hours=1))


def _lost(closed: WebSocketException) -> Unavailable:
    return Unavailable(f"Fortnox' event stream was lost: {_words(closed)}")


def _words(failure: BaseException) -> str:
    return f"{type(failure).__name__}: {failure}" if str(failure) else type(failure).__name__
