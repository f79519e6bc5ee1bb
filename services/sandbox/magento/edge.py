"""The outer edge of a shop's REST API: what a request meets before its handler, in the server's order.

Maintenance, Accept, the path (store code, `async`), the route, who calls and with what right, the body.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from services.sandbox.magento import pages
from services.sandbox.magento.fields_filter import only_fields
from services.sandbox.magento.oauth import Integration, SignedRequest
from services.sandbox.magento.query import read_query
from services.sandbox.magento.refusals import (
    BrokenPage,
    Refused,
    cannot_be_processed,
    not_authorized,
)
from services.sandbox.magento.routing import ANONYMOUS, Answer, MagentoRequest, Mode, Route, RouteTable
from services.sandbox.magento.shop import Shop
from services.sandbox.magento.wire import from_json, to_json, to_xml

JSON_TYPE = "application/json; charset=utf-8"
XML_TYPE = "application/xml; charset=utf-8"
READABLE = ("application/json", "application/xml", "text/xml")
ALL_STORES = "all"


@dataclass(frozen=True)
class RestPath:
    store_code: str
    mode: Mode
    segments: tuple[str, ...]
    """From `V1` on, with escapes undone as PHP does it: a raw `+` is a blank."""
    text: str

    @classmethod
    def read(cls, shop: Shop, method: str, raw: str) -> RestPath:
        """`raw`: below `/rest`, escapes as they came. 400 for an unknown store, and for `async` GETs."""
        segments = [one for one in raw.split("/") if one]
        store_code = ""
        if segments and (segments[0] == ALL_STORES or segments[0] in shop.store_codes):
            store_code = segments.pop(0)
        mode: Mode = ""
        if segments[:1] == ["async"] and method != "GET":
            mode = "async/bulk" if segments[1:2] == ["bulk"] else "async"
            segments = segments[len(mode.split("/")) :]
        if segments[:1] != ["V1"]:
            raise cannot_be_processed()
        return cls(store_code, mode, tuple(unquote_plus(one) for one in segments), "/" + "/".join(segments))


class Edge:
    def __init__(self, table: RouteTable) -> None:
        self._table = table

    async def answer(self, shop: Shop, request: Request, below: str, url: str) -> Response:
        """`below`: the path below `/rest`, escapes as they came; `url`: the whole, as the server signs it."""
        raw = await request.body()
        status, content, content_type = await self._answered(shop, request, below, url, raw)
        shop.remember(request.method, f"/rest{below}", request.url.query, raw, status)
        return Response(content, status, headers={"Content-Type": content_type})

    async def _answered(
        self, shop: Shop, request: Request, below: str, url: str, raw: bytes
    ) -> tuple[int, bytes, str]:
        show, content_type = to_json, JSON_TYPE
        try:
            if shop.broken is not None:
                raise shop.broken_page()
            show, content_type = _renderer(shop, request.headers.get("Accept", ""))
            answer = await self._dispatch(shop, request, below, url, raw)
            return answer.status, show(answer.body), content_type
        except Refused as refused:
            return refused.status, show(refused.body()), content_type
        except BrokenPage as page:
            return page.status, page.page.encode(), page.content_type

    async def _dispatch(self, shop: Shop, request: Request, below: str, url: str, raw: bytes) -> Answer:
        method, query = request.method, read_query(request.url.query)
        path = RestPath.read(shop, method, below)
        route, values = self._table.match(shop, method, path.segments, bulk=path.mode == "async/bulk")
        _authorize(shop, route, SignedRequest.read(method, url, _authorization(request)), request)
        parsed = _parsed(request, raw)
        accepted = MagentoRequest(
            shop, method, path.text, path.store_code, values, query, {}, parsed, path.mode
        )
        if path.mode:
            return await _awaited(self._table.accept(route, accepted))
        return _filtered(await _awaited(route.handler(_with_body(accepted, route))), query)


def _authorization(request: Request) -> str:
    return request.headers.get("Authorization", "")


def _authorize(shop: Shop, route: Route, signed: SignedRequest | None, request: Request) -> None:
    """The same 401 for a missing right, an unreadable bearer token, and nobody at all."""
    if route.resource == ANONYMOUS:
        return
    caller = shop.oauth.caller(signed) if signed is not None else _bearer(shop, _authorization(request))
    if caller is None or not caller.may(route.resource):
        raise not_authorized(route.resource)


def _bearer(shop: Shop, authorization: str) -> Integration | None:
    """An integration's access token counts only where the shop has switched it on (default: off)."""
    words = authorization.split()
    if not shop.bearer_allowed or len(words) != 2 or words[0].lower() != "bearer":
        return None
    return next((one for one in shop.integrations if one.access_token and one.access_token == words[1]), None)


def _renderer(shop: Shop, accept: str) -> tuple[Any, str]:
    wanted = [one.partition(";")[0].strip().lower() for one in accept.split(",")]
    for one in wanted:
        if one in ("", "*/*", "application/json", "application/*"):
            return to_json, JSON_TYPE
        if one in ("application/xml", "text/xml"):
            return to_xml, XML_TYPE
    raise pages.error_page(shop.pages.base_url)


def _parsed(request: Request, raw: bytes) -> Any:
    """None without a body; the media type is looked at only where there is one to read."""
    if request.method not in ("POST", "PUT") or not raw:
        return None
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not media_type:
        raise Refused("Content-Type header is empty.")
    if media_type not in READABLE:
        text = f"Server cannot understand Content-Type HTTP header media type {media_type}"
        raise Refused(text)
    return from_json(raw)


def _with_body(request: MagentoRequest, route: Route) -> MagentoRequest:
    sent = request.raw if isinstance(request.raw, Mapping) else {}
    if request.method in ("GET", "DELETE"):
        return request
    body = route.takes.read(sent)
    return MagentoRequest(**{**vars(request), "body": body})


def _filtered(answer: Answer, query: Mapping[str, Any]) -> Answer:
    fields = query.get("fields")
    if not isinstance(fields, str) or not fields:
        return answer
    return Answer(only_fields(answer.body, fields), answer.status)


async def _awaited(answer: Any) -> Answer:
    found = await answer if inspect.isawaitable(answer) else answer
    assert isinstance(found, Answer)
    return found
