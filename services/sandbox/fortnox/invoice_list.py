"""What the list of invoices can be asked for, and what its items show."""

from datetime import date

from services.sandbox.fortnox.amounts import ZERO
from services.sandbox.fortnox.listing import Listing, contains, equals
from services.sandbox.fortnox.wire import Fields

ITEM = """
    Balance Booked Cancelled CostCenter Currency CurrencyRate CurrencyUnit CustomerName CustomerNumber
    DocumentNumber DueDate ExternalInvoiceReference1 ExternalInvoiceReference2 InvoiceDate InvoiceType
    NoxFinans OCR VoucherNumber VoucherSeries VoucherYear WayOfDelivery TermsOfPayment Project Sent
    Total FinalPayDate
    """
SEARCHES = {
    "costcenter": contains("CostCenter"),
    "customername": contains("CustomerName"),
    "customernumber": contains("CustomerNumber"),
    "label": lambda invoice, value: any(str(label["Id"]) == value for label in invoice["Labels"]),
    "documentnumber": contains("DocumentNumber"),
    "fromfinalpaydate": lambda invoice, value: (
        bool(invoice["FinalPayDate"]) and invoice["FinalPayDate"] >= value
    ),
    "tofinalpaydate": lambda invoice, value: (
        bool(invoice["FinalPayDate"]) and invoice["FinalPayDate"] <= value
    ),
    "notcompleted": equals("NotCompleted"),
    "ocr": contains("OCR"),
    "ourreference": contains("OurReference"),
    "project": contains("Project"),
    "sent": equals("Sent"),
    "externalinvoicereference1": contains("ExternalInvoiceReference1"),
    "externalinvoicereference2": contains("ExternalInvoiceReference2"),
    "yourreference": contains("YourReference"),
    "invoicetype": equals("InvoiceType"),
    "articlenumber": lambda invoice, value: _has_row(invoice, "ArticleNumber", value),
    "articledescription": lambda invoice, value: _has_row(invoice, "Description", value),
    "currency": equals("Currency"),
    "accountnumberfrom": lambda invoice, value: _any_account(invoice, low=int(value)),
    "accountnumberto": lambda invoice, value: _any_account(invoice, high=int(value)),
    "yourordernumber": contains("YourOrderNumber"),
    "credit": equals("Credit"),
}
SORTS = {
    "customername": "CustomerName",
    "customernumber": "CustomerNumber",
    "documentnumber": "DocumentNumber",
    "invoicedate": "InvoiceDate",
    "ocr": "OCR",
    "total": "Total",
}


def listing(today: date) -> Listing:
    """The list as of a day: what is overdue depends on it."""
    filters = {
        "cancelled": lambda invoice: bool(invoice["Cancelled"]),
        "fullypaid": lambda invoice: bool(invoice["Booked"]) and invoice["Balance"] == ZERO,
        "unpaid": _is_unpaid,
        "unpaidoverdue": lambda invoice: _is_unpaid(invoice) and invoice["DueDate"] < today.isoformat(),
        "unbooked": lambda invoice: not invoice["Booked"] and not invoice["Cancelled"],
    }
    return Listing(searches=SEARCHES, filters=filters, sorts=SORTS, date_field="InvoiceDate")


def _is_unpaid(invoice: Fields) -> bool:
    return bool(invoice["Booked"]) and invoice["Balance"] != ZERO


def _has_row(invoice: Fields, name: str, value: str) -> bool:
    return any(value.casefold() in str(row[name]).casefold() for row in invoice["InvoiceRows"])


def _any_account(invoice: Fields, *, low: int = 0, high: int = 9999) -> bool:
    return any(low <= (row["AccountNumber"] or 0) <= high for row in invoice["InvoiceRows"])
