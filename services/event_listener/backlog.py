"""Events that were received and are not in the inbox yet.

They may be finished in any order. The mark of a topic moves past an event only when it and all before it
are finished, so that a process that dies has them sent again.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.event_listener.positions import Mark
from shared.clients.fortnox.websocket_frames import StreamEvent


@dataclass
class Waiting:
    """An event, when it came (an instant, and monotonic seconds) and when it is to be looked at."""

    event: StreamEvent
    mark: Mark
    heard_at: datetime
    came: float
    due: float
    finished: bool = False


@dataclass
class Backlog:
    marks: dict[str, Mark] = field(default_factory=dict)
    """By topic: everything up to here is finished."""
    _lines: defaultdict[str, deque[Waiting]] = field(default_factory=lambda: defaultdict(deque))
    _open: list[Waiting] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._open)

    def add(self, one: Waiting) -> None:
        self._lines[one.event.topic].append(one)
        self._open.append(one)

    def due(self, now: float, *, at_most: int) -> list[Waiting]:
        """In the order in which they came."""
        return [one for one in self._open if one.due <= now][:at_most]

    def unmarked(self) -> list[Waiting]:
        """Of topics that have no mark yet: these cannot be asked for again."""
        return [one for one in self._open if one.event.topic not in self.marks]

    def finish(self, done: Sequence[Waiting]) -> None:
        for one in done:
            one.finished = True
        self._open = [one for one in self._open if not one.finished]
        for topic in {one.event.topic for one in done}:
            self._move(topic)

    def _move(self, topic: str) -> None:
        line = self._lines[topic]
        while line and line[0].finished:
            passed = line.popleft()
            if passed.mark.offset:  # without one there is nothing to ask for
                self.marks[topic] = passed.mark
