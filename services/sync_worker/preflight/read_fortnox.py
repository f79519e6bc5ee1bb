"""What Fortnox says about the company: some twenty reads, none of them of a register as a whole."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from services.sync_worker.preflight.seen import FortnoxSeen, Locked, Rounding, Seen, Year
from shared.clients.fortnox.client import FortnoxClient
from shared.domain.errors import ConnectionRevoked, MissingRights, NeedsAttention, Retryable
from shared.domain.findings import Finding
from shared.settings.connections import ConnectionDeclaration

T = TypeVar("T")

REGISTERS = {
    "archive": "/3/archive",
    "article": "/3/articles",
    "connectfile": "/3/voucherfileconnections",
    "customer": "/3/customers",
    "inbox": "/3/inbox",
    "invoice": "/3/invoices",
    "order": "/3/orders",
    "payment": "/3/invoicepayments",
    "price": "/3/pricelists",
}
"""Scope -> a register that it opens; the other scopes show when their pages are read."""


async def read_fortnox(client: FortnoxClient, settings: ConnectionDeclaration, seen: Seen) -> None:
    """Fills ``seen.fortnox``; without a token, or without an answer, it stays as far as it came."""
    reader = _Reader(client, settings, seen.fortnox, seen.today)
    try:
        await reader.read()
    except ConnectionRevoked as refusal:
        seen.failed.append(_failed("connection_revoked", refusal.message))
        seen.unread["fortnox"] = refusal.message
    except Retryable as passing:
        seen.failed.append(_failed("unavailable", passing.message))
        seen.unread["fortnox"] = passing.message


def _failed(code: str, message: str) -> Finding:
    return Finding(code, "fortnox", "fortnox", message, check="fortnox")


@dataclass
class _Reader:
    client: FortnoxClient
    settings: ConnectionDeclaration
    seen: FortnoxSeen
    today: date

    async def read(self) -> None:
        client, seen = self.client, self.seen
        seen.company = await self._ask("companyinformation", client.company)
        for scope, path in REGISTERS.items():
            await self._probe(scope, path)
        seen.locked = await self._ask("settings", self._locked)
        seen.years = await self._ask("bookkeeping", self._years)
        seen.predefined = await self._ask("settings", client.predefined_accounts)
        currencies = await self._ask("currency", client.currencies)
        if currencies is not None:
            seen.currencies = {one.code: one for one in currencies}
        modes = await self._ask("settings", client.modes_of_payment)
        if modes is not None:
            seen.modes = {one.code: one for one in modes}
        seen.price_lists = ()
        if self.settings.products.prices:
            price_lists = await self._ask("price", client.price_lists)
            seen.price_lists = None if price_lists is None else tuple(price_lists)
        if "invoice" not in seen.lacking:
            seen.rounding = await self._ask("invoice", self._rounding)
        seen.warehouse = await self._warehouse()

    async def _ask(self, scope: str, call: Callable[[], Awaitable[T]]) -> T | None:
        """None where it may not be read, or is answered in a way that nobody expects; both are told."""
        try:
            return await call()
        except MissingRights as refusal:
            self.seen.lacking[scope] = refusal.message
        except (ConnectionRevoked, Retryable):
            raise
        except NeedsAttention as refusal:
            self.seen.refused[refusal.facts.get("endpoint", scope)] = refusal.message
        return None

    async def _probe(self, scope: str, path: str) -> None:
        if scope in self.settings.fortnox.scopes:
            refusal = await self._ask(scope, lambda: self.client.refusal_of(path))
            if refusal is not None:
                self.seen.lacking[scope] = refusal.message

    async def _locked(self) -> Locked:
        return Locked(await self.client.locked_until())

    async def _years(self) -> tuple[Year, ...]:
        """Today's, and that of the day from which we book."""
        days = {self.today, self.settings.active_from or self.today}
        known: dict[int, Year] = {}
        found = []
        for day in sorted(days):
            year = await self.client.financial_year(day)
            if year is None:
                found.append(Year(day, None))
                continue
            if year.id not in known:
                accounts = await self.client.accounts(year.id)
                series = await self.client.voucher_series_of(year.id)
                chart = {one.number: one for one in accounts}
                known[year.id] = Year(day, year, chart, {one.code: one for one in series})
                found.append(known[year.id])
        return tuple(found)

    async def _rounding(self) -> tuple[Rounding, ...]:
        """The setting itself is shown nowhere. The newest invoice with öre tells: rounded, or not."""
        for number in await self.client.newest_invoices():
            invoice = await self.client.invoice(number)
            if invoice.round_off and not invoice.cancelled:
                return (Rounding(number, invoice.round_off),)
            if invoice.total != invoice.total.to_integral_value():
                return ()
        return ()

    async def _warehouse(self) -> bool | None:
        """Its scope is not among those that we need, so that being refused says nothing."""
        try:
            return await self.client.has_warehouse()
        except (ConnectionRevoked, Retryable):
            raise
        except NeedsAttention:
            return None
