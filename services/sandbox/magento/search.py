"""`searchCriteria` over lists of plain dicts: filters, order, pages (magento-measured 3, magento.md 2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from services.sandbox.magento.query import Nested
from services.sandbox.magento.refusals import Refused, internal_error, required

Row = Mapping[str, Any]
Value = Callable[[Row, str], Any]
"""How a field of a row is read, where `row.get(field)` is not enough."""


@dataclass(frozen=True)
class Filter:
    field: str
    value: str
    condition: str = "eq"


@dataclass(frozen=True)
class Sort:
    field: str
    ascending: bool


@dataclass(frozen=True)
class Criteria:
    """Groups are joined by AND, the filters of one group by OR."""

    groups: tuple[tuple[Filter, ...], ...] = ()
    sorts: tuple[Sort, ...] = ()
    page_size: int | None = None
    page: int | None = None

    @classmethod
    def of(cls, query: Nested) -> Criteria:
        """From a request's query; 400 when it has no `searchCriteria` at all (an empty one will do)."""
        sent = query.get("searchCriteria", query.get("search_criteria"))
        if sent is None:
            raise required("searchCriteria")
        return cls._read(sent if isinstance(sent, dict) else {})

    @classmethod
    def _read(cls, sent: Nested) -> Criteria:
        groups = _each(_get(sent, "filterGroups"))
        return cls(
            groups=tuple(tuple(_filter(one) for one in _each(group.get("filters"))) for group in groups),
            sorts=tuple(_sort(one) for one in _each(_get(sent, "sortOrders"))),
            page_size=_whole(_get(sent, "pageSize")),
            page=_whole(_get(sent, "currentPage")),
        )

    def fields(self) -> list[str]:
        return [one.field for group in self.groups for one in group] + [one.field for one in self.sorts]

    def shown(self) -> dict[str, Any]:
        """As the answer repeats it."""
        shown: dict[str, Any] = {
            "filter_groups": [{"filters": [_shown_filter(one) for one in group]} for group in self.groups]
        }
        if self.sorts:
            shown["sort_orders"] = [_shown_sort(one) for one in self.sorts]
        if self.page_size is not None:
            shown["page_size"] = self.page_size
        if self.page is not None:
            shown["current_page"] = self.page
        return shown


def apply(
    criteria: Criteria,
    rows: Iterable[Row],
    *,
    columns: Container[str] | None = None,
    unknown: Callable[[str], Refused] = lambda _: internal_error(),
    value: Value = lambda row, field: row.get(field),
) -> dict[str, Any]:
    """`{"items", "search_criteria", "total_count"}`; a page beyond the last has no items.

    A field outside `columns` (None: every field is known) is answered with `unknown(field)`.
    """
    if columns is not None:
        for field in criteria.fields():
            if field not in columns:
                raise unknown(field)
    found = [row for row in rows if _passes(row, criteria, value)]
    for sort in reversed(criteria.sorts):
        found.sort(key=lambda row: _sort_key(value(row, sort.field)), reverse=not sort.ascending)
    return {
        "items": _page(found, criteria),
        "search_criteria": criteria.shown(),
        "total_count": len(found),
    }


def matches(row: Row, one: Filter, value: Value = lambda row, field: row.get(field)) -> bool:
    """One filter against one row, compared as MySQL does: numbers as numbers, text without case."""
    condition = _CONDITIONS.get(one.condition)
    return condition is not None and condition(value(row, one.field), one.value)


def _passes(row: Row, criteria: Criteria, value: Value) -> bool:
    return all(_passes_group(row, group, value) for group in criteria.groups if group)


def _passes_group(row: Row, group: Sequence[Filter], value: Value) -> bool:
    """`from` and `to` of one field in one group are the two ends of one range."""
    if {one.condition for one in group} == {"from", "to"} and len({one.field for one in group}) == 1:
        return all(matches(row, one, value) for one in group)
    return any(matches(row, one, value) for one in group)


def _page(found: list[Row], criteria: Criteria) -> list[Row]:
    """Page 0 acts as page 1; size 0 or none means everything."""
    if not criteria.page_size:
        return found
    start = (max(criteria.page or 1, 1) - 1) * criteria.page_size
    return found[start : start + criteria.page_size]


# ---- reading ---------------------------------------------------------------------------------------------


def _get(sent: Nested, camel: str) -> Any:
    """camelCase and snake_case mean the same."""
    snake = re.sub(r"([A-Z])", lambda found: "_" + found.group(1).lower(), camel)
    return sent.get(camel, sent.get(snake))


def _each(sent: Any) -> list[Nested]:
    return [one for one in sent.values() if isinstance(one, dict)] if isinstance(sent, dict) else []


def _whole(sent: Any) -> int | None:
    if sent is None:
        return None
    if not re.fullmatch(r"-?\d+", str(sent)):
        text = f'Error occurred during "pageSize" processing. The "{sent}" value\'s type is invalid.'
        raise Refused(f'{text} The "int" type was expected. Verify and try again.')
    return int(sent)


def _filter(sent: Nested) -> Filter:
    condition = _get(sent, "conditionType")
    return Filter(str(sent.get("field", "")), str(sent.get("value", "")), str(condition or "eq"))


def _sort(sent: Nested) -> Sort:
    direction = str(sent.get("direction", "DESC")).upper()
    if direction not in ("ASC", "DESC"):
        text = "The sort order has to be specified as %1 for ascending order or %2 for descending order."
        raise Refused(text, ["ASC", "DESC"])
    return Sort(str(sent.get("field", "")), direction == "ASC")


def _shown_filter(one: Filter) -> dict[str, str]:
    return {"field": one.field, "value": one.value, "condition_type": one.condition}


def _shown_sort(one: Sort) -> dict[str, str]:
    return {"field": one.field, "direction": "ASC" if one.ascending else "DESC"}


# ---- comparing -------------------------------------------------------------------------------------------


def _number(text: Any) -> Decimal:
    """MySQL reads text without a number as 0."""
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return Decimal(0)


def _compare(stored: Any, wanted: str) -> int:
    if isinstance(stored, (int, float, Decimal)):
        one, other = _number(stored), _number(wanted)
        return (one > other) - (one < other)
    left, right = str(stored).casefold(), wanted.casefold()
    return (left > right) - (left < right)


def _is_listed(stored: Any, wanted: str) -> bool:
    if isinstance(stored, str):
        return stored.casefold() in _listed(wanted)
    return any(_compare(stored, one) == 0 for one in wanted.split(","))


@lru_cache(maxsize=8)
def _listed(wanted: str) -> frozenset[str]:
    """Hundreds of SKUs, looked through for each row of a list."""
    return frozenset(wanted.casefold().split(","))


def _is_like(stored: Any, wanted: str) -> bool:
    pattern = "".join(".*" if one == "%" else "." if one == "_" else re.escape(one) for one in wanted)
    return re.fullmatch(pattern, str(stored), re.IGNORECASE | re.DOTALL) is not None


def _is_in_set(stored: Any, wanted: str) -> bool:
    return wanted in str(stored).split(",")


def _of_value(condition: Callable[[Any, str], bool]) -> Callable[[Any, str], bool]:
    """SQL: a comparison with NULL is never true."""
    return lambda stored, wanted: stored is not None and condition(stored, wanted)


_CONDITIONS: Mapping[str, Callable[[Any, str], bool]] = {
    "eq": _of_value(lambda stored, wanted: _compare(stored, wanted) == 0),
    "neq": _of_value(lambda stored, wanted: _compare(stored, wanted) != 0),
    "gt": _of_value(lambda stored, wanted: _compare(stored, wanted) > 0),
    "gteq": _of_value(lambda stored, wanted: _compare(stored, wanted) >= 0),
    "from": _of_value(lambda stored, wanted: _compare(stored, wanted) >= 0),
    "lt": _of_value(lambda stored, wanted: _compare(stored, wanted) < 0),
    "lteq": _of_value(lambda stored, wanted: _compare(stored, wanted) <= 0),
    "to": _of_value(lambda stored, wanted: _compare(stored, wanted) <= 0),
    "in": _of_value(_is_listed),
    "nin": _of_value(lambda stored, wanted: not _is_listed(stored, wanted)),
    "like": _of_value(_is_like),
    "nlike": _of_value(lambda stored, wanted: not _is_like(stored, wanted)),
    "finset": _of_value(_is_in_set),
    "nfinset": _of_value(lambda stored, wanted: not _is_in_set(stored, wanted)),
    "null": lambda stored, _: stored is None,
    "notnull": lambda stored, _: stored is not None,
}


def _sort_key(stored: Any) -> tuple[int, Any]:
    """NULL first, as MySQL has it."""
    if stored is None:
        return 0, 0
    if isinstance(stored, (int, float, Decimal)):
        return 1, _number(stored)
    return 1, str(stored).casefold()
