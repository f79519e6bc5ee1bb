"""25 requests in any 5 seconds, for each client id and company, counted when they arrive."""

from collections import defaultdict, deque
from collections.abc import Callable

REQUESTS = 25
WINDOW_SECONDS = 5.0


class SlidingWindow:
    """An exact sliding window in real time. Refused requests take no room."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._arrivals: defaultdict[tuple[str, int], deque[float]] = defaultdict(deque)

    def admits(self, client_id: str, tenant_id: int) -> bool:
        """Whether this request has room; if so it takes it."""
        now = self._monotonic()
        arrivals = self._arrivals[client_id, tenant_id]
        while arrivals and not 0 <= now - arrivals[0] < WINDOW_SECONDS:  # a restored state may be ahead
            arrivals.popleft()
        if len(arrivals) >= REQUESTS:
            return False
        arrivals.append(now)
        return True
