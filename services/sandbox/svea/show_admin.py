"""An order as Payment Admin shows it, with the actions it allows (svea.md 3.2 to 3.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.sandbox.svea.orders import Address, BillingShape, Credit, Delivery, Order, Row
from services.sandbox.svea.payment_types import PaymentFamily

SWEDEN = ZoneInfo("Europe/Stockholm")


def local(at: datetime) -> str:
    """Swedish local time without an offset: assumed, Svea does not say."""
    return at.astimezone(SWEDEN).strftime("%Y-%m-%dT%H:%M:%S")


def _midnight(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(SWEDEN).strftime("%Y-%m-%dT00:00:00")


def admin_order(order: Order) -> dict[str, Any]:
    return {
        "Id": order.checkout_id,
        "Currency": order.currency,
        "MerchantOrderId": order.client_order_number,
        "OrderStatus": order.order_status,
        "SystemStatus": _system_status(order),
        "SystemStatusMessage": order.system_message if order.is_pending else None,
        "PaymentCreditStatus": None,
        "EmailAddress": order.customer.email,
        "PhoneNumber": order.customer.phone,
        "CustomerReference": order.customer.reference or "",
        "PeppolId": None,
        "PaymentType": order.admin_type,
        "Payment": {"PaymentMethodType": order.admin_type},
        "CreationDate": local(order.created),
        "NationalId": order.customer.national_id,
        "IsCompany": order.customer.is_company,
        "CancelledAmount": order.cancelled_amount,
        "OrderAmount": order.order_amount,
        "BillingAddress": _billing(order),
        "ShippingAddress": _address(order.shipping),
        "Deliveries": [_delivery(order, delivery) for delivery in order.deliveries],
        "OrderRows": [_row(row, _row_actions(order, row)) for row in order.rows],
        "Actions": _order_actions(order),
        "SveaWillBuy": order.svea_will_buy,
        "ExpirationDate": _midnight(order.expires),
        "BillingEmailAddress": None,
        "BillingReferences": [],
    }


def _system_status(order: Order) -> str:
    if order.order_status != "Open":
        return "Closed"
    return "Pending" if order.is_pending else "Active"


def _order_actions(order: Order) -> list[str]:
    if not order.is_changeable:
        return []
    deliver = ["CanDeliverOrder"] + ["CanDeliverPartially"] * (order.admin_type != "PaymentPlan")
    if order.family is PaymentFamily.CREDIT:
        return [*deliver, "CanCancelOrder", "CanCancelOrderRow", "CanAddOrderRow", "CanUpdateOrderRow"]
    return [*deliver, "CanCancelOrder", "CanCancelAmount"]


def _row_actions(order: Order, row: Row) -> list[str]:
    if not order.is_changeable or row.cancelled:
        return []
    if order.family is PaymentFamily.CREDIT:
        return ["CanDeliverRow", "CanCancelRow", "CanUpdateRow"]
    return ["CanDeliverRow"]


def _delivery(order: Order, delivery: Delivery) -> dict[str, Any]:
    return {
        "Id": delivery.number,
        "CreationDate": local(delivery.created),
        "InvoiceId": delivery.invoice_id,
        "DeliveryAmount": delivery.amount,
        "CreditedAmount": delivery.credited,
        "Credits": [_credit(credit) for credit in delivery.credits],
        "OrderRows": [_row(row, _delivered_row_actions(order, delivery, row)) for row in delivery.rows],
        "Actions": _delivery_actions(order, delivery),
        "Status": delivery.status,
        "DueDate": _midnight(delivery.due),
    }


def _delivery_actions(order: Order, delivery: Delivery) -> list[str]:
    if delivery.credited >= delivery.amount:
        return []
    if order.family is PaymentFamily.CREDIT:
        return ["CanCreditNewRow", "CanCreditOrderRows"]
    return ["CanCreditAmount"]


def _delivered_row_actions(order: Order, delivery: Delivery, row: Row) -> list[str]:
    can = order.family is PaymentFamily.CREDIT and delivery.credited < delivery.amount
    return ["CanCreditRow"] if can and delivery.left_of(row.row_id) else []


def _credit(credit: Credit) -> dict[str, Any]:
    """No id and no date: so it is at Svea."""
    return {"Amount": credit.amount, "OrderRows": [_row(row, []) for row in credit.rows], "Actions": []}


def _row(row: Row, actions: list[str]) -> dict[str, Any]:
    return {
        "OrderRowId": row.row_id,
        "ArticleNumber": row.article_number,
        "Name": row.name,
        "Quantity": row.quantity,
        "UnitPrice": row.unit_price,
        "DiscountPercent": row.discount_percent,
        "DiscountAmount": row.discount_amount,
        "VatPercent": row.vat_percent,
        "Unit": row.unit,
        "IsCancelled": row.cancelled,
        "Actions": actions,
    }


def _billing(order: Order) -> dict[str, Any] | None:
    if order.billing_shape is BillingShape.NULL:
        return None
    if order.billing_shape is BillingShape.BLANK:
        return _address(Address())
    return _address(order.billing or order.shipping)


def _address(address: Address | None) -> dict[str, Any] | None:
    if address is None:
        return None
    return {
        "FullName": address.full_name,
        "StreetAddress": address.street,
        "CoAddress": address.co_address,
        "PostalCode": address.postal_code,
        "City": address.city,
        "CountryCode": address.country,
    }
