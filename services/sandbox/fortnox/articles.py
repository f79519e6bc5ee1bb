"""Articles: unique numbers, accounts per VAT type, stock."""

import re
from collections.abc import Mapping
from decimal import Decimal

from services.sandbox.fortnox import refusals, warehouse
from services.sandbox.fortnox.amounts import ZERO, ore, plain
from services.sandbox.fortnox.collection import API_URL, Collection, picked
from services.sandbox.fortnox.listing import Listing, contains, equals
from services.sandbox.fortnox.prices import first_price
from services.sandbox.fortnox.refusals import Refusal, not_found
from services.sandbox.fortnox.register_fields import ARTICLE
from services.sandbox.fortnox.wire import Fields

LISTING = Listing(
    searches={
        "articlenumber": contains("ArticleNumber"),
        "description": contains("Description"),
        "ean": contains("EAN"),
        "suppliernumber": contains("SupplierNumber"),
        "manufacturer": contains("Manufacturer"),
        "manufacturerarticlenumber": contains("ManufacturerArticleNumber"),
        "webshop": equals("WebshopArticle"),
    },
    filters={
        "active": lambda article: bool(article["Active"]),
        "inactive": lambda article: not article["Active"],
    },
    sorts={
        "articlenumber": "ArticleNumber",
        "quantityinstock": "QuantityInStock",
        "reservedquantity": "ReservedQuantity",
        "stockvalue": "StockValue",
    },
)
NUMBER = re.compile(r"[A-Za-z0-9_\-/+]{1,50}")
ACCOUNTS = (
    "SalesAccount",
    "ConstructionAccount",
    "EUAccount",
    "EUVATAccount",
    "ExportAccount",
    "PurchaseAccount",
)
AS_TEXT = (
    "DisposableQuantity",
    "PurchasePrice",
    "QuantityInStock",
    "ReservedQuantity",
    "SalesPrice",
    "StockValue",
)
SORTED_BY_COUNT = ("reservedquantity", "stockvalue")
ITEM = """
    ArticleNumber Description DisposableQuantity EAN Housework PurchasePrice SalesPrice QuantityInStock
    ReservedQuantity StockPlace StockValue Unit VAT WebshopArticle
    """


class Articles(Collection):
    """`/3/articles`"""

    path, single, plural, scope = "articles", "Article", "Articles", "article"

    def page(self, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        held = warehouse.reservations(self.company)
        if query.get("sortby") in SORTED_BY_COUNT:
            for record in self.company.articles.values():
                _counted(record, held)
        records, meta = LISTING.page(self.company.articles, query)
        return [_list_item(_counted(record, held)) for record in records], meta

    def get(self, key: str, query: Mapping[str, str]) -> Fields:
        return self._count(self._find(key))

    def create(self, sent: object, query: Mapping[str, str]) -> Fields:
        values = ARTICLE.read(sent, creating=True, rules=self.rules)
        number = values.setdefault("ArticleNumber", self.company.articles.next_number())
        if not NUMBER.fullmatch(number):
            raise Refusal(2000166, "Artikelnumret innehåller tecken som inte är tillåtna.")
        if self._spelling(number) in self.company.articles:
            raise Refusal(refusals.DUPLICATE_NUMBER, f"Artikelnumret {number} används redan.")
        record: Fields = {"@url": f"{API_URL}/articles/{number}"} | ARTICLE.fresh()
        record["SalesAccount"] = self._sales_account(values)
        self._write(record, values, accounts=[values.get(name) for name in ACCOUNTS])
        self.company.store(self.company.articles, number, record)
        if self.company.switches.new_article_has_price:
            first_price(self.company, number)
        return self._count(record)

    def update(self, key: str, sent: object, query: Mapping[str, str]) -> Fields:
        record = self._find(key)
        values = ARTICLE.read(sent, creating=False, rules=self.rules, current=record)
        changed = dict(record)
        self._write(changed, values, accounts=[values.get(name, record[name]) for name in ACCOUNTS])
        record.update(changed)
        return self._count(self.company.store(self.company.articles, record["ArticleNumber"], record))

    def delete(self, key: str) -> None:
        self._find(key)
        rows = [row for order in self.company.orders.values() for row in order["OrderRows"]]
        rows += [row for invoice in self.company.invoices.values() for row in invoice["InvoiceRows"]]
        if any(row["ArticleNumber"] == key for row in rows):
            raise Refusal(refusals.IN_USE, f"Artikeln {key} används på dokument.")
        del self.company.articles[key]
        self.company.tell("articles", "article-deleted", key)

    def _find(self, key: str) -> Fields:
        known = self._spelling(key)
        if known not in self.company.articles:
            raise not_found(2000428, "artikeln")
        return self.company.articles[known]

    def _spelling(self, number: str) -> str:
        """As it is kept; where case does not matter, the one that is there."""
        if self.company.switches.article_case_matters:
            return number
        folded = number.casefold()
        return next((known for known in self.company.articles if known.casefold() == folded), number)

    def _sales_account(self, values: Fields) -> int:
        rate = values.get("VAT", ZERO)
        return (
            self.company.predefined_accounts.get(f"SALES_{plain(rate)}_SE")
            or self.company.predefined_accounts["SALES"]
        )

    def _write(self, record: Fields, values: Fields, *, accounts: list[int | None]) -> None:
        for account in accounts:
            if account:
                self.company.must_have_account(account)
        if "VAT" in values:
            self.company.must_have_rate(values["VAT"])
        if values.get("Unit") and values["Unit"] not in self.company.units:
            raise Refusal(2000432, f"Enheten {values['Unit']} kunde inte hittas.")
        if "QuantityInStock" in values:
            if self.company.switches.warehouse:
                raise Refusal(2001399, "QuantityInStock kan inte sättas när lagermodulen är aktiv.")
            values["QuantityInStock"] = ore(values["QuantityInStock"])
        record.update(values)

    def _count(self, record: Fields) -> Fields:
        return _counted(record, warehouse.reservations(self.company))


def _counted(record: Fields, held: Mapping[str, Decimal]) -> Fields:
    record["ReservedQuantity"] = held.get(record["ArticleNumber"], ZERO) if record["StockGoods"] else ZERO
    record["DisposableQuantity"] = record["QuantityInStock"] - record["ReservedQuantity"]
    record["StockValue"] = ore(record["QuantityInStock"] * record["PurchasePrice"])
    return record


def _list_item(record: Fields) -> Fields:
    item = picked(record, ITEM)
    for name in AS_TEXT:
        item[name] = None if item[name] is None else plain(item[name])
    item["VAT"] = plain(record["VAT"]) if record["VAT"] else None
    return item
