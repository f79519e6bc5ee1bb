"""What orders and invoices have in common: the customer's data, the currency, the rows, the totals."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from services.sandbox.fortnox import countries, refusals, warehouse
from services.sandbox.fortnox.amounts import ZERO
from services.sandbox.fortnox.arithmetic import work_out
from services.sandbox.fortnox.collection import API_URL, PDF, Answer, Collection, no_such_method
from services.sandbox.fortnox.company import Records
from services.sandbox.fortnox.customers import must_have_codes
from services.sandbox.fortnox.fields import Table
from services.sandbox.fortnox.prices import price_for
from services.sandbox.fortnox.refusals import Refusal, not_found
from services.sandbox.fortnox.rows import RowMaker, merged
from services.sandbox.fortnox.wire import Fields, words

COPIED_FROM_CUSTOMER = words(
    """
    Address1 Address2 City Currency DeliveryAddress1 DeliveryAddress2 DeliveryCity DeliveryName
    DeliveryZipCode OrganisationNumber OurReference Phone1 Phone2 PriceList Project TermsOfDelivery
    WayOfDelivery YourReference ZipCode
    """
)
DEFAULT_TERMS = "30"


class Documents(Collection):
    """The common part of `/3/orders` and `/3/invoices`."""

    table: ClassVar[Table]
    row_table: ClassVar[Table]
    rows_name: ClassVar[str]
    missing: ClassVar[tuple[int, str]]

    @property
    def records(self) -> Records:
        """Where this kind of document is kept."""
        raise NotImplementedError

    def find(self, key: str) -> Fields:
        """The document or a 404."""
        if key not in self.records:
            raise not_found(*self.missing)
        return self.records[key]

    def get(self, key: str, query: Mapping[str, str]) -> Fields:
        return self.find(key)

    def create(self, sent: object, query: Mapping[str, str]) -> Fields:
        values = self.table.read(sent, creating=True, rules=self.rules)
        number = self._number(values.get("DocumentNumber"))
        document = self.blank(number)
        self._take_customer(document, values)
        self._write(document, values, old_rows=[])
        return self.company.store(self.records, number, document)

    def update(self, key: str, sent: object, query: Mapping[str, str]) -> Fields:
        current = self.find(key)
        self.must_be_open(current)
        values = self.table.read(sent, creating=False, rules=self.rules, current=current)
        document = deepcopy(current)
        if values.get("CustomerNumber", current["CustomerNumber"]) != current["CustomerNumber"]:
            self._take_customer(document, values)
        self._write(document, values, old_rows=[dict(row) for row in current[self.rows_name]])
        current.update(document)
        return self.company.store(self.records, key, current)

    def act(self, key: str, action: str) -> Answer:
        document = self.find(key)
        if action in ("GET print", "GET preview", "GET printreminder"):
            if action == "GET print":
                document["Sent"] = True
            return Answer(PDF)
        if action in ("PUT externalprint", "GET email", "GET einvoice", "GET eprint"):
            document["Sent"] = True
            return Answer({self.single: self.company.store(self.records, key, document)})
        raise no_such_method()

    def must_be_open(self, document: Fields) -> None:
        """Refuse a change of a document that is past changing."""
        if document["Cancelled"]:
            raise Refusal(refusals.CANCELLED, "Dokumentet är makulerat.")

    def blank(self, number: str) -> Fields:
        """A document that nobody has written to yet."""
        document: Fields = {
            "@url": f"{API_URL}/{self.path}/{number}",
            "@urlTaxReductionList": f"{API_URL}/taxreductions?filter={self.path}&referencenumber={number}",
        } | self.table.fresh()
        document |= {"DocumentNumber": number, "OutboundDate": self.company.today().isoformat()}
        subject = {"orders": "Order {no} bifogas", "invoices": "Faktura {no} bifogas"}[self.path]
        document["EmailInformation"] |= {"EmailSubject": subject, "EmailBody": " "}
        return document

    def settle(self, document: Fields, values: Fields) -> None:
        """What only this kind of document does after its fields are written."""

    def _number(self, wanted: str | None) -> str:
        if wanted is None:
            return self.records.next_number()
        if not wanted.isdecimal() or wanted in self.records:
            raise Refusal(refusals.DUPLICATE_NUMBER, f"Dokumentnumret {wanted} kan inte användas.")
        return wanted

    def customer_of(self, number: str) -> Fields:
        """The customer a document names, or 2000204."""
        if number not in self.company.customers:
            raise Refusal(2000204, f"Kunden {number} kunde inte hittas.")
        customer = self.company.customers[number]
        if self.company.switches.refuse_inactive and not customer["Active"]:
            raise Refusal(refusals.INACTIVE, f"Kunden {number} är inaktiv.")
        return customer

    def _take_customer(self, document: Fields, values: Fields) -> None:
        customer = self.customer_of(values["CustomerNumber"])
        document |= {name: customer[name] or "" for name in COPIED_FROM_CUSTOMER}
        document |= {
            "CustomerNumber": customer["CustomerNumber"],
            "CustomerName": customer["Name"],
            "Country": "" if customer["CountryCode"] in (None, "SE") else customer["Country"],
            "DeliveryCountry": ""
            if customer["DeliveryCountryCode"] in (None, "SE")
            else customer["DeliveryCountry"],
            "TermsOfPayment": customer["TermsOfPayment"] or DEFAULT_TERMS,
            "VATIncluded": customer["ShowPriceVATIncluded"],
            "Freight": Decimal(customer["InvoiceFreight"] or 0),
            "AdministrationFee": Decimal(customer["InvoiceAdministrationFee"] or 0),
        }
        document["EmailInformation"]["EmailAddressTo"] = customer["EmailInvoice"] or customer["Email"]
        document |= {"CurrencyRate": None, "CurrencyUnit": None}

    def _write(self, document: Fields, values: Fields, *, old_rows: list[Fields]) -> None:
        for name in ("Country", "DeliveryCountry"):
            countries.must_be_a_name(values.get(name, ""), name)
        must_have_codes(self.company, values)
        sent_rows = values.pop(self.rows_name, None)
        values = {
            name: {**document[name], **value} if name == "EmailInformation" else value
            for name, value in values.items()
        }
        if values.get("Currency", document["Currency"]) != document["Currency"]:
            document |= {"CurrencyRate": None, "CurrencyUnit": None}
        document.update(values)
        self._take_currency(document, values)
        self._write_rows(document, old_rows, sent_rows)
        self.settle(document, values)
        self.add_up(document)

    def _take_currency(self, document: Fields, values: Fields) -> None:
        currency = self.company.must_have_currency(document["Currency"])
        if "CurrencyRate" in values and not values["CurrencyRate"] > ZERO:
            raise Refusal(2000108, "CurrencyRate måste vara större än noll.")
        if document["CurrencyUnit"] is None or self.company.switches.keeps_currency_unit:
            document["CurrencyUnit"] = currency.unit
        if document["CurrencyRate"] is None:
            selling = self.company.switches.document_rate == "sell"
            document["CurrencyRate"] = currency.sell_rate if selling else currency.buy_rate

    def _write_rows(self, document: Fields, old: list[Fields], sent: list[Fields] | None) -> None:
        customer = self.company.customers[document["CustomerNumber"]]
        maker = RowMaker(
            self.company, customer, self.row_table, lambda article: price_for(self.company, document, article)
        )
        pairs = merged(old, sent) if sent is not None else [(row, {}) for row in old]
        document[self.rows_name] = [maker.row(before, row) for before, row in pairs]
        warehouse.hold_back(self.company, document, document[self.rows_name])
        for row in document[self.rows_name]:
            self.must_satisfy_house_work(document, row)

    def must_satisfy_house_work(self, document: Fields, row: Fields) -> None:
        """The three house-work rules that were recorded."""
        if not row["HouseWork"]:
            return
        kind = row["HouseWorkType"]
        if kind == "OTHERCOSTS":
            raise Refusal(2002980, "Kan inte sätta typen övrig kostnad på en rad markerad som husarbete.")
        if kind in ("TUTORING", "COOKING"):
            raise Refusal(2003157, "Skattereduktion för den valda typen av husarbete har upphört.")
        if document["TaxReductionType"] == "rut" and kind in ROT_TYPES:
            text = "Dokument med skattereduktionstypen 'rut' får inte innehålla rader med husarbetestypen"
            raise Refusal(2004021, f"{text} '{kind}'.")

    def add_up(self, document: Fields) -> None:
        """Totals of rows and header."""
        work_out(document, document[self.rows_name], rounds_to_kronor=self.company.switches.rounds_to_kronor)


ROT_TYPES = words(
    """
    CONSTRUCTION ELECTRICITY GLASSMETALWORK GROUNDDRAINAGEWORK MASONRY PAINTINGWALLPAPERING HVAC
    """
)


def due_date(invoiced: str, terms: str) -> str:
    """Invoice date and the days of the terms; terms that are not days fall due at once."""
    days = int(terms) if terms.isdecimal() else 0
    return (date.fromisoformat(invoiced) + timedelta(days=days)).isoformat()
