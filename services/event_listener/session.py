"""One connection to the stream, from hand-shake to its end: join, ask from where we were, hear, keep up.

It ends by raising. Whoever runs it connects again, and what was missed is sent again from the positions.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import structlog

from services.event_listener.backlog import Backlog, Waiting
from services.event_listener.desk import Desk
from services.event_listener.members import Members
from services.event_listener.metrics import BACKLOG, EVENTS, GAPS, TENANTS
from services.event_listener.pace import Pace
from services.event_listener.positions import Mark, Position, oldest
from services.event_listener.tasks import first_of
from shared.clients.fortnox.websocket import EventStream, open_stream
from shared.clients.fortnox.websocket_frames import StreamEvent
from shared.domain.errors import Retryable, Unavailable
from shared.ledger.records import StoredConnection

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

PER_LOOK = 200
MOST_OPEN = 5000  # then the stream has to wait
SETTLES_ITSELF = ("articles", "customers", "invoices", "vouchers")  # what we write ourselves


class Rejoin(Exception):
    """The connection has to be made anew: somebody came who has missed something."""


class Session:
    def __init__(self, members: Members, desk: Desk, pace: Pace, clock: Callable[[], datetime]) -> None:
        self._members, self._desk, self._pace, self._clock = members, desk, pace, clock
        self._backlog = Backlog()
        self._room = asyncio.Event()
        self._asked: set[str] = set()
        """Topics that were asked for, whether they were refused or not."""
        self._has_begun = False
        self._tried: dict[str, int] = {}
        """Connections that were to join, by the version that they had."""

    async def run(self) -> None:
        """Never returns. Raises Unavailable and the like, or Rejoin."""
        async with open_stream(self._members.integration.url) as stream:
            try:
                await self._begin(stream)
                await first_of(self._hear(stream), self._work(), self._keep_up(stream))
            finally:
                TENANTS.set(0)
                await self._leave_in_order()

    # ── joining ───────────────────────────────────────────────────────────────────────────────────

    async def _begin(self, stream: EventStream) -> None:
        members = self._members
        wanted = members.roster.of(members.integration)
        self._tried = {name: one.version for name, one in wanted.items()}
        await members.join(stream, wanted.values())
        if not members.by_name:
            raise Unavailable("no tenant could be added to Fortnox' event stream")
        positions = await members.positions()
        marks = oldest(await self._replayable(positions), members.topics)
        refused = await self._ask_for(stream, marks)
        await self._tell_of_refused(positions, [topic for topic in refused if marks[topic] is not None])
        self._backlog.marks = {
            topic: mark for topic, mark in marks.items() if mark is not None and topic not in refused
        }
        self._has_begun = True
        await stream.subscribe()
        TENANTS.set(len(members.by_name))
        log.info(
            "stream.joined",
            tenants=len(members.by_name),
            topics=sorted(self._asked),
            replayed_from={topic: mark.at.isoformat() for topic, mark in self._backlog.marks.items()},
        )

    async def _replayable(self, positions: Mapping[str, Position]) -> list[Position]:
        """Of the members; who was away for too long is told of, and begins with what happens now."""
        found = []
        for name in self._members.by_name:
            position = positions.get(name)
            if position is None:
                continue
            if position.is_lost(self._clock()):
                await self._gap(name, position.heard_at, "longer ago than Fortnox replays")
            else:
                found.append(position)
        return found

    async def _ask_for(self, stream: EventStream, marks: Mapping[str, Mark | None]) -> list[str]:
        """The topics whose offset was refused; those are asked for from now on."""
        wanted = {topic: mark.offset if mark else None for topic, mark in marks.items()}
        self._asked |= set(wanted)
        refused = await stream.add_topics(wanted) if wanted else ()
        with_offset = [topic for topic in refused if wanted.get(topic)]
        again = await stream.add_topics(dict.fromkeys(with_offset)) if with_offset else ()
        without = {topic for topic in refused if topic not in with_offset} | set(again)
        for topic in sorted(without):
            log.warning("stream.topic_refused", topic=topic)
        return list(refused)

    async def _tell_of_refused(self, positions: Mapping[str, Position], topics: Iterable[str]) -> None:
        lost = sorted(topics)
        for name in self._members.by_name if lost else ():
            position = positions.get(name)
            if position is not None and set(lost) & set(position.marks):
                await self._gap(name, position.heard_at, f"offsets refused: {', '.join(lost)}")

    async def _gap(self, connection: str, since: datetime, why: str) -> None:
        GAPS.inc()
        log.warning("stream.gap", connection=connection, since=since.isoformat(), why=why)
        await self._desk.tell_of_gap(connection, since, why)

    # ── hearing ───────────────────────────────────────────────────────────────────────────────────

    async def _hear(self, stream: EventStream) -> None:
        async for frame in stream.events():
            if isinstance(frame, StreamEvent):
                self._backlog.add(self._waiting(frame))
            else:
                EVENTS.labels("other", "malformed").inc()
                log.warning("stream.frame_unreadable", why=frame.why)
            if len(self._backlog) >= MOST_OPEN:
                self._room.clear()
                await self._room.wait()

    def _waiting(self, event: StreamEvent) -> Waiting:
        now = time.monotonic()
        wait = self._pace.settle.total_seconds() if event.topic in SETTLES_ITSELF else 0.0
        heard_at = self._clock()
        return Waiting(event, Mark(event.offset, event.at or heard_at), heard_at, came=now, due=now + wait)

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(self._pace.look.total_seconds())
            while due := self._backlog.due(time.monotonic(), at_most=PER_LOOK):
                await self._take(due)
            if len(self._backlog) < MOST_OPEN:
                self._room.set()
            BACKLOG.set(len(self._backlog))

    async def _take(self, due: list[Waiting], *, patiently: bool = True) -> None:
        now = time.monotonic()
        longest = self._pace.running.total_seconds() if patiently else 0.0
        patient = {id(one) for one in due if now - one.came < longest}
        members = self._members.by_tenant()
        done = await self._desk.take(due, members, patient=patient)
        self._backlog.finish(done)
        finished = {id(one) for one in done}
        for one in due:
            if id(one) not in finished:
                one.due = now + self._pace.look.total_seconds()
        heard = {found.name for one in done for found in members.get(one.event.tenant_id or 0, ())}
        await self._members.keep(self._backlog.marks, heard, self._clock())

    # ── keeping up ────────────────────────────────────────────────────────────────────────────────

    async def _keep_up(self, stream: EventStream) -> None:
        renewed = saved = time.monotonic()
        while True:
            await asyncio.sleep(self._pace.members.total_seconds())
            await self._follow_roster(stream)
            if time.monotonic() - renewed >= self._pace.tokens.total_seconds():
                await self._members.renew(stream)
                self._tried = {}
                renewed = time.monotonic()
            if time.monotonic() - saved >= self._pace.save.total_seconds():
                await self._save_all()
                saved = time.monotonic()
            TENANTS.set(len(self._members.by_name))

    async def _follow_roster(self, stream: EventStream) -> None:
        """Connections that were activated, changed or deactivated since."""
        members = self._members
        wanted = members.roster.of(members.integration)
        gone = [name for name in members.by_name if name not in wanted]
        if gone:
            await members.keep(self._backlog.marks, gone, self._clock())
            await members.leave(stream, gone)
        for name, member in members.by_name.items():
            before, member.connection = member.company, wanted[name]
            if member.company != before:
                raise Rejoin(name)
        new = [one for name, one in wanted.items() if self._is_new(name, one.version)]
        if new:
            await self._welcome(stream, new)
        missing = [topic for topic in members.topics if topic not in self._asked]
        if missing:
            await self._ask_for(stream, dict.fromkeys(missing))

    def _is_new(self, name: str, version: int) -> bool:
        """One that was refused is tried again when it is changed, and when tokens are looked at."""
        return name not in self._members.by_name and self._tried.get(name) != version

    async def _welcome(self, stream: EventStream, new: list[StoredConnection]) -> None:
        """A stranger joins as we go. Who was here before has missed something and needs a new connection."""
        members = self._members
        self._tried |= {one.name: one.version for one in new}
        positions = await members.positions()
        await members.join(stream, new)
        back = [one.name for one in new if one.name in members.by_name and one.name in positions]
        for name in back:
            del members.by_name[name]  # its position stays as it was until its events are asked for
        if back:
            raise Rejoin(", ".join(back))

    async def _save_all(self) -> None:
        await self._members.keep(self._backlog.marks, list(self._members.by_name), self._clock())

    async def _leave_in_order(self) -> None:
        """Stored at once is what could not be asked for again; everything else is sent again."""
        if not self._has_begun:
            return  # what is kept of an earlier connection stands
        try:
            await self._take(self._backlog.unmarked(), patiently=False)
            await self._save_all()
        except Retryable as problem:  # then more is sent again, and known again
            log.warning("stream.positions_not_kept", why=problem.message)
