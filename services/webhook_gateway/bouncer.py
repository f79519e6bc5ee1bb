"""Before any route: no address that a database cannot hold, and no body larger than anybody needs.

Callbacks have a smaller limit of their own, checked after the address (see `raw_body.py`).
"""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.webhook_gateway.problems import ApiProblem, answer

LARGEST_API_BODY = 1024 * 1024
CALLBACKS = "/webhooks/"


class Bouncer:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif "\0" in scope["path"] or b"%00" in scope["query_string"]:
            await answer(ApiProblem(400, "bad_address", "There is a NUL in the address."))(
                scope, receive, send
            )
        elif scope["path"].startswith(CALLBACKS):
            await self.app(scope, receive, send)
        else:
            await self.app(scope, _limited(receive), send)


def _limited(receive: Receive) -> Receive:
    """An HTTPException, since FastAPI lets that one through while it reads a body."""
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_API_BODY:
            raise HTTPException(413, f"At most {LARGEST_API_BODY} bytes are taken.")
        return message

    return limited
