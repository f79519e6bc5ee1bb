"""Callbacks past FastAPI: their routes as they are declared, called without its machinery.

What FastAPI does for a route between address and function (dependencies, validation, one context of handlers
and exit stacks inside the other) takes about as long as verifying, storing and ringing together, and a route
that takes nothing but the request and text from its address, and answers with a ``Response``, needs none of
it. The same routes stay in the application: for the OpenAPI document, and for every request that is not
exactly theirs (another method, a slash too many).
"""

import inspect
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
        self._lanes = [lane for route in routes if isinstance(route, APIRoute) for lane in _lanes(route)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self._prefix):
            for lane in self._lanes:
                found = lane.address.match(scope["path"])
                if found and lane.method == scope["method"]:
                    await _answered(lane, found, scope, receive, send)
                    return
        await self.app(scope, receive, send)


def _lanes(route: APIRoute) -> list[Lane]:
    """Raises TypeError for a route that needs FastAPI: what it asks for would never be looked at here."""
    taken = set(inspect.signature(route.endpoint).parameters)
    if taken != {"request", *route.param_convertors} or route.dependencies:
        raise TypeError(f"{route.path} takes more than the request and its address: {sorted(taken)}")
    return [Lane(route.path_regex, method, route.endpoint) for method in route.methods or ()]


async def _answered(lane: Lane, found: re.Match[str], scope: Scope, receive: Receive, send: Send) -> None:
    try:
        response = await lane.endpoint(Request(scope, receive), **found.groupdict())
    except ApiProblem as problem:
        response = answer(problem)
    await response(scope, receive, send)
