"""Messages on their way to receivers: retried with back-off, and on demand doubled, shuffled or lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

import httpx


class ReleaseOrder(StrEnum):
    AS_SENT = "as_sent"
    REVERSED = "reversed"
    SHUFFLED = "shuffled"


class Message(Protocol):
    """Something to POST. What it says may differ from attempt to attempt."""

    @property
    def url(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def accepted(self) -> Callable[[], None] | None:
        """Called once, when the receiver has answered 2xx."""

    def request(self, *, number: int, at: datetime, first_at: datetime) -> tuple[bytes, dict[str, str]]:
        """Body and headers of an attempt; `first_at`: when the first one was made."""

    def is_retried(self, status: int | None) -> bool:
        """After this status, or None for no answer at all; never asked after 2xx."""


M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Attempt(Generic[M]):
    """One request to a receiver and how it ended: a status, or the transport error."""

    at: datetime
    message: M
    number: int
    headers: dict[str, str]
    status: int | None = None
    error: str | None = None

    @property
    def was_accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class DeliveryMode:
    """What happens to messages from now on."""

    copies: int = 1
    """Each message goes out so many times, with the same body."""
    hold: bool = False
    """Keep messages until `release`."""
    lose: int = 0
    """So many of the next messages never leave; -1 loses all."""


class Outbox(Generic[M]):
    """First attempts leave one at a time in the order of the events, retries when their time comes."""

    def __init__(
        self,
        *,
        signing_time: Callable[[], datetime],
        chance: random.Random,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.signing_time = signing_time
        self.transport = transport
        self.max_attempts = 8
        self.first_backoff_seconds = 0.1
        """Doubled each time: about 13 seconds in all."""
        self.timeout_seconds = 10.0
        self.attempts: list[Attempt[M]] = []
        self.posted: list[M] = []
        """Every message that was to be sent, also the held and the lost ones."""
        self.held: list[M] = []
        self.lost: list[M] = []
        self.given_up: list[M] = []
        self._chance = chance
        self._mode = DeliveryMode()
        self._to_lose = 0
        self._waiting: list[M] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._first_in_line = asyncio.Semaphore(1)
        self._client: httpx.AsyncClient | None = None

    @property
    def mode(self) -> DeliveryMode:
        return self._mode

    @mode.setter
    def mode(self, mode: DeliveryMode) -> None:
        self._mode = mode
        self._to_lose = mode.lose

    def post(self, message: M) -> None:
        """Queue a message; without a running event loop it leaves with the next `settle`."""
        self.posted.append(message)
        if self._loses():
            self.lost.append(message)
        elif self._mode.hold:
            self.held.extend([message] * self._mode.copies)
        else:
            self._send_all([message] * self._mode.copies)

    def resend(self, *, last: int = 1, copies: int = 1) -> int:
        """The last messages once more, the same bytes, whatever became of them; how many went."""
        messages = [message for message in self.posted[-last:] for _ in range(copies)]
        self._send_all(messages)
        return len(messages)

    def release(self, order: ReleaseOrder = ReleaseOrder.AS_SENT) -> int:
        """Send what was held; how many that were."""
        messages, self.held = self.held, []
        if order is ReleaseOrder.REVERSED:
            messages.reverse()
        elif order is ReleaseOrder.SHUFFLED:
            self._chance.shuffle(messages)
        self._send_all(messages)
        return len(messages)

    async def settle(self, timeout_seconds: float = 30.0) -> None:
        """Wait until every message is accepted or given up. Held ones stay held."""
        async with asyncio.timeout(timeout_seconds):
            while self._waiting or self._tasks:
                waiting, self._waiting = self._waiting, []
                self._send_all(waiting)
                await asyncio.gather(*self._tasks)
        await self._close_client()

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._close_client()

    def _loses(self) -> bool:
        if self._to_lose > 0:
            self._to_lose -= 1
            return True
        return self._to_lose < 0

    def _send_all(self, messages: list[M]) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._waiting.extend(messages)
            return
        for message in messages:
            task = loop.create_task(self._deliver(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, message: M) -> None:
        first_at = self.signing_time()
        async with self._first_in_line:
            attempt = await self._attempt(message, number=1, first_at=first_at)
        while _is_retried(attempt) and attempt.number < self.max_attempts:
            await asyncio.sleep(self.first_backoff_seconds * 2 ** (attempt.number - 1))
            attempt = await self._attempt(message, number=attempt.number + 1, first_at=first_at)
        self._finish(attempt)

    def _finish(self, attempt: Attempt[M]) -> None:
        if not attempt.was_accepted:
            self.given_up.append(attempt.message)
        elif attempt.message.accepted is not None:
            attempt.message.accepted()

    async def _attempt(self, message: M, *, number: int, first_at: datetime) -> Attempt[M]:
        at = self.signing_time()
        body, headers = message.request(number=number, at=at, first_at=first_at)
        try:
            answer = await self._http().post(
                message.url, content=body, headers=headers, timeout=self.timeout_seconds
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            attempt = Attempt(at, message, number, headers, error=f"{type(error).__name__}: {error}")
        else:
            attempt = Attempt(at, message, number, headers, status=answer.status_code)
        self.attempts.append(attempt)
        return attempt

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(transport=self.transport, trust_env=False)
        return self._client

    async def _close_client(self) -> None:
        client, self._client = self._client, None
        if client is not None and self.transport is None:
            await client.aclose()


def _is_retried(attempt: Attempt[M]) -> bool:
    return not attempt.was_accepted and attempt.message.is_retried(attempt.status)
