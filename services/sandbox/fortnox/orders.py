"""Orders: what was agreed, invoiced once."""

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal

from services.sandbox.fortnox import refusals, warehouse
from services.sandbox.fortnox.amounts import ZERO, plain
from services.sandbox.fortnox.collection import Answer, picked
from services.sandbox.fortnox.company import Records
from services.sandbox.fortnox.document_fields import ORDER, ORDER_ROW
from services.sandbox.fortnox.documents import Documents
from services.sandbox.fortnox.invoices import Invoices
from services.sandbox.fortnox.listing import Listing, contains, equals
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.wire import Fields, words

LISTING = Listing(
    searches={
        "customername": contains("CustomerName"),
        "customernumber": contains("CustomerNumber"),
        "label": lambda order, value: any(str(label["Id"]) == value for label in order["Labels"]),
        "documentnumber": contains("DocumentNumber"),
        "externalinvoicereference1": contains("ExternalInvoiceReference1"),
        "externalinvoicereference2": contains("ExternalInvoiceReference2"),
        "costcenter": contains("CostCenter"),
        "project": contains("Project"),
        "sent": equals("Sent"),
        "notcompleted": equals("NotCompleted"),
        "ourreference": contains("OurReference"),
        "yourreference": contains("YourReference"),
        "ordertype": equals("OrderType"),
    },
    filters={
        "cancelled": lambda order: bool(order["Cancelled"]),
        "expired": lambda order: False,
        "invoicecreated": lambda order: order["InvoiceReference"] != "0",
        "invoicenotcreated": lambda order: order["InvoiceReference"] == "0" and not order["Cancelled"],
    },
    sorts={
        "customername": "CustomerName",
        "customernumber": "CustomerNumber",
        "orderdate": "OrderDate",
        "documentnumber": "DocumentNumber",
        "total": "Total",
    },
    date_field="OrderDate",
)
ITEM = """
    Cancelled Currency CustomerName CustomerNumber DeliveryDate DocumentNumber ExternalInvoiceReference1
    ExternalInvoiceReference2 OrderDate OrderType Project Sent Total
    """
TO_INVOICE = words(
    """
    AdministrationFee Address1 Address2 City Comments CostCenter Country Currency CurrencyRate
    CurrencyUnit CustomerName CustomerNumber DeliveryAddress1 DeliveryAddress2 DeliveryCity
    DeliveryCountry DeliveryDate DeliveryName DeliveryZipCode Freight Labels Language OrganisationNumber
    OurReference Phone1 Phone2 PriceList Project TaxReductionType TermsOfDelivery TermsOfPayment
    VATIncluded WarehouseReady WayOfDelivery YourReference ZipCode
    """
)
REFERENCES = ("ExternalInvoiceReference1", "ExternalInvoiceReference2", "YourOrderNumber")


class Orders(Documents):
    """`/3/orders`"""

    path, single, plural, scope = "orders", "Order", "Orders", "order"
    table, row_table, rows_name = ORDER, ORDER_ROW, "OrderRows"
    missing = (2000439, "ordern")

    @property
    def records(self) -> Records:
        return self.company.orders

    def page(self, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        records, meta = LISTING.page(self.records, query)
        return [picked(record, ITEM) for record in records], meta

    def act(self, key: str, action: str) -> Answer:
        match action:
            case "PUT createinvoice":
                return self._create_invoice(key)
            case "PUT cancel":
                order = self.find(key)
                self.must_be_open(order)
                order["Cancelled"] = True
            case "PUT warehouseready":
                order = self.find(key)
                self.must_be_open(order)
                warehouse.make_ready(self.company, order, order["OrderRows"])
            case _:
                return super().act(key, action)
        return Answer({self.single: self.company.store(self.records, key, order)})

    def must_be_open(self, document: Fields) -> None:
        super().must_be_open(document)
        if document["InvoiceReference"] != "0":
            raise Refusal(refusals.ALREADY_INVOICED, "Ordern är redan fakturerad.")
        if self.company.switches.warehouse and document["WarehouseReady"]:
            raise Refusal(2003125, "Lagerklara dokument kan inte ändras.")

    def blank(self, number: str) -> Fields:
        order = super().blank(number)
        order["OrderDate"] = self.company.today().isoformat()
        if self.company.switches.warehouse:
            order |= {"DeliveryState": "registration", "WarehouseReady": False}
        return order

    def settle(self, document: Fields, values: Fields) -> None:
        """Goods of an order that is still open are reserved."""
        for row in document["OrderRows"]:
            article = self.company.articles.get(row["ArticleNumber"])
            row["ReservedQuantity"] = row["OrderedQuantity"] if article and article["StockGoods"] else "0"

    def _create_invoice(self, key: str) -> Answer:
        order = self.find(key)
        Documents.must_be_open(self, order)
        if order["InvoiceReference"] != "0":
            raise Refusal(refusals.ALREADY_INVOICED, "Ordern är redan fakturerad.")
        carried = {name: order[name] for name in TO_INVOICE} | {"OrderReference": key}
        if self.company.switches.copies_references:
            carried |= {name: order[name] for name in REFERENCES}
        if order["CopyRemarks"]:
            carried["Remarks"] = order["Remarks"]
        invoice = Invoices(self.company).create_from(carried, order["OrderRows"])
        order["InvoiceReference"] = invoice["DocumentNumber"]
        self.company.store(self.records, key, order)
        if self.company.switches.backorders:
            self._make_backorder(order)
        if self.company.switches.createinvoice_answers == "Order":
            return Answer({self.single: order})
        return Answer({"Invoice": invoice})

    def _make_backorder(self, order: Fields) -> None:
        rest = deepcopy(order)
        rest["OrderRows"] = [row for row in rest["OrderRows"] if _left(row) > ZERO]
        if not rest["OrderRows"]:
            return
        for row in rest["OrderRows"]:
            row |= {
                "OrderedQuantity": plain(_left(row)),
                "DeliveredQuantity": "0",
                "RowId": self.company.next_row_id(),
            }
        number = self.records.next_number()
        rest |= {"DocumentNumber": number, "InvoiceReference": "0", "OrderType": "Backorder"}
        rest["@url"] = self.blank(number)["@url"]
        self.add_up(rest)
        self.company.store(self.records, number, rest)


def _left(row: Fields) -> Decimal:
    return Decimal(row["OrderedQuantity"]) - Decimal(row["DeliveredQuantity"])
