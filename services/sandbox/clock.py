"""The sandbox's clock: real time unless somebody sets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_time() -> datetime:
    return datetime.now(UTC)


class SandboxClock:
    """Callable clock in UTC. `set` moves the dates of what happens in the sandbox, and nothing else:
    signatures and their freshness are also judged by `source`, the time the other processes live in.
    """

    def __init__(self, source: Callable[[], datetime] = real_time) -> None:
        self.source = source
        self._offset = timedelta(0)
        self._fixed: datetime | None = None

    def __call__(self) -> datetime:
        if self._fixed is not None:
            return self._fixed
        return self.source().astimezone(UTC) + self._offset

    @property
    def was_set(self) -> bool:
        return self._fixed is not None or self._offset != timedelta(0)

    def set(self, at: datetime, *, ticking: bool = False) -> None:
        """Move to an instant, and stand still there unless `ticking`."""
        if at.tzinfo is None:
            raise ValueError("the sandbox clock needs an instant with a time zone")
        self._fixed = None if ticking else at.astimezone(UTC)
        self._offset = at - self.source() if ticking else timedelta(0)

    def advance(self, by: timedelta) -> None:
        if self._fixed is not None:
            self._fixed += by
        else:
            self._offset += by

    def follow_source(self) -> None:
        """Back to the source's time."""
        self._fixed = None
        self._offset = timedelta(0)
