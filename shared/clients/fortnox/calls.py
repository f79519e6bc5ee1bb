"""How Fortnox is asked and told: wrappers, pages, writes, and what an answer that is not 2xx becomes."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Self, TypeVar
from urllib.parse import quote

from shared.clients import json_numbers
from shared.clients.fields import Fields
from shared.clients.fortnox import wire
from shared.clients.fortnox.auth import FortnoxTokens
from shared.clients.fortnox.encode import encode
from shared.clients.fortnox.errors import NotFound, error_for
from shared.clients.http import Answer, HttpClient
from shared.domain.errors import InDoubt, RefusedByFortnox, UnreadableAnswer

T = TypeVar("T")
PAGE_SIZE = 500


class FortnoxCalls:
    """One Fortnox company, in one lane of its rate limit."""

    def __init__(self, http: HttpClient, tokens: FortnoxTokens, lane: str = "sale") -> None:
        self.tokens, self.lane = tokens, lane
        self._http = http

    def in_lane(self, lane: str) -> Self:
        """The same connection pool, tokens and limiter, in another lane."""
        return type(self)(self._http, self.tokens, lane)

    def granted(self) -> int:
        """How many calls the rate limit has let through for this process, in all lanes."""
        return self._http.granted()

    async def close(self) -> None:
        await self._http.close()
        await self.tokens.close()

    async def _one(
        self, path: str, wrapper: str, to: Callable[[Fields], T], params: Mapping[str, str] | None = None
    ) -> T:
        return wire.single(read_json(await self._call("GET", path, params=params)), wrapper, to)

    async def _one_or_none(
        self, path: str, wrapper: str, to: Callable[[Fields], T], params: Mapping[str, str] | None = None
    ) -> T | None:
        """For what nobody has published a code of being missing: payments, vouchers, files."""
        try:
            return await self._one(path, wrapper, to, params)
        except RefusedByFortnox as refusal:
            if not is_missing(refusal):
                raise
            return None

    async def _list(
        self, path: str, params: Mapping[str, str], key: str, to: Callable[[Fields], T]
    ) -> list[T]:
        return [item async for page in self._pages(path, params) for item in wire.listed(page, key, to)]

    async def _pages(self, path: str, params: Mapping[str, str]) -> AsyncIterator[Any]:
        page = 1
        while True:
            asked = {**params, "limit": str(PAGE_SIZE), "page": str(page)}
            body = read_json(await self._call("GET", path, params=asked))
            yield body
            if wire.page_info(body).total <= page:
                return
            page += 1

    async def _write(
        self,
        method: str,
        path: str,
        kind: str,
        payload: Mapping[str, Any],
        to: Callable[[Fields], T],
        *,
        params: Mapping[str, str] | None = None,
        idempotent: bool = False,
    ) -> T:
        body = json_numbers.dumps(encode(kind, payload))
        answer = await self._call(method, path, params=params, body=body, idempotent=idempotent)
        with WroteAlready(path):
            return wire.single(read_json(answer), kind, to)

    async def _act(self, path: str, wrapper: str, to: Callable[[Fields], T]) -> T:
        answer = await self._call("PUT", path)
        with WroteAlready(path):
            return wire.single(read_json(answer), wrapper, to)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        recorded: bytes | None = None,
        idempotent: bool | None = None,
    ) -> Answer:
        endpoint = f"{method} {_template(path)}"
        answer = await self._http.call(
            method,
            path,
            params=params,
            body=body,
            headers=headers,
            recorded=recorded,
            idempotent=idempotent,
            endpoint=endpoint,
            lane=self.lane,
        )
        if not answer.ok:
            raise error_for(answer, endpoint=f"{method} {path}", write=method != "GET" and not idempotent)
        return answer


class WroteAlready:
    """2xx but unreadable: the write happened, and only a look-up can tell what it made."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, failure: BaseException | None, trace: Any) -> None:
        if isinstance(failure, UnreadableAnswer):
            raise InDoubt(f"Fortnox answered {self._path} unreadably: {failure.message}") from failure


def is_missing(refusal: RefusedByFortnox) -> bool:
    return isinstance(refusal, NotFound) or refusal.facts.get("http_status") == "404"


def read_json(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise UnreadableAnswer(f"Fortnox' answer is not JSON: {answer.body[:80]!r}") from None


def path_part(number: str) -> str:
    """One part of a path; "/" in an article number becomes %2F."""
    if not number:
        raise ValueError("an empty number would address the whole register")
    return quote(number, safe="")


def _template(path: str) -> str:
    """/3/orders/17/cancel -> /3/orders/{n}/cancel, so that metrics stay few."""
    parts = path.split("/")
    if parts[2:3] in (["prices"], ["vouchers"]):  # several parts are one name: list, article and quantity
        return "/".join(parts[:3] + ["{n}"] * (len(parts) > 3))
    if len(parts) > 3 and parts[2] != "settings":
        parts[3] = "{n}"
    return "/".join(parts)
