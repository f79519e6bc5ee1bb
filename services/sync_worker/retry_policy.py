"""When a passing failure is tried again."""

from collections.abc import Callable
from datetime import timedelta

from shared.domain.errors import InDoubt, NotYet, Retryable
from shared.settings.service import ServiceSettings

SHORTEST = timedelta(milliseconds=200)


def next_delay(
    passing: Retryable, *, attempt: int, service: ServiceSettings, jitter: Callable[[], float]
) -> timedelta:
    """What the other side asked for; else doubling from ``retry_base`` to ``retry_cap``, with jitter.

    ``jitter`` gives a number from 0 to 1. Waiting for a source (NotYet) does not double.
    """
    if passing.retry_after is not None:
        return max(passing.retry_after, SHORTEST)
    if isinstance(passing, InDoubt):
        return service.retry_base
    if isinstance(passing, NotYet):
        return service.pending_recheck
    doubled: timedelta = service.retry_base * int(2 ** min(attempt, 20))
    return min(doubled, service.retry_cap) * (0.5 + jitter() / 2)
