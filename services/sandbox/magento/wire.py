"""JSON as PHP writes it, and the little XML that an `Accept` may ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from services.sandbox.magento.refusals import Refused


def to_json(answer: Any) -> bytes:
    """Numbers without a fraction are whole (`49`, not `49.0`); `/` and non-ASCII letters are escaped."""
    return _text(answer).encode("ascii")


def _text(answer: Any) -> str:
    if isinstance(answer, Decimal):
        return plain(answer)
    if isinstance(answer, Mapping):
        return "{" + ",".join(f"{_text(str(name))}:{_text(one)}" for name, one in answer.items()) + "}"
    if isinstance(answer, list | tuple):
        return "[" + ",".join(_text(one) for one in answer) + "]"
    return json.dumps(answer).replace("/", "\\/")


def plain(number: Decimal) -> str:
    """`1.10` -> `1.1`, `2.00` -> `2`, never an exponent."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def from_json(body: bytes) -> Any:
    """The parsed body with Decimal numbers; 400 when it is not JSON."""
    try:
        return json.loads(body, parse_float=Decimal)
    except ValueError as error:
        raise Refused("Decoding error.") from error


def to_xml(answer: Any) -> bytes:
    lines = ['<?xml version="1.0"?>', "<response>", *_elements(answer, 1), "</response>", ""]
    return "\n".join(lines).encode()


def _elements(answer: Any, depth: int) -> list[str]:
    named = answer.items() if isinstance(answer, Mapping) else [("item", one) for one in answer]
    found: list[str] = []
    for name, one in named:
        if isinstance(one, Mapping | list | tuple):
            inner = _elements(one, depth + 1)
            found += [f"{'  ' * depth}<{name}>", *inner, f"{'  ' * depth}</{name}>"]
        else:
            text = plain(one) if isinstance(one, Decimal) else "" if one is None else str(one)
            found.append(f"{'  ' * depth}<{name}>{escape(text)}</{name}>")
    return found
