"""What Fortnox says about the company, remembered for some minutes so that a sale costs no look-up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire_company import FinancialYear
from shared.domain.errors import MissingCurrency, MissingRights
from shared.domain.postings import BOOK_CURRENCY, Chart
from shared.settings.connections import ConnectionDeclaration
from shared.settings.mapping import DEFAULT_SALES

REMEMBERED_FOR = timedelta(minutes=10)
STANDARD_VAT_ACCOUNTS = {"MP1": 2611, "MP2": 2621, "MP3": 2631}
T = TypeVar("T")


@dataclass
class FortnoxFacts:
    """Answers are shared by all runs of a connection in this process."""

    client: FortnoxClient
    settings: ConnectionDeclaration
    clock: Callable[[], datetime]
    _known: dict[str, tuple[datetime, Any]] = field(default_factory=dict)

    def forget(self) -> None:
        self._known.clear()

    async def locked_until(self) -> date | None:
        return await self._remembered("locked", self.client.locked_until)

    async def has_year(self, on: date) -> bool:
        """Whether a financial year covers the date."""
        return await self.year(on) is not None

    async def year(self, on: date) -> FinancialYear | None:
        """The financial year that covers the date; one call for each month that is asked about."""
        year = await self._remembered(f"year {on:%Y-%m}", lambda: self.client.financial_year(on))
        if year is not None and year.covers(on):
            return year
        return await self._remembered(f"year {on}", lambda: self.client.financial_year(on))

    async def rate(self, currency: str) -> Decimal | None:
        """SEK per one unit; None for SEK itself. Raises MissingCurrency when Fortnox lacks it."""
        if currency == BOOK_CURRENCY:
            return None
        if self.settings.rates.source == "fixed" and currency in self.settings.rates.fixed:
            return self.settings.rates.fixed[currency]
        found = await self._remembered(f"currency {currency}", lambda: self.client.currency(currency))
        if found is None:
            self._known.pop(f"currency {currency}")
            raise MissingCurrency(f"Fortnox has no currency {currency}", facts={"currency": currency})
        if found.sell_rate is None:
            raise MissingCurrency(f"Fortnox has no rate for {currency}", facts={"currency": currency})
        return found.sell_rate / found.unit

    async def has_warehouse(self) -> bool:
        """Whether the warehouse module tells what lies where; without the right to ask, it does not."""
        return await self._remembered("warehouse", self._ask_for_warehouse)

    async def _ask_for_warehouse(self) -> bool:
        try:
            return await self.client.has_warehouse()
        except MissingRights:
            return False

    async def chart(self) -> Chart:
        """Where Fortnox posts receivables and VAT, for previews."""
        predefined = await self._remembered("predefined", self.client.predefined_accounts)
        codes = {line.rate: line.vat_code for line in DEFAULT_SALES if line.treatment == "domestic"}
        own = {line.vat_code: line.vat_account for line in self.settings.sales if line.vat_account}

        def vat_account(code: str | None, rate: Decimal) -> int:
            used = code or codes.get(rate) or ""
            account = own.get(used) or predefined.get(f"OUTVAT_{used}") or STANDARD_VAT_ACCOUNTS.get(used)
            return account or 0  # unknown to us; Fortnox decides, and the preview says 0

        return Chart(
            receivable=predefined.get("CUSTCLAIM") or self.settings.receivable_account,
            vat_account=vat_account,
            exchange_gain=predefined.get("CURRENCYWIN") or 3960,
            exchange_loss=predefined.get("CURRENCYLOSS") or 7960,
        )

    async def _remembered(self, name: str, ask: Callable[[], Awaitable[T]]) -> T:
        known = self._known.get(name)
        if known is None or self.clock() - known[0] > REMEMBERED_FOR:
            known = self._known[name] = (self.clock(), await ask())
        answer: T = known[1]
        return answer
