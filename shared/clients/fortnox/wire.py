"""What Fortnox answers, as frozen dataclasses: only the fields that we use, read tolerantly.

Facts about the shapes: ``InvoiceReference`` on an order is its invoice, on a credit invoice it is the
invoice that is credited; ``CreditInvoiceReference`` on an invoice is the one that credits it. Fortnox
says "0" for none. Lists hold heads only: no rows, no references between documents.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from shared.clients.fields import Fields
from shared.domain.errors import UnreadableAnswer

T = TypeVar("T")
ONE = Decimal(1)


@dataclass(frozen=True)
class FortnoxRow:
    row_id: int | None
    article_number: str | None
    account: int | None
    description: str
    delivered_quantity: Decimal
    ordered_quantity: Decimal
    unit: str
    price: Decimal
    discount: Decimal
    discount_type: str
    vat: Decimal | None
    vat_code: str | None
    total: Decimal
    total_excluding_vat: Decimal | None


@dataclass(frozen=True)
class Voucher:
    """Where a booked document stands in the books; ``year`` is Fortnox' id of the financial year."""

    series: str
    number: int
    year: int | None


@dataclass(frozen=True)
class FortnoxOrderHead:
    number: str
    customer_number: str
    order_date: date | None
    currency: str
    total: Decimal
    cancelled: bool
    external_reference1: str
    external_reference2: str


@dataclass(frozen=True)
class FortnoxOrder(FortnoxOrderHead):
    customer_name: str
    currency_rate: Decimal
    currency_unit: Decimal
    vat_included: bool
    total_to_pay: Decimal
    total_vat: Decimal
    net: Decimal
    gross: Decimal
    round_off: Decimal
    freight: Decimal
    administration_fee: Decimal
    invoice_reference: str | None
    your_order_number: str
    warehouse_ready: bool
    sent: bool
    rows: tuple[FortnoxRow, ...]


@dataclass(frozen=True)
class FortnoxInvoiceHead:
    number: str
    customer_number: str
    invoice_date: date | None
    due_date: date | None
    final_pay_date: date | None
    currency: str
    currency_rate: Decimal
    currency_unit: Decimal
    total: Decimal
    balance: Decimal
    booked: bool
    cancelled: bool
    sent: bool
    external_reference1: str
    external_reference2: str
    voucher: Voucher | None
    ocr: str


@dataclass(frozen=True)
class FortnoxInvoice(FortnoxInvoiceHead):
    customer_name: str
    credit: bool
    credit_invoice_reference: str | None
    invoice_reference: str | None
    order_reference: str | None
    vat_included: bool
    total_to_pay: Decimal
    total_vat: Decimal
    net: Decimal
    gross: Decimal
    round_off: Decimal
    freight: Decimal
    freight_vat: Decimal
    administration_fee: Decimal
    administration_fee_vat: Decimal
    your_order_number: str
    accounting_method: str
    warehouse_ready: bool
    not_completed: bool
    remarks: str
    rows: tuple[FortnoxRow, ...]


@dataclass(frozen=True)
class FortnoxCustomerHead:
    number: str
    name: str
    email: str
    organisation_number: str
    phone: str
    address1: str
    address2: str
    zip_code: str
    city: str


@dataclass(frozen=True)
class FortnoxCustomer(FortnoxCustomerHead):
    active: bool
    country_code: str | None
    currency: str
    kind: str
    vat_type: str
    vat_number: str
    terms_of_payment: str
    sales_account: int | None
    show_price_vat_included: bool
    external_reference: str
    price_list: str
    email_invoice: str
    your_reference: str
    delivery_name: str
    delivery_address1: str
    delivery_address2: str
    delivery_zip_code: str
    delivery_city: str
    delivery_country_code: str | None
    delivery_phone: str


@dataclass(frozen=True)
class FortnoxArticle:
    number: str
    description: str
    active: bool
    kind: str
    unit: str
    ean: str
    vat: Decimal | None
    stock_goods: bool
    sales_account: int | None
    eu_account: int | None
    eu_vat_account: int | None
    export_account: int | None
    sales_price: Decimal | None
    quantity_in_stock: Decimal | None
    disposable_quantity: Decimal | None


@dataclass(frozen=True)
class PageInfo:
    current: int
    total: int

    @property
    def is_last(self) -> bool:
        return self.current >= self.total


def single(body: Any, wrapper: str, to: Callable[[Fields], T]) -> T:
    """The one resource inside its wrapper."""
    return to(Fields(body, of="answer").needed_fields(wrapper))


def listed(body: Any, key: str, to: Callable[[Fields], T]) -> list[T]:
    answer = Fields(body, of="answer")
    if key not in answer:
        raise UnreadableAnswer(f"answer: {key} is missing")
    return [to(item) for item in answer.each(key)]


def page_info(body: Any) -> PageInfo:
    """Where a list stands; some lists have no MetaInformation and are one page."""
    meta = Fields(body, of="answer").fields("MetaInformation")
    if meta is None:
        return PageInfo(1, 1)
    return PageInfo(current=meta.integer("@CurrentPage") or 1, total=meta.integer("@TotalPages") or 0)


def to_row(row: Fields) -> FortnoxRow:
    return FortnoxRow(
        row_id=row.integer("RowId"),
        article_number=row.text("ArticleNumber") or None,
        account=row.integer("AccountNumber") or None,
        description=row.text("Description"),
        delivered_quantity=row.amount("DeliveredQuantity"),
        ordered_quantity=row.amount("OrderedQuantity"),
        unit=row.text("Unit"),
        price=row.amount("Price"),
        discount=row.amount("Discount"),
        discount_type=row.text("DiscountType"),
        vat=row.number("VAT"),
        vat_code=row.text("VATCode") or None,
        total=row.amount("Total"),
        total_excluding_vat=row.number("TotalExcludingVAT"),
    )


def _order_head(order: Fields) -> dict[str, Any]:
    return {
        "number": order.needed_text("DocumentNumber"),
        "customer_number": order.text("CustomerNumber"),
        "order_date": order.day("OrderDate"),
        "currency": order.text("Currency"),
        "total": order.needed_amount("Total"),
        "cancelled": order.flag("Cancelled"),
        "external_reference1": order.text("ExternalInvoiceReference1"),
        "external_reference2": order.text("ExternalInvoiceReference2"),
    }


def to_order_head(order: Fields) -> FortnoxOrderHead:
    return FortnoxOrderHead(**_order_head(order))


def to_order(order: Fields) -> FortnoxOrder:
    return FortnoxOrder(
        **_order_head(order),
        customer_name=order.text("CustomerName"),
        currency_rate=order.number("CurrencyRate") or ONE,
        currency_unit=order.number("CurrencyUnit") or ONE,
        vat_included=order.flag("VATIncluded"),
        total_to_pay=order.amount("TotalToPay"),
        total_vat=order.amount("TotalVAT"),
        net=order.amount("Net"),
        gross=order.amount("Gross"),
        round_off=order.amount("RoundOff"),
        freight=order.amount("Freight"),
        administration_fee=order.amount("AdministrationFee"),
        invoice_reference=order.reference("InvoiceReference"),
        your_order_number=order.text("YourOrderNumber"),
        warehouse_ready=order.flag("WarehouseReady"),
        sent=order.flag("Sent"),
        rows=tuple(to_row(row) for row in order.each("OrderRows")),
    )


def _voucher(invoice: Fields) -> Voucher | None:
    series, number = invoice.text("VoucherSeries"), invoice.integer("VoucherNumber")
    return Voucher(series, number, invoice.integer("VoucherYear")) if series and number else None


def _invoice_head(invoice: Fields) -> dict[str, Any]:
    return {
        "number": invoice.needed_text("DocumentNumber"),
        "customer_number": invoice.text("CustomerNumber"),
        "invoice_date": invoice.day("InvoiceDate"),
        "due_date": invoice.day("DueDate"),
        "final_pay_date": invoice.day("FinalPayDate"),
        "currency": invoice.text("Currency"),
        "currency_rate": invoice.number("CurrencyRate") or ONE,
        "currency_unit": invoice.number("CurrencyUnit") or ONE,
        "total": invoice.needed_amount("Total"),
        "balance": invoice.amount("Balance"),
        "booked": invoice.flag("Booked"),
        "cancelled": invoice.flag("Cancelled"),
        "sent": invoice.flag("Sent"),
        "external_reference1": invoice.text("ExternalInvoiceReference1"),
        "external_reference2": invoice.text("ExternalInvoiceReference2"),
        "voucher": _voucher(invoice),
        "ocr": invoice.text("OCR"),
    }


def to_invoice_head(invoice: Fields) -> FortnoxInvoiceHead:
    return FortnoxInvoiceHead(**_invoice_head(invoice))


def to_invoice(invoice: Fields) -> FortnoxInvoice:
    return FortnoxInvoice(
        **_invoice_head(invoice),
        customer_name=invoice.text("CustomerName"),
        credit=invoice.flag("Credit"),
        credit_invoice_reference=invoice.reference("CreditInvoiceReference"),
        invoice_reference=invoice.reference("InvoiceReference"),
        order_reference=invoice.reference("OrderReference"),
        vat_included=invoice.flag("VATIncluded"),
        total_to_pay=invoice.amount("TotalToPay"),
        total_vat=invoice.amount("TotalVAT"),
        net=invoice.amount("Net"),
        gross=invoice.amount("Gross"),
        round_off=invoice.amount("RoundOff"),
        freight=invoice.amount("Freight"),
        freight_vat=invoice.amount("FreightVAT"),
        administration_fee=invoice.amount("AdministrationFee"),
        administration_fee_vat=invoice.amount("AdministrationFeeVAT"),
        your_order_number=invoice.text("YourOrderNumber"),
        accounting_method=invoice.text("AccountingMethod"),
        warehouse_ready=invoice.flag("WarehouseReady"),
        not_completed=invoice.flag("NotCompleted"),
        remarks=invoice.text("Remarks"),
        rows=tuple(to_row(row) for row in invoice.each("InvoiceRows")),
    )


def _customer_head(customer: Fields) -> dict[str, Any]:
    return {
        "number": customer.needed_text("CustomerNumber"),
        "name": customer.text("Name"),
        "email": customer.text("Email"),
        "organisation_number": customer.text("OrganisationNumber"),
        "phone": customer.text("Phone1", "Phone"),
        "address1": customer.text("Address1"),
        "address2": customer.text("Address2"),
        "zip_code": customer.text("ZipCode"),
        "city": customer.text("City"),
    }


def to_customer_head(customer: Fields) -> FortnoxCustomerHead:
    return FortnoxCustomerHead(**_customer_head(customer))


def to_customer(customer: Fields) -> FortnoxCustomer:
    return FortnoxCustomer(
        **_customer_head(customer),
        active=customer.optional_flag("Active") is not False,
        country_code=customer.text("CountryCode") or None,
        currency=customer.text("Currency"),
        kind=customer.text("Type"),
        vat_type=customer.text("VATType"),
        vat_number=customer.text("VATNumber"),
        terms_of_payment=customer.text("TermsOfPayment"),
        sales_account=customer.integer("SalesAccount"),
        show_price_vat_included=customer.flag("ShowPriceVATIncluded"),
        external_reference=customer.text("ExternalReference"),
        price_list=customer.text("PriceList"),
        email_invoice=customer.text("EmailInvoice"),
        your_reference=customer.text("YourReference"),
        delivery_name=customer.text("DeliveryName"),
        delivery_address1=customer.text("DeliveryAddress1"),
        delivery_address2=customer.text("DeliveryAddress2"),
        delivery_zip_code=customer.text("DeliveryZipCode"),
        delivery_city=customer.text("DeliveryCity"),
        delivery_country_code=customer.text("DeliveryCountryCode") or None,
        delivery_phone=customer.text("DeliveryPhone1"),
    )


def to_article(article: Fields) -> FortnoxArticle:
    return FortnoxArticle(
        number=article.needed_text("ArticleNumber"),
        description=article.text("Description"),
        active=article.optional_flag("Active") is not False,
        kind=article.text("Type"),
        unit=article.text("Unit"),
        ean=article.text("EAN"),
        vat=article.number("VAT"),
        stock_goods=article.flag("StockGoods"),
        sales_account=article.integer("SalesAccount") or None,
        eu_account=article.integer("EUAccount") or None,
        eu_vat_account=article.integer("EUVATAccount") or None,
        export_account=article.integer("ExportAccount") or None,
        sales_price=article.number("SalesPrice"),
        quantity_in_stock=article.number("QuantityInStock"),
        disposable_quantity=article.number("DisposableQuantity"),
    )
