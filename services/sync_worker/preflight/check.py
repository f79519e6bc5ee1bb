"""The pre-flight check: look at everything that a sale will need, and say what is not as it should be.

Starts   an operator, every night, at activation, and after a failure that points at settings.
Writes   nothing but the report, in our own ledger; a connection need not be active.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from services.sync_worker.preflight.judge import judge
from services.sync_worker.preflight.judge_mapping import proposal_of
from services.sync_worker.preflight.read import read
from services.sync_worker.workshop import Kit, Workshop
from shared.domain.errors import ConnectionInactive
from shared.domain.findings import Finding, Report
from shared.domain.outcomes import Done
from shared.ledger.preflights import StoredPreflight
from shared.ledger.records import StoredConnection, Subject

SUBSCRIBED_AFTER = timedelta(minutes=10)


async def preflight(shop: Workshop, subject: Subject) -> Done:
    stored = await must_be_declared(shop, subject.connection)
    async with shop.kit_as_declared(stored, subject) as kit:
        checked = await examine_and_store(shop, subject, stored, kit)
    return Done(notes=in_words(checked.report))


async def must_be_declared(shop: Workshop, connection: str) -> StoredConnection:
    stored = await shop.ledger.connections.get(connection)
    if stored is None:
        raise ConnectionInactive(f"there is no connection {connection}")
    return stored


async def examine(shop: Workshop, subject: Subject, stored: StoredConnection, kit: Kit) -> Report:
    subscribed = stored.active and shop.clock() - stored.updated_at > SUBSCRIBED_AFTER
    seen = await read(shop, subject, kit, subscribed=subscribed)
    return replace(judge(seen, kit.settings), proposal=proposal_of(seen, kit.settings))


async def examine_and_store(
    shop: Workshop, subject: Subject, stored: StoredConnection, kit: Kit
) -> StoredPreflight:
    report = await examine(shop, subject, stored, kit)
    return await shop.ledger.preflights.store(subject.connection, stored.version, report)


def in_words(report: Report) -> tuple[str, ...]:
    """One line for what was found, one for what turned green, one for what could not be looked at."""
    blocking = len(report.blocking)
    said = [
        f"{len(report.findings)} findings, {blocking} of them blocking" if report.findings else "no findings"
    ]
    if report.green:
        said.append(f"green again: {_named(report.green)}")
    if report.not_examined:
        said.append(f"not examined: {', '.join(sorted(report.not_examined))}")
    return tuple(said)


def _named(findings: Sequence[Finding]) -> str:
    return ", ".join(f"{one.code} {one.about}" for one in findings)
