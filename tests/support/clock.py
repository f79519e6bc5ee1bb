"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

A_MONDAY_MORNING = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


class Clock:
    """Call it for the instant; it is what the product takes as `clock: Callable[[], datetime]`."""

    def __init__(self, now: datetime = A_MONDAY_MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock shows instants: give it a time zone")
        self.now = now

    def advance(self, by: timedelta) -> datetime:
        self.now += by
        return self.now
