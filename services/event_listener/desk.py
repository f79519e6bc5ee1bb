"""Events that have waited long enough -> rows of the inbox, and the doorbell. Writes nothing else."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from redis.exceptions import RedisError

from services.event_listener.backlog import Waiting
from services.event_listener.metrics import EVENTS
from services.event_listener.routing import (
    NEAR,
    TOPICS,
    About,
    Known,
    Verdict,
    by_number,
    judged,
    needs_writes,
    numbers_of,
    voucher_prefix,
)
from shared.clients.fortnox.websocket_frames import StreamEvent
from shared.ledger.ledger import Ledger
from shared.ledger.numbers import Wrote
from shared.ledger.records import IncomingEvent, StoredConnection, Wake
from shared.queue import Queue
from shared.settings.service import ServiceSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

FORTNOX = "fortnox"
RING_SECONDS = 1.0
SPAN = timedelta(minutes=5)
MOST_EXPLAINED = 10_000


class Bell:
    """Rings the workers. What is not rung is in the inbox, and the scheduler's sweep rings it."""

    def __init__(self, service: ServiceSettings, queue: Queue | None = None) -> None:
        self._service, self._queue = service, queue

    async def ring(self, subjects: Sequence[Wake]) -> None:
        """Never raises."""
        try:
            async with asyncio.timeout(RING_SECONDS):
                if self._queue is None:
                    self._queue = await Queue.connect(self._service, patient=False)
                await self._queue.wake(subjects)
        except (RedisError, OSError, TimeoutError) as failure:
            log.warning("doorbell.failed", why=f"{type(failure).__name__}: {failure}")

    async def close(self) -> None:
        if self._queue is not None:
            await self._queue.close()


class Desk:
    """One for all connections to the stream."""

    def __init__(self, ledger: Ledger, bell: Bell) -> None:
        self._ledger, self._bell = ledger, bell
        self._explained: dict[str, str] = {}
        """Event by write: a write explains one event, and that one again when it is sent again."""

    async def take(
        self, due: Sequence[Waiting], members: Mapping[int, Sequence[StoredConnection]], *, patient: set[int]
    ) -> list[Waiting]:
        """Those that are finished: stored, or of no use to anybody. The others wait for a run to end.

        ``members`` are connections by tenant; ``patient`` are ids of those that may still wait.
        """
        told: list[IncomingEvent] = []
        held: set[int] = set()
        for connection, waiting in _by_connection(due, members):
            known = await self._known(connection, waiting)
            for one in waiting:
                of_it = known[id(one)]
                if id(one) in patient and any(found.running for found in of_it.ours):
                    held.add(id(one))
                else:
                    told += self._judge(connection, one.event, of_it)
        for one in due:
            if one.event.tenant_id not in members:
                EVENTS.labels(_topic(one.event), "unknown_tenant").inc()
        await self._store(told)
        return [one for one in due if id(one) not in held]

    def _judge(self, connection: StoredConnection, event: StreamEvent, known: Known) -> list[IncomingEvent]:
        name = _name(event)
        unused = [one for one in known.wrote if self._explained.get(one.id, name) == name]
        verdict = judged(event, replace(known, wrote=unused), connection.declaration)
        if verdict.explained_by is not None:
            self._explained[verdict.explained_by.id] = name
        if len(self._explained) > MOST_EXPLAINED:
            self._explained = dict(list(self._explained.items())[MOST_EXPLAINED // 2 :])
        return _told(connection, event, verdict)

    async def tell_of_gap(self, connection: str, since: datetime, why: str) -> None:
        """A row that points at nothing: what was missed is left to the sweeps, and a person can see it."""
        gap = IncomingEvent(
            connection=connection,
            source=FORTNOX,
            name="stream_gap",
            dedupe_key=f"gap|{since.isoformat()}",
            subject_kind=None,
            subject_key=None,
            lane="settle",
            occurred_at=since,
            attributes={"since": since.isoformat(), "why": why},
        )
        await self._ledger.inbox.accept([gap])

    async def _store(self, told: Sequence[IncomingEvent]) -> None:
        accepted = await self._ledger.inbox.accept(told)
        for event, answer in zip(told, accepted, strict=True):
            outcome = "duplicate" if answer.duplicate else "told"
            EVENTS.labels(event.attributes["topic"], outcome).inc()
        wakes = [one.subject for one in accepted if one.subject is not None]
        if wakes:
            await self._bell.ring(wakes)

    # ── what the ledger knows ─────────────────────────────────────────────────────────────────────

    async def _known(self, connection: StoredConnection, waiting: Sequence[Waiting]) -> dict[int, Known]:
        numbers = self._ledger.numbers
        names = {name for one in waiting for name in numbers_of(one.event)}
        ours = await numbers.ours(connection.name, FORTNOX, names) if names else {}
        wrote = await self._wrote(connection.name, waiting)
        return {
            id(one): Known(
                heard_at=one.heard_at,
                ours=by_number(ours, one.event),
                wrote=wrote if needs_writes(one.event) else (),
                of_voucher=await self._of_voucher(connection, one.event),
            )
            for one in waiting
        }

    async def _wrote(self, connection: str, waiting: Iterable[Waiting]) -> list[Wrote]:
        """What we wrote about when these happened by Fortnox' clock, and about when we heard of them."""
        about = [
            at for one in waiting if needs_writes(one.event) for at in (one.event.at, one.heard_at) if at
        ]
        written = partial(self._ledger.numbers.written, connection, FORTNOX)
        return [one for since, until in spans(about) for one in await written(since, until)]

    async def _of_voucher(
        self, connection: StoredConnection, event: StreamEvent
    ) -> Sequence[tuple[str, str]]:
        prefix = voucher_prefix(event, connection.declaration)
        if prefix is None:
            return ()
        return await self._ledger.numbers.beginning(connection.name, FORTNOX, "voucher", prefix)


def spans(instants: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of time that hold them all with some air: a replay of a week is not asked for as a week."""
    begin: datetime | None = None
    last: datetime | None = None
    for instant in sorted(instants):
        if begin is None or last is None:
            begin = instant
        elif instant - last > SPAN:
            yield begin - NEAR, last + NEAR
            begin = instant
        last = instant
    if begin is not None and last is not None:
        yield begin - NEAR, last + NEAR


def _by_connection(
    due: Sequence[Waiting], members: Mapping[int, Sequence[StoredConnection]]
) -> Iterator[tuple[StoredConnection, list[Waiting]]]:
    connections: dict[str, StoredConnection] = {}
    found: defaultdict[str, list[Waiting]] = defaultdict(list)
    for one in due:
        for connection in members.get(one.event.tenant_id or 0, ()):
            connections[connection.name] = connection
            found[connection.name].append(one)
    for name, waiting in found.items():
        yield connections[name], waiting


def _told(connection: StoredConnection, event: StreamEvent, verdict: Verdict) -> list[IncomingEvent]:
    if not verdict.about:
        EVENTS.labels(_topic(event), verdict.why_not).inc()
    return [_incoming(connection.name, event, about) for about in verdict.about]


def _incoming(connection: str, event: StreamEvent, about: About) -> IncomingEvent:
    """The same event sent again, from the same offset or told of another, is one row."""
    return IncomingEvent(
        connection=connection,
        source=FORTNOX,
        name=event.type,
        dedupe_key=f"{_name(event)}|{about.kind}|{about.key}",
        subject_kind=about.kind,
        subject_key=about.key,
        lane="settle",
        occurred_at=event.at,
        attributes={"topic": event.topic, "number": event.entity, "offset": event.offset},
    )


def _name(event: StreamEvent) -> str:
    """The same for the same event, however often it is sent."""
    offset = event.offset or (event.at.isoformat() if event.at else "")
    return f"{event.topic}|{offset}|{event.type}|{event.entity}"


def _topic(event: StreamEvent) -> str:
    """As a label: what a stranger may put into a frame must not become a series of its own."""
    return event.topic if event.topic in TOPICS else "other"
