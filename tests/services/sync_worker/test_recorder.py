"""What a run says to other systems is kept many together: in few transactions, and in little memory."""

from datetime import timedelta

from services.sync_worker.recorder import MANY, Recorder
from shared.clients.http import CallRecord
from shared.ledger.ledger import Ledger
from tests.shared.ledger.builders import KEY, a_lease
from tests.support.clock import Clock

A_CALL = CallRecord(
    system="fortnox",
    endpoint="invoicepayments",
    method="POST",
    path="/3/invoicepayments",
    request=b"{}",
    status=201,
    answer=b"{}",
    vendor_request_id=None,
    duration=timedelta(milliseconds=20),
    error=None,
)


async def test_a_run_of_very_many_calls_keeps_them_on_the_way(sqlite_url: str, clock: Clock) -> None:
    ledger = await Ledger.open(sqlite_url, keys=[KEY], clock=clock, migrate=True)
    subject = (await a_lease(ledger)).subject
    recorder = Recorder(ledger.audit, subject, clock)

    with recorder.listening():
        for _ in range(MANY - 1):
            await Recorder.observe(A_CALL)
        assert await ledger.audit.exchanges(subject_id=subject.id) == []
        await Recorder.observe(A_CALL)
        await Recorder.observe(A_CALL)

    assert len(await ledger.audit.exchanges(subject_id=subject.id)) == MANY
    assert len(recorder.waiting) == 1
    await ledger.close()


async def test_what_a_pass_over_a_register_writes_is_known_within_a_second(
    sqlite_url: str, clock: Clock
) -> None:
    """Whoever hears of it from the other system can tell that it was us."""
    ledger = await Ledger.open(sqlite_url, keys=[KEY], clock=clock, migrate=True)
    subject = (await a_lease(ledger)).subject
    recorder = Recorder(ledger.audit, subject, clock, writes_only=True)

    with recorder.listening():
        await Recorder.observe(A_CALL)
        assert await ledger.audit.exchanges(subject_id=subject.id) == []
        clock.advance(timedelta(seconds=1))
        await Recorder.observe(A_CALL)

    assert len(await ledger.audit.exchanges(subject_id=subject.id)) == 2
    await ledger.close()
