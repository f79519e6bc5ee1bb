"""Webhooks on their way: signed, retried with back-off, and on demand doubled, shuffled or lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import httpx

from services.sandbox.svea.merchants import Merchant
from services.sandbox.svea.signing import webhook_headers


class Kind(StrEnum):
    EVENT = "event"
    PUSH = "push"
    PING = "ping"


class ReleaseOrder(StrEnum):
    AS_SENT = "as_sent"
    REVERSED = "reversed"
    SHUFFLED = "shuffled"


@dataclass(frozen=True)
class Message:
    merchant: Merchant
    kind: Kind
    url: str
    name: str
    body: bytes
    accepted: Callable[[], None] | None = None
    """Called once, when the receiver has answered 2xx."""


@dataclass(frozen=True)
class Attempt:
    """One request to a receiver and how it ended: a status, or the transport error."""

    at: datetime
    message: Message
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


class Outbox:
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
        """Doubled each time: about 13 seconds in all. Svea's real numbers are not published."""
        self.timeout_seconds = 10.0
        self.attempts: list[Attempt] = []
        self.posted: list[Message] = []
        """Every message that was to be sent, also the held and the lost ones."""
        self.held: list[Message] = []
        self.lost: list[Message] = []
        self.given_up: list[Message] = []
        self._chance = chance
        self._mode = DeliveryMode()
        self._to_lose = 0
        self._waiting: list[Message] = []
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

    def post(self, message: Message) -> None:
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

    def _send_all(self, messages: list[Message]) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._waiting.extend(messages)
            return
        for message in messages:
            task = loop.create_task(self._deliver(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, message: Message) -> None:
        headers = self._sign(message)
        async with self._first_in_line:
            attempt = await self._attempt(message, number=1, headers=headers)
        while _is_retried(attempt) and attempt.number < self.max_attempts:
            await asyncio.sleep(self.first_backoff_seconds * 2 ** (attempt.number - 1))
            headers = self._sign(message) if message.merchant.resigns_retries else headers
            attempt = await self._attempt(message, number=attempt.number + 1, headers=headers)
        self._finish(attempt)

    def _finish(self, attempt: Attempt) -> None:
        if not attempt.was_accepted:
            self.given_up.append(attempt.message)
        elif attempt.message.accepted is not None:
            attempt.message.accepted()

    def _sign(self, message: Message) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if message.merchant.signs_webhooks:
            headers |= webhook_headers(
                secret=message.merchant.secret, body=message.body, at=self.signing_time()
            )
        return headers

    async def _attempt(self, message: Message, *, number: int, headers: dict[str, str]) -> Attempt:
        at = self.signing_time()
        try:
            answer = await self._http().post(
                message.url, content=message.body, headers=headers, timeout=self.timeout_seconds
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


def _is_retried(attempt: Attempt) -> bool:
    """Subscriptions: all but 2xx. Pushes: only 404, 5xx and no answer (svea.md 2.6, 4.2)."""
    if attempt.was_accepted:
        return False
    if attempt.message.kind is not Kind.PUSH or attempt.status is None:
        return True
    return attempt.status == 404 or attempt.status >= 500
