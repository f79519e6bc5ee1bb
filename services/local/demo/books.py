"""Fortnox' books as the demo shows and checks them: documents with their vouchers, in plain figures."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

ZERO = Decimal("0.00")
ORE = Decimal("0.01")

Postings = Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a document: what it sums to including VAT, in the document's currency."""

    text: str
    account: int
    rate: Decimal
    vat_code: str
    total: Decimal


@dataclass(frozen=True, slots=True)
class Document:
    """An order, an invoice or a credit invoice. `postings`: SEK by account, debit positive."""

    kind: str
    number: str
    reference: str
    checkout_id: str
    order_number: str
    customer: str
    total: Decimal
    currency: str
    rate: Decimal
    dated: str
    state: str
    lines: tuple[Line, ...] = ()
    voucher: str = ""
    postings: tuple[tuple[int, Decimal], ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Changes when the document does."""
        return (self.kind, self.number, self.state)

    @property
    def posted(self) -> dict[int, Decimal]:
        return dict(self.postings)


@dataclass(frozen=True, slots=True)
class Books:
    documents: tuple[Document, ...]
    vouchers: int

    def of(self, checkout_id: int) -> list[Document]:
        return [found for found in self.documents if found.checkout_id == str(checkout_id)]

    def referenced(self, beginning: str) -> list[Document]:
        """Those whose own reference begins so: `M12-` is all of order 12, which was not paid through Svea."""
        return [found for found in self.documents if found.reference.startswith(beginning)]


def to_books(documents: Mapping[str, Any], vouchers: Iterable[Mapping[str, Any]]) -> Books:
    """From Fortnox' own records."""
    all_vouchers = list(vouchers)
    by_invoice = {
        voucher["reference_number"]: voucher
        for voucher in all_vouchers
        if voucher["reference_type"] == "INVOICE"
    }
    orders = [_order(record) for record in documents["orders"]]
    invoices = [
        _invoice(record, by_invoice.get(str(record["DocumentNumber"]))) for record in documents["invoices"]
    ]
    return Books((*orders, *invoices), len(all_vouchers))


def by_account(documents: Iterable[Document]) -> dict[int, Decimal]:
    """Their postings together; accounts that come to nothing are left out."""
    sums: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for document in documents:
        for account, amount in document.postings:
            sums[account] += amount
    return {account: amount for account, amount in sorted(sums.items()) if amount}


def _order(record: Mapping[str, Any]) -> Document:
    invoiced = record["InvoiceReference"] not in (None, "", "0", 0)
    state = "cancelled" if record["Cancelled"] else "invoiced" if invoiced else "open"
    return _document("order", record, state=state, dated=record["OrderDate"])


def _invoice(record: Mapping[str, Any], voucher: Mapping[str, Any] | None) -> Document:
    kind = "credit invoice" if str(record["Credit"]).lower() == "true" or record["Total"] < 0 else "invoice"
    state = "cancelled" if record["Cancelled"] else "booked" if record["Booked"] else "not booked"
    if voucher is None:
        return _document(kind, record, state=state, dated=record["InvoiceDate"])
    named = f"{voucher['series']}{voucher['number']}"
    return _document(
        kind, record, state=state, dated=record["InvoiceDate"], voucher=named, postings=_postings(voucher)
    )


def _document(kind: str, record: Mapping[str, Any], **more: Any) -> Document:
    rows = record["OrderRows"] if kind == "order" else record["InvoiceRows"]
    return Document(
        kind=kind,
        number=str(record["DocumentNumber"]),
        reference=record["ExternalInvoiceReference1"],
        checkout_id=record["ExternalInvoiceReference2"],
        order_number=record["YourOrderNumber"],
        customer=record["CustomerName"],
        total=Decimal(record["Total"]).quantize(ORE),
        currency=record["Currency"],
        rate=Decimal(record["CurrencyRate"]) / Decimal(record["CurrencyUnit"]),
        lines=tuple(_line(row, included=bool(record["VATIncluded"])) for row in rows),
        **more,
    )


def _line(row: Mapping[str, Any], *, included: bool) -> Line:
    rate, shown = Decimal(row["VAT"]), Decimal(row["Total"])
    total = shown if included else shown * (100 + rate) / 100
    return Line(row["Description"], row["AccountNumber"] or 0, rate, row["VATCode"] or "", total)


def _postings(voucher: Mapping[str, Any]) -> tuple[tuple[int, Decimal], ...]:
    return tuple(
        (int(row["account"]), Decimal(row["debit"]) - Decimal(row["credit"])) for row in voucher["rows"]
    )
