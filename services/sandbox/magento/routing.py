"""A route of Magento's REST API, a request that reached it, and the answer.

To add routes: a module with `ROUTES: tuple[Route, ...]`, and its name in `route_table.py`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from services.sandbox.magento.inputs import Takes
from services.sandbox.magento.query import Nested
from services.sandbox.magento.refusals import no_such_route, wrong_type
from services.sandbox.magento.search import Criteria

if TYPE_CHECKING:
    from services.sandbox.magento.shop import Shop

ANONYMOUS = "anonymous"
"""The resource of routes that anybody may call."""
SELF = "self"

Mode = Literal["", "async", "async/bulk"]


@dataclass(frozen=True)
class Answer:
    """`body`: anything that JSON can say, with Decimal for amounts."""

    body: Any = None
    status: int = 200


@dataclass(frozen=True)
class MagentoRequest:
    """A request that passed the gate."""

    shop: Shop
    method: str
    path: str
    """From `/V1` on, as it came (escapes and all)."""
    store_code: str
    """Empty when the path named none, which acts as `default`."""
    values: Mapping[str, str]
    """What stood in the place of the pattern's `{name}`s."""
    query: Nested
    body: Mapping[str, Any] = field(default_factory=dict)
    """The parameters that the route takes, read and typed; fields under snake_case names."""
    raw: Any = None
    """The parsed JSON as it came."""
    mode: Mode = ""

    def number(self, name: str) -> int:
        """A value of the path that must be a whole number, else 400 in Magento's words."""
        value = self.values[name]
        if not re.fullmatch(r"[+-]?\d+", value):
            raise wrong_type(value, "int")
        return int(value)

    def criteria(self) -> Criteria:
        return Criteria.of(self.query)


Handler = Callable[[MagentoRequest], Answer | Awaitable[Answer]]


def _always(_: Shop) -> bool:
    """By name, since an operation that waits in the queue is kept with its route."""
    return True


@dataclass(frozen=True)
class Route:
    """`pattern`: `/V1/orders/{id}`. `resource`: the right it needs. `takes`: its body."""

    method: str
    pattern: str
    resource: str
    handler: Handler
    takes: Takes = field(default_factory=Takes)
    installed: Callable[[Shop], bool] = _always
    """False makes the route unknown to this shop (a module that is not there)."""

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.pattern.strip("/").split("/"))

    @property
    def placeholders(self) -> int:
        return sum(one.startswith("{") for one in self.segments)


@dataclass(frozen=True)
class RouteTable:
    routes: Sequence[Route]
    accept: Callable[[Route, MagentoRequest], Answer | Awaitable[Answer]]
    """What an asynchronous call is handed to instead of its handler; `raw` is the whole body."""

    def match(
        self, shop: Shop, method: str, segments: Sequence[str], *, bulk: bool
    ) -> tuple[Route, dict[str, str]]:
        """The route and its values, the most literal first; 404 when there is none.

        In bulk a placeholder is written `bySku` in the path, and its value comes with each element.
        """
        found = [
            (route, values)
            for route in self.routes
            if route.method == method and route.installed(shop)
            if (values := _values(route.segments, segments, bulk=bulk)) is not None
        ]
        if not found:
            raise no_such_route()
        return min(found, key=lambda one: one[0].placeholders)


def _values(pattern: Sequence[str], segments: Sequence[str], *, bulk: bool) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    values: dict[str, str] = {}
    for wanted, given in zip(pattern, segments, strict=True):
        if not wanted.startswith("{"):
            if wanted != given:
                return None
        elif not bulk:
            values[wanted.strip("{}")] = given
        elif given != f"by{wanted[1].upper()}{wanted[2:-1]}":
            return None
    return values
