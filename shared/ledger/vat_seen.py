"""What Fortnox said of VAT when it was asked last, by financial year."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from shared.domain.vat_books import Difference, VatAccount, VatSeen
from shared.ledger.database import Database
from shared.ledger.models import vat_seen as table
from shared.ledger.statements import upsert

column = table.c


class VatSeenBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, connection: str, seen: VatSeen) -> None:
        """It replaces what was said of that year before."""
        moved: dict[str, dict[str, Decimal]] = {}
        for (day, account), amount in sorted(seen.moved.items()):
            moved.setdefault(str(account), {})[day.isoformat()] = amount
        row = {
            "connection": connection,
            "first": seen.first,
            "last": seen.last,
            "seen_at": seen.seen_at,
            "accounts": [asdict(one) for one in seen.accounts],
            "moved": moved,
            "differences": [asdict(one) for one in seen.differences],
        }
        await self._database.write(lambda found: upsert(found, table, row))

    async def between(self, connection: str, first: date, last: date) -> list[VatSeen]:
        """The years that have a day of the period, oldest first."""
        asked = (
            select(table)
            .where(column.connection == connection, column.first <= last, column.last >= first)
            .order_by(column.first)
        )
        rows = await self._database.read(lambda found: found.execute(asked).all())
        return [_to_seen(row) for row in rows]


def _to_seen(row: Row[Any]) -> VatSeen:
    return VatSeen(
        first=row.first,
        last=row.last,
        seen_at=row.seen_at,
        accounts=tuple(VatAccount(**kept | {"takes": tuple(kept["takes"])}) for kept in row.accounts),
        moved={
            (date.fromisoformat(day), int(account)): Decimal(amount)
            for account, days in row.moved.items()
            for day, amount in days.items()
        },
        differences=tuple(_to_difference(kept) for kept in row.differences),
    )


def _to_difference(kept: Mapping[str, Any]) -> Difference:
    return Difference(
        **{**kept, "dated": date.fromisoformat(kept["dated"]), "amount": Decimal(kept["amount"])}
    )
