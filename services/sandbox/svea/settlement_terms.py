"""What a merchant agreed with Svea: client numbers, fees and their VAT, when and in what currency it is paid.

The fees of a fresh merchant are those of the samples; Swedish VAT on them follows svea.md 5.5. Percentages
are x100 (2.95 % = 295), amounts minor units.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from services.sandbox.svea.orders import rounded
from services.sandbox.svea.payment_types import PaymentFamily, family_of

STANDARD_VAT = {"SE": 2500, "NO": 2500, "DK": 2500, "FI": 2550, "DE": 1900}
TAXED_EVERYWHERE = ("Service", "Postage", "DueDate")
REMINDERS = ("Reminder", "Collection")
CLIENTS_OF = {"SE": 79020, "NO": 79030, "FI": 79040, "DK": 79050, "DE": 79060}
NOT_THROUGH_SVEA = ("SVEACARDPAY", "APPLEPAY", "SWISH", "ADMININVOICE", "ZEROSUM")
"""Checkout's names: without `_PF` the merchant's own acquirer pays (svea.md 2.5)."""


class RateDirection(StrEnum):
    """What `exchangeRate` counts; Svea does not say."""

    DESTINATION_PER_CURRENCY = "destination_per_currency"
    CURRENCY_PER_DESTINATION = "currency_per_destination"


@dataclass(frozen=True)
class FeeTerm:
    """One fee on each delivery: a share of it and a fixed amount, rounded together, then its VAT."""

    type: str
    percent: int = 0
    fixed: int = 0
    vat_percent: int = 0

    def on(self, nominal: int, *, first: bool) -> int:
        """Before VAT. The fixed part is taken once for a delivery that is settled in parts."""
        return rounded(Decimal(nominal) * self.percent / 10000) + (self.fixed if first else 0)


@dataclass
class Terms:
    client_ids: dict[str, int]
    """Payment type, as Payment Admin writes it, to client number; `""` is that of every other."""
    fees: dict[str, tuple[FeeTerm, ...]]
    """By payment type; `""` is for every other."""
    banking_days: int = 1
    """From delivery or credit to payout."""
    closed_days: frozenset[date] = frozenset()
    """Bank holidays. Saturdays and Sundays are closed anyway."""
    not_through_svea: frozenset[str] = frozenset(NOT_THROUGH_SVEA)
    destination_currency: str | None = None
    """Paid out in another currency than sold in; amounts stay in the sale's."""
    exchange_rate: Decimal | None = None
    """Units of the destination currency for one unit of the sale's."""
    rate_direction: RateDirection = RateDirection.DESTINATION_PER_CURRENCY
    returns_fees: bool = False
    """A credit hands the percentage of its fees back."""
    shows_idle_debt: bool = False
    """A debt makes a report on a day on which nothing else happened."""

    def client_of(self, payment_type: str | None) -> int:
        return self.client_ids.get(payment_type or "", self.client_ids[""])

    def fees_of(self, payment_type: str | None) -> tuple[FeeTerm, ...]:
        return self.fees.get(payment_type or "", self.fees.get("", ()))

    def shown_rate(self) -> float | None:
        """As JSON has it: the only decimal of a report, in no sum of it."""
        if self.exchange_rate is None:
            return None
        if self.rate_direction is RateDirection.DESTINATION_PER_CURRENCY:
            return float(self.exchange_rate)
        return round(float(1 / self.exchange_rate), 8)

    def is_open(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.closed_days

    def paid_on(self, day: date) -> date:
        """So many banking days after this one; on it, or the next open day, when it is none."""
        left = self.banking_days
        while left or not self.is_open(day):
            day += timedelta(days=1)
            left -= 1 if left and self.is_open(day) else 0
        return day


def terms_of(country: str) -> Terms:
    base = CLIENTS_OF.get(country, 79090)
    return Terms(client_ids=_client_ids(country, base), fees=_fees(country))


def _client_ids(country: str, base: int) -> dict[str, int]:
    """In Sweden an agreement for credits, one for direct payments, one for cards; elsewhere one for all."""
    if country != "SE":
        return {"": base + 1}
    numbers = {PaymentFamily.CREDIT: 1, PaymentFamily.INSTANT: 2, PaymentFamily.CARD: 3}
    names = ("Swish", "DirectBank", "Trustly", "Card", "MobilePay", "Vipps")
    return {"": base + 1} | {name: base + numbers[family_of(name)] for name in names}


def _fees(country: str) -> dict[str, tuple[FeeTerm, ...]]:
    def term(payment_type: str, fee: str, *, percent: int = 0, fixed: int = 0) -> FeeTerm:
        return FeeTerm(fee, percent, fixed, fee_vat_percent(country, payment_type, fee))

    commission = 295 if country == "SE" else 250
    direct = term("Swish", "Credit", fixed=200 if country == "SE" else 25)
    card = {"NO": 200}.get(country, 150)
    return {
        "": (),
        "Invoice": (
            term("Invoice", "Admin", fixed=190 if country in ("FI", "DE") else 1900),
            term("Invoice", "Credit", percent=commission),
        ),
        "PaymentPlan": (
            term("PaymentPlan", "Admin", fixed=2900),
            term("PaymentPlan", "Credit", percent=200),
        ),
        "AccountCredit": (
            term("AccountCredit", "Admin", fixed=1500),
            term("AccountCredit", "Credit", percent=200),
        ),
        "Card": (term("Card", "Credit", percent=card),),
        "MobilePay": (term("MobilePay", "Credit", percent=120),),
        "Vipps": (term("Vipps", "Credit", percent=175),),
        "Swish": (direct,),
        "DirectBank": (direct,),
        "Trustly": (direct,),
    }


def fee_vat_percent(country: str, payment_type: str | None, fee: str) -> int:
    """x100. Denmark and Germany are not in the sheet: as Norway."""
    standard = STANDARD_VAT.get(country, 0)
    if fee in TAXED_EVERYWHERE:
        return standard
    if fee in REMINDERS:
        return 0 if country == "FI" else standard
    if fee == "LegalAction":
        return 0 if country == "SE" else standard
    if fee == "Admin":
        return standard if payment_type == "Invoice" or country != "SE" else 0
    if fee == "Credit":
        return standard if payment_type == "Invoice" and country == "SE" else 0
    return 0
