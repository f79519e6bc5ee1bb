"""Document rows: what one row becomes, and which rows an update leaves standing."""

from collections.abc import Callable
from decimal import Decimal

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.amounts import HUNDRED, ZERO, ore
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.fields import Table
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.wire import Fields

MAX_ROWS = 500
ACCOUNT_BY_VAT_TYPE = {
    "SEVAT": "SalesAccount",
    "SEREVERSEDVAT": "ConstructionAccount",
    "EUREVERSEDVAT": "EUAccount",
    "EUVAT": "EUVATAccount",
    "EXPORT": "ExportAccount",
}
WITHOUT_VAT = ("SEREVERSEDVAT", "EUREVERSEDVAT", "EXPORT")
STANDARD_RATES = (Decimal(25), Decimal(12), Decimal(6), Decimal(0))


def merged(old: list[Fields], sent: list[Fields]) -> list[tuple[Fields | None, Fields]]:
    """Which old row, if any, each row that is sent continues.

    No `RowId` at all: by position. At least one: by id, rows without one are new, ids left out are deleted.
    """
    if len(sent) > MAX_ROWS:
        raise Refusal(refusals.TOO_MANY_ROWS, f"Dokumentet kan ha högst {MAX_ROWS} rader.")
    if not any("RowId" in row for row in sent):
        return [(old[at] if at < len(old) else None, row) for at, row in enumerate(sent)]
    by_id = {row["RowId"]: row for row in old}
    return [(_by_id(by_id, row["RowId"]) if "RowId" in row else None, row) for row in sent]


def _by_id(by_id: dict[int, Fields], row_id: int) -> Fields:
    if row_id not in by_id:
        raise Refusal(refusals.UNKNOWN_ROW, f"Raden {row_id} finns inte på dokumentet.")
    return by_id.pop(row_id)


class RowMaker:
    """Makes rows of one document: article and customer defaults, then checks."""

    def __init__(
        self, company: Company, customer: Fields, table: Table, price_of: Callable[[str], Decimal]
    ) -> None:
        self.company = company
        self.customer = customer
        self.table = table
        self.price_of = price_of

    def row(self, old: Fields | None, sent: Fields) -> Fields:
        """The row that should stand, with a new id."""
        row = dict(old) if old is not None else self._with_defaults(sent)
        row |= sent
        row["RowId"] = self.company.next_row_id()
        self._settle_vat(row, sent, is_new=old is None)
        if old is None or "ArticleNumber" in sent or "AccountNumber" in sent:
            self._settle_account(row, sent)
        self._must_hold(row)
        return row

    def _with_defaults(self, sent: Fields) -> Fields:
        row = self.table.fresh()
        article = self._article(sent.get("ArticleNumber"))
        if self.customer["InvoiceDiscount"] and "Discount" not in sent:
            row["Discount"] = self.customer["InvoiceDiscount"]
        if article is not None:
            row |= {
                "Description": article["Description"],
                "Unit": article["Unit"] or "",
                "VAT": article["VAT"],
            }
            row["Price"] = self.price_of(article["ArticleNumber"])
        return row

    def _article(self, number: str | None) -> Fields | None:
        if not number:
            return None
        if number not in self.company.articles:
            raise Refusal(2001302, f"Artikeln {number} kunde inte hittas.")
        article = self.company.articles[number]
        if self.company.switches.refuse_inactive and not article["Active"]:
            raise Refusal(refusals.INACTIVE, f"Artikeln {number} är inaktiv.")
        return article

    def _settle_vat(self, row: Fields, sent: Fields, *, is_new: bool) -> None:
        if "VAT" not in sent and sent.get("VATCode"):
            row["VAT"] = self.company.vat_code(sent["VATCode"]).rate
        elif "VAT" not in sent and is_new and self.customer["VATType"] in WITHOUT_VAT:
            row["VAT"] = ZERO
        self.company.must_have_rate(row["VAT"])
        if row["VATCode"] and self.company.vat_code(row["VATCode"]).rate != row["VAT"]:
            raise Refusal(
                refusals.VAT_CODE_UNKNOWN, f"Momskoden {row['VATCode']} har inte satsen {row['VAT']}."
            )

    def _settle_account(self, row: Fields, sent: Fields) -> None:
        if (
            self.company.switches.easy_vat
            and row["VAT"] not in STANDARD_RATES
            and not sent.get("AccountNumber")
        ):
            raise Refusal(2004167, "Konto krävs på rader med egen momssats när förenklad moms är på.")
        if not sent.get("AccountNumber"):
            row["AccountNumber"] = self._default_account(row)
        if row["AccountNumber"] is not None:
            self.company.must_have_account(row["AccountNumber"])

    def _default_account(self, row: Fields) -> int | None:
        article = self._article(row["ArticleNumber"])
        if article is None and not row["Price"]:
            return None  # a text row
        if self.customer["SalesAccount"]:
            return int(self.customer["SalesAccount"])
        by_article = article[ACCOUNT_BY_VAT_TYPE[self.customer["VATType"]]] if article is not None else 0
        by_rate = self.company.predefined_accounts.get(f"SALES_{row['VAT'].normalize():f}_SE")
        account = by_article or by_rate
        if not account:
            raise Refusal(2001304, "Konto saknas på raden.")
        return int(account)

    def _must_hold(self, row: Fields) -> None:
        row["Price"] = ore(row["Price"])
        if row["DiscountType"] == "PERCENT" and row["Discount"] > HUNDRED:
            raise Refusal(refusals.DISCOUNT_ABOVE_ALL, "Rabatten kan inte vara över 100 %.")
        if Decimal(row["DeliveredQuantity"]) and not row["ArticleNumber"] and not row["Description"]:
            raise Refusal(2003977, "Rader med antal måste ha artikel eller benämning.")
        if Decimal(row["DeliveredQuantity"]) and row["Price"] and row["AccountNumber"] is None:
            row["AccountNumber"] = self._default_account(row)
