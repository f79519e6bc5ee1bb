"""Svea in memory: what a shop, a buyer and Svea's own staff can do, each followed by the right webhook."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx

from services.sandbox.clock import SandboxClock
from services.sandbox.svea import events, rules_credit, rules_delivery, rules_rows
from services.sandbox.svea.announcing import Announcer
from services.sandbox.svea.merchants import CallRecord, Merchant
from services.sandbox.svea.numbers import Numbers
from services.sandbox.svea.orders import Address, BillingShape, Customer, Delivery, Order, Row, total
from services.sandbox.svea.outbox import DeliveryMode, Outbox, ReleaseOrder
from services.sandbox.svea.payment_types import PaymentFamily, is_known
from services.sandbox.svea.read_rows import to_address, to_customer, to_row
from services.sandbox.svea.refusals import invalid, unknown
from services.sandbox.svea.rules_delivery import Quantities
from services.sandbox.svea.settlement import SettlementBook
from services.sandbox.svea.settlement_terms import FeeTerm, terms_of
from services.sandbox.svea.show_admin import SWEDEN
from services.sandbox.svea.subscriptions import Subscriptions
from services.sandbox.svea.tasks import Task

Json = Mapping[str, Any]

EXPIRES_AFTER = {PaymentFamily.CREDIT: timedelta(days=60), PaymentFamily.CARD: timedelta(days=7)}
INVOICE_FEE_ARTICLE = "6eaceaec-fffc-41ad-8095-c21de609bcfd"


class SandboxSvea:
    """Everything Svea remembers. Refuses with `Refused`, as its HTTP interface does."""

    def __init__(
        self,
        clock: SandboxClock,
        *,
        webhook_transport: httpx.AsyncBaseTransport | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.clock = clock
        chance = chance or random.Random()
        self.numbers = Numbers(chance)
        self.merchants: dict[str, Merchant] = {}
        self.orders: dict[int, Order] = {}
        self.subscriptions = Subscriptions()
        self.outbox = Outbox(signing_time=clock.source, chance=chance, transport=webhook_transport)
        self.announce = Announcer(self.outbox, self.subscriptions, self.numbers, clock)
        self.tasks: dict[int, Task] = {}
        self.calls: list[CallRecord] = []
        self.reports: dict[tuple[str, date], bytes] = {}
        """Written by hand; they come before what the books say."""
        self.books: dict[str, SettlementBook] = {}
        self.verbatim: dict[tuple[str, int], bytes] = {}
        """("checkout" | "admin", order id) -> the exact bytes to answer with until the order changes."""

    # --- merchants ---------------------------------------------------------------------------------------

    def add_merchant(
        self, merchant_id: str | int, secret: str, country: str, currency: str, locale: str, **switches: Any
    ) -> Merchant:
        """`switches` are the fields of `Merchant`."""
        merchant = Merchant(str(merchant_id), secret, country, currency, locale, **switches)
        self.merchants[merchant.merchant_id] = merchant
        return merchant

    def merchant(self, merchant_id: str | int) -> Merchant:
        merchant = self.merchants.get(str(merchant_id))
        if merchant is None:
            raise unknown("MerchantId", merchant_id)
        return merchant

    def order(self, checkout_id: int) -> Order:
        order = self.orders.get(checkout_id)
        if order is None:
            raise unknown("OrderId", checkout_id)
        return order

    def calls_of(self, merchant_id: str | int) -> list[CallRecord]:
        return [call for call in self.calls if call.merchant_id == str(merchant_id)]

    # --- the buyer ---------------------------------------------------------------------------------------

    def create_checkout(
        self,
        merchant_id: str | int,
        client_order_number: str,
        items: Iterable[Row | Json],
        *,
        customer: Customer | Json | None = None,
        shipping: Address | Json | None = None,
        billing: Address | Json | None = None,
        billing_shape: BillingShape = BillingShape.FULL,
        payment_type: str = "INVOICE",
        push_uri: str | None = None,
        merchant_settings: Json | None = None,
        merchant_data: str | None = None,
    ) -> int:
        """A session with status Created. Rows and addresses as objects, or under Svea's field names."""
        merchant = self.merchant(merchant_id)
        if not is_known(payment_type):
            raise invalid("PaymentType", f"Unknown payment type {payment_type}", 30070)
        order = Order(
            checkout_id=self.numbers.checkout(),
            merchant_id=merchant.merchant_id,
            client_order_number=client_order_number,
            currency=merchant.currency,
            country=merchant.country,
            locale=merchant.locale,
            rows=[],
            cart=[item if isinstance(item, Row) else to_row(item) for item in items],
            created=self.clock(),
            customer=customer if isinstance(customer, Customer) else to_customer(customer),
            shipping=shipping if isinstance(shipping, Address) else to_address(shipping),
            billing=billing if isinstance(billing, Address) else to_address(billing),
            billing_shape=BillingShape(billing_shape),
            wanted_payment_type=payment_type,
            merchant_settings=dict(merchant_settings or {}) | ({"PushUri": push_uri} if push_uri else {}),
            merchant_data=merchant_data,
        )
        self.orders[order.checkout_id] = order
        return order.checkout_id

    def finalize(self, checkout_id: int, *, pending: bool = False) -> None:
        """The buyer confirms: the order is in Payment Admin now, and instant methods are delivered."""
        order = self.order(checkout_id)
        if order.checkout_status != "Created":
            raise invalid("Status", f"Order is {order.checkout_status}", 30071)
        self._confirm(order, pending=pending)
        self.changed(order)
        self.announce.push(self._merchant_of(order), order)
        self._tell(order, events.CREATED, IsPending=pending)
        if order.family is PaymentFamily.INSTANT and not pending:
            self.deliver(checkout_id)

    def expire(self, checkout_id: int) -> None:
        """Nobody acts: a session ends as Cancelled, an open order in Payment Admin as Closed (Expired)."""
        order = self.order(checkout_id)
        if order.checkout_status == "Created":
            order.checkout_status = "Cancelled"
            self.changed(order)
            self.announce.push(self._merchant_of(order), order)
            return
        if order.order_status != "Open":
            raise invalid("OrderStatus", f"Order is {order.order_status} and can not expire", 30072)
        order.is_pending = False
        rules_delivery.close_undelivered(order)
        self.changed(order)
        self._tell(order, events.CLOSED, CloseReason="Expired")

    def release_pending(self, checkout_id: int) -> None:
        """Svea's credit check ends well."""
        order = self.admin_order(checkout_id)
        if not order.is_pending:
            raise invalid("SystemStatus", "Order is not pending", 30073)
        order.is_pending, order.system_message = False, None
        self.changed(order)
        self._tell(order, events.PENDING_RELEASED)
        if order.family is PaymentFamily.INSTANT:
            self.deliver(checkout_id)

    # --- the shop, through Payment Admin -----------------------------------------------------------------

    def deliver(self, checkout_id: int, rows: Quantities | None = None, *, on: datetime | None = None) -> int:
        """Deliver all that is left, or {row id: quantity x100 or None for the whole row}. The delivery id."""
        order = self.admin_order(checkout_id)
        delivery = rules_delivery.deliver(
            order,
            rows,
            at=on or self.clock(),
            numbers=self.numbers,
            split=self._merchant_of(order).split_rows,
        )
        return self._delivered(order, delivery)

    def deliver_lower_amount(self, checkout_id: int, amount: int, *, on: datetime | None = None) -> int:
        order = self.admin_order(checkout_id)
        delivery = rules_delivery.deliver_lower_amount(
            order, amount, at=on or self.clock(), numbers=self.numbers
        )
        return self._delivered(order, delivery)

    def cancel(self, checkout_id: int) -> None:
        order = self.admin_order(checkout_id)
        rules_delivery.cancel(order)
        self.changed(order)
        self._tell(order, events.CLOSED, CloseReason="Cancelled")

    def cancel_amount(self, checkout_id: int, cumulative_minor: int) -> None:
        order = self.admin_order(checkout_id)
        nothing_left = rules_delivery.cancel_amount(order, cumulative_minor)
        self.changed(order)
        self._tell_reduced(order, closed=nothing_left)

    def cancel_rows(self, checkout_id: int, row_ids: Sequence[int]) -> None:
        order = self.admin_order(checkout_id)
        trial = replace(order, rows=list(order.rows))
        rules_delivery.cancel_rows(trial, row_ids)
        rules_delivery.cancel_rows(order, row_ids)
        self.changed(order)
        self._tell_reduced(order, closed=order.order_status != "Open")

    def add_rows(self, checkout_id: int, rows: Iterable[Row | Json]) -> list[int]:
        order = self.admin_order(checkout_id)
        added = rules_rows.add_rows(order, [row if isinstance(row, Row) else to_row(row) for row in rows])
        self._updated(order)
        return [row.row_id for row in added]

    def update_rows(self, checkout_id: int, changes: Mapping[int, Json]) -> None:
        """{row id: the fields to change, under Svea's names}."""
        order = self.admin_order(checkout_id)
        rules_rows.update_rows(order, changes)
        self._updated(order)

    def replace_rows(self, checkout_id: int, rows: Iterable[Row | Json]) -> None:
        order = self.admin_order(checkout_id)
        rules_rows.replace_rows(order, [row if isinstance(row, Row) else to_row(row) for row in rows])
        self._updated(order)

    def extend(self, checkout_id: int, until: datetime) -> None:
        order = self.admin_order(checkout_id)
        if order.order_status != "Open":
            raise invalid("OrderStatus", "Only an open order can be extended", 30074)
        order.expires = until
        self._updated(order)

    def credit_rows(self, checkout_id: int, delivery_id: int, rows: Quantities | None = None) -> int:
        """Credit rows of a delivery: {row id: quantity x100 or None}. The credit id of the webhook."""
        order = self.admin_order(checkout_id)
        delivery = rules_credit.delivery_of(order, delivery_id)
        return self._credit(
            order,
            lambda: rules_credit.credit_rows(order, delivery, rows, at=self.clock(), numbers=self.numbers),
        )

    def credit_rows_with_fee(
        self, checkout_id: int, delivery_id: int, rows: Quantities | None, fee: Row | Json
    ) -> int:
        order = self.admin_order(checkout_id)
        delivery = rules_credit.delivery_of(order, delivery_id)
        kept = fee if isinstance(fee, Row) else to_row({"Quantity": 100, **fee})
        return self._credit(
            order,
            lambda: rules_credit.credit_rows_with_fee(
                order, delivery, rows, kept, at=self.clock(), numbers=self.numbers
            ),
        )

    def credit_new_row(self, checkout_id: int, delivery_id: int, *rows: Row | Json) -> int:
        order = self.admin_order(checkout_id)
        delivery = rules_credit.delivery_of(order, delivery_id)
        new = [row if isinstance(row, Row) else to_row({"Quantity": 100, **row}) for row in rows]
        return self._credit(
            order,
            lambda: rules_credit.credit_new_rows(order, delivery, new, at=self.clock(), numbers=self.numbers),
        )

    def credit_amount(self, checkout_id: int, delivery_id: int, cumulative_minor: int) -> int:
        order = self.admin_order(checkout_id)
        delivery = rules_credit.delivery_of(order, delivery_id)
        return self._credit(
            order,
            lambda: rules_credit.credit_amount(
                order, delivery, cumulative_minor, at=self.clock(), numbers=self.numbers
            ),
        )

    # --- settlement --------------------------------------------------------------------------------------

    def book(self, merchant_id: str | int) -> SettlementBook:
        """What the merchant agreed with Svea, and what was settled."""
        merchant = self.merchant(merchant_id)
        return self.books.setdefault(merchant.merchant_id, SettlementBook(terms_of(merchant.country)))

    def settle_day(
        self,
        merchant_id: str | int,
        day: date | None = None,
        *,
        amounts: Mapping[int, int] | None = None,
        client_ids: Mapping[str, int] | None = None,
        fees: Mapping[str, Sequence[FeeTerm]] | None = None,
    ) -> dict[str, Any]:
        """Settle what is due by this day (default: today), and the report that it makes.

        `amounts`: minor units of a delivery to settle now, 0 to hold it back. `client_ids` and `fees`, by
        payment type, are the merchant's from now on.
        """
        merchant, book = self.merchant(merchant_id), self.book(merchant_id)
        day = day or self.clock().astimezone(SWEDEN).date()
        put = {on: report for (number, on), report in self.reports.items() if number == merchant.merchant_id}
        if day in put:
            raise invalid("date", f"The report of {day} was put there by hand", 30134)
        book.terms.client_ids.update(client_ids or {})
        book.terms.fees.update({name: tuple(terms) for name, terms in (fees or {}).items()})
        book.settle(merchant, self.orders.values(), day, amounts=amounts, put=put.values())
        return book.report(day)

    # --- webhooks ----------------------------------------------------------------------------------------

    @property
    def delivery_mode(self) -> DeliveryMode:
        return self.outbox.mode

    @delivery_mode.setter
    def delivery_mode(self, mode: DeliveryMode) -> None:
        self.outbox.mode = mode

    def release_webhooks(self, order: ReleaseOrder = ReleaseOrder.AS_SENT) -> int:
        return self.outbox.release(order)

    def resend_webhooks(self, *, last: int = 1, copies: int = 1) -> int:
        return self.outbox.resend(last=last, copies=copies)

    async def settle(self) -> None:
        """Wait until all webhooks are accepted or given up."""
        await self.outbox.settle()

    # --- inside ------------------------------------------------------------------------------------------

    def admin_order(self, checkout_id: int) -> Order:
        """An order that exists in Payment Admin: a session that was never confirmed does not."""
        order = self.order(checkout_id)
        if not order.is_final:
            raise unknown("OrderId", checkout_id)
        return order

    def changed(self, order: Order) -> None:
        """From now on the answers are made from the state, no longer from a sample's bytes."""
        self.verbatim.pop(("checkout", order.checkout_id), None)
        self.verbatim.pop(("admin", order.checkout_id), None)

    def _confirm(self, order: Order, *, pending: bool) -> None:
        merchant = self._merchant_of(order)
        order.payment_type = order.wanted_payment_type
        if order.payment_type == "INVOICE" and merchant.invoice_fee is not None:
            order.cart.append(_invoice_fee(merchant))
        order.rows = order.numbered(order.cart)
        order.order_amount = total(order.rows)
        order.checkout_status = "Final"
        order.is_pending, order.system_message = pending, "Manual review" if pending else None
        order.svea_will_buy = True if order.family is PaymentFamily.CREDIT else None
        order.created = self.clock()
        order.expires = order.created + EXPIRES_AFTER.get(order.family, timedelta(days=7))
        if order.customer.number is None:
            order.customer = replace(order.customer, number=self.numbers.customer())

    def _merchant_of(self, order: Order) -> Merchant:
        return self.merchants[order.merchant_id]

    def _delivered(self, order: Order, delivery: Delivery) -> int:
        self.changed(order)
        self._tell(order, events.DELIVERED, DeliveryId=delivery.number)
        return delivery.number

    def _updated(self, order: Order) -> None:
        self.changed(order)
        self._tell(order, events.UPDATED)

    def _tell_reduced(self, order: Order, *, closed: bool) -> None:
        if closed:
            self._tell(order, events.CLOSED, CloseReason="Cancelled")
        else:
            self._tell(order, events.UPDATED)

    def _credit(self, order: Order, make: Callable[[], Any]) -> int:
        """With the switch `credits_fail` the bank says no: an id and a webhook, and nothing is credited."""
        if self._merchant_of(order).credits_fail:
            number = self.numbers.credit()
            self._tell(order, events.CREDIT_FAILED, CreditId=number)
            return number
        credit = make()
        self.changed(order)
        self._tell(order, events.CREDIT_SUCCEEDED, CreditId=credit.number)
        return int(credit.number)

    def _tell(self, order: Order, name: str, **fields: int | str | bool) -> None:
        self.announce.event(self._merchant_of(order), name, {"CheckoutOrderId": order.checkout_id, **fields})


def _invoice_fee(merchant: Merchant) -> Row:
    return Row(
        article_number=INVOICE_FEE_ARTICLE,
        name="InvoiceFee",
        unit_price=merchant.invoice_fee or 0,
        vat_percent=merchant.invoice_fee_vat_percent,
    )
