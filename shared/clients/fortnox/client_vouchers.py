"""Vouchers, call by call. One that is made is final: it can be read and explained, not changed."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any

from shared.clients.fortnox import wire, wire_vouchers
from shared.clients.fortnox.calls import FortnoxCalls, path_part
from shared.clients.fortnox.wire_vouchers import (
    FortnoxVoucher,
    FortnoxVoucherHead,
    VoucherName,
    VoucherSeries,
)
from shared.domain.errors import RefusedByFortnox

INVALID_PARAMETER = "2000588"


class VoucherCalls(FortnoxCalls):
    """What is booked without a ledger of its own."""

    async def voucher(self, name: VoucherName) -> FortnoxVoucher | None:
        path = f"/3/vouchers/{path_part(name.series)}/{name.number}"
        return await self._one_or_none(path, "Voucher", wire_vouchers.to_voucher, _of_year(name.year))

    async def vouchers_on(self, day: date, *, series: str, year: int) -> AsyncIterator[FortnoxVoucherHead]:
        """The series' vouchers of a day, the newest first, and perhaps others: the caller compares.

        The guide knows `fromdate` and `todate` for vouchers, the OpenAPI document does not: where they
        are refused, the whole series of the year is read.
        """
        path = f"/3/vouchers/sublist/{path_part(series)}"
        asked = _of_year(year) | {"sortorder": "descending"}
        dates = {"fromdate": day.isoformat(), "todate": day.isoformat()}
        try:
            async for page in self._pages(path, asked | dates):
                for head in wire.listed(page, "Vouchers", wire_vouchers.to_voucher_head):
                    yield head
        except RefusedByFortnox as refusal:
            if refusal.facts.get("fortnox_code") != INVALID_PARAMETER:
                raise
            async for page in self._pages(path, asked):
                for head in wire.listed(page, "Vouchers", wire_vouchers.to_voucher_head):
                    yield head

    async def create_voucher(self, payload: Mapping[str, Any], *, year: int) -> FortnoxVoucher:
        """Without the year Fortnox would take the one that somebody has chosen on the screen."""
        return await self._write(
            "POST", "/3/vouchers", "Voucher", payload, wire_vouchers.to_voucher, params=_of_year(year)
        )

    async def voucher_series(self) -> list[VoucherSeries]:
        return await self._list(
            "/3/voucherseries", {}, "VoucherSeriesCollection", wire_vouchers.to_voucher_series
        )


def _of_year(year: int) -> dict[str, str]:
    return {"financialyear": str(year)}
