"""The stand-in as a web application: `/{shop}/rest/...`, and `/rest/...` for the shop `default`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.sandbox.magento.edge import Edge
from services.sandbox.magento.handshake import FORM
from services.sandbox.magento.oauth import SignedRequest
from services.sandbox.magento.route_table import TABLE
from services.sandbox.magento.shop import Shop
from services.sandbox.magento.stand_in import SandboxMagento

ENTRANCES = ("rest", "oauth")
DEFAULT_SHOP = "default"
TOKEN_ENDPOINTS = ("/token/request", "/token/access")
KEY_HOST = "/_adobe"


def create_magento_app(magento: SandboxMagento) -> ASGIApp:
    edge = Edge(TABLE)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await _answer(magento, edge, Request(scope, receive))
        await response(scope, receive, send)

    return app


async def _answer(magento: SandboxMagento, edge: Edge, request: Request) -> Response:
    below = _raw_path(request)
    if below.startswith(KEY_HOST):
        return _published_key(magento, below.removeprefix(KEY_HOST))
    name, entrance, rest = _entered(below)
    shop = magento.shops.get(name)
    if shop is None:
        return PlainTextResponse("no such shop", 404)
    if entrance == "rest":
        return await edge.answer(shop, request, rest, _url(request))
    if entrance == "oauth" and rest in TOKEN_ENDPOINTS:
        return _token(shop, request, rest)
    return _page_not_found(shop)


def _token(shop: Shop, request: Request, path: str) -> Response:
    signed = SignedRequest.read(request.method, _url(request), request.headers.get("Authorization", ""))
    status, form = shop.handshake.answer(path.rpartition("/")[2], signed)
    return Response(form, status, headers={"Content-Type": FORM})


def _published_key(magento: SandboxMagento, path: str) -> Response:
    """What Adobe's key host answers: `/_adobe` is its root."""
    pem = magento.adobe_keys.published(path)
    return PlainTextResponse("not found", 404) if pem is None else PlainTextResponse(pem)


def _page_not_found(shop: Shop) -> Response:
    return Response(f"<html><body>404 Not Found: {shop.name}</body></html>", 404, media_type="text/html")


def _entered(path: str) -> tuple[str, str, str]:
    """(shop, entrance, path below it) of `/default/rest/V1/orders`; `index.php` may stand in between."""
    segments = path.split("/")[1:]
    name = DEFAULT_SHOP if segments[:1] and segments[0] in (*ENTRANCES, "index.php") else segments.pop(0)
    if segments[:1] == ["index.php"]:
        segments.pop(0)
    entrance = segments.pop(0) if segments else ""
    return name, entrance, "/" + "/".join(segments)


def _raw_path(request: Request) -> str:
    """Below where the stand-in is mounted, escapes as they came."""
    whole = request.scope.get("raw_path") or request.scope["path"].encode()
    raw: str = whole.partition(b"?")[0].decode("latin-1")
    return raw.removeprefix(request.scope.get("root_path", ""))


def _url(request: Request) -> str:
    """As the server sees it: scheme, the Host header with its port, the path and query as they came."""
    whole = request.scope.get("raw_path") or request.scope["path"].encode()
    path = whole.partition(b"?")[0].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    host = request.headers.get("Host", "")
    return f"{request.scope['scheme']}://{host}{path}" + (f"?{query}" if query else "")
