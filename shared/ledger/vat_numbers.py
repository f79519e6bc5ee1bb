"""What VIES has said of VAT numbers, so that it is not asked twice for one sale."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from shared.ledger.database import Database
from shared.ledger.models import vat_number as table
from shared.ledger.statements import insert_for, row_or_none

column = table.c


@dataclass(frozen=True)
class KnownVatNumber:
    """``consultation`` is VIES' own number of its answer; empty where it gave none."""

    number: str
    valid: bool
    asked_at: datetime
    consultation: str


class VatNumbers:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def find(self, connection: str, number: str) -> KnownVatNumber | None:
        where = (column.connection == connection) & (column.number == number)
        row = await self._database.read(lambda found: row_or_none(found, table, where))
        return None if row is None else KnownVatNumber(row.number, row.valid, row.asked_at, row.consultation)

    async def keep(self, connection: str, number: str, *, valid: bool, consultation: str) -> KnownVatNumber:
        """The newest answer replaces the one before."""
        known = KnownVatNumber(number, valid, self._clock(), consultation)
        await self._database.write(lambda found: _keep(found, connection, known))
        return known


def _keep(connection: Connection, name: str, known: KnownVatNumber) -> None:
    told = {"valid": known.valid, "asked_at": known.asked_at, "consultation": known.consultation}
    new = insert_for(connection, table).values(connection=name, number=known.number, **told)
    connection.execute(new.on_conflict_do_update(index_elements=["connection", "number"], set_=told))
