"""A transport that plays a script: one entry per request, an answer or a failure."""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

Entry = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class Script(httpx.AsyncBaseTransport):
    entries: list[Entry]
    requests: list[httpx.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(await request.aread())
        entry = self.entries.pop(0) if len(self.entries) > 1 else self.entries[0]
        if isinstance(entry, Exception):
            raise entry
        return entry if isinstance(entry, httpx.Response) else entry(request)


def answers(status: int, json: object = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=json, headers=named)
