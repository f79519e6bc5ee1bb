"""Invoices: editable until booked, frozen afterwards, credited once."""

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal

from services.sandbox.fortnox import posting, refusals, warehouse
from services.sandbox.fortnox.amounts import ZERO, plain
from services.sandbox.fortnox.collection import Answer, picked
from services.sandbox.fortnox.company import Records
from services.sandbox.fortnox.document_fields import INVOICE, INVOICE_ROW
from services.sandbox.fortnox.documents import Documents, due_date
from services.sandbox.fortnox.fields import iso_date
from services.sandbox.fortnox.invoice_list import ITEM, listing
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.wire import Fields, words

REFERENCES = ("ExternalInvoiceReference1", "ExternalInvoiceReference2", "YourOrderNumber")


class Invoices(Documents):
    """`/3/invoices`"""

    path, single, plural, scope = "invoices", "Invoice", "Invoices", "invoice"
    table, row_table, rows_name = INVOICE, INVOICE_ROW, "InvoiceRows"
    missing = (2000434, "fakturan")

    @property
    def records(self) -> Records:
        return self.company.invoices

    def page(self, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        records, meta = listing(self.company.today()).page(self.records, query)
        items = [picked(record, ITEM) for record in records]
        return [item | {"CurrencyRate": plain(Decimal(item["CurrencyRate"]))} for item in items], meta

    def act(self, key: str, action: str) -> Answer:
        match action:
            case "PUT bookkeep":
                self._bookkeep(self.find(key))
            case "PUT cancel":
                self.must_be_open(self.find(key))
                self.find(key)["Cancelled"] = True
            case "PUT credit":
                self._credit(self.find(key))
            case "PUT warehouseready":
                self.must_be_open(self.find(key))
                warehouse.make_ready(self.company, self.find(key), self.find(key)["InvoiceRows"])
            case _:
                return super().act(key, action)
        return Answer({self.single: self.company.store(self.records, key, self.find(key))})

    def must_be_open(self, document: Fields) -> None:
        super().must_be_open(document)
        if document["Booked"]:
            raise Refusal(refusals.ALREADY_BOOKED, "Fakturan är bokförd och kan inte ändras.")
        if document["AccountingMethod"] == "CASH" and document["Sent"]:
            raise Refusal(refusals.ALREADY_BOOKED, "Fakturan är skickad och kan inte ändras.")

    def blank(self, number: str) -> Fields:
        invoice = super().blank(number)
        invoice |= {"InvoiceDate": self.company.today().isoformat(), "OCR": ocr(number)}
        invoice["WarehouseReady"] = not self.company.switches.warehouse
        return invoice

    def settle(self, document: Fields, values: Fields) -> None:
        """The period must be open; the due date follows the invoice date and the terms unless it is sent."""
        year = self.company.must_be_open(iso_date(document["InvoiceDate"], "InvoiceDate"))
        document["AccountingMethod"] = year.accounting_method
        if "DueDate" not in values and (
            document["DueDate"] is None or {"InvoiceDate", "TermsOfPayment"} & set(values)
        ):
            document["DueDate"] = due_date(document["InvoiceDate"], document["TermsOfPayment"])

    def add_up(self, document: Fields) -> None:
        super().add_up(document)
        if self.company.switches.negative_invoice_is_credit and document["InvoiceReference"] == "0":
            document["Credit"] = "true" if document["Total"] < ZERO else "false"
        document["Balance"] = document["Total"]
        if self.company.switches.balance_in_sek:
            document["Balance"] = posting.in_sek(self.company, document["Total"], document)

    def create_from(self, carried: Fields, rows: list[Fields]) -> Fields:
        """An invoice of today out of an order: the same customer data, rows and rate."""
        number = self.records.next_number()
        invoice = self.blank(number) | deepcopy(carried)
        if self.company.switches.warehouse:
            invoice["WarehouseReady"] = carried["WarehouseReady"]
        invoice["InvoiceRows"] = [self._carried_row(row) for row in rows]
        self.settle(invoice, {})
        self.add_up(invoice)
        if self._leaves_when_made(invoice):
            warehouse.move(self.company, invoice["InvoiceRows"])
        return self.company.store(self.records, number, invoice)

    def _leaves_when_made(self, invoice: Fields) -> bool:
        """Goods of an order, that is; what is invoiced or credited without one moves when it is booked."""
        switches = self.company.switches
        of_an_order = invoice["OrderReference"] != "0" and invoice["Credit"] == "false"
        return not switches.warehouse and switches.stock_leaves_when == "made" and of_an_order

    def _carried_row(self, row: Fields) -> Fields:
        fresh = INVOICE_ROW.fresh()
        return {name: row.get(name, value) for name, value in fresh.items()} | {
            "RowId": self.company.next_row_id()
        }

    def _bookkeep(self, invoice: Fields) -> None:
        self.must_be_open(invoice)
        if invoice["AccountingMethod"] == "CASH":
            raise Refusal(
                refusals.NO_BOOKKEEPING_IN_CASH_METHOD, "Fakturor bokförs vid betalning med kontantmetoden."
            )
        if not invoice["WarehouseReady"]:
            raise Refusal(2003498, "Fakturan måste vara lagerklar innan den bokförs.")
        day = iso_date(invoice["InvoiceDate"], "InvoiceDate")
        self.company.must_be_open(day, code=2002141)
        voucher = posting.book_invoice(self.company, invoice)
        invoice |= {
            "Booked": True,
            "VoucherNumber": voucher.number,
            "VoucherSeries": voucher.series,
            "VoucherYear": voucher.year,
        }
        self.company.claims[invoice["DocumentNumber"]] = posting.in_sek(
            self.company, invoice["TotalToPay"], invoice
        )
        if not self.company.switches.warehouse and not self._leaves_when_made(invoice):
            warehouse.move(self.company, invoice["InvoiceRows"])
        if self.company.switches.credit_settles_original and invoice["InvoiceReference"] != "0":
            self._settle_against(invoice, self.records[invoice["InvoiceReference"]])
        note_when_paid(invoice, invoice["InvoiceDate"])

    def _settle_against(self, credit: Fields, original: Fields) -> None:
        taken = min(-credit["Balance"], original["Balance"])
        in_sek = posting.in_sek(self.company, taken, original)
        self.company.claims[credit["DocumentNumber"]] += in_sek
        self.company.claims[original["DocumentNumber"]] -= in_sek
        credit["Balance"] += taken
        original["Balance"] -= taken
        note_when_paid(original, credit["InvoiceDate"])

    def _credit(self, original: Fields) -> None:
        if not original["Booked"]:
            raise Refusal(refusals.NOT_BOOKED, "Endast bokförda fakturor kan krediteras.")
        if original["CreditInvoiceReference"] != "0" or original["Credit"] == "true":
            raise Refusal(refusals.ALREADY_CREDITED, "Fakturan är redan krediterad.")
        number, today = self.records.next_number(), self.company.today().isoformat()
        credit = deepcopy(original)
        credit |= {name: value for name, value in self.blank(number).items() if name in NOT_CREDITED}
        credit |= {
            "InvoiceDate": today,
            "DueDate": today,
            "Credit": "true",
            "InvoiceReference": original["DocumentNumber"],
        }
        if not self.company.switches.credit_copies_references:
            credit |= dict.fromkeys(REFERENCES, "")
        for row in credit["InvoiceRows"]:
            row |= {
                "DeliveredQuantity": plain(-Decimal(row["DeliveredQuantity"])),
                "RowId": self.company.next_row_id(),
            }
        self.settle(credit, {"DueDate": today})
        self.add_up(credit)
        self.company.store(self.records, number, credit)
        original["CreditInvoiceReference"] = number


NOT_CREDITED = words(
    """
    @url @urlTaxReductionList DocumentNumber OCR OutboundDate Booked Cancelled Sent Reminders
    LastRemindDate FinalPayDate VoucherNumber VoucherSeries VoucherYear OrderReference
    CreditInvoiceReference WarehouseReady
    """
)


def note_when_paid(invoice: Fields, day: str) -> None:
    """The day nothing was left. Recorded: an invoice of zero is paid the day it is booked."""
    if invoice["Booked"] and invoice["Balance"] == ZERO:
        invoice["FinalPayDate"] = day


def ocr(number: str) -> str:
    """Number, a length digit, a Luhn digit: the format of 32 recorded values out of 34."""
    body = number + str((len(number) + 2) % 10)
    doubled = [int(digit) * (2 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(body))]
    checksum = sum(each - 9 if each > 9 else each for each in doubled)
    return body + str(-checksum % 10)
