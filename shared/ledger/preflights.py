"""Pre-flight checks of a connection, the newest kept with as many before it as tell a story."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from shared.domain.findings import Report, compared, from_json, to_json
from shared.domain.vat.proposal import proposal_from_json, proposal_to_json
from shared.ledger.database import Database
from shared.ledger.ids import Ids
from shared.ledger.models import preflight as table

column = table.c
KEPT = 100


@dataclass(frozen=True)
class StoredPreflight:
    """``declaration_version`` is the version of the declaration that was examined."""

    id: str
    connection: str
    declaration_version: int
    examined_at: datetime
    report: Report


class Preflights:
    def __init__(self, database: Database, clock: Callable[[], datetime], ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    async def store(self, connection: str, version: int, report: Report) -> StoredPreflight:
        """Compared with the one before: what is not found any more has turned green."""
        return await self._database.write(lambda found: self._store(found, connection, version, report))

    def _store(self, connection: Connection, name: str, version: int, report: Report) -> StoredPreflight:
        before = _last(connection, name)
        report = compared(report, before.report.findings if before else ())
        values: dict[str, Any] = {
            "id": self._ids.new(),
            "connection": name,
            "declaration_version": version,
            "examined_at": self._clock(),
        }
        told = {
            "findings": to_json(report.findings),
            "green": to_json(report.green),
            "not_examined": dict(report.not_examined),
            "proposal": proposal_to_json(report.proposal) if report.proposal is not None else None,
        }
        connection.execute(insert(table).values(**values, **told))
        _forget_old(connection, name)
        return StoredPreflight(**values, report=report)

    async def last(self, connection: str) -> StoredPreflight | None:
        return await self._database.read(lambda found: _last(found, connection))


def _last(connection: Connection, name: str) -> StoredPreflight | None:
    newest = select(table).where(column.connection == name).order_by(column.id.desc()).limit(1)
    row = connection.execute(newest).first()
    if row is None:
        return None
    proposal = proposal_from_json(row.proposal) if row.proposal else None
    report = Report(from_json(row.findings), row.not_examined, from_json(row.green), proposal)
    return StoredPreflight(row.id, row.connection, row.declaration_version, row.examined_at, report)


def _forget_old(connection: Connection, name: str) -> None:
    oldest = (
        select(column.id).where(column.connection == name).order_by(column.id.desc()).offset(KEPT).limit(1)
    )
    found = connection.execute(oldest).scalar_one_or_none()
    if found is not None:
        connection.execute(delete(table).where(column.connection == name, column.id <= found))
