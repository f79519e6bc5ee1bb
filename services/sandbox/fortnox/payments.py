"""Invoice payments: what reached an account and what was written off, together taken off the invoice."""

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal

from services.sandbox.fortnox import posting, refusals
from services.sandbox.fortnox.amounts import ONE, ZERO, ore, plain
from services.sandbox.fortnox.books import VoucherRow, signed_row
from services.sandbox.fortnox.collection import API_URL, Answer, Collection, no_such_method, picked
from services.sandbox.fortnox.fields import iso_date, table
from services.sandbox.fortnox.invoices import note_when_paid
from services.sandbox.fortnox.listing import Listing
from services.sandbox.fortnox.refusals import Refusal, not_found
from services.sandbox.fortnox.wire import Fields

WRITE_OFF = table(
    """
    Amount                  number    rw  0
    AccountNumber           whole     rw  null
    CostCenter              text      rw  ""
    Currency                text:3    r   "SEK"
    Description             text      r   ""
    Project                 text      rw  ""
    TransactionInformation  text:100  rw  ""
    """
)
PAYMENT = table(
    """
    Amount                     number  rw   null
    AmountCurrency             number  rw   null
    Booked                     flag    r    false
    Currency                   text:3  r    "SEK"
    CurrencyRate               number  rw   null
    CurrencyUnit               number  r    1
    ExternalInvoiceReference1  text    r    ""
    ExternalInvoiceReference2  text    r    ""
    InvoiceCustomerName        text    r    ""
    InvoiceCustomerNumber      text    r    ""
    InvoiceNumber              whole   rw   null
    InvoiceDueDate             date    r    null
    InvoiceOCR                 text    r    ""
    InvoiceTotal               text    r    "0"
    ModeOfPayment              text    rw   ""
    ModeOfPaymentAccount       whole   rw   null
    Number                     text    r    null
    PaymentDate                date    rw   null
    VoucherNumber              whole   r    null
    VoucherSeries              text    r    null
    VoucherYear                whole   r    null
    Source                     text    r    "manual"
    WriteOffs                  rows    rw   []
    """,
    nested={"WriteOffs": WRITE_OFF},
    required=("InvoiceNumber",),
)
LISTING = Listing(
    searches={"invoicenumber": lambda payment, value: str(payment["InvoiceNumber"]) == value},
    sorts={"paymentdate": "PaymentDate"},
)
ITEM = "Amount Booked Currency CurrencyRate CurrencyUnit InvoiceNumber Number PaymentDate Source"
DEFAULT_MODE = "BG"


class InvoicePayments(Collection):
    """`/3/invoicepayments`"""

    path, single, plural, scope = "invoicepayments", "InvoicePayment", "InvoicePayments", "payment"

    def page(self, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        records, meta = LISTING.page(self.company.payments, query)
        return [
            picked(record, ITEM) | {"WriteOffExist": bool(record["WriteOffs"])} for record in records
        ], meta

    def get(self, key: str, query: Mapping[str, str]) -> Fields:
        return self._find(key)

    def create(self, sent: object, query: Mapping[str, str]) -> Fields:
        values = PAYMENT.read(sent, creating=True, rules=self.rules)
        number = self.company.payments.next_number()
        payment = {"@url": f"{API_URL}/invoicepayments/{number}"} | PAYMENT.fresh()
        payment |= {"Number": number, "PaymentDate": self.company.today().isoformat()}
        self._write(payment, values)
        return self.company.store(self.company.payments, number, payment)

    def update(self, key: str, sent: object, query: Mapping[str, str]) -> Fields:
        payment = self._find(key)
        self._must_be_unbooked(payment)
        changed = deepcopy(payment)
        self._write(changed, PAYMENT.read(sent, creating=False, rules=self.rules))
        payment.update(changed)
        return self.company.store(self.company.payments, key, payment)

    def delete(self, key: str) -> None:
        payment = self._find(key)
        self._must_be_unbooked(payment)
        del self.company.payments[key]
        self.company.tell("invoices", "invoicepayment-deleted", str(payment["InvoiceNumber"]))

    def act(self, key: str, action: str) -> Answer:
        if action != "PUT bookkeep":
            raise no_such_method()
        payment = self._find(key)
        self._must_be_unbooked(payment)
        self._bookkeep(payment)
        return Answer({self.single: self.company.store(self.company.payments, key, payment)})

    def take_back(self, key: str) -> None:
        """What a person does in Fortnox' own pages: a booked payment is removed, and its voucher reversed.

        No call does it, and what a call answers of such a payment afterwards is not documented: not found.
        """
        payment = self._find(key)
        posted = next(
            one
            for one in self.company.books.vouchers
            if (one.reference_type, one.reference_number) == ("INVOICEPAYMENT", payment["Number"])
        )
        rows = tuple(signed_row(row.account, row.credit - row.debit) for row in posted.rows)
        day, text = payment["PaymentDate"], f"Borttagen: {posted.description}"[:200]
        posting.book(self.company, "INVOICEPAYMENT", day, text, rows, "")
        claim = self.company.predefined_accounts["CUSTCLAIM"]
        settled = sum((row.credit - row.debit for row in posted.rows if row.account == claim), ZERO)
        invoice = self._invoice(payment)
        del self.company.payments[key]
        self._take_off(invoice, -self._taken(payment), -settled, day)
        invoice["FinalPayDate"] = None
        self.company.tell("invoices", "invoicepayment-deleted", str(payment["InvoiceNumber"]))

    def _find(self, key: str) -> Fields:
        if key not in self.company.payments:
            raise not_found(2000437, "betalningen")
        return self.company.payments[key]

    def _must_be_unbooked(self, payment: Fields) -> None:
        if payment["Booked"]:
            raise Refusal(refusals.ALREADY_BOOKED, "Betalningen är bokförd och kan inte ändras.")

    def _invoice(self, payment: Fields) -> Fields:
        invoice = self.company.invoices.get(str(payment["InvoiceNumber"]))
        if invoice is None:
            raise Refusal(2000434, "Kan inte hitta fakturan.")
        return invoice

    def _write(self, payment: Fields, values: Fields) -> None:
        write_offs = values.pop("WriteOffs", None)
        payment.update(values)
        if write_offs is not None:
            payment["WriteOffs"] = [self._write_off(row) for row in write_offs]
        invoice = self._invoice(payment)
        self._show_invoice(payment, invoice)
        self._settle_amounts(payment, invoice, values)
        self._settle_account(payment, values)
        self._must_be_possible(payment, invoice, locked=2000401)

    def _write_off(self, values: Fields) -> Fields:
        row = WRITE_OFF.fresh() | values
        if row["AccountNumber"] is None:
            raise Refusal(2001304, "Konto saknas på avskrivningen.")
        row["Description"] = self.company.must_have_account(row["AccountNumber"]).description
        row["Amount"] = ore(row["Amount"])
        return row

    def _show_invoice(self, payment: Fields, invoice: Fields) -> None:
        payment |= {
            "Currency": invoice["Currency"],
            "CurrencyUnit": invoice["CurrencyUnit"],
            "ExternalInvoiceReference1": invoice["ExternalInvoiceReference1"],
            "ExternalInvoiceReference2": invoice["ExternalInvoiceReference2"],
            "InvoiceCustomerName": invoice["CustomerName"],
            "InvoiceCustomerNumber": invoice["CustomerNumber"],
            "InvoiceDueDate": invoice["DueDate"],
            "InvoiceOCR": invoice["OCR"],
            "InvoiceTotal": plain(invoice["Total"]),
        }
        if payment["CurrencyRate"] is None:
            payment["CurrencyRate"] = ONE if invoice["Currency"] == "SEK" else invoice["CurrencyRate"]

    def _settle_amounts(self, payment: Fields, invoice: Fields, values: Fields) -> None:
        if invoice["Currency"] == "SEK":
            if payment["Amount"] is None:
                raise Refusal(refusals.MISSING_FIELD, "Fältet Amount måste anges.")
            payment["AmountCurrency"] = payment["Amount"]
        elif payment["AmountCurrency"] is None:
            raise Refusal(refusals.MISSING_FIELD, "Fältet AmountCurrency måste anges för utländsk valuta.")
        elif values.get("Amount") is None:
            payment["Amount"] = posting.in_sek(self.company, payment["AmountCurrency"], payment)
        payment |= {"Amount": ore(payment["Amount"]), "AmountCurrency": ore(payment["AmountCurrency"])}

    def _settle_account(self, payment: Fields, values: Fields) -> None:
        mode = payment["ModeOfPayment"] or DEFAULT_MODE
        if mode not in self.company.modes_of_payment:
            raise Refusal(2000492, f"Betalningssättet {mode} finns inte.")
        payment["ModeOfPayment"] = mode
        if "ModeOfPaymentAccount" not in values and (
            "ModeOfPayment" in values or payment["ModeOfPaymentAccount"] is None
        ):
            payment["ModeOfPaymentAccount"] = self.company.modes_of_payment[mode][1]
        self.company.must_have_account(payment["ModeOfPaymentAccount"])

    def _must_be_possible(self, payment: Fields, invoice: Fields, *, locked: int) -> None:
        if invoice["Cancelled"]:
            raise Refusal(refusals.CANCELLED, "Fakturan är makulerad.")
        if not invoice["Booked"] and invoice["AccountingMethod"] == "ACCRUAL":
            raise Refusal(refusals.NOT_BOOKED, "Fakturan måste vara bokförd innan den betalas.")
        if payment["PaymentDate"] < invoice["InvoiceDate"]:
            raise Refusal(2001089, "Betalningsdatum kan inte vara före fakturadatum.")
        self.company.must_be_open(iso_date(payment["PaymentDate"], "PaymentDate"), code=locked)
        if self._left(invoice) == ZERO:
            raise Refusal(2003055, "Fakturan är redan betald.")
        if (
            payment["WriteOffs"]
            and invoice["Credit"] == "true"
            and not self.company.switches.write_offs_on_credits
        ):
            raise Refusal(refusals.SETTLES_TOO_MUCH, "Kreditfakturor kan inte ha avskrivningar.")
        left, taken = self._left(invoice), self._taken(payment)
        if self.company.switches.refuse_overpayment and not min(ZERO, left) <= taken <= max(ZERO, left):
            raise Refusal(refusals.SETTLES_TOO_MUCH, f"Betalningen tar {taken} av fakturans {left}.")

    def _taken(self, payment: Fields) -> Decimal:
        """What the payment takes off the invoice, in the invoice's currency."""
        write_offs = sum((row["Amount"] for row in payment["WriteOffs"]), ZERO)
        if payment["Currency"] == "SEK":
            return Decimal(payment["Amount"] + write_offs)
        unit = Decimal(payment["CurrencyUnit"]) if self.company.switches.rate_is_per_unit else ONE
        return Decimal(payment["AmountCurrency"] + ore(write_offs * unit / payment["CurrencyRate"]))

    def _left(self, invoice: Fields) -> Decimal:
        """What is open on the invoice, in its currency."""
        if invoice["Currency"] == "SEK" or not self.company.switches.balance_in_sek:
            return Decimal(invoice["Balance"])
        return Decimal(invoice["Total"]) - self._paid_before(invoice)

    def _paid_before(self, invoice: Fields) -> Decimal:
        mine = [
            p for p in self.company.payments.values() if str(p["InvoiceNumber"]) == invoice["DocumentNumber"]
        ]
        return sum((self._taken(payment) for payment in mine if payment["Booked"]), ZERO)

    def _bookkeep(self, payment: Fields) -> None:
        invoice = self._invoice(payment)
        self._must_be_possible(payment, invoice, locked=2002141)
        taken = self._taken(payment)
        settled = self._settled_in_sek(invoice, taken)
        received = [signed_row(payment["ModeOfPaymentAccount"], payment["Amount"])]
        received += [
            signed_row(row["AccountNumber"], row["Amount"], "", row["TransactionInformation"])
            for row in payment["WriteOffs"]
        ]
        difference = settled - sum((row.debit - row.credit for row in received), ZERO)
        rows = [*received, *self._claim_rows(invoice, settled), *self._exchange_rows(difference)]
        text = f"Kundinbetalning {invoice['DocumentNumber']}, {invoice['CustomerName']}"[:200]
        rows = [row for row in rows if row.debit or row.credit]
        voucher = posting.book(
            self.company, "INVOICEPAYMENT", payment["PaymentDate"], text, tuple(rows), payment["Number"]
        )
        payment |= {
            "Booked": True,
            "VoucherNumber": voucher.number,
            "VoucherSeries": voucher.series,
            "VoucherYear": voucher.year,
        }
        self._take_off(invoice, taken, settled, payment["PaymentDate"])

    def _settled_in_sek(self, invoice: Fields, taken: Decimal) -> Decimal:
        """The claim at the rate it was booked at; the last payment takes what is left, to the öre."""
        claim = self.company.claims.setdefault(
            invoice["DocumentNumber"], posting.in_sek(self.company, invoice["TotalToPay"], invoice)
        )
        return claim if taken == self._left(invoice) else posting.in_sek(self.company, taken, invoice)

    def _claim_rows(self, invoice: Fields, settled: Decimal) -> list[VoucherRow]:
        if invoice["AccountingMethod"] == "ACCRUAL":
            return [signed_row(self.company.predefined_accounts["CUSTCLAIM"], -settled)]
        return posting.cash_rows(self.company, invoice, settled)

    def _exchange_rows(self, difference: Decimal) -> list[VoucherRow]:
        name = "CURRENCYLOSS" if difference > ZERO else "CURRENCYWIN"
        return [signed_row(self.company.predefined_accounts[name], difference)]

    def _take_off(self, invoice: Fields, taken: Decimal, settled: Decimal, day: str) -> None:
        in_sek = self.company.switches.balance_in_sek and invoice["Currency"] != "SEK"
        invoice["Balance"] -= settled if in_sek else taken
        self.company.claims[invoice["DocumentNumber"]] -= settled
        if invoice["AccountingMethod"] == "CASH" and invoice["Balance"] == ZERO:
            invoice["Booked"] = True
        note_when_paid(invoice, day)
        if self.company.switches.payment_touches_invoice:
            self.company.store(self.company.invoices, invoice["DocumentNumber"], invoice)
