"""Keeps every exchange of a run with its subject, personal data masked; and counts it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.clients.http import CallRecord
from shared.domain.masking import masked_text
from shared.ledger.audit import Audit
from shared.ledger.records import Exchange, Subject
from shared.telemetry.metrics import CALL_SECONDS, CALLS, RATE_REFUSALS

MANY = 500  # a run may last for thousands of calls
WHOLE_BOOKS = "/3/sie/"  # a year of them is no exchange to show, and is full of customers' names
FRESH = timedelta(seconds=1)  # what it writes is known that soon: whoever hears of it knows that it was us
_listening: ContextVar["Recorder | None"] = ContextVar("recorder", default=None)


@dataclass
class Recorder:
    """Kept many together and at the end of the run, however it ends: a transaction per call would cost more
    than the calls. What a killed worker said last is lost; what it wrote is in its links, committed before.
    """

    audit: Audit
    subject: Subject
    clock: Callable[[], datetime]
    writes_only: bool = False
    waiting: list[Exchange] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[None]:
        token = _listening.set(self)
        try:
            yield
        finally:
            _listening.reset(token)

    @staticmethod
    async def observe(record: CallRecord) -> None:
        """What clients call after every attempt, wherever it was made."""
        status = str(record.status or record.error or "none").split(":")[0]
        CALLS.labels(record.system, record.endpoint, record.method, status).inc()
        CALL_SECONDS.labels(record.system, record.endpoint).observe(record.duration.total_seconds())
        if record.status == 429:
            RATE_REFUSALS.labels(record.system).inc()
        recorder = _listening.get()
        if recorder is not None:
            recorder.keep(record)
            if recorder.has_enough():
                await recorder.flush()

    def keep(self, record: CallRecord) -> None:
        if "oauth" in record.system or "oauth" in record.path:
            return  # tokens have no place in an audit trail
        if WHOLE_BOOKS in record.path:
            return
        if self.writes_only and record.method == "GET":
            return
        self.waiting.append(self._exchange(record))

    def has_enough(self) -> bool:
        if not self.waiting:
            return False
        is_old = self.writes_only and self.clock() - self.waiting[0].at >= FRESH
        return is_old or len(self.waiting) >= MANY

    async def flush(self) -> None:
        if self.waiting:
            batch, self.waiting = self.waiting, []
            await self.audit.exchanges_made(batch)

    def _exchange(self, record: CallRecord) -> Exchange:
        return Exchange(
            id="",
            connection=self.subject.connection,
            subject_id=self.subject.id,
            link_id=None,
            system=record.system,
            method=record.method,
            url_path=record.path.split("?")[0],
            request=_text(record.request),
            status=record.status,
            answer=_text(record.answer),
            vendor_request_id=record.vendor_request_id,
            duration_ms=round(record.duration.total_seconds() * 1000),
            at=self.clock(),
            outcome=record.error or "answered",
        )


def _text(body: bytes | None) -> str | None:
    return None if body is None else masked_text(body.decode("utf-8-sig", errors="replace"))
