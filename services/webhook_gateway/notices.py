"""Reading what strangers send: JSON that may be anything, and numbers that may be text."""

import json
from decimal import Decimal
from typing import Any

from services.webhook_gateway.storable_text import LARGEST_ID


class UnreadableNotice(ValueError):
    """The body cannot be understood, and sending it again would not help; ``where`` is the field."""

    def __init__(self, code: str, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.where = where


def must_be_json(body: bytes) -> Any:
    """With exact numbers. Raises UnreadableNotice."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise UnreadableNotice("malformed_json", "the body is not JSON") from problem


def must_be_object(body: bytes) -> dict[str, Any]:
    read = must_be_json(body)
    if not isinstance(read, dict):
        raise UnreadableNotice("not_an_object", "the body is not a JSON object")
    return read


def positive_int(value: object) -> int | None:
    """``307`` and ``"307"``; whatever is not a positive whole number that a database holds is None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        value = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID)) else None
    if isinstance(value, int) and 0 < value <= LARGEST_ID:
        return value
    return None


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
