"""Faults on the way in or out of a stand-in: an outer ASGI layer that the stand-ins know nothing of.

A rule names a system, a method and a path; the first active rule that matches decides.
`drop_*` really breaks the connection under uvicorn, and raises the client's transport error in process.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class System(StrEnum):
    SVEA_CHECKOUT = "svea_checkout"
    SVEA_ADMIN = "svea_admin"
    FORTNOX = "fortnox"
    FORTNOX_OAUTH = "fortnox_oauth"
    MAGENTO = "magento"


class When(StrEnum):
    """Before the stand-in sees the request, or after it has committed and before the answer leaves."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class Status:
    """Answer this instead; the stand-in never sees the request."""

    code: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Delay:
    seconds: float
    when: When = When.BEFORE


@dataclass(frozen=True)
class Drop:
    """`before`: nothing is committed and nobody answers. `after`: committed, and the answer is lost."""

    when: When = When.AFTER


@dataclass(frozen=True)
class Pause:
    """Hold the request until it is released."""

    when: When = When.AFTER


Action = Status | Delay | Drop | Pause


@dataclass(frozen=True)
class FaultRule:
    system: System
    action: Action
    method: str | None = None
    path: str = ""
    """Regular expression, searched in the path below the system's root, e.g. `^/3/invoices$`."""
    times: int | None = None
    after: int = 0
    """So many matching requests pass first."""


@dataclass
class ActiveRule:
    number: int
    rule: FaultRule
    seen: int = 0
    hits: int = 0

    def takes(self, system: System, method: str, path: str) -> bool:
        """Counts the request, and says whether the fault happens to it."""
        rule = self.rule
        if system is not rule.system or (rule.method or method).upper() != method:
            return False
        if re.search(rule.path, path) is None:
            return False
        self.seen += 1
        if self.seen <= rule.after or (rule.times is not None and self.hits >= rule.times):
            return False
        self.hits += 1
        return True


@dataclass
class HeldRequest:
    number: int
    system: System
    method: str
    path: str
    when: When
    released: asyncio.Event = field(default_factory=asyncio.Event)


class Faults:
    """The rules in force and the requests that are being held."""

    def __init__(self) -> None:
        self.rules: list[ActiveRule] = []
        self.held: list[HeldRequest] = []
        self._numbers = count(1)
        self._someone_held = asyncio.Condition()

    def add(self, rule: FaultRule) -> ActiveRule:
        re.compile(rule.path)
        active = ActiveRule(next(self._numbers), rule)
        self.rules.append(active)
        return active

    def remove(self, number: int) -> bool:
        kept = [active for active in self.rules if active.number != number]
        removed = len(kept) < len(self.rules)
        self.rules = kept
        return removed

    def clear(self) -> None:
        """No more rules; held requests go on."""
        self.rules = []
        self.release()

    def release(self, number: int | None = None) -> int:
        """Let one held request go on, or all; how many went."""
        going = [request for request in self.held if number in (None, request.number)]
        for request in going:
            request.released.set()
        return len(going)

    async def until_held(self, how_many: int = 1, *, timeout_seconds: float = 10.0) -> list[HeldRequest]:
        """Wait until so many requests are held."""
        async with asyncio.timeout(timeout_seconds), self._someone_held:
            await self._someone_held.wait_for(lambda: len(self.held) >= how_many)
        return list(self.held)

    def strike(self, system: System, method: str, path: str) -> Action | None:
        for active in self.rules:
            if active.takes(system, method, path):
                return active.rule.action
        return None

    async def hold(self, system: System, method: str, path: str, when: When) -> None:
        request = HeldRequest(next(self._numbers), system, method, path, when)
        self.held.append(request)
        async with self._someone_held:
            self._someone_held.notify_all()
        try:
            await request.released.wait()
        finally:
            self.held.remove(request)


def locate(path: str) -> tuple[System, str] | None:
    """Which system a path of the whole sandbox belongs to, and the path below that system's root."""
    for root, system in (
        ("/svea/checkout", System.SVEA_CHECKOUT),
        ("/svea/admin", System.SVEA_ADMIN),
        ("/fortnox", System.FORTNOX),
        ("/magento", System.MAGENTO),
    ):
        if path.startswith(root + "/"):
            inner = path.removeprefix(root)
            is_oauth = system is System.FORTNOX and inner.startswith("/oauth-v1/")
            return (System.FORTNOX_OAUTH if is_oauth else system), inner
    return None


class FaultLayer:
    """ASGI layer around the whole sandbox."""

    def __init__(self, app: ASGIApp, faults: Faults, *, in_process: bool) -> None:
        self.app = app
        self.faults = faults
        self.in_process = in_process

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = locate(scope["path"]) if scope["type"] == "http" else None
        action = place and self.faults.strike(place[0], scope["method"], place[1])
        if place is None or action is None:
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(self.app, scope, receive, send)
        match action:
            case Status():
                await exchange.read_request()
                await _answer(send, action)
            case Drop(when):
                await self._drop(exchange, when)
            case Delay(seconds, when):
                await exchange.pausing(when, lambda: asyncio.sleep(seconds))
            case Pause(when):
                system, path = place
                await exchange.pausing(when, lambda: self.faults.hold(system, scope["method"], path, when))

    async def _drop(self, exchange: _Exchange, when: When) -> None:
        if when is When.AFTER:
            await exchange.commit()
        else:
            await exchange.read_request()
        if self.in_process:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        await _break_off(exchange.send)


@dataclass
class _Exchange:
    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send

    async def read_request(self) -> None:
        """Take in the body although nobody wants it: a server that closes on unread bytes resets."""
        more = True
        while more:
            message = await self.receive()
            more = message["type"] == "http.request" and message.get("more_body", False)

    async def commit(self) -> list[Message]:
        """Let the stand-in do its work, and keep its answer back."""
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self.app(self.scope, self.receive, keep)
        return answer

    async def pausing(self, when: When, wait: Callable[[], Awaitable[None]]) -> None:
        if when is When.BEFORE:
            await wait()
            await self.app(self.scope, self.receive, self.send)
            return
        answer = await self.commit()
        await wait()
        for message in answer:
            await self.send(message)


async def _answer(send: Send, action: Status) -> None:
    headers = {"content-length": str(len(action.body)), "content-type": "application/json"}
    headers |= {name.lower(): value for name, value in action.headers.items()}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": action.code, "headers": raw})
    await send({"type": "http.response.body", "body": action.body})


async def _break_off(send: Send) -> None:
    """Announce a body and never send it: the server closes the connection, and the client sees it break."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"65536")]})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
