"""Names for rows: ordered by time where they are new, derived where two processes must agree."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

RANDOM_BITS = 80


class Ids:
    """Makes 32 hex digits: 48 bits of milliseconds, then randomness. Each is greater than the one before."""

    def __init__(
        self, clock: Callable[[], datetime], randbits: Callable[[int], int] = secrets.randbits
    ) -> None:
        self._clock = clock
        self._randbits = randbits
        self._last = 0

    def new(self) -> str:
        milliseconds = int(self._clock().timestamp() * 1000)
        if milliseconds <= self._last >> RANDOM_BITS:
            self._last += 1
        else:
            self._last = milliseconds << RANDOM_BITS | self._randbits(RANDOM_BITS)
        return f"{self._last:032x}"


def first_of(instant: datetime) -> str:
    """Not greater than any id that ``Ids`` made at that instant or later."""
    return f"{int(instant.timestamp() * 1000):012x}"


def subject_id(connection: str, kind: str, key: str) -> str:
    """The same subject has the same id in every process, so that none has to ask before it writes."""
    name = "\x1f".join((connection, kind, key))
    return hashlib.sha256(name.encode()).hexdigest()[:32]
