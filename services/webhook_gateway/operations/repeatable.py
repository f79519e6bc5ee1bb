"""`Idempotency-Key`: a write that is sent again answers what it answered, and does nothing.

The key belongs to the API key that used it. Only answers that did something are kept: a refusal may be tried
again with the same key once its reason is gone.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from services.webhook_gateway.house import house_of
from services.webhook_gateway.operations.access import authenticated
from services.webhook_gateway.problems import ApiProblem
from shared.ledger.records import ApiKey, Conflict, StoredReply

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
LONGEST_KEY = 255
LONGEST_WRITE = timedelta(minutes=5)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Handler = Callable[[Request], Awaitable[Response]]


class RepeatableRoute(APIRoute):
    """A route whose writes take an `Idempotency-Key`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if not set(options.get("methods") or ()) <= SAFE_METHODS:
            options["openapi_extra"] = {"parameters": [_PARAMETER], **(options.get("openapi_extra") or {})}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_once(request: Request) -> Response:
            named = request.headers.get(HEADER)
            if named is None or request.method in SAFE_METHODS:
                return await handle(request)
            return await _once(request, _must_be_usable(named), handle)

        return handle_once


_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Up to 255 visible characters of your choice; the same write sent again within 48 hours "
    "answers the same and does nothing. With another body it is refused (409).",
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
}


def _must_be_usable(key: str) -> str:
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise ApiProblem(400, "bad_idempotency_key", f"{HEADER} takes 1 to {LONGEST_KEY} visible characters.")
    return key


async def _once(request: Request, named: str, handle: Handler) -> Response:
    key = await authenticated(request)
    async with house_of(request).turns.taking(f"{key.id}:{named}"), _alone(request, key, named):
        kept = await _kept(request, key, named)
        if kept is not None:
            return Response(
                kept.body, status_code=kept.status, headers={**kept.headers, REPLAYED_HEADER: "true"}
            )
        answer = await handle(request)
        await _keep(request, key, named, answer)
        return answer


@asynccontextmanager
async def _alone(request: Request, key: ApiKey, named: str) -> AsyncIterator[None]:
    """Among all processes: the ledger's lock, which ends by itself should this process die."""
    locks, owner = house_of(request).ledger.credentials, secrets.token_hex(8)
    if not await locks.lock(key.id, f"reply:{named}", owner, LONGEST_WRITE):
        raise ApiProblem(409, "still_running", "The same request is running.", headers={"Retry-After": "1"})
    try:
        yield
    finally:
        await locks.unlock(key.id, f"reply:{named}", owner)


async def _kept(request: Request, key: ApiKey, named: str) -> StoredReply | None:
    found = await house_of(request).ledger.replies.get(key.id, named, await _fingerprint(request))
    if isinstance(found, Conflict):
        raise ApiProblem(409, "idempotency_conflict", f"This {HEADER} was used for another request.")
    return found


async def _keep(request: Request, key: ApiKey, named: str, answer: Response) -> None:
    await house_of(request).ledger.replies.put(
        key.id,
        named,
        await _fingerprint(request),
        status=answer.status_code,
        body=bytes(answer.body),
        headers={"content-type": answer.headers.get("content-type", "application/json")},
    )


async def _fingerprint(request: Request) -> str:
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(asked + await request.body()).hexdigest()
