"""`fields=items[entity_id,items[sku]],total_count`: a part of the answer, `[]` if unreadable."""

from __future__ import annotations

import re
from typing import Any

_PERMITTED = re.compile(r"[A-Za-z0-9_,\[\]]*")
Wanted = dict[str, Any]
"""Field to what is wanted inside it; empty: all of it."""


def only_fields(answer: Any, fields: str) -> Any:
    """An unreadable filter gives `[]` with 200; an empty list inside comes out as null."""
    wanted = _read(fields)
    if wanted is None or not isinstance(answer, (dict, list)):
        return []
    return _pick(answer, wanted)


def _read(fields: str) -> Wanted | None:
    if not _PERMITTED.fullmatch(fields):
        return None
    stack: list[Wanted] = [{}]
    last = ""
    for token in re.findall(r"[\[\],]|[^\[\],]+", fields):
        if token == "[":
            stack.append(stack[-1].setdefault(last, {}))
        elif token == "]":
            stack.pop()
            if not stack:
                return None
        elif token != ",":
            last = token
            stack[-1].setdefault(token, {})
    return stack[0] if len(stack) == 1 else None


def _pick(answer: Any, wanted: Wanted) -> Any:
    if isinstance(answer, list):
        return [_pick(one, wanted) for one in answer if isinstance(one, dict)]
    return {name: _inside(answer[name], inner) for name, inner in wanted.items() if name in answer}


def _inside(answer: Any, wanted: Wanted) -> Any:
    if not wanted:
        return answer
    if not answer:
        return None
    if isinstance(answer, list) and all("attribute_code" in one for one in answer if isinstance(one, dict)):
        return [one for one in answer if one["attribute_code"] in wanted]
    return _pick(answer, wanted)
