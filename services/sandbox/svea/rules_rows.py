"""What may be changed on the rows of an order that is not delivered (svea.md 3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.sandbox.svea.orders import Order, Row, total
from services.sandbox.svea.payment_types import PaymentFamily
from services.sandbox.svea.read_rows import changed
from services.sandbox.svea.refusals import invalid

Change = Mapping[str, Any]
"""Fields of a row under Svea's names."""


def add_rows(order: Order, rows: Iterable[Row]) -> list[Row]:
    _must_take_changes(order)
    added = order.numbered(rows)
    order.rows.extend(added)
    _recount(order)
    return added


def update_rows(order: Order, changes: Mapping[int, Change]) -> None:
    """Change the named fields of the named rows; refuses the whole when one row cannot be changed."""
    _must_take_changes(order)
    rows = {row.row_id: row for row in order.open_rows}
    missing = [row_id for row_id in changes if row_id not in rows]
    if missing:
        raise invalid("OrderRowId", f"Row {missing[0]} can not be updated", 30040)
    updated = {row_id: changed(rows[row_id], change) for row_id, change in changes.items()}
    order.rows = [updated.get(row.row_id, row) for row in order.rows]
    _recount(order)


def replace_rows(order: Order, rows: Iterable[Row]) -> None:
    """All undelivered rows are replaced; the new ones get new row ids."""
    _must_take_changes(order)
    order.rows = [row for row in order.rows if row.cancelled] + order.numbered(rows)
    _recount(order)


def _recount(order: Order) -> None:
    delivered = sum(delivery.amount for delivery in order.deliveries)
    order.order_amount = delivered + total(order.rows)


def _must_take_changes(order: Order) -> None:
    if not order.is_changeable or order.family is not PaymentFamily.CREDIT:
        raise invalid("OrderRows", "Rows can not be changed on this order", 30041)
