"""What Fortnox says about the company, remembered for some minutes so that a sale costs no look-up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire_company import Currency, FinancialYear
from shared.domain.errors import MissingCurrency, MissingRights, RateDoubtful, RefusedByFortnox
from shared.domain.exchange import ExchangeRate, apart
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
        found = await self.exchange_rate(currency)
        return found.sek if found is not None else None

    async def exchange_rate(self, currency: str, *, by_shop: Decimal | None = None) -> ExchangeRate | None:
        """By the source that the merchant chose, ``by_shop`` being what the shop says; None for SEK itself.

        Raises MissingCurrency when Fortnox lacks the currency, whoever says its rate: no document could be
        made in it. Raises RateDoubtful when the shop's is far from Fortnox'.
        """
        if currency == BOOK_CURRENCY:
            return None
        found = await self._currency(currency)
        rates = self.settings.rates
        if rates.source == "fixed" and currency in rates.fixed:
            return ExchangeRate(currency, rates.fixed[currency], "the fixed rate")
        if rates.source == "shop" and by_shop is not None:
            self._must_be_near(found, by_shop)
            return ExchangeRate(currency, by_shop, "the shop's rate")
        if found.sell_rate is None:
            self._known.pop(f"currency {currency}")
            raise MissingCurrency(f"Fortnox has no rate for {currency}", facts={"currency": currency})
        return ExchangeRate(currency, found.sell_rate / found.unit, "Fortnox' rate", found.rated_on)

    async def _currency(self, currency: str) -> Currency:
        found = await self._remembered(f"currency {currency}", lambda: self.client.currency(currency))
        if found is None:
            self._known.pop(f"currency {currency}")
            raise MissingCurrency(f"Fortnox has no currency {currency}", facts={"currency": currency})
        return found

    def _must_be_near(self, found: Currency, by_shop: Decimal) -> None:
        """A rate that was entered the wrong way round must not be booked."""
        if not found.sell_rate:
            return
        fortnox = found.sell_rate / found.unit
        off = apart(by_shop, fortnox)
        if off > self.settings.rates.max_difference:
            raise RateDoubtful(
                f"the shop has {found.code} at {by_shop:f} SEK, {off:.1f} % from Fortnox' {fortnox:f}",
                facts={"currency": found.code, "shop": f"{by_shop:f}", "fortnox": f"{fortnox:f}"},
            )

    async def has_warehouse(self) -> bool:
        """Whether the warehouse module tells what lies where; without the right to ask, it does not."""
        return await self._remembered("warehouse", self._ask_for_warehouse)

    async def _ask_for_warehouse(self) -> bool:
        try:
            return await self.client.has_warehouse()
        except (MissingRights, RefusedByFortnox):  # what a company without the module answers is not known
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
