"""JSON in and out without a float in between, and the headers that every answer carries."""

import json
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from services.sandbox.fortnox.amounts import plain
from services.sandbox.fortnox.refusals import Refusal

Fields = dict[str, Any]


def to_json(value: object) -> str:
    """JSON text in which a Decimal is a plain number (`499`, `0.1`), exact."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(key))}:{to_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(to_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def from_json(body: bytes) -> object:
    """The parsed body with Decimal numbers. Refused as 2002115 when it is not JSON."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except ValueError as error:
        raise Refusal(2002115, "Syntaxfel i JSON.") from error


def json_response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with the request id that Fortnox gives every answer."""
    content = to_json(body).encode() if status != 204 else b""
    response = Response(content, status, media_type="application/json")
    response.headers["X-Uid"] = secrets.token_hex(4)
    response.headers.update(dict(headers or {}))
    return response


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def words(text: str) -> tuple[str, ...]:
    """Names written one after the other, as in a table's head."""
    return tuple(text.split())
