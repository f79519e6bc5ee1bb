"""`/stream`: how the event stream behaves from now on, for tests in other processes and for people."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.sandbox.fortnox.company import SandboxFortnox
from services.sandbox.fortnox.websocket import Stream
from services.sandbox.fortnox.wire import Fields, from_json, json_response

SHOWN = (
    "offset_is_sent_again", "old_offsets", "token_end", "unknown_topics", "refuse_status", "refuse_times",
    "retry_after", "copies", "deaf", "connects", "refused",
)  # fmt: skip


def add_stream_control(router: APIRouter, fortnox: SandboxFortnox) -> None:
    """GET shows, PATCH changes settings, POST `/cut` breaks off, POST `/frames` says something."""

    async def show(request: Request) -> Response:
        return json_response(_shown(fortnox.stream))

    async def change(request: Request) -> Response:
        sent: Any = from_json(await request.body())
        try:
            fortnox.stream.change(**sent)
        except TypeError as error:
            return json_response({"error": str(error)}, 400)
        return json_response(_shown(fortnox.stream))

    async def cut(request: Request) -> Response:
        return json_response({"cut": fortnox.stream.cut()})

    async def say(request: Request) -> Response:
        fortnox.stream.say((await request.body()).decode())
        return json_response({}, 204)

    router.add_route("/stream", show, methods=["GET"])
    router.add_route("/stream", change, methods=["PATCH"])
    router.add_route("/stream/cut", cut, methods=["POST"])
    router.add_route("/stream/frames", say, methods=["POST"])


def _shown(stream: Stream) -> Fields:
    tenants = sorted({tenant for socket in stream.sockets for tenant in socket.tenants})
    return {name: getattr(stream, name) for name in SHOWN} | {
        "connections": len(stream.sockets),
        "tenants": tenants,
        "events": stream.changes.count,
    }
