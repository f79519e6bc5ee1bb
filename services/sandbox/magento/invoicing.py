"""Invoices: which rows may be on one, what they come to, and what the order is told of it.

Rows take the share of their pieces of what is not invoiced yet, rounded, and the last pieces the remainder.
Freight is on the first invoice, whole.
"""

from __future__ import annotations

from decimal import Decimal

from services.sandbox.magento.amounts import SETS, ZERO, add, amount, share, shipping_compensation
from services.sandbox.magento.documents import (
    PAID,
    Document,
    Quantities,
    dependent_quantity,
    has_tax,
    head,
    item_head,
    numbered,
    sum_of,
)
from services.sandbox.magento.numbers import Numbers
from services.sandbox.magento.order import Fields, Order, may_invoice, open_to_invoice
from services.sandbox.magento.refusals import Refused, validation_failed

WITHOUT_PRODUCTS = "The invoice can't be created without products. Add products and try again."
NOT_ALLOWED = "The order does not allow an invoice to be created."
REFUSING_STATES = ("payment_review", "holded", "canceled", "closed", "complete")


def make_invoice(order: Order, wanted: Quantities, numbers: Numbers, now: str) -> Document:
    """The invoice, not yet told to the order; 400 in Magento's words when there can be none."""
    items = _items(order, wanted)
    _must_be_allowed(order, items)
    fields = head(order, now) | {"can_void_flag": 0, "state": PAID}
    fields["total_qty"] = sum((one["qty"] for one in items if _pays(order, one)), ZERO)
    for prefix in SETS:
        fields |= _totals(order, items, prefix)
    _add_fee(order, fields)
    extension = _take_credit(order, fields)
    if extension:
        fields["extension_attributes"] = extension
    return numbered(Document(fields, items), "invoice", numbers)


def _items(order: Order, wanted: Quantities) -> list[Fields]:
    found: list[Fields] = []
    for item in order.items:
        quantity = _quantity(order, item, wanted)
        if quantity > 0:
            found.append(_item(order, item, quantity, item_head(item, quantity)))
    return found


def _quantity(order: Order, item: Fields, wanted: Quantities) -> Decimal:
    left = open_to_invoice(item)
    if not order.carries_money(item):
        return min(dependent_quantity(order, item, wanted, left), left)
    quantity = wanted.get(item["item_id"], ZERO) if wanted else left
    if quantity > left > 0:
        raise Refused('We found an invalid quantity to invoice item "%1".', [item["name"]])
    return min(quantity, left)


def _pays(order: Order, row: Fields) -> bool:
    item = order.item(row["order_item_id"])
    return item is not None and order.carries_money(item)


def _must_be_allowed(order: Order, items: list[Fields]) -> None:
    if order.state in ("payment_review", "holded", "canceled", "closed"):
        text = f"An invoice cannot be created when an order has a status of {order.fields['status']}"
        raise validation_failed("Invoice", text)
    reasons = [] if any(_pays(order, one) for one in items) else [WITHOUT_PRODUCTS]
    if not may_invoice(order):
        reasons.append(NOT_ALLOWED)
    if reasons:
        raise validation_failed("Invoice", *reasons)


def _item(order: Order, item: Fields, quantity: Decimal, found: Fields) -> Fields:
    if not order.carries_money(item):
        return found | {"price": ZERO, "base_price": ZERO}
    left = open_to_invoice(item)
    for prefix in SETS:
        found |= _amounts(item, prefix, quantity, left)
    return found


def _amounts(item: Fields, prefix: str, quantity: Decimal, left: Decimal) -> Fields:
    def part(name: str, done: str) -> Decimal:
        return share(amount(item, prefix + name) - amount(item, prefix + done), quantity, left)

    gross = share(amount(item, f"{prefix}row_total_incl_tax"), quantity, amount(item, "qty_ordered"))
    found = {
        "price": amount(item, f"{prefix}price"),
        "price_incl_tax": amount(item, f"{prefix}price_incl_tax"),
        "row_total": part("row_total", "row_invoiced"),
        "row_total_incl_tax": gross,
    }
    if has_tax(item):
        compensation = "discount_tax_compensation"
        found["tax_amount"] = part("tax_amount", "tax_invoiced")
        found[f"{compensation}_amount"] = part(f"{compensation}_amount", f"{compensation}_invoiced")
    if amount(item, "discount_amount"):
        found["discount_amount"] = part("discount_amount", "discount_invoiced")
    return {f"{prefix}{name}": value for name, value in found.items()}


def _totals(order: Order, items: list[Fields], prefix: str) -> Fields:
    is_first = order.fields.get("shipping_invoiced") is None
    freight = order.fields if is_first else {}
    compensation = shipping_compensation(prefix)
    found = {
        "subtotal": sum_of(items, f"{prefix}row_total"),
        "subtotal_incl_tax": sum_of(items, f"{prefix}row_total_incl_tax"),
        "tax_amount": sum_of(items, f"{prefix}tax_amount") + amount(freight, f"{prefix}shipping_tax_amount"),
        "discount_amount": -sum_of(items, f"{prefix}discount_amount")
        - amount(freight, f"{prefix}shipping_discount_amount"),
        "discount_tax_compensation_amount": sum_of(items, f"{prefix}discount_tax_compensation_amount"),
        "shipping_amount": amount(freight, f"{prefix}shipping_amount"),
        "shipping_incl_tax": amount(freight, f"{prefix}shipping_incl_tax"),
        "shipping_tax_amount": amount(freight, f"{prefix}shipping_tax_amount"),
    }
    parts = (
        "subtotal",
        "tax_amount",
        "discount_amount",
        "discount_tax_compensation_amount",
        "shipping_amount",
    )
    freight_compensation = amount(freight, compensation)
    grand = sum((found[one] for one in parts), ZERO) + freight_compensation + _weee(order, items, prefix)
    named = {f"{prefix}{name}": value for name, value in found.items()}
    return named | {f"{prefix}grand_total": grand, compensation: freight_compensation}


def _weee(order: Order, items: list[Fields], prefix: str) -> Decimal:
    """Fixed product tax has no field of its own on an invoice; it is in the grand total only."""
    name = "base_weee_tax_applied_amount" if prefix else "weee_tax_applied_amount"
    rows = ((order.item(one["order_item_id"]) or {}, one["qty"]) for one in items)
    return sum((amount(item, name) * quantity for item, quantity in rows), ZERO)


def _add_fee(order: Order, fields: Fields) -> None:
    """Svea's module: the fee goes onto both totals of the first invoice, unconverted."""
    fee = amount(order.hidden, "svea_invoice_fee")
    if not fee or order.hidden.get("svea_invoice_fee_invoiced"):
        return
    for prefix in SETS:
        add(fields, f"{prefix}grand_total", fee)
    order.hidden["svea_invoice_fee_invoiced"] = True


def _take_credit(order: Order, fields: Fields) -> Fields:
    """Adobe Commerce: gift cards and store credit pay for as much of the invoice as they can."""
    found: Fields = {}
    for kind in ("gift_cards", "customer_balance"):
        for prefix in SETS:
            name, invoiced = f"{prefix}{kind}_amount", f"{prefix}{kind}_invoiced"
            left = amount(order.extension, name) - amount(order.extension, invoiced)
            taken = min(left, fields[f"{prefix}grand_total"])
            if taken > 0:
                add(fields, f"{prefix}grand_total", -taken)
                add(order.extension, invoiced, taken)
                found[name] = taken
    return found


def register_invoice(order: Order, invoice: Document, now: str) -> None:
    """The order learns what was invoiced and, as offline methods and captures do, paid."""
    for row in invoice.items:
        item = order.item(row["order_item_id"])
        assert item is not None
        add(item, "qty_invoiced", row["qty"])
        item["updated_at"] = now
        _register_row(order, item, row)
    for prefix in SETS:
        _register_totals(order, invoice.fields, prefix)


def _register_row(order: Order, item: Fields, row: Fields) -> None:
    if order.carries_money(item):
        item.setdefault("weee_tax_applied", "[]")
    for prefix in SETS:
        add(item, f"{prefix}row_invoiced", amount(row, f"{prefix}row_total"))
        add(item, f"{prefix}tax_invoiced", amount(row, f"{prefix}tax_amount"))
        add(item, f"{prefix}discount_invoiced", amount(row, f"{prefix}discount_amount"))
        compensation = f"{prefix}discount_tax_compensation"
        add(item, f"{compensation}_invoiced", amount(row, f"{compensation}_amount"))


def _register_totals(order: Order, invoice: Fields, prefix: str) -> None:
    fields, payment = order.fields, order.payment
    for name, done in (
        ("subtotal", "subtotal_invoiced"),
        ("tax_amount", "tax_invoiced"),
        ("discount_amount", "discount_invoiced"),
        ("discount_tax_compensation_amount", "discount_tax_compensation_invoiced"),
        ("shipping_amount", "shipping_invoiced"),
        ("grand_total", "total_invoiced"),
        ("grand_total", "total_paid"),
    ):
        add(fields, prefix + done, invoice[prefix + name])
    due = amount(fields, f"{prefix}grand_total") - amount(fields, f"{prefix}total_paid")
    fields[f"{prefix}total_due"] = max(due, ZERO)
    fields["base_total_invoiced_cost"] = ZERO
    add(payment, f"{prefix}amount_paid", invoice[f"{prefix}grand_total"])
    add(payment, f"{prefix}shipping_captured", invoice[f"{prefix}shipping_amount"])
