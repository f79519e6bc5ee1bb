"""A Checkout order as `GET /api/orders/{id}` shows it (svea.md 2.2)."""

from __future__ import annotations

from typing import Any

from services.sandbox.svea.orders import Address, BillingShape, Order, Row

SETTINGS: dict[str, Any] = {
    "CheckoutValidationCallBackUri": None,
    "PushUri": None,
    "TermsUri": None,
    "CheckoutUri": None,
    "ConfirmationUri": None,
    "WebhookUri": None,
    "ActivePartPaymentCampaigns": [],
    "PromotedPartPaymentCampaign": 0,
}


def checkout_order(order: Order) -> dict[str, Any]:
    return {
        "MerchantSettings": SETTINGS | order.merchant_settings,
        "Cart": {"Items": [_item(row, number) for number, row in enumerate(order.cart, start=1)]},
        "Customer": _customer(order),
        **_addresses(order),
        "Gui": {"Layout": "desktop", "Snippet": '<div id="svea-checkout-container"></div>'},
        "Locale": order.locale,
        "Currency": order.currency,
        "CountryCode": order.country,
        "PresetValues": None,
        "ClientOrderNumber": order.client_order_number,
        "OrderId": order.checkout_id,
        "EmailAddress": order.customer.email if order.is_final else None,
        "PhoneNumber": order.customer.phone if order.is_final else None,
        "PaymentType": order.payment_type,
        "Payment": None if order.admin_type is None else {"PaymentMethodType": order.admin_type},
        "Status": order.checkout_status,
        "CustomerReference": order.customer.reference if order.is_final else None,
        "SveaWillBuyOrder": order.svea_will_buy,
        "IdentityFlags": {"HideNotYou": False, "HideChangeAddress": False, "HideAnonymous": False},
        "MerchantData": order.merchant_data,
        "PeppolId": None,
        "Recurring": False,
        "RecurringToken": None,
        "BillingReferences": None,
        "ShippingInformation": None,
    }


def _item(row: Row, number: int) -> dict[str, Any]:
    return {
        "ArticleNumber": row.article_number,
        "Name": row.name,
        "Quantity": row.quantity,
        "UnitPrice": row.unit_price,
        "DiscountPercent": row.discount_percent,
        "DiscountAmount": row.discount_amount,
        "VatPercent": row.vat_percent,
        "Unit": row.unit,
        "TemporaryReference": None,
        "RowNumber": number,
        "RowType": row.row_type,
        "MerchantData": row.merchant_data,
    }


def _customer(order: Order) -> dict[str, Any] | None:
    if not order.is_final or order.customer.number is None:
        return None
    return {
        "Id": order.customer.number,
        "NationalId": order.customer.national_id,
        "CountryCode": order.country,
        "IsCompany": order.customer.is_company,
    }


def _addresses(order: Order) -> dict[str, Any]:
    if not order.is_final:
        return {"ShippingAddress": None, "BillingAddress": None}
    return {"ShippingAddress": _address(order.shipping), "BillingAddress": _billing(order)}


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
        "FirstName": address.first_name,
        "LastName": address.last_name,
        "StreetAddress": address.street,
        "StreetAddress2": address.street2,
        "StreetAddress3": address.street3,
        "CoAddress": address.co_address,
        "PostalCode": address.postal_code,
        "City": address.city,
        "CountryCode": address.country,
        "IsGeneric": False,
        "AddressLines": [],
    }
