"""What a route takes, and how Magento reads a JSON body into it: names, types, texts when wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.sandbox.magento.refusals import not_supported, required, wrong_type, wrong_type_of

NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Simple:
    """`kind`: int, float, string, boolean."""

    kind: str


@dataclass(frozen=True)
class Struct:
    """An object with these fields and no others, under snake_case names."""

    fields: Mapping[str, Shape]


@dataclass(frozen=True)
class Many:
    of: Shape


@dataclass(frozen=True)
class Anything:
    """Taken as it comes."""


Shape = Simple | Struct | Many | Anything

INT, FLOAT, STRING, BOOLEAN = Simple("int"), Simple("float"), Simple("string"), Simple("boolean")
ANYTHING = Anything()


@dataclass(frozen=True)
class Takes:
    """The parameters of a route's body, by their camelCase name."""

    parameters: Mapping[str, Shape] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def read(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters nobody knows are ignored; fields nobody knows inside one are refused."""
        found: dict[str, Any] = {}
        for name, shape in self.parameters.items():
            sent = body.get(name, body.get(snake_case(name)))
            if sent is not None:
                found[name] = _take(sent, shape, None)
            elif name in self.required:
                raise required(name)
        return found


def struct(**fields: Shape) -> Struct:
    return Struct(fields)


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found.group(1).lower(), name)


def _take(sent: Any, shape: Shape, name: str | None) -> Any:
    match shape:
        case Anything():
            return sent
        case Struct(fields):
            return _take_struct(sent, fields)
        case Many(of):
            return [_take(one, of, name) for one in _listed(sent, name)]
        case Simple(kind):
            return _take_simple(sent, kind, name)


def _take_struct(sent: Any, fields: Mapping[str, Shape]) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise wrong_type(sent, "object")
    found: dict[str, Any] = {}
    for key, one in sent.items():
        name = snake_case(key)
        if name not in fields:
            raise not_supported(key)
        found[name] = None if one is None else _take(one, fields[name], name)
    return found


def _listed(sent: Any, name: str | None) -> list[Any]:
    if isinstance(sent, list):
        return sent
    if isinstance(sent, dict):  # PHP does not tell a list from a map
        return list(sent.values())
    raise _wrong(sent, "array", name)


def _take_simple(sent: Any, kind: str, name: str | None) -> Any:
    if isinstance(sent, (dict, list)):
        raise _wrong("Array", kind, name)
    if kind == "string":
        return _php_text(sent)
    if kind == "boolean":
        return sent not in (False, 0, "0", "")
    text = _php_text(sent)
    if not NUMBER.fullmatch(text):
        raise _wrong(sent, kind, name)
    return int(Decimal(text)) if kind == "int" else Decimal(text)


def _php_text(sent: Any) -> str:
    return {True: "1", False: ""}[sent] if isinstance(sent, bool) else str(sent)


def _wrong(sent: Any, kind: str, name: str | None) -> Exception:
    return wrong_type(sent, kind) if name is None else wrong_type_of(name, sent, kind)
