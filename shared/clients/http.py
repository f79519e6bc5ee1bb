"""The one module that imports httpx: timeouts, retries and what an unanswered call means.

A call ends in one of four ways:

answer           any status that says something: 2xx, and the 4xx that ``errors.py`` of the system reads
Unavailable      nothing happened over there: not reached, 429, or a read that kept failing
InDoubt          a write may have happened: it went out, and no understandable answer came back
anything else    our bug

Reads and writes that are declared idempotent are repeated for some seconds; other writes are repeated
only when they cannot have been executed (never connected, 401, 429).
"""

import asyncio
import inspect
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import httpx
import tenacity

from shared.clients import json_numbers
from shared.domain.errors import InDoubt, Unavailable

# Servers often close idle connections after 5 s, and Fortnox' window is 5 s: a connection kept that
# long dies just when it is used again, and on a write that is an unknown outcome.
KEEPALIVE_EXPIRY_SECONDS = 2.5
CONNECT_SECONDS = 5.0
ATTEMPTS = 4
BUDGET_SECONDS = 10.0
REFUSED_FOR = timedelta(seconds=5)
CONNECTIONS = 50
ALWAYS_SENT = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "sluss"}
REQUEST_ID_HEADERS = ("x-uid", "x-request-id", "x-correlation-id", "request-id")


@dataclass(frozen=True)
class Outgoing:
    """One attempt as it will be sent; what a signer may sign."""

    method: str
    url: str
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What came back; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body, with exact numbers. Raises ValueError when it is not JSON."""
        return json_numbers.loads(self.body)


@dataclass(frozen=True)
class CallRecord:
    """One attempt, for the audit trail and the metrics."""

    system: str
    endpoint: str
    method: str
    path: str
    request: bytes | None
    status: int | None
    answer: bytes | None
    vendor_request_id: str | None
    duration: timedelta
    error: str | None
    attempt: int = 1


Signer = Callable[[Outgoing], Awaitable[Mapping[str, str]]]
Renewer = Callable[[Mapping[str, str]], Awaitable[bool]]
Observer = Callable[[CallRecord], Awaitable[None] | None]
Transport = httpx.AsyncBaseTransport


class Limiter(Protocol):
    """What ``rate_limit.RateLimiter`` offers; ``take`` raises Unavailable when the wait is too long."""

    async def take(self, lane: str) -> None: ...
    async def refused(self, retry_after: timedelta | None = None) -> None: ...
    def granted(self) -> int: ...


@dataclass(frozen=True)
class _Call:
    method: str
    path: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]
    recorded: bytes | None
    idempotent: bool
    endpoint: str
    lane: str


class _TryAgain(Exception):
    """This attempt failed in a way that may be repeated; ``final`` is raised when tries run out."""

    def __init__(self, final: Unavailable) -> None:
        super().__init__(final.message)
        self.final = final


class HttpClient:
    """Calls to one system with one set of credentials. Close it when the connection changes."""

    def __init__(
        self,
        base_url: str,
        *,
        system: str,
        auth: Signer | None = None,
        renew: Renewer | None = None,
        timeout: timedelta = timedelta(seconds=15),
        limiter: Limiter | None = None,
        observer: Observer | None = None,
        bodies_are_secret: bool = False,
        understood: Callable[[Answer], bool] | None = None,
        transport: Transport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``renew`` gets the headers of a 401 and says whether to try once more; ``understood`` tells
        whether a 5xx is a clear refusal, so that nothing was done; with ``bodies_are_secret`` the
        observer does not get them."""
        self.base_url = base_url.rstrip("/")
        self.system = system
        self._auth, self._renew, self._limiter, self._observer = auth, renew, limiter, observer
        self.bodies_are_secret = bodies_are_secret
        self._understood = understood or (lambda answer: False)
        self._sleep = sleep
        self._seconds = timeout.total_seconds()
        self._transport = transport or httpx.AsyncHTTPTransport(
            verify=certificates(),
            trust_env=False,
            limits=httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEEPALIVE_EXPIRY_SECONDS),
        )
        connect = min(CONNECT_SECONDS, self._seconds)
        self._sending = {"timeout": httpx.Timeout(self._seconds, connect=connect).as_dict()}

    def granted(self) -> int:
        """Calls that the limiter has let through; 0 without a limiter."""
        return self._limiter.granted() if self._limiter is not None else 0

    async def close(self) -> None:
        await self._transport.aclose()

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        recorded: bytes | None = None,
        idempotent: bool | None = None,
        endpoint: str = "",
        lane: str = "sale",
    ) -> Answer:
        """One call as described above; ``path`` is encoded already, ``params`` are not.

        ``headers`` win over the signer's, and ``recorded`` is what the observer gets instead of the body.
        """
        full = path + ("?" + urlencode(params, quote_via=quote) if params else "")
        asked = _Call(
            method=method,
            path=full,
            url=self.base_url + full,
            body=body,
            headers=dict(headers or {}),
            recorded=body if recorded is None else recorded,
            idempotent=method in ("GET", "HEAD") if idempotent is None else idempotent,
            endpoint=endpoint or f"{method} {path}",
            lane=lane,
        )
        started = time.monotonic()
        try:
            return await self._attempt(asked, 1)
        except _TryAgain as failure:
            return await self._again(asked, failure, timedelta(seconds=time.monotonic() - started))

    async def _again(self, asked: _Call, first: _TryAgain, took: timedelta) -> Answer:
        """Apart: most calls need no second attempt, and tenacity was most of what they added to httpx."""
        try:
            async for attempt in self._retrying(took):
                with attempt:
                    number = attempt.retry_state.attempt_number
                    if number == 1:
                        raise first
                    return await self._attempt(asked, number)
        except _TryAgain as last:
            raise last.final from last.__cause__
        raise first.final  # not reached: an attempt answers or raises

    def _retrying(self, took: timedelta) -> tenacity.AsyncRetrying:
        left = max(BUDGET_SECONDS - took.total_seconds(), 0.0)
        return tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_TryAgain),
            wait=tenacity.wait_exception(_asked_to_wait) + tenacity.wait_random_exponential(0.3, max=2),
            stop=tenacity.stop_any(tenacity.stop_after_attempt(ATTEMPTS), tenacity.stop_before_delay(left)),
            sleep=self._sleep,
            reraise=True,
        )

    async def _attempt(self, asked: _Call, number: int) -> Answer:
        answer, headers = await self._sent(asked, number)
        if answer.status == 401 and self._renew is not None and await self._renew(headers):
            answer, _ = await self._sent(asked, number)
        if answer.status == 429:
            raise _TryAgain(await self._refused(asked, answer))
        if answer.status >= 500 and not self._understood(answer):
            raise self._no_answer(asked, f"{answer.status}", _retry_after(answer))
        return answer

    async def _sent(self, asked: _Call, number: int) -> tuple[Answer, Mapping[str, str]]:
        if self._limiter is not None:
            await self._limiter.take(asked.lane)
        headers = dict(asked.headers)
        if self._auth is not None:
            signed = await self._auth(Outgoing(asked.method, asked.url, asked.body or b""))
            headers = {**signed, **headers}
        watch = _Watch(self, asked, number)
        try:
            async with asyncio.timeout(self._seconds * 2):  # httpx' timeout starts anew with every byte
                answer = await self._once(asked, headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failure:
            await watch.ended(error=_words(failure))
            raise _TryAgain(self._unavailable(asked, _words(failure))) from failure
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
            raise  # our bug: nothing left the house
        except (httpx.RequestError, TimeoutError) as failure:
            await watch.ended(error=_words(failure))
            raise self._no_answer(asked, _words(failure)) from failure
        except asyncio.CancelledError:
            await watch.ended(error="cancelled")
            raise
        await watch.ended(answer=answer)
        return answer, headers

    async def _once(self, asked: _Call, headers: Mapping[str, str]) -> Answer:
        """Past httpx' client, whose redirects, cookies and sessions no system here has a use for."""
        request = httpx.Request(
            asked.method,
            asked.url,
            headers={**ALWAYS_SENT, **headers},
            content=asked.body,
            extensions=self._sending,
        )
        answer = await self._transport.handle_async_request(request)
        try:
            body = await answer.aread()
        finally:
            await answer.aclose()
        return Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, body)

    async def _refused(self, asked: _Call, answer: Answer) -> Unavailable:
        """429 means not executed. With a limiter the next attempt waits there, together with all others."""
        wait = _retry_after(answer)
        if self._limiter is not None:
            await self._limiter.refused(wait)
            wait = None
        else:
            wait = wait or REFUSED_FOR
        return self._unavailable(asked, "429, too many requests", wait)

    def _no_answer(self, asked: _Call, what: str, wait: timedelta | None = None) -> Exception:
        if asked.idempotent:
            return _TryAgain(self._unavailable(asked, what, wait))
        return InDoubt(
            f"{self.system} did not answer {asked.endpoint} ({what}): it may or may not have happened",
            facts={"system": self.system, "endpoint": asked.endpoint},
        )

    def _unavailable(self, asked: _Call, what: str, wait: timedelta | None = None) -> Unavailable:
        return Unavailable(
            f"{self.system} is not available for {asked.endpoint}: {what}",
            retry_after=wait,
            facts={"system": self.system, "endpoint": asked.endpoint},
        )

    async def observe(self, record: CallRecord) -> None:
        if self._observer is not None:
            waiting = self._observer(record)
            if inspect.isawaitable(waiting):
                await waiting


@dataclass
class _Watch:
    client: HttpClient
    asked: _Call
    number: int
    started: float = field(default_factory=time.monotonic)

    async def ended(self, *, answer: Answer | None = None, error: str | None = None) -> None:
        headers = answer.headers if answer else {}
        shown = not self.client.bodies_are_secret
        await self.client.observe(
            CallRecord(
                system=self.client.system,
                endpoint=self.asked.endpoint,
                method=self.asked.method,
                path=self.asked.path,
                request=self.asked.recorded if shown else None,
                status=answer.status if answer else None,
                answer=answer.body if answer and shown else None,
                vendor_request_id=next((headers[n] for n in REQUEST_ID_HEADERS if n in headers), None),
                duration=timedelta(seconds=time.monotonic() - self.started),
                error=error,
                attempt=self.number,
            )
        )


def multipart(part: str, filename: str, content: bytes) -> tuple[bytes, str]:
    """A body with one file, and its Content-Type."""
    request = httpx.Request("POST", "http://nowhere", files={part: (filename, content)})
    return request.read(), request.headers["Content-Type"]


@cache
def certificates() -> ssl.SSLContext:
    """Loading them takes 75 ms of a processor; one context serves every client."""
    return httpx.create_ssl_context(trust_env=False)


def _asked_to_wait(failure: BaseException) -> float:
    wait = failure.final.retry_after if isinstance(failure, _TryAgain) else None
    return wait.total_seconds() if wait else 0.0


def _retry_after(answer: Answer) -> timedelta | None:
    """Seconds or an HTTP date; nonsense counts as absent."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return timedelta(seconds=min(int(value), 24 * 3600))
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(aware - datetime.now(UTC), timedelta(0))


def _words(failure: BaseException) -> str:
    return f"{type(failure).__name__}: {failure}" if str(failure) else type(failure).__name__
