"""A query string as PHP reads it: `a[b][0]=c` becomes nested, `+` is a blank, the last of two wins."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

Nested = dict[str, Any]


def read_query(query: str) -> Nested:
    """`searchCriteria[pageSize]=3` as `{"searchCriteria": {"pageSize": "3"}}`; indexes stay text."""
    found: Nested = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name:
            _put(found, _keys(unquote_plus(name)), unquote_plus(value))
    return found


def _keys(name: str) -> list[str]:
    first, bracket, rest = name.partition("[")
    return [first, *re.findall(r"\[([^\]]*)\]", bracket + rest)]


def _put(into: Nested, keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        inner = into.get(key or str(len(into)))
        if not isinstance(inner, dict):
            inner = {}
            into[key or str(len(into))] = inner
        into = inner
    into[keys[-1] or str(len(into))] = value
