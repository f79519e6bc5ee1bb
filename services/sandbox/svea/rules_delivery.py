"""What may be delivered and cancelled, and what that does to an order (svea.md 3.3 to 3.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from services.sandbox.svea.merchants import SplitRows
from services.sandbox.svea.numbers import Numbers
from services.sandbox.svea.orders import Delivery, Order, Row, total
from services.sandbox.svea.payment_types import PaymentFamily
from services.sandbox.svea.refusals import invalid

INVOICE_DUE = timedelta(days=30)

Quantities = Mapping[int, int | None]
"""Row id to quantity x100; None is the whole row."""


def deliver(
    order: Order, wanted: Quantities | None, *, at: datetime, numbers: Numbers, split: SplitRows
) -> Delivery:
    """Deliver rows, all that are left when none is named."""
    _must_be_changeable(order, "delivered")
    picked, rest = _pick(order, wanted or {row.row_id: None for row in order.open_rows}, split)
    if rest and order.admin_type == "PaymentPlan":
        raise invalid("OrderRowIds", "A payment plan can not be delivered partially", 30002)
    if not picked:
        raise invalid("OrderRowIds", "There is nothing to deliver", 30003)
    amount = total(picked)
    if not rest:
        amount, order.lowered_by = amount - order.lowered_by, 0
    return _add_delivery(order, picked, rest, amount=amount, at=at, numbers=numbers)


def deliver_lower_amount(order: Order, amount: int, *, at: datetime, numbers: Numbers) -> Delivery:
    """Capture less than is reserved; the difference counts as cancelled."""
    _must_be_changeable(order, "delivered")
    left = total(order.open_rows) - order.lowered_by
    if not 0 < amount <= left:
        raise invalid("DeliveredAmount", f"DeliveredAmount must be between 1 and {left}", 30004)
    order.cancelled_amount += left - amount
    order.lowered_by = 0
    return _add_delivery(order, order.open_rows, [], amount=amount, at=at, numbers=numbers)


def cancel(order: Order) -> None:
    """Cancel what is not delivered. With a delivery behind it the order ends as Delivered."""
    _must_be_changeable(order, "cancelled")
    close_undelivered(order)


def close_undelivered(order: Order) -> None:
    order.cancelled_amount += total(order.open_rows) - order.lowered_by
    order.lowered_by = 0
    order.rows = [replace(row, cancelled=True) for row in order.rows]
    _close_when_nothing_is_left(order)


def cancel_amount(order: Order, cumulative: int) -> bool:
    """Lower a reservation to `OrderAmount - cumulative`. True when nothing is left."""
    _must_be_changeable(order, "cancelled")
    if order.family is not PaymentFamily.CARD:
        raise invalid("CancelledAmount", "An amount can not be cancelled on this payment type", 30005)
    left = total(order.open_rows) - order.lowered_by
    if not order.cancelled_amount < cumulative <= order.cancelled_amount + left:
        raise invalid("CancelledAmount", "CancelledAmount must grow, up to the undelivered amount", 30006)
    step = cumulative - order.cancelled_amount
    if step == left:
        close_undelivered(order)
        return True
    order.lowered_by += step
    order.cancelled_amount = cumulative
    return False


def cancel_rows(order: Order, row_ids: Collection[int]) -> None:
    _must_be_changeable(order, "cancelled")
    if order.family is not PaymentFamily.CREDIT:
        raise invalid("OrderRowIds", "Rows can not be cancelled on this payment type", 30007)
    for row_id in row_ids:
        row = _open_row(order, row_id, "cancelled")
        order.cancelled_amount += row.amount
        order.rows[order.rows.index(row)] = replace(row, cancelled=True)
    _close_when_nothing_is_left(order)


def _pick(order: Order, wanted: Quantities, split: SplitRows) -> tuple[list[Row], list[Row]]:
    """(the rows to deliver, the open rows that stay)."""
    for row_id in wanted:
        _open_row(order, row_id, "delivered")
    picked, rest = [], []
    for row in order.open_rows:
        if row.row_id not in wanted:
            rest.append(row)
            continue
        part, remainder = _part(row, wanted[row.row_id])
        picked.append(part)
        if remainder is not None:
            rest.append(order.numbered([remainder])[0] if split is SplitRows.NEW_ID else remainder)
    return picked, rest


def _part(row: Row, quantity: int | None) -> tuple[Row, Row | None]:
    if quantity is None or quantity == row.quantity:
        return row, None
    if not 0 < quantity < row.quantity:
        raise invalid("Quantity", f"Row {row.row_id} has {row.quantity} left, not {quantity}", 30008)
    return row.split(quantity)


def _add_delivery(
    order: Order, picked: list[Row], rest: list[Row], *, amount: int, at: datetime, numbers: Numbers
) -> Delivery:
    is_invoice = order.admin_type == "Invoice"
    delivery = Delivery(
        number=numbers.delivery(),
        created=at,
        rows=picked,
        amount=amount,
        invoice_id=numbers.invoice() if is_invoice else None,
        due=at + INVOICE_DUE if is_invoice else None,
        status="Sent" if is_invoice else None,
    )
    order.deliveries.append(delivery)
    order.rows = rest + [row for row in order.rows if row.cancelled]
    _close_when_nothing_is_left(order)
    return delivery


def _close_when_nothing_is_left(order: Order) -> None:
    if not order.open_rows:
        order.order_status = "Delivered" if order.deliveries else "Cancelled"
        order.expires = None


def _must_be_changeable(order: Order, done: str) -> None:
    if order.is_pending:
        raise invalid("OrderStatus", f"A pending order can not be {done}", 30009)
    if order.order_status != "Open":
        raise invalid("OrderStatus", f"Order is {order.order_status} and can not be {done}", 30010)


def _open_row(order: Order, row_id: int, done: str) -> Row:
    for row in order.open_rows:
        if row.row_id == row_id:
            return row
    raise invalid("OrderRowIds", f"Row {row_id} can not be {done}", 30001)
