"""Sold rows -> document rows: account, rate and VAT code, or the line that is missing in the mapping."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

from services.sync_worker.flows.sale.observed import ObservedSale
from shared.domain.catalogue import article_number
from shared.domain.errors import MissingMapping
from shared.domain.items import Row, SoldRow, expressed, gathered
from shared.domain.money import Money
from shared.domain.parties import Buyer
from shared.domain.vat.treatment import Circumstances, Treated, missing_line, treatment_of
from shared.domain.vat_numbers import VatNumber, read_vat_number, with_register
from shared.settings.connections import ConnectionDeclaration
from shared.settings.mapping import SalesLine

SAFE_ARTICLE = re.compile(r"^[A-Za-z0-9_\-/+]{1,50}$")  # what every source agrees that Fortnox takes
Column = Literal["goods", "services", "freight", "fee"]
MEANS_OF_PAYMENT = ("gift_card", "store_credit")


@dataclass(frozen=True)
class RowMapping:
    """One buyer's view of the merchant's mapping, on the day of a delivery and that of the purchase.

    ``invoiced`` are the rows of the invoice that a refund is of: what it gives back is treated as it was
    sold, whatever the mapping and the registrations say today.
    """

    settings: ConnectionDeclaration
    buyer: Buyer
    days: tuple[date, ...]
    number: VatNumber
    refused_articles: frozenset[str] = frozenset()
    invoiced: tuple[Row, ...] = ()

    @classmethod
    def of(
        cls, seen: ObservedSale, *, on: date | None = None, invoiced: tuple[Row, ...] = ()
    ) -> "RowMapping":
        """``on`` is the day of the delivery; None for what is not delivered yet."""
        days = dict.fromkeys(day for day in (on, seen.sale.ordered_on) if day is not None)
        number = vat_number_of(seen)
        return cls(seen.settings, seen.sale.buyer, tuple(days), number, seen.refused_articles, invoiced)

    def rows(self, sold: Iterable[SoldRow]) -> tuple[Row, ...]:
        """At most 500 rows that sum to the sold ones, to the öre; of zero only where all of them are."""
        all_sold = list(sold)
        worth = [one for one in all_sold if one.total] or all_sold
        return gathered([row for one in worth for row in self._expressed(one)])

    def _expressed(self, sold: SoldRow) -> list[Row]:
        account, code, treated = self._posted(sold)
        row = Row(
            text=sold.name or sold.article,
            quantity=sold.quantity,
            price=Money.zero(sold.total.currency),
            rate=sold.rate if is_sale(sold) else Decimal(0),
            account=account,
            kind=sold.kind,
            vat_code=code,
            article=self._article(sold),
            unit=sold.unit or None,
            treated=treated,
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

    def _posted(self, sold: SoldRow) -> tuple[int, str | None, Treated | None]:
        like = self._sold_as(sold)
        if like is not None:
            return like.account, like.vat_code, like.treated
        treated = self._treated(sold) if is_sale(sold) else None
        return *self._account(sold, treated), treated

    def _sold_as(self, sold: SoldRow) -> Row | None:
        """The invoice's row of this article, rate and kind; of several the one with the same text."""
        rate = sold.rate if is_sale(sold) else Decimal(0)
        wanted = (self._article(sold), rate, sold.kind)
        same = [row for row in self.invoiced if (row.article, row.rate, row.kind) == wanted]
        return min(same, key=lambda row: row.text != sold.name, default=None)

    def _account(self, sold: SoldRow, treated: Treated | None) -> tuple[int, str | None]:
        if sold.account is not None:
            return sold.account, None
        if sold.kind == "gift_card":
            return self.settings.liabilities.gift_card, None
        if sold.kind == "store_credit":
            return self.settings.liabilities.store_credit, None
        if treated is None:
            return self.settings.rounding_account, None
        return self._sales_account(sold, treated)

    def _sales_account(self, sold: SoldRow, treated: Treated) -> tuple[int, str | None]:
        column = _column(sold.kind, treated)
        line = self.settings.sales_line(treated.treatment, treated.country, sold.rate)
        account = None if line is None else _account_in(line, column, treated)
        if line is None or account is None:
            raise _missing(treated, sold.rate, column)
        return account, line.vat_code

    def _treated(self, sold: SoldRow) -> Treated:
        return treatment_of(sold.rate, self._circumstances, sold.supply)

    @cached_property
    def _circumstances(self) -> Circumstances:
        return Circumstances(
            destination=self.buyer.destination,
            home=self.settings.company_country,
            vat_number=self.number,
            has_line=self.settings.declares,
            registrations=self.settings.registered,
            days=self.days,
        )


def number_of_buyer(buyer: Buyer, settings: ConnectionDeclaration) -> VatNumber:
    """By its form alone."""
    country = buyer.destination.country
    return read_vat_number(buyer.vat_number, country=country, home=settings.company_country)


def vat_number_of(seen: ObservedSale) -> VatNumber:
    """By its form, and by what VIES said of it."""
    number = number_of_buyer(seen.sale.buyer, seen.settings)
    return with_register(number, seen.vies, must_be_valid=seen.settings.vat_numbers.vies == "require")


def is_sale(row: SoldRow) -> bool:
    return row.kind not in (*MEANS_OF_PAYMENT, "rounding") and row.account is None


def _column(kind: str, treated: Treated) -> Column:
    if kind == "freight":
        return "freight"
    if kind == "fee":
        return "fee"
    return treated.supply


def _account_in(line: SalesLine, column: Column, treated: Treated) -> int | None:
    """Services to businesses abroad and to buyers outside the EU have boxes of their own in the return."""
    if column == "services" and treated.treatment not in ("eu_business", "export"):
        return line.services or line.goods
    account: int | None = getattr(line, column)
    return account


def _missing(treated: Treated, rate: Decimal, column: Column) -> MissingMapping:
    country = treated.country if treated.treatment in ("oss", "voec") else ""
    message = f"no {column} account for {treated.treatment} {rate:f} % ({treated.why})"
    return missing_line(treated.treatment, country, rate, column, message=message)
