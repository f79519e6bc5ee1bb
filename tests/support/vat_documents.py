"""Booked documents with their VAT, without a ledger. Valid by default; a test sets what it is about."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from shared.domain.items import Row
from shared.domain.money import Money
from shared.domain.vat.treatment import Treated, Treatment
from shared.domain.vat_books import VatAccounts
from shared.domain.vat_documents import VatDocument, parts_of

CODES = {("DE", "19"): "DE19", ("DE", "7"): "DE7", ("FI", "25.5"): "FI255", ("DK", "25"): "DK25"}
SALES = {"DE19": 3161, "DE7": 3164, "FI255": 3162, "DK25": 3163, "MP1": 3001, "MP2": 3002, "MP3": 3003}
VAT = {"DE19": 2671, "DE7": 2674, "FI255": 2672, "DK25": 2673}
ACCOUNTS = VatAccounts(VAT, {})


def a_row(total: str, country: str = "DE", rate: str = "19", currency: str = "EUR", **more: Any) -> Row:
    """Sold to a consumer in that country, at its rate; in Sweden domestic."""
    treatment: Treatment = "domestic" if country == "SE" else "oss"
    code = {"25": "MP1", "12": "MP2", "6": "MP3"}[rate] if country == "SE" else CODES[country, rate]
    amount = Decimal(total)
    values: dict[str, Any] = {
        "text": "Lampa",
        "quantity": Decimal(1 if amount >= 0 else -1),
        "price": Money(abs(amount), currency),
        "rate": Decimal(rate),
        "account": SALES[code],
        "kind": "goods",
        "vat_code": code,
        "treated": Treated(treatment, country, "because"),
    }
    return Row(**(values | more))


def a_document(
    *rows: Row,
    on: str = "2026-05-05",
    rate: str | None = "11.20",
    of: str | None = None,
    reference: str = "S1-D1",
    before: Callable[[Row], Treated | None] = lambda row: None,
    **more: Any,
) -> VatDocument:
    """``rate`` is SEK per unit; ``of`` the day of the invoice that it credits."""
    currency = rows[0].price.currency
    exchange = None if currency == "SEK" or rate is None else Decimal(rate)
    values: dict[str, Any] = {
        "kind": "credit_invoice" if of else "invoice",
        "reference": reference,
        "number": "4711",
        "sale_id": "sale",
        "sale_key": "9300101",
        "dated": date.fromisoformat(on),
        "currency": currency,
        "parts": parts_of(rows, exchange, ACCOUNTS, before),
        "original": date.fromisoformat(of) if of else None,
    }
    return VatDocument(**values | more)
