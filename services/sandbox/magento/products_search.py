"""`searchCriteria` over a catalogue that may be generated: a page of 50,000 products costs what a page costs.

Bounds on `entity_id`, `updated_at` and `created_at` cut a generated range by bisection; every other filter is
tried on it once and remembered. Products of our own are few and tried each time.
"""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from services.sandbox.magento.catalogue import Catalogue
from services.sandbox.magento.catalogue_products import GeneratedProducts, Product
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.search import Criteria, Filter, Sort, matches

Group = tuple[Filter, ...]

COLUMNS = frozenset({"entity_id", "sku", "type_id", "created_at", "updated_at", "attribute_set_id"})
SPECIAL = frozenset({"category_id", "category_ids", "website_id", "website", "store_id", "store"})
RISING = ("entity_id", "updated_at", "created_at")
"""What only grows from one generated product to the next."""
LOWER, UPPER = ("gt", "gteq", "from"), ("lt", "lteq", "to")
REMEMBERED = 32


class ProductSearch:
    """Answers `GET /V1/products` with entity ids; what is shown of them is another's business."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._remembered: dict[object, Sequence[int]] = {}

    def page(self, criteria: Criteria, store_id: int) -> tuple[list[Product], int]:
        """The products of the page, and how many there are on all pages. 400 for an unknown attribute."""
        self._must_know(criteria)
        own = [one for one in self._catalogue.own.values() if _passes(one, criteria.groups, store_id)]
        parts = [self._generated(one, criteria.groups, store_id) for one in self._catalogue.generated]
        total = len(own) + sum(len(part) for part in parts)
        products = self._sorted(own, parts, criteria.sorts or (Sort("entity_id", True),), store_id)
        if not criteria.page_size:
            return list(products), total
        start = (max(criteria.page or 1, 1) - 1) * criteria.page_size
        return list(islice(products, start, start + criteria.page_size)) if start < total else [], total

    def _must_know(self, criteria: Criteria) -> None:
        for field in criteria.fields():
            if field not in COLUMNS | SPECIAL and field not in self._catalogue.attributes:
                text = 'The "%1" attribute name is invalid. Reset the name and try again.'
                raise Refused(text, [field])

    def _generated(self, made: GeneratedProducts, groups: tuple[Group, ...], store_id: int) -> Sequence[int]:
        """The ids of a generated range that pass, rising."""
        bounds = [group[0] for group in groups if _is_bound(group)]
        others = tuple(group for group in groups if not _is_bound(group))
        ids = self._passing(made, others, store_id)
        start, end = 0, len(ids)
        for bound in bounds:
            if bound.condition in LOWER:
                start = max(start, _cut(made, ids, bound, after=bound.condition == "gt"))
            else:
                end = min(end, _cut(made, ids, bound, after=bound.condition != "lt"))
        return ids[start : max(start, end)]

    def _passing(self, made: GeneratedProducts, groups: tuple[Group, ...], store_id: int) -> Sequence[int]:
        gone = self._catalogue.gone
        if not groups and not gone:
            return made.ids()
        key = (made, groups, store_id, len(gone))
        if key not in self._remembered:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = array(
                "L",
                (
                    number
                    for number in made.ids()
                    if number not in gone and (not groups or _passes(made.product(number), groups, store_id))
                ),
            )
        return self._remembered[key]

    def _sorted(
        self, own: list[Product], parts: list[Sequence[int]], sorts: tuple[Sort, ...], store_id: int
    ) -> Iterator[Product]:
        key = _sort_key(sorts, store_id)
        streams: list[Iterable[Product]] = [sorted(own, key=key)]
        for made, ids in zip(self._catalogue.generated, parts, strict=True):
            if sorts[0].field in RISING:
                rising = ids if sorts[0].ascending else reversed(ids)
                streams.append(made.product(number) for number in rising)
            else:
                streams.append(sorted((made.product(number) for number in ids), key=key))
        streams = [stream for stream in streams if stream]
        return iter(streams[0]) if len(streams) == 1 else heapq.merge(*streams, key=key)


def _is_bound(group: Group) -> bool:
    return len(group) == 1 and group[0].field in RISING and group[0].condition in LOWER + UPPER


def _cut(made: GeneratedProducts, ids: Sequence[int], bound: Filter, *, after: bool) -> int:
    """Where the bound cuts the rising ids; `after` whatever equals it."""
    cut = bisect_right if after else bisect_left
    if bound.field == "entity_id":
        return cut(ids, int(bound.value) if bound.value.isdigit() else 0)
    return cut(ids, bound.value, key=lambda number: made.product(number).updated_at)


def _passes(product: Product, groups: Iterable[Group], store_id: int) -> bool:
    return all(_passes_group(product, group, store_id) for group in groups if group)


def _passes_group(product: Product, group: Group, store_id: int) -> bool:
    """OR, but `from` and `to` of one field are one range."""
    if {one.condition for one in group} == {"from", "to"} and len({one.field for one in group}) == 1:
        return all(_matches(product, one, store_id) for one in group)
    return any(_matches(product, one, store_id) for one in group)


def _matches(product: Product, one: Filter, store_id: int) -> bool:
    if one.field in ("store_id", "store"):
        return True  # it chooses whose values are shown, not which products
    value = product.column(one.field, store_id)
    if not isinstance(value, list):
        return matches({one.field: value}, one)
    quantifier = all if one.condition in ("neq", "nin") else any
    return quantifier(matches({one.field: each}, one) for each in value)


def _sort_key(sorts: tuple[Sort, ...], store_id: int) -> Callable[[Product], Any]:
    """One key for all sorts. NULL first, numbers as numbers, text without case."""
    return lambda product: tuple(
        _Part(product.column(sort.field, store_id), sort.ascending) for sort in sorts
    )


class _Part:
    """One value in a sort key, turned around when the sort falls."""

    __slots__ = ("_ascending", "_value")

    def __init__(self, value: Any, ascending: bool) -> None:
        text = value.casefold() if isinstance(value, str) else value
        self._value: tuple[bool, Any] = (value is not None, 0 if value is None else text)
        self._ascending = ascending

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and self._value == other._value

    def __lt__(self, other: _Part) -> bool:
        return self._value < other._value if self._ascending else other._value < self._value

    def __hash__(self) -> int:
        return hash(self._value)
