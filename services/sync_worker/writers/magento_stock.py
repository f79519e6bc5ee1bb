"""Quantities in the shop: absolute, so that a repeated call changes nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.sync_worker.booking import Numbers, Written
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.client_stock import ROWS_PER_CALL
from shared.domain.errors import RefusedByMagento
from shared.domain.stock import STOCK_ITEM, ShopStockDraft, StockRow, StockStopped

Json = dict[str, Any]
MOST_REFUSED = 20


@dataclass(frozen=True)
class RefusedRow:
    row: StockRow
    problem: RefusedByMagento


@dataclass
class ShopStockWriter:
    """One bad row refuses a whole call: the call is then made in halves, until the bad one stands alone.

    ``refused`` has those of the last draft, ``taken`` counts the others. Of an article by itself (``alone``)
    a refusal is raised.
    """

    client: MagentoClient
    rows_per_call: int = ROWS_PER_CALL
    alone: bool = True
    may_exist: bool = False
    revisable: bool = True
    kept_open: bool = False
    done_when_made: bool = True
    refused: list[RefusedRow] = field(default_factory=list)
    taken: int = 0

    async def find(self, draft: ShopStockDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        """What a crash left half said is said again: the quantities were read anew."""
        return None

    async def create(self, draft: ShopStockDraft, numbers: Numbers) -> Written:
        self.refused, self.taken = [], 0
        by_item = [row for row in draft.rows if row.source == STOCK_ITEM]
        by_source = [row for row in draft.rows if row.source != STOCK_ITEM]
        await asyncio.gather(*(self._save_item(row) for row in by_item))
        for start in range(0, len(by_source), self.rows_per_call):
            await self._save(by_source[start : start + self.rows_per_call])
        if self.refused and self.alone:
            raise self.refused[0].problem
        return Written(draft.ref)

    async def update(
        self, draft: ShopStockDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        return await self.create(draft, numbers)

    async def _save(self, rows: Sequence[StockRow]) -> None:
        self._must_not_be_all_of_them()
        try:
            await self.client.save_source_items([_item(row) for row in rows], rows_per_call=len(rows))
        except RefusedByMagento as refusal:
            if len(rows) == 1:
                self.refused.append(RefusedRow(rows[0], refusal))
                return
            half = len(rows) // 2
            await self._save(rows[:half])
            await self._save(rows[half:])
        else:
            self.taken += len(rows)

    def _must_not_be_all_of_them(self) -> None:
        """A cause that refuses everything is found with a few calls, not with two for each row."""
        if len(self.refused) < MOST_REFUSED or self.taken >= len(self.refused):
            return
        last = self.refused[-1]
        raise StockStopped(
            f"{len(self.refused)} quantities were refused; the last: {last.row.sku}: {last.problem.message}",
            facts={"sku": last.row.sku, "code": last.problem.code},
        )

    async def _save_item(self, row: StockRow) -> None:
        try:
            await self.client.save_stock_item(row.sku, {"qty": row.quantity, "is_in_stock": row.in_stock})
        except RefusedByMagento as refusal:
            self.refused.append(RefusedRow(row, refusal))

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("a quantity is never taken back, only told anew")

    async def compare(self, draft: ShopStockDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        """The next look reads what the shop has; no answer shows it."""
        return ()

    async def finalise(self, draft: ShopStockDraft, number: str) -> None:
        """Stock has no final state."""


def _item(row: StockRow) -> Json:
    return {
        "sku": row.sku,
        "source_code": row.source,
        "quantity": row.quantity,
        "status": int(row.in_stock),
    }
