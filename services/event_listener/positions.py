"""Up to where a tenant's events are in the inbox, by topic: from there Fortnox is asked to go on.

An offset is one of the stream and not of a tenant, so every tenant on the connection moves along when any
of them has an event. Each is kept on its own all the same: who comes back after days brings its own place.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

CURSOR = "fortnox_events"
REPLAYED = timedelta(days=14)  # what Fortnox keeps
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Mark:
    """An offset, and when its event happened: offsets themselves cannot be compared."""

    offset: str
    at: datetime


@dataclass(frozen=True)
class Position:
    """Where one tenant is. ``heard_at`` is when it was last on the connection; ``stream`` says which one."""

    stream: str
    heard_at: datetime
    marks: Mapping[str, Mark] = field(default_factory=dict)

    def is_lost(self, now: datetime) -> bool:
        """What happened since is no longer replayed."""
        return now - self.heard_at >= REPLAYED

    def to_text(self) -> str:
        marks = {topic: [mark.offset, mark.at.isoformat()] for topic, mark in sorted(self.marks.items())}
        return json.dumps({"stream": self.stream, "heard_at": self.heard_at.isoformat(), "marks": marks})

    @classmethod
    def from_text(cls, text: str) -> "Position":
        """Raises ValueError for what is not one."""
        try:
            found: dict[str, Any] = json.loads(text)
            marks = {
                str(topic): Mark(str(offset), datetime.fromisoformat(at))
                for topic, (offset, at) in found["marks"].items()
            }
            return cls(str(found["stream"]), datetime.fromisoformat(found["heard_at"]), marks)
        except (KeyError, TypeError, AttributeError) as problem:
            raise ValueError(f"not a position: {text[:100]!r}") from problem


def oldest(positions: Iterable[Position], topics: Iterable[str]) -> dict[str, Mark | None]:
    """The mark of each topic from which all of them miss nothing; None where nobody has one yet."""
    found: dict[str, Mark | None] = dict.fromkeys(topics)
    for position in positions:
        for topic, mark in position.marks.items():
            if topic in found:
                known = found[topic]
                found[topic] = mark if known is None else min(known, mark, key=lambda one: one.at)
    return found
