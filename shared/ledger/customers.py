"""Fortnox' customers as we last read them: who is already there, by organisation number or e-mail."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from shared.ledger.cursors import Cursors
from shared.ledger.database import Database
from shared.ledger.models import customer as table
from shared.ledger.records import CustomerRow
from shared.ledger.statements import upsert

column = table.c
SYNCED = "customers.synced_at"
SWEDISH_VAT_NUMBER = re.compile(r"^SE(\d{10})01$")
SWEDISH_WITH_CENTURY = re.compile(r"^(?:16|18|19|20)(\d{10})$")


class CustomerRegister:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._cursors = Cursors(database, clock)

    async def upsert_many(self, connection: str, rows: Sequence[CustomerRow]) -> None:
        ordered = sorted(rows, key=lambda row: row.number)
        await self._database.write(lambda found: _upsert_all(found, connection, ordered))

    async def candidates(
        self, connection: str, organisation_number: str | None = None, email: str | None = None
    ) -> list[CustomerRow]:
        """Exactly this number and this address, written in whatever way; what is not given does not count."""
        organisation, address = organisation_key(organisation_number), email_key(email)
        if organisation is None and address is None:
            return []
        where = [column.connection == connection]
        where += [] if organisation is None else [column.organisation_key == organisation]
        where += [] if address is None else [column.email_key == address]
        shown = (column.number, column.name, column.email, column.organisation_number)
        statement = select(*shown).where(*where).order_by(column.number)
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [CustomerRow(*row) for row in rows]

    async def synced_at(self, connection: str) -> datetime | None:
        value = await self._cursors.get(connection, SYNCED)
        return None if value is None else datetime.fromisoformat(value)

    async def set_synced_at(self, connection: str, instant: datetime) -> None:
        await self._cursors.set(connection, SYNCED, instant.isoformat())


def _upsert_all(connection: Connection, tenant: str, rows: Sequence[CustomerRow]) -> None:
    for row in rows:
        keys = {
            "email_key": email_key(row.email),
            "organisation_key": organisation_key(row.organisation_number),
        }
        upsert(connection, table, {"connection": tenant, **vars(row), **keys})


def email_key(email: str | None) -> str | None:
    return (email or "").strip().casefold() or None


def organisation_key(number: str | None) -> str | None:
    """``556036-0793``, ``16556036-0793`` and ``SE556036079301`` are one company."""
    bare = re.sub(r"[^0-9A-Z]", "", (number or "").upper())
    swedish = SWEDISH_VAT_NUMBER.match(bare) or SWEDISH_WITH_CENTURY.match(bare)
    return (swedish[1] if swedish else bare) or None
