"""JSON whose numbers are exact: read as Decimal, written as the digits of the Decimal.

The standard encoder refuses Decimal, and every detour over float may move an öre.
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def loads(body: bytes) -> Any:
    """Parse an answer; a byte order mark is skipped (Svea sends one). Raises ValueError."""
    return json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant)


def dumps(value: Any) -> bytes:
    """The same bytes for the same value: keys keep the order they were put in, no spaces, UTF-8."""
    return _text(value).encode()


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _text(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return encode_basestring(value)
        case int():
            return str(value)
        case Decimal():
            return _number(value)
        case date():
            return encode_basestring(value.isoformat())
        case Mapping():
            return "{" + ",".join(f"{encode_basestring(str(k))}:{_text(v)}" for k, v in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(_text(item) for item in value) + "]"
        case _:
            raise TypeError(f"{type(value).__name__} does not go into a request")


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a JSON number")
    return f"{value:f}"
