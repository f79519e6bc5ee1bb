"""The slots of a sliding window, as one process sees them; ``rate_limit.lua`` does the same in Redis.

Granted instants ascend and may lie in the future. A sale reserves the first instant that is possible:
not before now, the end of a block, the last grant, and one window after the grant ``rate`` grants ago.
So sales are first come, first served, and each sleeps exactly until its instant.

Lower lanes never stand in the queue of sales: they take an instant only when it is (nearly) now and one
pace after the last, and are otherwise told when to ask again; bulk also stands back for settle. When
none has passed for a share of the window, they are owed one and reserve it like a sale: a full sale lane
does not starve them.

A margin is added to the window because the other side counts arrivals, not departures. A refusal (429)
closes the window for everybody, drops what was reserved (``epoch`` tells the sleepers), and widens the
margin; it halves back with time. All times are µs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

SECOND = 1_000_000


class Verdict(IntEnum):
    GRANTED = 0
    ASK_AGAIN = 1
    TOO_FAR = 2


@dataclass(frozen=True)
class Slot:
    """The answer to a wish for a slot; ``wait`` is from now."""

    verdict: Verdict
    wait: int
    epoch: int


@dataclass(frozen=True)
class Pace:
    """The numbers of one limit."""

    rate: int
    window: int
    margin: int
    widest: int = SECOND // 2
    halving: int = 60 * SECOND
    horizon: int = 10 * SECOND
    ahead: int = SECOND // 50
    settle_share: int = 2
    bulk_share: int = 1

    def share(self, lane: str) -> int:
        return self.settle_share if lane == "settle" else self.bulk_share


@dataclass
class Slots:
    """The state that Redis holds for all processes, held by one."""

    pace: Pace
    grants: list[int] = field(default_factory=list)
    blocked: int = 0
    epoch: int = 0
    wide: int = 0
    widened: int = 0
    settle_waits: int = 0
    lane_last: dict[str, int] = field(default_factory=dict)

    def take(self, lane: str, now: int) -> Slot:
        span = self.pace.window + self.margin(now)
        last = self.grants[-1] if self.grants else 0
        grant = max(now, self.blocked, last)
        if len(self.grants) >= self.pace.rate:
            grant = max(grant, self.grants[-self.pace.rate] + span)
        if lane != "sale":
            polite = self._polite(lane, grant, last, span)
            if polite - now <= self.pace.ahead:
                grant = polite
            elif (owed := self.lane_last.get(lane, 0) + span // self.pace.share(lane)) > now:
                return self._ask_again(lane, min(polite, owed) - now, now, span)
        beyond = 0 if lane == "sale" else span  # else sales that fill the horizon shut the others out
        if grant - now > self.pace.horizon + beyond:
            return Slot(Verdict.TOO_FAR, grant - now, self.epoch)
        return self._granted(lane, grant, now)

    def refused(self, wait: int, now: int) -> None:
        if now >= self.blocked:
            self.wide = min(self.pace.widest, self.margin(now) * 2)
            self.widened = now
        if now + wait > self.blocked:
            self.block(now + wait, now)

    def block(self, until: int, now: int) -> None:
        self.blocked = until
        self.epoch += 1
        self.grants = [grant for grant in self.grants if grant <= now]

    def margin(self, now: int) -> int:
        if self.wide <= self.pace.margin:
            return self.pace.margin
        halved = 0.5 ** ((now - self.widened) / self.pace.halving)
        return self.pace.margin + int((self.wide - self.pace.margin) * halved)

    def ages(self, now: int) -> Iterable[int]:
        """How long ago the grants were that still count."""
        oldest = now - self.pace.window - self.margin(now)
        return [now - grant for grant in self.grants if oldest < grant <= now]

    def _polite(self, lane: str, grant: int, last: int, span: int) -> int:
        polite = max(grant, last + span // self.pace.rate)
        return max(polite, self.settle_waits) if lane == "bulk" else polite

    def _ask_again(self, lane: str, wait: int, now: int, span: int) -> Slot:
        if lane == "settle":
            self.settle_waits = now + wait + span // self.pace.rate
        return Slot(Verdict.ASK_AGAIN, wait, self.epoch)

    def _granted(self, lane: str, grant: int, now: int) -> Slot:
        if lane != "sale":
            self.lane_last[lane] = now
        if lane == "settle":
            self.settle_waits = 0
        self.grants = [*self.grants, grant][
            -4 * self.pace.rate :
        ]  # what is dropped at a refusal must not hide these
        return Slot(Verdict.GRANTED, grant - now, self.epoch)
