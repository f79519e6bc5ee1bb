"""The ids a shop hands out per table, and the increment ids per store view and kind of document."""

from __future__ import annotations

from collections import Counter

INCREMENT_DIGITS = 9


class Numbers:
    """Ids count from 1. Increment ids of store 1 look like `000000001`, of store 3 like `3000000001`."""

    def __init__(self) -> None:
        self._ids: Counter[str] = Counter()
        self._increments: Counter[tuple[str, int]] = Counter()

    def next_id(self, table: str) -> int:
        self._ids[table] += 1
        return self._ids[table]

    def at_least(self, table: str, number: int) -> None:
        """Go on above a number that came from elsewhere."""
        self._ids[table] = max(self._ids[table], number)

    def increment_id(self, kind: str, store_id: int) -> str:
        self._increments[kind, store_id] += 1
        prefix = "" if store_id == 1 else str(store_id)
        return prefix + str(self._increments[kind, store_id]).zfill(INCREMENT_DIGITS)
