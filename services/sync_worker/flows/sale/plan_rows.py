"""Sold rows -> document rows: account, rate and VAT code, or the line that is missing in the mapping."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.sync_worker.flows.sale.observed import ObservedSale
from shared.domain.catalogue import article_number
from shared.domain.errors import MissingMapping
from shared.domain.items import Row, SoldRow, expressed, gathered
from shared.domain.money import Money
from shared.domain.parties import Buyer, VatType
from shared.domain.vat import Circumstances, Treated, Treatment, treatment_of
from shared.settings.connections import ConnectionDeclaration
from shared.settings.mapping import SalesLine

SAFE_ARTICLE = re.compile(r"^[A-Za-z0-9_\-/+]{1,50}$")  # what every source agrees that Fortnox takes
MEANS_OF_PAYMENT = ("gift_card", "store_credit")


@dataclass(frozen=True)
class RowMapping:
    """One buyer's view of the merchant's mapping."""

    settings: ConnectionDeclaration
    buyer: Buyer
    refused_articles: frozenset[str] = frozenset()

    @classmethod
    def of(cls, seen: ObservedSale) -> "RowMapping":
        return cls(seen.settings, seen.sale.buyer, seen.refused_articles)

    def rows(self, sold: Iterable[SoldRow]) -> tuple[Row, ...]:
        """At most 500 rows that sum to the sold ones, to the öre; of zero only where all of them are."""
        all_sold = list(sold)
        worth = [one for one in all_sold if one.total] or all_sold
        return gathered([row for one in worth for row in self._expressed(one)])

    def treated(self, rate: Decimal) -> Treated:
        return treatment_of(rate, self._circumstances())

    def vat_type(self, sold: Iterable[SoldRow]) -> VatType:
        treatments = {self.treated(row.rate).treatment for row in sold if _is_sale(row)}
        if "eu_business" in treatments:
            return "EUREVERSEDVAT"
        return "EXPORT" if treatments == {"export"} else "SEVAT"

    def explanations(self, sold: Iterable[SoldRow]) -> tuple[str, ...]:
        """One sentence per rate: why it is booked as it is."""
        rates = dict.fromkeys(row.rate for row in sold if _is_sale(row))
        return tuple(f"{rate:f} %: {self.treated(rate).why}" for rate in rates)

    def _expressed(self, sold: SoldRow) -> list[Row]:
        account, code = self._account(sold)
        row = Row(
            text=sold.name or sold.article,
            quantity=sold.quantity,
            price=Money.zero(sold.total.currency),
            rate=sold.rate if _is_sale(sold) else Decimal(0),
            account=account,
            kind=sold.kind,
            vat_code=code,
            article=self._article(sold),
            unit=sold.unit or None,
        )
        return expressed(row, sold.total)

    def _article(self, sold: SoldRow) -> str | None:
        if self.settings.articles != "create" or sold.kind != "goods":
            return None
        return self.number_of(sold.article)

    def number_of(self, sku: str) -> str | None:
        """With a shop whose products are kept in step a SKU has the number that its article has there."""
        in_step = self.settings.magento is not None and self.settings.sync.products
        number = article_number(sku) if in_step and sku else sku
        return number if SAFE_ARTICLE.match(number) and number not in self.refused_articles else None

    def _account(self, sold: SoldRow) -> tuple[int, str | None]:
        if sold.account is not None:
            return sold.account, None
        if sold.kind == "gift_card":
            return self.settings.liabilities.gift_card, None
        if sold.kind == "store_credit":
            return self.settings.liabilities.store_credit, None
        if sold.kind == "rounding":
            return self.settings.rounding_account, None
        return self._sales_account(sold)

    def _sales_account(self, sold: SoldRow) -> tuple[int, str | None]:
        treated = self.treated(sold.rate)
        line = self.settings.sales_line(treated.treatment, treated.country, sold.rate)
        if line is None:
            raise _missing(treated, sold.rate, "goods")
        account = _column(line, sold.kind)
        if account is None:
            raise _missing(treated, sold.rate, sold.kind)
        return account, line.vat_code

    def _circumstances(self) -> Circumstances:
        return Circumstances(
            destination=self.buyer.destination,
            home=self.settings.company_country,
            is_company=self.buyer.kind == "company",
            vat_number=self.buyer.vat_number,
            has_line=self._has_line,
            oss_registered=any(line.treatment == "oss" for line in self.settings.sales),
        )

    def _has_line(self, treatment: Treatment, country: str, rate: Decimal) -> bool:
        return self.settings.sales_line(treatment, country, rate) is not None


def _is_sale(row: SoldRow) -> bool:
    return row.kind not in (*MEANS_OF_PAYMENT, "rounding") and row.account is None


def _column(line: SalesLine, kind: str) -> int | None:
    return {"freight": line.freight, "fee": line.fee}.get(kind, line.goods)


def _missing(treated: Treated, rate: Decimal, column: str) -> MissingMapping:
    country = f", country: {treated.country}" if treated.treatment in ("oss", "voec") else ""
    line = f"{{treatment: {treated.treatment}{country}, rate: {rate:f}, {column}: ...}}"
    return MissingMapping(
        f"no {column} account for {treated.treatment} {rate:f} % ({treated.why}); add to sales: {line}",
        facts={"treatment": treated.treatment, "country": treated.country, "rate": f"{rate:f}", "line": line},
    )
