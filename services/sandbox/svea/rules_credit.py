"""What may be credited on a delivery (svea.md 3.2, 3.4, 3.5): never more than DeliveryAmount."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.sandbox.svea.numbers import Numbers
from services.sandbox.svea.orders import Credit, Delivery, Order, Row, total
from services.sandbox.svea.payment_types import PaymentFamily
from services.sandbox.svea.refusals import invalid, unknown
from services.sandbox.svea.rules_delivery import Quantities


def delivery_of(order: Order, number: int) -> Delivery:
    delivery = order.delivery(number)
    if delivery is None:
        raise unknown("DeliveryId", number)
    return delivery


def credit_rows(
    order: Order, delivery: Delivery, wanted: Quantities | None, *, at: datetime, numbers: Numbers
) -> Credit:
    """Credit delivered rows, by piece only on invoices."""
    _must_credit_rows(order)
    rows = _rows_to_credit(order, delivery, wanted)
    return _add_credit(delivery, rows, amount=total(rows), at=at, numbers=numbers)


def credit_rows_with_fee(
    order: Order, delivery: Delivery, wanted: Quantities | None, fee: Row, *, at: datetime, numbers: Numbers
) -> Credit:
    """Credit rows and keep a fee. The fee row has a positive quantity, against the credit's negative ones."""
    if order.admin_type != "Invoice":
        raise invalid("Fee", "A fee can be kept on invoices only", 30020)
    rows = _rows_to_credit(order, delivery, wanted)
    kept = replace(fee, row_id=order.numbered([fee])[0].row_id)
    return _add_credit(delivery, rows, amount=total(rows) - kept.amount, at=at, numbers=numbers, kept=(kept,))


def credit_new_rows(
    order: Order, delivery: Delivery, rows: Iterable[Row], *, at: datetime, numbers: Numbers
) -> Credit:
    """Credit an amount under a name that was never sold."""
    _must_credit_rows(order)
    new = list(rows)
    if total(new) > delivery.amount - delivery.credited:
        raise _too_much(delivery)
    return _add_credit(delivery, order.numbered(new), amount=total(new), at=at, numbers=numbers)


def credit_amount(
    order: Order, delivery: Delivery, cumulative: int, *, at: datetime, numbers: Numbers
) -> Credit:
    """`cumulative` is what is credited in all afterwards, not the amount of this refund."""
    if order.family is PaymentFamily.CREDIT:
        raise invalid("CreditedAmount", "An amount can not be credited on this payment type", 30021)
    if not delivery.credited < cumulative <= delivery.amount:
        raise invalid(
            "CreditedAmount",
            f"CreditedAmount must be above {delivery.credited} and at most {delivery.amount}",
            30022,
        )
    return _add_credit(delivery, [], amount=cumulative - delivery.credited, at=at, numbers=numbers)


def _rows_to_credit(order: Order, delivery: Delivery, wanted: Quantities | None) -> list[Row]:
    if not wanted:
        wanted = {row.row_id: None for row in delivery.rows if delivery.left_of(row.row_id)}
    return [
        _row_to_credit(order, delivery, row_id=row_id, quantity=quantity)
        for row_id, quantity in wanted.items()
    ]


def _row_to_credit(order: Order, delivery: Delivery, *, row_id: int, quantity: int | None) -> Row:
    left = delivery.left_of(row_id)
    row = next((row for row in delivery.rows if row.row_id == row_id), None)
    if row is None or left == 0:
        raise invalid("OrderRowIds", f"Row {row_id} can not be credited", 30023)
    pieces = left if quantity is None else quantity
    if not 0 < pieces <= left:
        raise invalid("Quantity", f"Row {row_id} has {left} left to credit, not {pieces}", 30024)
    if pieces != row.quantity and order.admin_type != "Invoice":
        raise invalid("Quantity", "A part of a row can be credited on invoices only", 30025)
    return row if pieces == row.quantity else _portion(row, delivery, pieces)


def _portion(row: Row, delivery: Delivery, pieces: int) -> Row:
    """The last pieces take what the earlier ones left of the row's discount."""
    if pieces < delivery.left_of(row.row_id):
        return row.split(pieces)[0]
    given = sum(
        back.discount_amount
        for credit in delivery.credits
        for back in credit.rows
        if back.row_id == row.row_id
    )
    return replace(row, quantity=pieces, discount_amount=row.discount_amount - given)


def _add_credit(
    delivery: Delivery,
    rows: list[Row],
    *,
    amount: int,
    at: datetime,
    numbers: Numbers,
    kept: tuple[Row, ...] = (),
) -> Credit:
    if amount <= 0:
        raise invalid("Amount", "There is nothing to credit", 30026)
    if delivery.credited + amount > delivery.amount:
        raise _too_much(delivery)
    returned = tuple(replace(row, quantity=-row.quantity) for row in rows)
    credit = Credit(number=numbers.credit(), amount=-amount, rows=returned + kept, at=at)
    delivery.credits.append(credit)
    return credit


def _must_credit_rows(order: Order) -> None:
    if order.family is not PaymentFamily.CREDIT:
        raise invalid("OrderRowIds", "Rows can not be credited on this payment type", 30027)


def _too_much(delivery: Delivery) -> Exception:
    left = delivery.amount - delivery.credited
    return invalid("Amount", f"Delivery {delivery.number} has {left} left to credit", 30028)
