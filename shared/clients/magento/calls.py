"""How this house calls one shop: few at once, signed anew for each attempt, refusals as errors.

The parts of ``MagentoClient`` stand on this. A call that was refused for its signature or nonce did
nothing, so it is made once more: with the path signed as the other versions do where they differ, else
with a fresh nonce. A read that met a masked error is made once more too; a write never is.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self, TypeVar
from urllib.parse import quote

from shared.clients import json_numbers
from shared.clients.fields import Fields
from shared.clients.http import Answer, HttpClient
from shared.clients.magento.errors import Said, TooMany, WrongSignature, error_for
from shared.clients.magento.search import Filter, Group, Search
from shared.clients.magento.signer import Authentication, is_ambiguous
from shared.domain.errors import (
    InDoubt,
    MagentoCredentials,
    MagentoRights,
    SlussError,
    UnreadableAnswer,
)

T = TypeVar("T")
MASKED_PAUSE_SECONDS = 0.5
NUMBER_OR_UUID = re.compile(r"/(?:\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=/|$)")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Gate:
    """At most so many calls of this process at once; one place is always left for sales."""

    def __init__(self, at_once: int) -> None:
        self._all = asyncio.Semaphore(at_once)
        self._others = asyncio.Semaphore(max(at_once - 1, 1))

    @asynccontextmanager
    async def through(self, lane: str) -> AsyncIterator[None]:
        if lane == "sale":
            async with self._all:
                yield
        else:
            async with self._others, self._all:
                yield


@dataclass
class Shop:
    """What all lanes of one shop share; the last three are learned from its answers."""

    http: HttpClient
    authentication: Authentication
    gate: Gate = field(default_factory=lambda: Gate(4))
    clock: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    most_per_page: int | None = None
    most_per_list: int | None = None
    no_svea_column_until: datetime | None = None


class Calls:
    """One shop, in one lane of its rate limit."""

    def __init__(self, shop: Shop, lane: str = "sale") -> None:
        self._shop, self.lane = shop, lane

    def in_lane(self, lane: str) -> Self:
        """The same connection pool and limits, in another lane."""
        return type(self)(self._shop, lane)

    def granted(self) -> int:
        """How many calls the rate limit has let through for this process, in all lanes."""
        return self._shop.http.granted()

    async def close(self) -> None:
        await self._shop.http.close()

    async def refusal_of(
        self, path: str, params: Mapping[str, str] | None = None
    ) -> MagentoCredentials | MagentoRights | None:
        """What a read is refused with, if it is."""
        try:
            await self._call("GET", path, params=params)
        except (MagentoCredentials, MagentoRights) as refused:
            return refused
        return None

    # ── one call ──────────────────────────────────────────────────────────────────────────────────

    async def _get(self, path: str, params: Mapping[str, str] | None = None, *, of: str = "answer") -> Fields:
        return Fields(await self._json("GET", path, params=params), of=of)

    async def _json(self, method: str, path: str, **how: Any) -> Any:
        answer = await self._call(method, path, **how)
        try:
            return answer.json()
        except ValueError:
            text = f"Magento's answer to {method} {path} is not JSON: {answer.body[:80]!r}"
            if method == "GET":
                raise UnreadableAnswer(f"{text}; is base_url the shop's own address?") from None
            raise InDoubt(text) from None

    async def _made(self, path: str, payload: Any, to: Callable[[Fields], T]) -> T:
        """What a POST made. An answer that is not understood leaves it in doubt: it was made."""
        answer = await self._json("POST", path, payload=payload)
        try:
            return to(Fields(answer, of="answer"))
        except UnreadableAnswer as failure:
            raise InDoubt(f"Magento answered POST {path} unreadably: {failure.message}") from failure

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        payload: Any = None,
        idempotent: bool | None = None,
        store: str = "",
        version: str = "V1",
        once: bool = False,
    ) -> Answer:
        """``path`` begins after the version; ``store`` is a store code or ``all``; with ``once`` a masked
        error is not tried again. Raises what ``errors.error_for`` says."""
        full = "/".join(("/rest", *((store,) if store else ()), version)) + path
        safe = method == "GET" if idempotent is None else idempotent
        body = None if payload is None else json_numbers.dumps(payload)

        async def attempt() -> Answer:
            async with self._shop.gate.through(self.lane):
                return await self._shop.http.call(
                    method,
                    full,
                    params=params,
                    body=body,
                    idempotent=safe,
                    endpoint=f"{method} {_template(full)}",
                    lane=self.lane,
                )

        answer = await attempt()
        if answer.ok:
            return answer
        error = error_for(answer, endpoint=f"{method} {full}", write=not safe)
        again = await self._again(error, answer, full, attempt, once=once or not safe)
        if again is None:
            raise error
        if not again.ok:
            raise error_for(again, endpoint=f"{method} {full}", write=not safe)
        return again

    async def _again(
        self,
        error: SlussError,
        answer: Answer,
        path: str,
        attempt: Callable[[], Awaitable[Answer]],
        *,
        once: bool,
    ) -> Answer | None:
        """The answer to a second attempt, or None where there is nothing to try."""
        signer = self._shop.authentication
        if isinstance(error, WrongSignature) and is_ambiguous(path):
            signed_as = signer.undo_escapes
            signer.undo_escapes = not signed_as
            again = await attempt()
            if not again.ok and "signature is invalid" in Said(again).words:
                signer.undo_escapes = signed_as  # it was the secrets
            return again
        if isinstance(error, MagentoCredentials) and "nonce" in error.message:
            return await attempt()
        if answer.status == 500 and Said(answer).report and not once:
            await self._shop.sleep(MASKED_PAUSE_SECONDS)
            return await attempt()
        return None

    # ── lists ─────────────────────────────────────────────────────────────────────────────────────

    async def _walk(
        self,
        path: str,
        to: Callable[[Fields], T],
        groups: Iterable[Group] = (),
        *,
        key: str = "entity_id",
        shown_as: str = "",
        size: int = 100,
        after: int = 0,
        store: str = "",
        fields: str = "",
    ) -> AsyncIterator[T]:
        """Everything that is found, by ascending id, one page in memory; starts behind ``after``.

        Each page asks for ids above the last one seen, so rows that come, go or change meanwhile neither
        repeat nor hide others, and no page is ever beyond the last. ``shown_as`` is the id's other name,
        ``fields`` what of each is wanted, as Magento writes it.
        """
        base = tuple(groups)
        while True:
            above = (Filter(key, after, "gt"),)
            page = await self._page(
                path, Search((*base, above), sort=key, page=1, fields=fields), size, store
            )
            items = list(page.each("items"))
            for item in items:
                yield to(item)
            if not items or _is_last(page, len(items)):
                return
            last = items[-1].needed_integer(shown_as or key)
            if last <= after:
                raise UnreadableAnswer(f"list {path}: id {last} after id {after}; the filter does nothing")
            after = last

    async def _all(
        self, path: str, to: Callable[[Fields], T], groups: Iterable[Group] = (), *, size: int = 300
    ) -> tuple[T, ...]:
        """A short list, by page numbers: these have no id that can be asked for."""
        found: list[T] = []
        base, number, first = tuple(groups), 1, None
        while True:
            page = await self._page(path, Search(base, page=number, sort=""), size, "")
            items = [to(item) for item in page.each("items")]
            if not items or items[0] == first:  # old servers repeat the last page for ever
                return tuple(found)
            found += items
            if _is_last(page, len(found)):
                return tuple(found)
            number, first = number + 1, items[0]

    async def _page(self, path: str, search: Search, size: int, store: str) -> Fields:
        """One page of at most ``size``, or of what the shop allows."""
        while True:
            size = min(size, self._shop.most_per_page or size)
            params = replace(search, size=size).params()
            try:
                return Fields(await self._json("GET", path, params=params, store=store), of="list")
            except TooMany as limit:
                if limit.maximum >= size:
                    raise
                self._shop.most_per_page = limit.maximum


def part(text: str | int) -> str:
    """One part of a path, percent-encoded."""
    if str(text) in ("", ".", ".."):
        raise ValueError(f"{text!r} is no part of a path")
    return quote(str(text), safe="")


def _is_last(page: Fields, seen: int) -> bool:
    """Without a count the next page tells: it is empty."""
    total = page.integer("total_count")
    return total is not None and seen >= total


def _template(path: str) -> str:
    """/rest/V1/orders/17/comments -> /rest/V1/orders/{n}/comments, so that metrics stay few."""
    return NUMBER_OR_UUID.sub("/{n}", path)
