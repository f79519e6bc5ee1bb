"""Callbacks past FastAPI: their routes as they are declared, called without its machinery.

What FastAPI does for a route between address and function (dependencies, validation, one context of handlers
and exit stacks inside the other) takes longer than verifying and storing a callback together, and a route
that takes nothing but the request and text from its address, and answers with a ``Response``, needs none of
it. The same routes stay in the application: for the OpenAPI document, and for every request that is not
exactly theirs (another method, a slash too many).
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from services.webhook_gateway.problems import ApiProblem, answer


@dataclass(frozen=True)
class Lane:
    address: re.Pattern[str]
    method: str
    endpoint: Callable[..., Awaitable[Response]]


class CallbackLane:
    """ASGI layer in front of the routers; what is not a callback goes on unchanged."""

    def __init__(self, app: ASGIApp, *, routes: Sequence[BaseRoute], prefix: str) -> None:
        self.app = app
        self._prefix = prefix
        self._lanes = [
            Lane(route.path_regex, method, route.endpoint)
            for route in routes
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self._prefix):
            for lane in self._lanes:
                found = lane.address.match(scope["path"])
                if found and lane.method == scope["method"]:
                    await _answered(lane, found, scope, receive, send)
                    return
        await self.app(scope, receive, send)


async def _answered(lane: Lane, found: re.Match[str], scope: Scope, receive: Receive, send: Send) -> None:
    try:
        response = await lane.endpoint(Request(scope, receive), **found.groupdict())
    except ApiProblem as problem:
        response = answer(problem)
    await response(scope, receive, send)
