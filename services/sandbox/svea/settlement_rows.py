"""The rows of a payout report, under Svea's names (svea.md 5.2, 5.3): integers x100, null for what is not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from services.sandbox.svea.orders import Delivery, Order, rounded
from services.sandbox.svea.payment_types import PaymentFamily
from services.sandbox.svea.settlement_terms import Terms
from services.sandbox.svea.show_admin import local

Json = dict[str, Any]

OPENING, CLOSING = "OpeningBalanceDebt", "ClosingBalanceDebt"
_ORDER_NUMBERS = 500_000
_TRANSACTIONS = 56_800_000
"""What lies between a checkout id and Svea's other numbers for the order, as in the samples."""


def fee(kind: str, amount: int, vat_percent: int, *, vat: int | None = None) -> Json:
    """A cost is positive, and lowers what is paid; `vat` is minor units when it is not a percentage."""
    vat = rounded(Decimal(amount) * vat_percent / 10000) if vat is None else vat
    return {
        "type": kind,
        "sveaPaidAmount": -(amount + vat),
        "amountExcludingVat": amount,
        "vatAmount": vat,
        "vatPercent": vat_percent,
    }


def row(
    kind: str,
    *,
    day: date,
    currency: str,
    terms: Terms,
    payment_type: str | None = None,
    nominal: int = 0,
    fees: Iterable[Json] = (),
    about: Order | None = None,
    delivery: Delivery | None = None,
    comment: str | None = None,
) -> Json:
    fees = list(fees)
    cost = sum(one["amountExcludingVat"] for one in fees)
    vat = sum(one["vatAmount"] for one in fees)
    return {
        **_names(about, delivery),
        "nominalAmount": nominal,
        "sveaPaidAmount": nominal - cost - vat,
        "totalFeeAmountExcludingVat": cost,
        "totalFeeVatAmount": vat,
        "paymentType": payment_type,
        "currency": currency,
        "destinationCurrency": terms.destination_currency or currency,
        "exchangeRate": terms.shown_rate(),
        "comment": comment,
        "deliveryId": None if delivery is None else delivery.number,
        "rowType": kind,
        "fees": fees,
        "reconciliationDate": midnight(day),
    }


def balance_row(kind: str, amount: int, like: Json | None, *, day: date, currency: str, terms: Terms) -> Json:
    """A debt from before (negative) or carried on (positive): it is in no sum but the payout's last."""
    comment = "Balance brought forward" if kind == OPENING else "Balance carried forward"
    payment_type = None if like is None else like["paymentType"]
    shown = row(kind, day=day, currency=currency, terms=terms, payment_type=payment_type, comment=comment)
    return shown | {"sveaPaidAmount": amount}


def with_fee(shown: Json, amount: int) -> Json:
    """The row with its first fee at another amount, and every sum that follows from it."""
    first, *others = shown["fees"]
    fees = [fee(first["type"], amount, first["vatPercent"]), *others]
    cost = sum(one["amountExcludingVat"] for one in fees)
    vat = sum(one["vatAmount"] for one in fees)
    return shown | {
        "fees": fees,
        "totalFeeAmountExcludingVat": cost,
        "totalFeeVatAmount": vat,
        "sveaPaidAmount": shown["nominalAmount"] - cost - vat,
    }


def midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"


def _names(order: Order | None, delivery: Delivery | None) -> Json:
    if order is None:
        nameless = ("sveaCustomerId", "customerName", "externalOrderNo", "orderDate", "sveaInvoiceNo")
        return dict.fromkeys((*nameless, "sveaOrderNo", "paymentTransactionId", "sveaCheckoutId"))
    is_credit = order.family is PaymentFamily.CREDIT
    buyer = order.billing or order.shipping
    return {
        "sveaCustomerId": order.customer.number,
        "customerName": None if buyer is None else buyer.full_name or None,
        "externalOrderNo": order.client_order_number,
        "orderDate": local(order.created),
        "sveaInvoiceNo": None if delivery is None else delivery.invoice_id,
        "sveaOrderNo": order.checkout_id - _ORDER_NUMBERS if is_credit else None,
        "paymentTransactionId": None if is_credit else order.checkout_id + _TRANSACTIONS,
        "sveaCheckoutId": order.checkout_id,
    }
