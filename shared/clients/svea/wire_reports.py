"""Svea's payout reports: which groups there are, and their rows. All amounts are minor units.

Row identity: Svea gives rows no id, so a row is named by everything that it is about; equal rows are
counted. A report without groups (empty, missing, 204 or 404) is a day without a payout. A debt is a
debt whatever sign it is printed with; whether it adds up is seen before anything is booked.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from shared.clients.fields import Fields
from shared.domain.errors import UnreadableAnswer
from shared.domain.money import Money
from shared.domain.payouts import Fee, Payout, PayoutRow, row_keys


def groups_of(report: Any, *, market: str, asked: date) -> list[tuple[Payout, Any]]:
    """Each group with its own JSON, so that it can be kept and read again by ``to_payout``."""
    groups = Fields(report, of="report").raw("clientReports")
    return [
        (to_payout(group, market=market, asked=asked), group)
        for group in (groups if isinstance(groups, list) else ())
    ]


def to_payout(group: Any, *, market: str, asked: date) -> Payout:
    """``asked`` is the day of the report, for a group that names none."""
    return _payout(Fields(group, of="payout"), market, asked)


def _payout(group: Fields, market: str, asked: date) -> Payout:
    sums = group.needed_fields("paymentReport")
    currency = sums.needed_text("currency").upper()
    client_id = group.needed_text("clientId")
    on = group.day("reconciliationDate") or asked
    found = list(group.each("rows"))
    for row in found:
        if row.text("currency").upper() not in ("", currency):
            raise UnreadableAnswer(
                f"payout {client_id} of {on}: a row is in {row.text('currency')}, the payout in {currency}"
            )
    keys = row_keys([(_identity(row, client_id, on), _likeness(row)) for row in found])
    return Payout(
        market=market,
        client_id=client_id,
        on=on,
        rows=tuple(_row(row, key, currency) for row, key in zip(found, keys, strict=True)),
        nominal=_money(sums, "nominalAmount", currency),
        fee=_money(sums, "feeAmountExcludingVat", currency),
        fee_vat=_money(sums, "feeVatAmount", currency),
        paid_excluding=_money(sums, "sveaPaidAmountExcludingWithholding", currency),
        paid=_money(sums, "sveaPaidAmountIncludingWithholding", currency),
        opening_debt=-abs(_money(sums, "openingBalanceDebt", currency)),
        closing_debt=abs(_money(sums, "closingBalanceDebt", currency)),
    )


def _identity(row: Fields, client_id: str, on: date) -> str:
    fees = sorted(f"{fee.text('type')}:{fee.text('amountExcludingVat')}" for fee in row.each("fees"))
    names: Sequence[str] = (
        "rowType",
        "sveaCheckoutId",
        "deliveryId",
        "sveaInvoiceNo",
        "paymentTransactionId",
        "nominalAmount",
    )
    return "|".join([client_id, on.isoformat(), *(row.text(name) for name in names), ",".join(fees)])


def _likeness(row: Fields) -> str:
    """What tells rows of one identity apart, so that their order in the report does not."""
    names = (
        "externalOrderNo",
        "sveaPaidAmount",
        "totalFeeVatAmount",
        "paymentType",
        "comment",
        "sveaOrderNo",
    )
    return "|".join(row.text(name) for name in names)


def _row(row: Fields, key: str, currency: str) -> PayoutRow:
    return PayoutRow(
        key=key,
        kind=row.needed_text("rowType"),
        payment_type=row.text("paymentType"),
        nominal=_money(row, "nominalAmount", currency),
        paid=_money(row, "sveaPaidAmount", currency),
        fee=_money(row, "totalFeeAmountExcludingVat", currency),
        fee_vat=_money(row, "totalFeeVatAmount", currency),
        fees=tuple(_fee(fee, currency) for fee in row.each("fees")),
        checkout_id=_number(row, "sveaCheckoutId"),
        delivery_id=_number(row, "deliveryId"),
        invoice_number=_number(row, "sveaInvoiceNo"),
        order_number=row.text("externalOrderNo"),
        transaction_id=row.text("paymentTransactionId"),
        comment=row.text("comment"),
        destination_currency=row.text("destinationCurrency").upper(),
        exchange_rate=row.number("exchangeRate"),
    )


def _fee(fee: Fields, currency: str) -> Fee:
    return Fee(
        kind=fee.text("type"),
        amount=_money(fee, "amountExcludingVat", currency),
        vat=_money(fee, "vatAmount", currency),
    )


def _number(row: Fields, name: str) -> int | None:
    """0 and less are none."""
    found = row.integer(name)
    return found if found is not None and found > 0 else None


def _money(fields: Fields, name: str, currency: str) -> Money:
    minor = fields.integer(name)
    return Money.zero(currency) if minor is None else Money.from_minor(minor, currency)
