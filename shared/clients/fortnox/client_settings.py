"""Settings of the company that are read before the first sale, and the few that may be made for it."""

from decimal import Decimal

from shared.clients.fortnox import wire, wire_company, wire_payments, wire_vouchers
from shared.clients.fortnox.calls import FortnoxCalls, read_json
from shared.clients.fortnox.wire_company import Currency
from shared.clients.fortnox.wire_payments import ModeOfPayment
from shared.clients.fortnox.wire_vouchers import VoucherSeries
from shared.domain.errors import MissingRights

NEWEST = {"limit": "5", "page": "1", "sortby": "documentnumber", "sortorder": "descending"}
ONE_ROW = {"limit": "1", "page": "1"}


class SettingsCalls(FortnoxCalls):
    """What decides whether our documents can be booked."""

    async def refusal_of(self, path: str) -> MissingRights | None:
        """Whether the scope or the licence of a register is missing; one row of it is asked for."""
        try:
            await self._call("GET", path, params=ONE_ROW)
        except MissingRights as refusal:
            return refusal
        return None

    async def voucher_series_of(self, year_id: int) -> list[VoucherSeries]:
        params = {"financialyear": str(year_id)}
        key = "VoucherSeriesCollection"
        return await self._list("/3/voucherseries", params, key, wire_vouchers.to_voucher_series)

    async def newest_invoices(self) -> list[str]:
        """Numbers of the last five, the newest first."""
        body = read_json(await self._call("GET", "/3/invoices", params=NEWEST))
        return [head.number for head in wire.listed(body, "Invoices", wire.to_invoice_head)]

    async def has_warehouse(self) -> bool:
        """Whether the module Lager is active; raises MissingRights without the scope `warehouse`."""
        body = read_json(await self._call("GET", "/api/warehouse/tenants-v4"))
        return wire.single({"Tenant": body}, "Tenant", lambda tenant: tenant.flag("activated"))

    async def create_currency(self, code: str, rate: Decimal) -> Currency:
        """``rate`` is SEK per unit; Fortnox fetches rates only of currencies that a person has added."""
        payload = {"Code": code, "Description": code, "BuyRate": rate, "SellRate": rate, "Unit": 1}
        return await self._write("POST", "/3/currencies", "Currency", payload, wire_company.to_currency)

    async def create_mode_of_payment(self, code: str, account: int, text: str) -> ModeOfPayment:
        payload = {"Code": code, "AccountNumber": str(account), "Description": text}
        to = wire_payments.to_mode_of_payment
        return await self._write("POST", "/3/modesofpayments", "ModeOfPayment", payload, to)

    async def create_voucher_series(self, code: str, text: str, *, year_id: int) -> VoucherSeries:
        """Manual. That a new series can be asked for in a year is not documented, only that lists can."""
        payload = {"Code": code, "Description": text, "Manual": True}
        params = {"financialyear": str(year_id)}
        to = wire_vouchers.to_voucher_series
        return await self._write("POST", "/3/voucherseries", "VoucherSeries", payload, to, params=params)
