"""An order rebuilt from what Svea's two APIs answer, so that a sample can be acted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.sandbox.svea.merchants import Merchant
from services.sandbox.svea.numbers import Numbers
from services.sandbox.svea.orders import Credit, Customer, Delivery, Order, Row, total
from services.sandbox.svea.read_rows import stored_row, to_address
from services.sandbox.svea.show_admin import SWEDEN

Json = Mapping[str, Any]


def from_checkout(source: Json, merchant: Merchant, *, now: datetime) -> Order:
    """A session; `now` stands in for the creation date that this API does not show."""
    person = source["Customer"] or {}
    return Order(
        checkout_id=source["OrderId"],
        merchant_id=merchant.merchant_id,
        client_order_number=source["ClientOrderNumber"],
        currency=source["Currency"],
        country=source["CountryCode"],
        locale=source["Locale"],
        rows=[],
        cart=[stored_row(item) for item in source["Cart"]["Items"]],
        created=now,
        customer=Customer(
            number=person.get("Id"),
            national_id=person.get("NationalId"),
            is_company=person.get("IsCompany", False),
            email=source["EmailAddress"],
            phone=source["PhoneNumber"],
            reference=source["CustomerReference"],
        ),
        shipping=to_address(source["ShippingAddress"]),
        billing=to_address(source["BillingAddress"]),
        payment_type=source["PaymentType"],
        wanted_payment_type=source["PaymentType"] or "INVOICE",
        merchant_settings=dict(source["MerchantSettings"]),
        merchant_data=source["MerchantData"],
        checkout_status=source["Status"],
        svea_will_buy=source["SveaWillBuyOrder"],
    )


def with_admin_state(order: Order, source: Json, numbers: Numbers) -> None:
    """Put what Payment Admin says of the order on top of its session."""
    order.checkout_status = "Final"
    order.created = _instant(source["CreationDate"])
    order.expires = None if source["ExpirationDate"] is None else _instant(source["ExpirationDate"])
    order.order_status = source["OrderStatus"]
    order.is_pending = source["SystemStatus"] == "Pending"
    order.system_message = source["SystemStatusMessage"]
    order.order_amount, order.cancelled_amount = source["OrderAmount"], source["CancelledAmount"]
    order.rows = [_row(row) for row in source["OrderRows"]]
    order.deliveries = [_delivery(delivery, numbers) for delivery in source["Deliveries"]]
    delivered = [row for delivery in order.deliveries for row in delivery.rows]
    order.next_row_id = 1 + max(row.row_id for row in [*order.rows, *delivered])


def reopened(order: Order, *, expires: datetime) -> None:
    """Back to before anything was delivered or cancelled."""
    delivered = [row for delivery in order.deliveries for row in delivery.rows]
    rows = [replace(row, cancelled=False) for row in [*order.rows, *delivered]]
    order.rows = sorted(rows, key=lambda row: row.row_id)
    order.deliveries, order.order_status, order.is_pending = [], "Open", False
    order.cancelled_amount, order.order_amount = 0, total(rows)
    order.expires = expires


def _row(source: Json) -> Row:
    return replace(stored_row(source), row_id=source["OrderRowId"], cancelled=source["IsCancelled"])


def _delivery(source: Json, numbers: Numbers) -> Delivery:
    return Delivery(
        number=source["Id"],
        created=_instant(source["CreationDate"]),
        rows=[_row(row) for row in source["OrderRows"]],
        amount=source["DeliveryAmount"],
        invoice_id=source["InvoiceId"],
        due=None if source["DueDate"] is None else _instant(source["DueDate"]),
        status=source["Status"],
        credits=[_credit(credit, numbers) for credit in source["Credits"]],
    )


def _credit(source: Json, numbers: Numbers) -> Credit:
    """Its number is not in the answer, so it gets a new one."""
    return Credit(numbers.credit(), source["Amount"], tuple(_row(row) for row in source["OrderRows"]))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SWEDEN).astimezone(UTC)
