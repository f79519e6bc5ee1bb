"""Many values in one address: as many as servers surely take."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

MOST_BYTES = 5000  # servers take addresses of 8 kB, the rest of them included
MOST_VALUES = 500


def packed(values: Iterable[str], most: int = MOST_VALUES) -> Iterator[list[str]]:
    """Different values, joined by commas later: hundreds of short ones, or a few long ones."""
    some: list[str] = []
    size = 0
    for value in dict.fromkeys(one for one in values if one):
        needed = len(quote(value, safe="")) + len("%2C")
        if some and (size + needed > MOST_BYTES or len(some) == most):
            yield some
            some, size = [], 0
        some.append(value)
        size += needed
    if some:
        yield some
