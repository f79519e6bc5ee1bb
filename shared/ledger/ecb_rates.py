"""The ECB's rates that somebody supplied for the OSS returns, by quarter."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from shared.domain.ecb_rates import DayRates
from shared.domain.quarters import Quarter
from shared.ledger.database import Database
from shared.ledger.models import ecb_rate as table

column = table.c


class EcbRateBook:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def put(self, connection: str, quarter: Quarter, found: DayRates) -> None:
        """They replace what the quarter had."""
        named = {"connection": connection, "quarter": str(quarter), "day": found.day}
        rows: list[dict[str, Any]] = [
            named | {"currency": currency, "rate": rate, "stored_at": self._clock()}
            for currency, rate in sorted(found.rates.items())
        ]

        def write(open_connection: Connection) -> None:
            open_connection.execute(
                delete(table).where(column.connection == connection, column.quarter == str(quarter))
            )
            if rows:
                open_connection.execute(insert(table), rows)

        await self._database.write(write)

    async def of(
        self, connection: str, quarters: Collection[Quarter]
    ) -> dict[tuple[Quarter, str], tuple[date, Decimal]]:
        """Day and rate by quarter and currency."""
        asked = select(column.quarter, column.currency, column.day, column.rate).where(
            column.connection == connection, column.quarter.in_([str(one) for one in quarters])
        )
        rows = await self._database.read(lambda found: found.execute(asked).all())
        return {(Quarter.parse(row.quarter), row.currency): (row.day, row.rate) for row in rows}
