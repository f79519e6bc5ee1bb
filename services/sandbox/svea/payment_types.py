"""Svea's spellings of payment methods, and which of them behave alike (svea.md 2.5, 3.3, 3.4)."""

from __future__ import annotations

from enum import StrEnum

_ADMIN = {
    "INVOICE": "Invoice",
    "ADMININVOICE": "Invoice",
    "PAYMENTPLAN": "PaymentPlan",
    "ACCOUNT": "AccountCredit",
    "ACCOUNTCREDIT": "AccountCredit",
    "SVEACARDPAY": "Card",
    "APPLEPAY": "Card",
    "SWISH": "Swish",
    "VIPPS": "Vipps",
    "MOBILEPAY": "MobilePay",
    "TRUSTLY": "Trustly",
    "LEASING": "Leasing",
    "LEASINGAPPROVED": "Leasing",
    "LEASINGUNAPPROVED": "Leasing",
    "ZEROSUM": "ZeroSum",
    "BANKAXESS": "DirectBank",
}


class PaymentFamily(StrEnum):
    CREDIT = "credit"
    """Svea lends the money: rows are delivered, changed and credited."""
    CARD = "card"
    """Reserved, then captured: cancelled and credited by amount."""
    INSTANT = "instant"
    """Paid at once: Svea delivers by itself; only crediting undoes it."""


def is_known(checkout_type: str) -> bool:
    name = checkout_type.removesuffix("_PF")
    return name in _ADMIN or name.startswith("DB")


def admin_payment_type(checkout_type: str) -> str:
    name = checkout_type.removesuffix("_PF")
    return _ADMIN.get(name, "DirectBank" if name.startswith("DB") else checkout_type)


def family_of(admin_type: str | None) -> PaymentFamily:
    if admin_type in ("Swish", "DirectBank", "Trustly", "ZeroSum"):
        return PaymentFamily.INSTANT
    if admin_type in ("Card", "MobilePay", "Vipps"):
        return PaymentFamily.CARD
    return PaymentFamily.CREDIT
