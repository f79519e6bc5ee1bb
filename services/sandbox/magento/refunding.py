"""Credit memos: the arithmetic, the refusals, and the things a real shop lets pass (magento-measured 1.3).

Amounts in the arguments are in the base currency; the freight's is net, or gross where the shop shows freight
including VAT. No items means everything left, no arguments all freight left. Nobody checks the sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.magento.amounts import SETS, ZERO, add, amount, cents, share, shipping_compensation
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
from services.sandbox.magento.order import Fields, Order, open_to_refund
from services.sandbox.magento.refusals import Refused, validation_failed
from services.sandbox.magento.wire import plain

COMPENSATION = "discount_tax_compensation"


@dataclass(frozen=True)
class Arguments:
    """`shipping`: None refunds all that is left. `given`: the request had arguments at all."""

    shipping: Decimal | None = None
    positive: Decimal = ZERO
    negative: Decimal = ZERO
    given: bool = False
    shipping_includes_tax: bool = False
    fee: Decimal = ZERO
    """What Svea's module puts on both totals of every memo."""


@dataclass(frozen=True)
class Freight:
    net: Decimal = ZERO
    gross: Decimal = ZERO
    tax: Decimal = ZERO
    compensation: Decimal = ZERO
    discount: Decimal = ZERO


def make_memo(order: Order, wanted: Quantities, arguments: Arguments, numbers: Numbers, now: str) -> Document:
    """The credit memo, not yet told to the order; 400 in Magento's words when there can be none."""
    _must_be_possible(order, wanted)
    items = _items(order, wanted)
    fields = head(order, now) | {"state": PAID}
    for prefix in SETS:
        fields |= _totals(order, items, arguments, prefix)
    extension = _to_cards_first(order, fields)
    _must_not_exceed(order, fields)
    if extension:
        fields["extension_attributes"] = extension
        _give_credit_back(order, extension)
    return numbered(Document(fields, items), "creditmemo", numbers)


def _must_be_possible(order: Order, wanted: Quantities) -> None:
    if order.state in ("payment_review", "holded", "canceled", "closed"):
        text = f"A creditmemo can not be created when an order has a status of {order.fields['status']}"
        raise validation_failed("Creditmemo", text)
    reasons: list[str] = []
    for item_id, quantity in wanted.items():
        item = order.item(item_id)
        if item is None:
            reasons.append("The creditmemo contains product item that is not part of the original order.")
        elif not order.carries_money(item):
            reasons.append("The creditmemo contains incorrect product items.")
        else:
            _must_be_left(item, quantity)
    if reasons:
        raise validation_failed("Creditmemo", *reasons)


def _must_be_left(item: Fields, quantity: Decimal) -> None:
    """Two texts: one while pieces are left, another once there are none."""
    left = open_to_refund(item)
    if quantity <= left:
        return
    if left > 0:
        raise Refused('We found an invalid quantity to refund item "%1".', [item["name"]])
    text = "The quantity to refund must not be greater than the unrefunded quantity."
    raise validation_failed("Creditmemo", text)


def _must_not_exceed(order: Order, memo: Fields) -> None:
    left = amount(order.fields, "base_total_paid") - amount(order.fields, "base_total_refunded")
    if memo["base_grand_total"] > left:
        raise validation_failed("Creditmemo", f"The most money available to refund is {plain(left)}.")


# ---- rows ------------------------------------------------------------------------------------------------


def _items(order: Order, wanted: Quantities) -> list[Fields]:
    found: list[Fields] = []
    for item in order.items:
        quantity = _quantity(order, item, wanted)
        if quantity > 0:
            found.append(_item(order, item, quantity, item_head(item, quantity)))
    return found


def _quantity(order: Order, item: Fields, wanted: Quantities) -> Decimal:
    left = open_to_refund(item)
    if order.carries_money(item):
        return wanted.get(item["item_id"], ZERO) if wanted else left
    return min(dependent_quantity(order, item, wanted, left), left)


def _item(order: Order, item: Fields, quantity: Decimal, found: Fields) -> Fields:
    found = found | {"base_cost": None}
    if not order.carries_money(item):
        return found | {"price": ZERO, "base_price": ZERO}
    left = open_to_refund(item)
    for prefix in SETS:
        found |= _amounts(item, prefix, quantity, left)
    return found | _weee_of(item, quantity)


def _amounts(item: Fields, prefix: str, quantity: Decimal, left: Decimal) -> Fields:
    def part(name: str, done: str) -> Decimal:
        return share(amount(item, prefix + name) - amount(item, prefix + done), quantity, left)

    gross = share(amount(item, f"{prefix}row_total_incl_tax"), quantity, amount(item, "qty_ordered"))
    found = {
        "price": amount(item, f"{prefix}price"),
        "price_incl_tax": amount(item, f"{prefix}price_incl_tax"),
        "row_total": part("row_invoiced", "amount_refunded"),
        "row_total_incl_tax": gross,
    }
    if has_tax(item):
        found["tax_amount"] = part("tax_invoiced", "tax_refunded")
        found[f"{COMPENSATION}_amount"] = part(f"{COMPENSATION}_invoiced", f"{COMPENSATION}_refunded")
    if amount(item, "discount_amount"):
        found["discount_amount"] = part("discount_invoiced", "discount_refunded")
    return {f"{prefix}{name}": value for name, value in found.items()}


def _weee_of(item: Fields, quantity: Decimal) -> Fields:
    return {
        "base_weee_tax_row_disposition": ZERO,
        "weee_tax_applied": item.get("weee_tax_applied", "[]"),
        "weee_tax_applied_row_amount": amount(item, "weee_tax_applied_amount") * quantity,
        "weee_tax_row_disposition": ZERO,
    }


# ---- totals ----------------------------------------------------------------------------------------------


def _totals(order: Order, items: list[Fields], arguments: Arguments, prefix: str) -> Fields:
    freight = _freight(order, arguments, prefix)
    rate = Decimal(1) if prefix else amount(order.fields, "base_to_order_rate")
    positive, negative = cents(arguments.positive * rate), cents(arguments.negative * rate)
    found = {
        "subtotal": sum_of(items, f"{prefix}row_total"),
        "subtotal_incl_tax": sum_of(items, f"{prefix}row_total_incl_tax"),
        "tax_amount": sum_of(items, f"{prefix}tax_amount") + freight.tax,
        "discount_amount": -sum_of(items, f"{prefix}discount_amount") - freight.discount,
        f"{COMPENSATION}_amount": sum_of(items, f"{prefix}{COMPENSATION}_amount") + freight.compensation,
        "shipping_amount": freight.net,
    }
    weee = sum_of(items, "weee_tax_applied_row_amount") / (rate if not prefix else Decimal(1))
    grand = sum(found.values(), ZERO) - found["subtotal_incl_tax"] + positive - negative
    found |= {
        "shipping_incl_tax": freight.gross,
        "shipping_tax_amount": freight.tax,
        "adjustment": positive - negative,
        "grand_total": grand + cents(weee) + arguments.fee,
    }
    if arguments.given:
        found |= {"adjustment_positive": positive, "adjustment_negative": negative}
    return {f"{prefix}{name}": value for name, value in found.items()}


def _freight(order: Order, arguments: Arguments, prefix: str) -> Freight:
    """What is refunded of the freight in one set, out of a wish in the base currency."""
    ratio = _freight_ratio(order, arguments)
    net = amount(order.fields, f"{prefix}shipping_amount")
    left = _freight_left(order, prefix)
    if ratio is None:
        return left
    compensation = amount(order.fields, shipping_compensation(prefix))
    return Freight(
        net=cents(net * ratio),
        gross=cents(amount(order.fields, f"{prefix}shipping_incl_tax") * ratio),
        tax=cents(amount(order.fields, f"{prefix}shipping_tax_amount") * ratio),
        compensation=cents(compensation * ratio),
        discount=cents(amount(order.fields, f"{prefix}shipping_discount_amount") * ratio),
    )


def _freight_ratio(order: Order, arguments: Arguments) -> Decimal | None:
    """The wished part of the whole freight; None when all that is left is to be refunded."""
    if arguments.shipping is None:
        return None
    left, name = _freight_left(order, "base_"), "base_shipping_amount"
    most = left.net
    if arguments.shipping_includes_tax:
        most, name = left.net + left.tax, "base_shipping_incl_tax"
    wished = cents(arguments.shipping)
    if wished > cents(most):
        text = "Maximum shipping amount allowed to refund is: %1"
        raise Refused(text, [formatted(most, str(order.fields["base_currency_code"]))])
    if wished == cents(most):
        return None
    whole = amount(order.fields, name)
    return wished / whole if whole else ZERO


def _freight_left(order: Order, prefix: str) -> Freight:
    def left(name: str, done: str) -> Decimal:
        return amount(order.fields, prefix + name) - amount(order.fields, prefix + done)

    net = left("shipping_amount", "shipping_refunded")
    whole = amount(order.fields, f"{prefix}shipping_amount")
    part = net / whole if whole else ZERO
    compensation = amount(order.fields, shipping_compensation(prefix))
    return Freight(
        net=net,
        gross=cents(amount(order.fields, f"{prefix}shipping_incl_tax") * part),
        tax=left("shipping_tax_amount", "shipping_tax_refunded"),
        compensation=cents(compensation * part),
        discount=cents(amount(order.fields, f"{prefix}shipping_discount_amount") * part),
    )


def formatted(money: Decimal, currency: str) -> str:
    """As a Swedish shop writes it, with a blank that does not break: `39,20 kr`."""
    text = f"{cents(money):,.2f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    symbol = {"SEK": "kr", "EUR": "€"}.get(currency, currency)
    return f"{text}\N{NO-BREAK SPACE}{symbol}"


def _to_cards_first(order: Order, fields: Fields) -> Fields:
    """Adobe Commerce: what gift cards and store credit had paid goes back to them, and only the rest is
    measured by what was paid in money: both are totals that the memo's own is less of."""
    found: Fields = {}
    for kind in ("gift_cards", "customer_balance"):
        for prefix in SETS:
            invoiced, refunded = f"{prefix}{kind}_invoiced", f"{prefix}{kind}_refunded"
            left = amount(order.extension, invoiced) - amount(order.extension, refunded)
            back = min(left, fields[f"{prefix}grand_total"])
            if back > 0:
                add(fields, f"{prefix}grand_total", -back)
                found[f"{prefix}{kind}_amount"] = back
    return found


def _give_credit_back(order: Order, given: Fields) -> None:
    for name, back in given.items():
        add(order.extension, name.replace("_amount", "_refunded"), back)


# ---- what the order is told ------------------------------------------------------------------------------


def register_memo(order: Order, memo: Document, now: str, *, online: bool = False) -> None:
    for row in memo.items:
        item = order.item(row["order_item_id"])
        assert item is not None
        add(item, "qty_refunded", row["qty"])
        item["updated_at"] = now
        if order.carries_money(item):
            _register_row(item, row)
    for prefix in SETS:
        _register_totals(order, memo.fields, prefix, "online" if online else "offline")


def _register_row(item: Fields, row: Fields) -> None:
    for prefix in SETS:
        for name, done in (
            ("row_total", "amount_refunded"),
            ("tax_amount", "tax_refunded"),
            (f"{COMPENSATION}_amount", f"{COMPENSATION}_refunded"),
            ("discount_amount", "discount_refunded"),
        ):
            add(item, prefix + done, amount(row, prefix + name))


def _register_totals(order: Order, memo: Fields, prefix: str, how: str) -> None:
    for name, done in (
        ("subtotal", "subtotal_refunded"),
        ("tax_amount", "tax_refunded"),
        ("discount_amount", "discount_refunded"),
        (f"{COMPENSATION}_amount", f"{COMPENSATION}_refunded"),
        ("shipping_amount", "shipping_refunded"),
        ("shipping_tax_amount", "shipping_tax_refunded"),
        ("adjustment_positive", "adjustment_positive"),
        ("adjustment_negative", "adjustment_negative"),
        ("grand_total", "total_refunded"),
        ("grand_total", f"total_{how}_refunded"),
    ):
        add(order.fields, prefix + done, amount(memo, prefix + name))
    add(order.payment, f"{prefix}amount_refunded", amount(memo, f"{prefix}grand_total"))
    add(order.payment, f"{prefix}shipping_refunded", amount(memo, f"{prefix}shipping_amount"))
