"""What a shop has sold: orders, invoices, shipments, credit memos, and everything one can do to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from services.sandbox.magento.amounts import SETS, amount
from services.sandbox.magento.documents import Document, Quantities, Remark, pieces
from services.sandbox.magento.invoicing import make_invoice, register_invoice
from services.sandbox.magento.numbers import Numbers
from services.sandbox.magento.order import Fields, Order, may_invoice, settle_state
from services.sandbox.magento.placing import Cart, Placing
from services.sandbox.magento.refunding import Arguments, formatted, make_memo, register_memo
from services.sandbox.magento.refusals import Refused, no_such_entity, validation_failed
from services.sandbox.magento.shipping import DEFAULT_SOURCE, make_shipment, register_shipment
from services.sandbox.magento.shop_pages import ShopPages
from services.sandbox.magento.show_orders import read_order
from services.sandbox.magento.stock import NOT_SHIPPED, Stock
from services.sandbox.magento.stock_of_orders import ordered, physical, virtual
from services.sandbox.magento.tax import Algorithm

STATUSES = {
    "new": ("pending",),
    "pending_payment": ("pending_payment",),
    "processing": ("processing", "fraud"),
    "payment_review": ("payment_review", "fraud"),
    "complete": ("complete",),
    "closed": ("closed",),
    "canceled": ("canceled",),
    "holded": ("holded",),
}
"""The statuses that belong to a state, in a shop that added none."""
EXTERNAL_ID_LENGTH = 32
FOREIGN_STATUS = (
    'Unable to add comment: The status "%1" is not part of the order\n                 status history.'
)

Tell = Callable[[str, Fields, int], None]
"""Hears of every change: the name of the event, what changed, and the store view it belongs to."""


class Sales:
    """`tell` is called after each change, and the stock follows what is placed, sent and returned."""

    def __init__(self, pages: ShopPages, stock: Stock, now: Callable[[], str], tell: Tell) -> None:
        self.pages = pages
        self.stock = stock
        self.numbers = Numbers()
        self.algorithm = Algorithm.TOTAL
        self.orders: dict[int, Order] = {}
        self.invoices: dict[int, Document] = {}
        self.shipments: dict[int, Document] = {}
        self.memos: dict[int, Document] = {}
        self.statuses = {state: list(known) for state, known in STATUSES.items()}
        self.online_methods = {"sveacheckout"}
        """Payment methods that can refund at the provider; the others refuse to refund an invoice."""
        self.find_product_id: Callable[[str], int | None] = lambda _: None
        self._now = now
        self._tell = tell
        self._product_ids: dict[str, int] = {}
        self._told: dict[int, tuple[Any, Any]] = {}
        """State and status of each order as last told, so that a change of them is called one."""

    # ---- orders ----------------------------------------------------------------------------------------

    def order(self, order_id: int) -> Order:
        """The order; 404 when there is none."""
        if order_id not in self.orders:
            raise no_such_entity()
        return self.orders[order_id]

    def place(self, cart: Cart) -> Order:
        skus = [one.sku for line in cart.lines for one in (line, *line.parts())]
        known = {sku: self._product_id(sku) for sku in skus}
        order = Placing(cart, self.numbers, self.pages, self.algorithm, self._now(), known).place()
        self.orders[order.entity_id] = order
        self.stock.placed(order.store_id, physical(order, ordered(order)))
        self._tell_placed(order)
        return order

    def read(self, shown: Fields) -> Order:
        """An order as REST once showed it, in place of whatever had its id."""
        order = read_order(shown)
        self.orders[order.entity_id] = order
        self.numbers.at_least("order", order.entity_id)
        for item in order.items:
            self.numbers.at_least("order_item", int(item["item_id"]))
        self._tell_placed(order)
        return order

    def edit(self, order_id: int, cart: Cart) -> Order:
        """What the admin's Edit does: a new order with `-1` behind its number, and the old one canceled."""
        old = self.order(order_id)
        first = str(old.fields.get("original_increment_id") or old.fields["increment_id"])
        edits = int(old.fields.get("edit_increment") or 0) + 1
        new = self.place(replace(cart, number=f"{first}-{edits}"))
        new.fields |= {
            "edit_increment": edits,
            "original_increment_id": first,
            "relation_parent_id": str(order_id),
            "relation_parent_real_id": old.fields["increment_id"],
        }
        old.fields |= {
            "relation_child_id": str(new.entity_id),
            "relation_child_real_id": new.fields["increment_id"],
        }
        self.cancel(order_id)
        return new

    def cancel(self, order_id: int) -> bool:
        """False when there is nothing to cancel."""
        order = self.order(order_id)
        if order.state in ("holded", "canceled", "complete", "closed") or not may_invoice(order):
            return False
        for item in order.items:
            item["qty_canceled"] = amount(item, "qty_ordered") - amount(item, "qty_invoiced")
        for prefix in SETS:
            left = amount(order.fields, f"{prefix}grand_total") - amount(order.fields, f"{prefix}total_paid")
            order.fields[f"{prefix}total_canceled"] = left
        order.move_to("canceled", "canceled")
        freed = {int(one["item_id"]): amount(one, "qty_canceled") for one in order.items}
        self.stock.canceled(order.store_id, physical(order, freed))
        self._saved(order)
        return True

    def hold(self, order_id: int) -> bool:
        order = self.order(order_id)
        if order.state in ("canceled", "payment_review", "complete", "closed", "holded"):
            raise Refused("A hold action is not available.")
        order.fields["hold_before_state"] = order.state
        order.fields["hold_before_status"] = order.fields["status"]
        order.move_to("holded", "holded")
        self._saved(order)
        return True

    def unhold(self, order_id: int) -> bool:
        order = self.order(order_id)
        if order.state != "holded":
            raise Refused("You cannot remove the hold.")
        before = order.fields.pop("hold_before_state"), order.fields.pop("hold_before_status")
        order.move_to(*(str(one) for one in before))
        self._saved(order)
        return True

    def save(self, sent: Fields) -> Order:
        """`POST /V1/orders`: only the columns that were sent; ids of others are cut at 32 characters."""
        order = self.order(int(sent["entity_id"]))
        changes = {
            name: _cut(name, value) for name, value in sent.items() if not isinstance(value, dict | list)
        }
        if any(order.fields.get(name) != value for name, value in changes.items()):
            order.fields |= changes
            self._saved(order)
        return order

    def comment(self, order_id: int, remark: Remark, status: str | None, entity_name: str | None) -> None:
        """The order's `updated_at` stays, unless the status changes."""
        order = self.order(order_id)
        if status is not None and status not in self.statuses.get(order.state, ()):
            raise Refused(FOREIGN_STATUS, [status])
        self._add_history(order, remark.text, status, entity_name, int(remark.notify), remark.on_front)
        if status is not None and status != order.fields["status"]:
            order.fields["status"] = status
            self._saved(order)

    # ---- documents -------------------------------------------------------------------------------------

    def invoice(
        self, order_id: int, wanted: Quantities, remark: Remark | None = None, transaction_id: str = ""
    ) -> Document:
        order = self.order(order_id)
        invoice = make_invoice(order, wanted, self.numbers, self._now())
        if transaction_id:
            invoice.fields["transaction_id"] = transaction_id
        self.invoices[invoice.entity_id] = invoice
        register_invoice(order, invoice, self._now())
        self._comment_on(invoice, remark or Remark(), "invoice_comment")
        self.stock.invoiced(order.store_id, virtual(order, pieces(invoice)))
        self._tell_document("invoice", invoice)
        if order.state in ("new", "pending_payment"):
            order.move_to("processing", "processing")
        self._saved(order)
        return invoice

    def ship(
        self,
        order_id: int,
        wanted: Quantities,
        *,
        source: str = DEFAULT_SOURCE,
        tracks: list[Fields] | None = None,
        remark: Remark | None = None,
    ) -> Document:
        order = self.order(order_id)
        shipment = make_shipment(
            order,
            wanted,
            self.numbers,
            self._now(),
            source=source,
            tracks=tracks,
        )
        if source not in self.stock.sources:
            raise Refused(NOT_SHIPPED)
        self.stock.shipped(order.store_id, physical(order, pieces(shipment)), source)
        self.shipments[shipment.entity_id] = shipment
        register_shipment(order, shipment)
        self._comment_on(shipment, remark or Remark(), "shipment_comment")
        self._tell_document("shipment", shipment)
        if order.state in ("new", "pending_payment"):
            order.move_to("processing", "processing")
            self._saved(order)
        elif settle_state(order):
            self._saved(order)
        return shipment

    def refund(
        self,
        order_id: int,
        wanted: Quantities,
        arguments: Arguments,
        *,
        remark: Remark | None = None,
        return_to_stock: Iterable[int] = (),
        invoice: Document | None = None,
        transaction_id: str = "",
    ) -> Document:
        """Offline, unless it is an invoice that is refunded at the provider."""
        order = self.order(order_id)
        given = replace(
            arguments,
            fee=arguments.fee or amount(order.hidden, "svea_invoice_fee"),
            shipping_includes_tax=self.pages.shipping_display == 2,
        )
        memo = make_memo(order, wanted, given, self.numbers, self._now())
        if invoice is not None:
            memo.fields["invoice_id"] = invoice.entity_id
            memo.fields["transaction_id"] = (
                transaction_id or f"{invoice.fields.get('transaction_id', '')}-refund"
            )
        self.memos[memo.entity_id] = memo
        register_memo(order, memo, self._now(), online=invoice is not None)
        self._comment_on(memo, remark or Remark(), "creditmemo_comment")
        self._note_refund(order, memo, "online" if invoice is not None else "offline")
        self._return(order, memo, set(return_to_stock))
        self._tell_document("creditmemo", memo)
        self._saved(order)
        return memo

    def refund_invoice(
        self, invoice_id: int, wanted: Quantities, arguments: Arguments, *, online: bool, **more: Any
    ) -> Document:
        """400 where the payment method cannot refund: what offline methods always answer."""
        invoice = self.document(self.invoices, invoice_id)
        order = self.order(invoice.order_id)
        if order.payment["method"] not in self.online_methods:
            raise validation_failed("Creditmemo", "We can't create creditmemo for the invoice.")
        return self.refund(order.entity_id, wanted, arguments, invoice=invoice if online else None, **more)

    def empty_memo(self, order_id: int) -> Document:
        """What `POST /V1/creditmemo/refund` stores for an order and no items: nearly nothing."""
        order, now = self.order(order_id), self._now()
        fields: Fields = {
            "created_at": now,
            "entity_id": self.numbers.next_id("creditmemo"),
            "increment_id": self.numbers.increment_id("creditmemo", int(order.fields["store_id"])),
            "order_id": order_id,
            "state": 2,
            "updated_at": now,
        }
        memo = Document(fields, [])
        self.memos[memo.entity_id] = memo
        self._tell_document("creditmemo", memo)
        return memo

    def comment_on(self, documents: dict[int, Document], document_id: int, remark: Remark) -> Fields:
        """A comment on an invoice, memo or shipment. Nobody's `updated_at` moves."""
        document = self.document(documents, document_id)
        self._comment_on(document, replace(remark, append=True), "document_comment")
        return document.comments[0]

    @staticmethod
    def document(documents: dict[int, Document], document_id: int) -> Document:
        """404 when there is none."""
        if document_id not in documents:
            raise no_such_entity()
        return documents[document_id]

    def quantities(self, order_id: int, by_sku: Mapping[str, Any] | None) -> dict[int, Decimal]:
        """Pieces per row that carries money, for a test that thinks in SKUs."""
        order = self.order(order_id)
        found: dict[int, Decimal] = {}
        for sku, quantity in (by_sku or {}).items():
            item = next(one for one in order.money_items() if one["sku"] == sku)
            found[int(item["item_id"])] = Decimal(quantity)
        return found

    # ---- inside ----------------------------------------------------------------------------------------

    def _saved(self, order: Order) -> None:
        settle_state(order)
        order.fields["updated_at"] = self._now()
        told = {name: order.fields[name] for name in ("increment_id", "state", "status", "updated_at")}
        now = order.fields["state"], order.fields["status"]
        event = "order.updated" if self._told.get(order.entity_id) == now else "order.status_changed"
        self._told[order.entity_id] = now
        self._tell(event, {"type": "order", "id": order.entity_id} | told, order.store_id)

    def _tell_placed(self, order: Order) -> None:
        self._told[order.entity_id] = order.fields["state"], order.fields["status"]
        told = {name: order.fields[name] for name in ("increment_id", "updated_at")}
        self._tell("order.placed", {"type": "order", "id": order.entity_id} | told, order.store_id)

    def _tell_document(self, kind: str, document: Document) -> None:
        told = {name: document.fields[name] for name in ("increment_id", "order_id", "updated_at")}
        store_id = self.orders[document.order_id].store_id
        self._tell(f"{kind}.created", {"type": kind, "id": document.entity_id} | told, store_id)

    def _return(self, order: Order, memo: Document, rows: set[int]) -> None:
        """Only the rows the request named go back to stock."""
        back = {item_id: quantity for item_id, quantity in pieces(memo).items() if item_id in rows}
        for item_id, quantity in back.items():
            item = order.item(item_id) or {}
            shipped = amount(item, "qty_shipped") > 0
            self.stock.returned(order.store_id, physical(order, {item_id: quantity}), shipped=shipped)

    def _product_id(self, sku: str) -> int:
        known = self.find_product_id(sku)
        return self._product_ids.setdefault(sku, len(self._product_ids) + 1) if known is None else known

    def _comment_on(self, document: Document, remark: Remark, table: str) -> None:
        if not remark.append or not remark.text:
            return
        comment = {
            "comment": remark.text,
            "created_at": self._now(),
            "entity_id": self.numbers.next_id(table),
            "is_customer_notified": int(remark.notify),
            "is_visible_on_front": remark.on_front,
            "parent_id": document.entity_id,
        }
        document.comments.insert(0, comment)

    def _note_refund(self, order: Order, memo: Document, how: str) -> None:
        """Magento writes down every refund among the order's comments."""
        money = formatted(memo.fields["base_grand_total"], str(order.fields["base_currency_code"]))
        status = str(order.fields["status"])
        order.fields["customer_note_notify"] = 0
        self._add_history(order, f"We refunded {money} {how}.", status, "creditmemo", 0, 0)

    def _add_history(
        self,
        order: Order,
        text: str,
        status: str | None,
        entity_name: str | None,
        notified: int,
        on_front: int,
    ) -> None:
        history: Fields = {
            "comment": text,
            "created_at": self._now(),
            "entity_id": self.numbers.next_id("order_history"),
            "is_customer_notified": notified,
            "is_visible_on_front": on_front,
            "parent_id": order.entity_id,
        }
        known = {"status": status, "entity_name": entity_name}
        order.histories.insert(0, history | {name: value for name, value in known.items() if value})


def _cut(name: str, value: Any) -> Any:
    """The database takes what fits, and says nothing."""
    return value[:EXTERNAL_ID_LENGTH] if name in ("ext_order_id", "ext_customer_id") and value else value
