"""Magento's order with its documents -> a sale that was paid outside Svea. Pure.

Its deliveries are Magento's invoices or its shipments (a setting), its refunds the credit memos.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from services.sync_worker.flows.sale.shop_memos import memo_credit
from services.sync_worker.flows.sale.shop_rate import shop_rate_of
from services.sync_worker.flows.sale.shop_rows import (
    Totalled,
    document_rows,
    freight_advice,
    means_row,
    order_rows,
    settled,
    vat_explained,
)
from shared.clients.magento import wire_sales as wire
from shared.domain.errors import OverCredited, UnreadableAnswer
from shared.domain.items import SoldRow
from shared.domain.money import Money, apportion, to_cents, total
from shared.domain.parties import Address, Buyer, PartyKind
from shared.domain.sale import PaidAtOnce, Sale, SaleStatus, SoldCredit, SoldDelivery
from shared.settings.connections import ConnectionDeclaration
from shared.settings.magento import MagentoSettings

CANCELLED_DOCUMENT = 3
WAITING_STATES = ("holded", "payment_review", "pending_payment")


@dataclass(frozen=True)
class ShopOrder:
    """An order with the documents that were made of it; those that need not be read are left out."""

    order: wire.Order
    invoices: tuple[wire.ShopInvoice, ...] = ()
    shipments: tuple[wire.Shipment, ...] = ()
    memos: tuple[wire.CreditMemo, ...] = ()


def to_shop_sale(found: ShopOrder, settings: ConnectionDeclaration, shop: MagentoSettings) -> Sale:
    """Raises Unbalanced when rows do not sum to the shop's totals, by more than an öre a row."""
    order = found.order
    rows = settled(f"order {order.increment_id}", order_rows(order), settings)
    method = shop.payment_method(order.payment_method)
    status, why = shop_status(order, shop)
    by_shipment = shop.invoice_at == "shipment" and not order.is_virtual
    dealt = _by_shipment(found, rows, settings) if by_shipment else _by_invoice(found, rows, settings)
    if method.books == "order":
        dealt = _Dealt((), rows)
    deliveries = with_credits(dealt.deliveries, found, settings)
    if status == "open" and not dealt.remaining:
        status = "delivered"
    return Sale(
        checkout_id=None,
        order_number=order.increment_id,
        status=status,
        ordered_on=day_of(order.created_at, settings, what=f"order {order.increment_id}"),
        currency=order.currency,
        buyer=shop_buyer(order),
        remaining=dealt.remaining if status == "open" else (),
        deliveries=deliveries,
        ordered=Money(order.grand_total, order.currency),
        ordered_at=order.created_at,
        payment_type=order.payment_method,
        why=why,
        shop_order=order.entity_id,
        invoiced=method.books != "order",
        paid=PaidAtOnce(method.account, method.mode_of_payment)
        if method.books == "paid" and method.account
        else None,
        terms_of_payment=method.terms_of_payment,
        advice=freight_advice(rows),
        explanations=vat_explained(order, rows),
        shop_rate=shop_rate_of(order),
    )


def shop_status(order: wire.Order, shop: MagentoSettings) -> tuple[SaleStatus, str]:
    """A state or status that the merchant has not named waits, whatever it is called."""
    told = order.status or order.state
    if order.state == "canceled":
        successor = f", replaced by order {order.relation_child_id}" if order.relation_child_id else ""
        return "cancelled", f"Magento says {told}{successor}"
    if order.state in WAITING_STATES or not {order.state, order.status} & set(shop.order_states):
        return "pending", f"Magento says {told or 'nothing'}"
    return "open", ""


def day_of(instant: datetime | None, settings: ConnectionDeclaration, *, what: str) -> date:
    if instant is None:
        raise UnreadableAnswer(f"Magento shows {what} without a date")
    return instant.astimezone(settings.zone).date()


# ── deliveries ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Dealt:
    deliveries: tuple[SoldDelivery, ...]
    remaining: tuple[SoldRow, ...]


def _by_invoice(found: ShopOrder, rows: tuple[SoldRow, ...], settings: ConnectionDeclaration) -> _Dealt:
    invoices = sorted(
        (one for one in found.invoices if one.state != CANCELLED_DOCUMENT), key=lambda one: one.entity_id
    )
    deliveries = []
    for invoice in invoices:
        amount = Money(invoice.grand_total, invoice.currency)
        if amount.amount == found.order.grand_total and len(invoices) == 1:
            sold = rows
        else:
            sold = invoice_rows(invoice, found.order, settings)
        on = day_of(invoice.created_at, settings, what=f"invoice {invoice.increment_id}")
        deliveries.append(SoldDelivery(invoice.entity_id, on, sold, amount))
    return _Dealt(tuple(deliveries), _less(rows, deliveries, found.order))


def invoice_rows(
    invoice: wire.ShopInvoice, order: wire.Order, settings: ConnectionDeclaration
) -> tuple[SoldRow, ...]:
    """Raises Unbalanced when they do not sum to the invoice, by more than an öre a row."""
    return settled(f"invoice {invoice.increment_id}", invoice_parts(invoice, order), settings)


def invoice_parts(invoice: wire.ShopInvoice, order: wire.Order) -> Totalled:
    """With the part of gift cards and store credit that this invoice used."""
    found = document_rows(invoice, order)
    means = [
        means_row(line, name, -Money(amount, invoice.currency))
        for line, name, amount in (
            ("gift_card", "Presentkort", invoice.gift_cards_amount),
            ("store_credit", "Tillgodohavande", invoice.customer_balance_amount),
        )
        if amount
    ]
    added = total((row.total for row in means), invoice.currency)
    return Totalled((*found.rows, *means), found.residual - added)


def _by_shipment(found: ShopOrder, rows: tuple[SoldRow, ...], settings: ConnectionDeclaration) -> _Dealt:
    """Goods by what was shipped; freight, fees and means of payment go with the first shipment.

    Downloads and services are delivered with the first one too: nothing ships them.
    """
    left = {_place(row): row for row in rows}
    ordered = {str(item.item_id): item for item in found.order.items}
    shipped_of = _shipped_lines(found.order)
    deliveries: list[SoldDelivery] = []
    for shipment in sorted(found.shipments, key=lambda one: one.entity_id):
        shipped: dict[str, Decimal] = {}
        for item in shipment.items:
            line = shipped_of.get(item.order_item_id)
            if line is not None:
                shipped[line] = max(shipped.get(line, Decimal(0)), item.quantity)
        sold = []
        for place, row in list(left.items()):
            sold_as = ordered.get(row.line)
            ships = sold_as is not None and not sold_as.is_virtual
            quantity = min(shipped.get(row.line, Decimal(0)), row.quantity) if ships else row.quantity
            if not quantity or (not ships and deliveries):
                continue
            part, rest = _parted(row, quantity)
            sold.append(part)
            left.pop(place)
            if rest is not None:
                left[place] = rest
        if sold:
            on = day_of(shipment.created_at, settings, what=f"shipment {shipment.increment_id}")
            amount = total((row.total for row in sold), found.order.currency)
            deliveries.append(SoldDelivery(shipment.entity_id, on, tuple(sold), amount))
    return _Dealt(tuple(deliveries), _without_cancelled(tuple(left.values()), found.order))


def _shipped_lines(order: wire.Order) -> dict[int, str]:
    """Shipped item -> the line that has its money: a variant ships, its configurable was paid for."""
    money = {item.item_id for item in order.money_items}
    found: dict[int, str] = {}
    for item in order.items:
        if item.item_id in money:
            found[item.item_id] = str(item.item_id)
        elif item.parent_item_id in money:
            found[item.item_id] = str(item.parent_item_id)
        else:  # a bundle whose children have the money is shipped as one, or child by child
            continue
    return found


def _place(row: SoldRow) -> tuple[str, str]:
    return row.line, row.kind


def _parted(row: SoldRow, quantity: Decimal) -> tuple[SoldRow, SoldRow | None]:
    """The part with that quantity, and the rest; the öre that do not divide stay with the rest."""
    if quantity >= row.quantity:
        return row, None
    taken = Money(to_cents(row.total.amount * quantity / row.quantity), row.total.currency)
    return (
        replace(row, quantity=quantity, total=taken),
        replace(row, quantity=row.quantity - quantity, total=row.total - taken),
    )


def _less(
    rows: tuple[SoldRow, ...], deliveries: Sequence[SoldDelivery], order: wire.Order
) -> tuple[SoldRow, ...]:
    """What of an order's rows no delivery has."""
    left: list[SoldRow] = []
    for row in rows:
        same = [part for one in deliveries for part in one.rows if _place(part) == _place(row)]
        quantity = row.quantity - sum((part.quantity for part in same), Decimal(0))
        amount = row.total - total((part.total for part in same), row.total.currency)
        whole = row.line not in {str(item.item_id) for item in order.items}
        if (same and whole) or quantity <= 0 or not amount:
            continue
        left.append(replace(row, quantity=quantity, total=amount))
    return _without_cancelled(tuple(left), order)


def _without_cancelled(rows: tuple[SoldRow, ...], order: wire.Order) -> tuple[SoldRow, ...]:
    """Pieces that were cancelled will not come; freight alone is not waited for."""
    cancelled = {str(item.item_id): item.quantity_canceled for item in order.items}
    left = []
    for row in rows:
        gone = cancelled.get(row.line, Decimal(0))
        if gone >= row.quantity:
            continue
        left.append(_parted(row, row.quantity - gone)[0])
    return tuple(left) if any(row.kind == "goods" for row in left) else ()


# ── refunds ───────────────────────────────────────────────────────────────────────────────────────


def with_credits(
    deliveries: Sequence[SoldDelivery], found: ShopOrder, settings: ConnectionDeclaration
) -> tuple[SoldDelivery, ...]:
    """Each memo on the delivery that it names, else on the first that has enough left of it."""
    given: dict[int, list[SoldCredit]] = {delivery.id: [] for delivery in deliveries}
    for memo in sorted(found.memos, key=lambda one: one.entity_id):
        if memo.state == CANCELLED_DOCUMENT or memo.grand_total == 0 or memo.is_of_fortnox:
            continue
        credit = memo_credit(memo, found.order, settings, by_provider=False)
        for delivery, part in _placed(credit, memo, deliveries, given):
            given[delivery.id].append(part)
    return tuple(replace(delivery, credits=tuple(given[delivery.id])) for delivery in deliveries)


def _placed(
    credit: SoldCredit,
    memo: wire.CreditMemo,
    deliveries: Sequence[SoldDelivery],
    given: dict[int, list[SoldCredit]],
) -> list[tuple[SoldDelivery, SoldCredit]]:
    def left(delivery: SoldDelivery) -> Money:
        return delivery.amount - total((one.amount for one in given[delivery.id]), delivery.amount.currency)

    lines = {row.line for row in credit.rows}
    fitting = [delivery for delivery in deliveries if credit.amount <= left(delivery)]
    by_preference = sorted(
        fitting,
        key=lambda one: (one.id != memo.invoice_id, not lines & {row.line for row in one.rows}, one.id),
    )
    if by_preference:
        return [(by_preference[0], credit)]
    return _spread(credit, memo, [(delivery, left(delivery)) for delivery in deliveries])


def _spread(
    credit: SoldCredit, memo: wire.CreditMemo, left: Sequence[tuple[SoldDelivery, Money]]
) -> list[tuple[SoldDelivery, SoldCredit]]:
    """A refund of more than any one delivery: by what is left of each, as amounts."""
    whole = total((amount for _, amount in left), credit.amount.currency)
    if whole < credit.amount:
        raise OverCredited(
            f"credit memo {memo.increment_id} of {credit.amount} exceeds what is left to credit, {whole}",
            facts={"memo": memo.increment_id, "credited": str(credit.amount), "left": str(whole)},
        )
    parts = apportion(credit.amount, [amount.amount for _, amount in left])
    return [
        (delivery, replace(credit, amount=part, rows=()))
        for (delivery, _), part in zip(left, parts, strict=True)
        if part
    ]


# ── the buyer ─────────────────────────────────────────────────────────────────────────────────────


def shop_buyer(order: wire.Order) -> Buyer:
    """A buyer who gives a company's name is a company; a virtual order goes where it is billed."""
    billing, shipping = order.billing, order.shipping
    found = vat_number_of(order)
    kind: PartyKind = (
        "company" if (billing is not None and billing.company) or found[:2].isalpha() else "private"
    )
    vat_number = found if kind == "company" else ""  # a private buyer's is mostly a personal number
    bill_to = _address(billing or shipping, kind, order.customer_name)
    ship_to = _address(shipping, kind, order.customer_name) if shipping else bill_to
    return Buyer(
        kind=kind,
        name=bill_to.name,
        email=order.customer_email or (billing.email if billing else ""),
        phone=billing.phone if billing else "",
        organisation_number="",
        billing=bill_to,
        delivery=None if ship_to == bill_to else ship_to,
        vat_number=vat_number,
    )


def vat_number_of(order: wire.Order) -> str:
    """The order's own, before what the account says."""
    on_order = order.billing.vat_id if order.billing else ""
    return "".join((on_order or order.customer_taxvat).split()).upper()


def _address(found: wire.Address | None, kind: PartyKind, name: str) -> Address:
    if found is None:
        return Address(name=name or "Kund")
    person = found.name or name
    street, *more = [line for line in found.street if line] or [""]
    return Address(
        name=(found.company if kind == "company" else person) or found.company or "Kund",
        street=street,
        street2=", ".join([*more, *([person] if kind == "company" and person else [])]),
        postal_code=found.postcode,
        city=found.city,
        country=found.country,
    )
