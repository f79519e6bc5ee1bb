"""Svea's payout reports as a test writes them: rows in kronor, and sums that hold."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

CLIENT = 79021


def fee(kind: str, amount: str, vat: str = "0") -> dict[str, Any]:
    cost, tax = minor(amount), minor(vat)
    return {"type": kind, "amountExcludingVat": cost, "vatAmount": tax, "sveaPaidAmount": -cost - tax}


def minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def a_row_of(
    about: tuple[int, int] | None,
    nominal: str,
    *fees: dict[str, Any],
    kind: str = "Order",
    payment: str = "Card",
    **more: Any,
) -> dict[str, Any]:
    """About a checkout and a delivery of it, or about neither."""
    cost = sum(one["amountExcludingVat"] for one in fees)
    vat = sum(one["vatAmount"] for one in fees)
    return {
        "rowType": kind,
        "paymentType": payment,
        "sveaCheckoutId": about[0] if about else None,
        "deliveryId": about[1] if about else None,
        "nominalAmount": minor(nominal),
        "totalFeeAmountExcludingVat": cost,
        "totalFeeVatAmount": vat,
        "sveaPaidAmount": minor(nominal) - cost - vat,
        "fees": list(fees),
        "currency": "SEK",
    } | more


def report_of(
    day: str,
    rows: Iterable[dict[str, Any]],
    *,
    opening: str = "0",
    paid: str | None = None,
    currency: str = "SEK",
) -> bytes:
    """One group; what is owed at the end is carried on. ``paid`` instead of what the rows sum to."""
    rows = list(rows)
    sums = [
        sum(row[name] for row in rows)
        for name in ("nominalAmount", "totalFeeAmountExcludingVat", "totalFeeVatAmount", "sveaPaidAmount")
    ]
    whole = sums[3] + minor(opening)
    closing = max(-whole, 0)
    group = {
        "clientId": CLIENT,
        "reconciliationDate": f"{day}T00:00:00",
        "paymentReport": {
            "nominalAmount": sums[0],
            "feeAmountExcludingVat": sums[1],
            "feeVatAmount": sums[2],
            "sveaPaidAmountExcludingWithholding": sums[3],
            "sveaPaidAmountIncludingWithholding": minor(paid) if paid else whole + closing,
            "openingBalanceDebt": minor(opening),
            "closingBalanceDebt": closing,
            "currency": currency,
        },
        "rows": [row | {"currency": currency} for row in rows],
    }
    return json.dumps({"totalNrOfRows": len(rows), "clientReports": [group]}).encode()
