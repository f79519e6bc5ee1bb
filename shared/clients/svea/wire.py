"""What Svea answers, as frozen dataclasses.

Scales are Svea's: amounts in minor units and including VAT, quantities and percentages times 100, all
whole numbers. Credits have no id and no date; their amounts and quantities are negative. ``rows`` of an
admin order are the undelivered ones. Field names: section 2 and 3 of Svea's documents, read in any case.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.clients.fields import Fields

# Svea prints times without an offset; read as Swedish time, the date is the one that is printed.
SWEDISH_TIME = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True)
class Address:
    full_name: str
    first_name: str
    last_name: str
    street: str
    street2: str
    co: str
    zip_code: str
    city: str
    country: str

    @property
    def is_empty(self) -> bool:
        return not (self.full_name or self.last_name or self.street or self.city)


@dataclass(frozen=True)
class CheckoutRow:
    row_number: int | None
    article_number: str
    name: str
    quantity: int
    unit_price: int
    discount_percent: int
    discount_amount: int
    vat_percent: int
    unit: str
    row_type: str


@dataclass(frozen=True)
class CheckoutOrder:
    """What the buyer saw: Status Created, Final or Cancelled."""

    id: str
    client_order_number: str
    status: str
    currency: str
    country: str
    locale: str
    payment_type: str | None
    payment_method: str | None
    email: str
    phone: str
    is_company: bool
    national_id: str
    customer_id: int | None
    billing: Address | None
    shipping: Address | None
    customer_reference: str
    svea_buys: bool | None
    merchant_data: str
    rows: tuple[CheckoutRow, ...]


@dataclass(frozen=True)
class AdminRow:
    row_id: int | None
    article_number: str
    name: str
    quantity: int
    unit_price: int
    discount_percent: int
    discount_amount: int
    vat_percent: int
    unit: str
    cancelled: bool


@dataclass(frozen=True)
class Credit:
    """``amount`` is negative; an amount-only credit (cards) has no rows."""

    amount: int
    rows: tuple[AdminRow, ...]


@dataclass(frozen=True)
class Delivery:
    id: int | None
    created_at: datetime | None
    invoice_id: int | None
    amount: int
    credited_amount: int
    credits: tuple[Credit, ...]
    rows: tuple[AdminRow, ...]
    status: str


@dataclass(frozen=True)
class AdminOrder:
    id: str
    merchant_order_id: str
    currency: str
    status: str
    system_status: str
    payment_type: str | None
    created_at: datetime | None
    amount: int
    cancelled_amount: int
    email: str
    phone: str
    customer_reference: str
    national_id: str
    is_company: bool
    billing: Address | None
    shipping: Address | None
    rows: tuple[AdminRow, ...]
    deliveries: tuple[Delivery, ...]
    svea_buys: bool | None

    @property
    def is_pending(self) -> bool:
        """Svea has not decided yet: nothing may be shipped or booked."""
        return self.system_status.lower() == "pending"


@dataclass(frozen=True)
class Subscription:
    id: str
    url: str
    events: tuple[str, ...]
    verified: bool


def to_checkout_order(order: Fields) -> CheckoutOrder:
    customer = order.fields("Customer")
    payment = order.fields("Payment")
    cart = order.fields("Cart")
    return CheckoutOrder(
        id=str(order.needed_integer("OrderId")),
        client_order_number=order.text("ClientOrderNumber"),
        status=order.needed_text("Status"),
        currency=order.text("Currency").upper(),
        country=order.text("CountryCode").upper(),
        locale=order.text("Locale"),
        payment_type=order.text("PaymentType") or None,
        payment_method=(payment.text("PaymentMethodType") or None) if payment else None,
        email=order.text("EmailAddress"),
        phone=order.text("PhoneNumber"),
        is_company=customer.flag("IsCompany") if customer else False,
        national_id=customer.text("NationalId") if customer else "",
        customer_id=customer.integer("Id") if customer else None,
        billing=_address(order, "BillingAddress"),
        shipping=_address(order, "ShippingAddress"),
        customer_reference=order.text("CustomerReference"),
        svea_buys=order.optional_flag("SveaWillBuyOrder"),
        merchant_data=order.text("MerchantData"),
        rows=tuple(_checkout_row(row) for row in cart.each("Items")) if cart else (),
    )


def to_admin_order(order: Fields) -> AdminOrder:
    payment = order.fields("Payment")
    method = payment.text("PaymentMethodType") if payment else ""
    return AdminOrder(
        id=str(order.needed_integer("Id")),
        merchant_order_id=order.text("MerchantOrderId"),
        currency=order.needed_text("Currency").upper(),
        status=order.needed_text("OrderStatus"),
        system_status=order.text("SystemStatus"),
        payment_type=order.text("PaymentType") or method or None,
        created_at=order.instant("CreationDate", zone=SWEDISH_TIME),
        amount=order.needed_integer("OrderAmount"),
        cancelled_amount=order.integer("CancelledAmount") or 0,
        email=order.text("EmailAddress"),
        phone=order.text("PhoneNumber"),
        customer_reference=order.text("CustomerReference"),
        national_id=order.text("NationalId"),
        is_company=order.flag("IsCompany"),
        billing=_address(order, "BillingAddress"),
        shipping=_address(order, "ShippingAddress"),
        rows=tuple(_admin_row(row) for row in order.each("OrderRows")),
        deliveries=tuple(_delivery(delivery) for delivery in order.each("Deliveries")),
        svea_buys=order.optional_flag("SveaWillBuy"),
    )


def to_subscriptions(body: object) -> tuple[Subscription, ...]:
    """An object with ``Subscriptions``, or a bare list."""
    wrapped = {"Subscriptions": body} if isinstance(body, list) else body
    return tuple(
        Subscription(
            id=found.needed_text("SubscriptionId"),
            url=found.text("CallbackUri"),
            events=found.texts("Events"),
            verified=found.flag("Verified"),
        )
        for found in Fields(wrapped, of="answer").each("Subscriptions")
    )


def to_settled_checkout_ids(report: Fields) -> tuple[int, ...]:
    """``sveaCheckoutId`` of every row; rows without an order (fees, balances) have none."""
    rows = (row for client in report.each("clientReports") for row in client.each("rows"))
    ids = (row.integer("sveaCheckoutId") for row in rows)
    return tuple(dict.fromkeys(found for found in ids if found and found > 0))


def _address(order: Fields, name: str) -> Address | None:
    """None when there is none, or only empty fields (then it equals the other address)."""
    found = order.fields(name)
    if found is None:
        return None
    address = Address(
        full_name=found.text("FullName"),
        first_name=found.text("FirstName"),
        last_name=found.text("LastName"),
        street=found.text("StreetAddress"),
        street2=found.text("StreetAddress2"),
        co=found.text("CoAddress"),
        zip_code=found.text("PostalCode"),
        city=found.text("City"),
        country=found.text("CountryCode").upper(),
    )
    return None if address.is_empty else address


def _checkout_row(row: Fields) -> CheckoutRow:
    return CheckoutRow(
        row_number=row.integer("RowNumber"),
        article_number=row.text("ArticleNumber"),
        name=row.text("Name"),
        quantity=row.needed_integer("Quantity"),
        unit_price=row.needed_integer("UnitPrice"),
        discount_percent=row.integer("DiscountPercent") or 0,
        discount_amount=row.integer("DiscountAmount") or 0,
        vat_percent=row.needed_integer("VatPercent"),
        unit=row.text("Unit"),
        row_type=row.text("RowType") or "Row",
    )


def _admin_row(row: Fields) -> AdminRow:
    return AdminRow(
        row_id=row.integer("OrderRowId"),
        article_number=row.text("ArticleNumber"),
        name=row.text("Name"),
        quantity=row.needed_integer("Quantity"),
        unit_price=row.needed_integer("UnitPrice"),
        discount_percent=row.integer("DiscountPercent") or 0,
        discount_amount=row.integer("DiscountAmount") or 0,
        vat_percent=row.needed_integer("VatPercent"),
        unit=row.text("Unit"),
        cancelled=row.flag("IsCancelled"),
    )


def _delivery(delivery: Fields) -> Delivery:
    return Delivery(
        id=delivery.integer("Id") or None,
        created_at=delivery.instant("CreationDate", zone=SWEDISH_TIME),
        invoice_id=delivery.integer("InvoiceId") or None,
        amount=delivery.needed_integer("DeliveryAmount"),
        credited_amount=delivery.integer("CreditedAmount") or 0,
        credits=tuple(_credit(credit) for credit in delivery.each("Credits")),
        rows=tuple(_admin_row(row) for row in delivery.each("OrderRows")),
        status=delivery.text("Status"),
    )


def _credit(credit: Fields) -> Credit:
    return Credit(
        amount=credit.needed_integer("Amount"),
        rows=tuple(_admin_row(row) for row in credit.each("OrderRows")),
    )
