"""What a document adds up to. Fortnox' arithmetic, written from observations, shared with nobody.

Each row is rounded to the öre on its own, its VAT is what is left between gross and net. Freight and fee
in the footer take the rate that most rows have.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.fortnox.amounts import HUNDRED, ZERO, kronor, ore
from services.sandbox.fortnox.wire import Fields


@dataclass(frozen=True)
class Amounts:
    """One part of a document, in its currency. `shown` includes VAT when the document's prices do."""

    shown: Decimal
    net: Decimal
    vat: Decimal
    rate: Decimal


def split(amount: Decimal, rate: Decimal, *, included: bool) -> Amounts:
    """An amount with or without VAT, taken apart at a rate."""
    amount = ore(amount)
    if included:
        net = ore(amount / (1 + rate / HUNDRED))
        return Amounts(amount, net, amount - net, rate)
    return Amounts(amount, amount, ore(amount * rate / HUNDRED), rate)


def row_amounts(row: Fields, *, included: bool) -> Amounts:
    """Delivered quantity times price less the discount; an amount discount follows the quantity's sign."""
    quantity = Decimal(row["DeliveredQuantity"])
    amount = quantity * row["Price"]
    if row["DiscountType"] == "PERCENT":
        amount -= amount * row["Discount"] / HUNDRED
    else:
        amount -= row["Discount"].copy_sign(quantity) if quantity else ZERO
    return split(amount, Decimal(row["VAT"]), included=included)


def footer_rate(rows: list[Fields]) -> Decimal:
    """The rate most delivered rows have; the higher of two that are as common."""
    rates = Counter(Decimal(row["VAT"]) for row in rows if Decimal(row["DeliveredQuantity"]))
    return max(rates, key=lambda rate: (rates[rate], rate), default=ZERO)


def footer_amounts(document: Fields, rows: list[Fields]) -> dict[str, Amounts]:
    """Freight and administration fee."""
    rate = footer_rate(rows)
    included = document["VATIncluded"]
    return {name: split(document[name], rate, included=included) for name in ("Freight", "AdministrationFee")}


def work_out(document: Fields, rows: list[Fields], *, rounds_to_kronor: bool) -> None:
    """Fill in every calculated field of the rows and the header."""
    included = document["VATIncluded"]
    if document.get("Credit") == "true":  # the footer of a credit is always negative
        for name in ("Freight", "AdministrationFee"):
            document[name] = -abs(document[name])
    parts = [row_amounts(row, included=included) for row in rows]
    for row, part in zip(rows, parts, strict=True):
        _fill_row(row, part, included=included)
    footer = footer_amounts(document, rows)
    for name, part in footer.items():
        document[name + "VAT"] = part.vat
    _fill_header(document, [*parts, *footer.values()], rounds_to_kronor=rounds_to_kronor)


def _fill_row(row: Fields, part: Amounts, *, included: bool) -> None:
    row["Total"] = part.shown
    if "TotalExcludingVAT" in row:
        row["TotalExcludingVAT"] = part.net
        row["PriceExcludingVAT"] = split(row["Price"], Decimal(row["VAT"]), included=included).net


def _fill_header(document: Fields, parts: list[Amounts], *, rounds_to_kronor: bool) -> None:
    net = sum((part.net for part in parts), ZERO)
    vat = sum((part.vat for part in parts), ZERO)
    total = net + vat
    rounded = kronor(total) if rounds_to_kronor and document["Currency"] == "SEK" else total
    document |= {"Net": net, "Gross": net, "TotalVAT": vat, "RoundOff": rounded - total}
    document |= {"Total": rounded, "TotalToPay": rounded}
