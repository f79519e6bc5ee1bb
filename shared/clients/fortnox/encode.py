"""What we send to Fortnox: only fields that may be written, and no text that makes a document fail.

Fortnox refuses a document for one forbidden character (2000359) or one text that is too long (2000107),
so texts are brought into its character set and cut to the lengths of its OpenAPI document. Names of
things (numbers, references, codes) are never altered: one that does not fit is our bug, since a look-up
by it would fail later.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from shared.clients.fortnox.countries import ENGLISH_NAMES

ALLOWED_PUNCTUATION = frozenset("–:.`´’,;^¤#%§£$€¢¥©™°&/()=+-*_!?²³®½@ \u00a0")
LOOK_ALIKES = {
    **dict.fromkeys("'‘‛′ʼʻ", "’"),
    **dict.fromkeys('"“”„‟«»″', "’"),
    **dict.fromkeys("—―−‑‒~", "–"),
    **dict.fromkeys("{[<‹", "("),
    **dict.fromkeys("}]>›", ")"),
    **dict.fromkeys("|\\¦", "/"),
    **dict.fromkeys("•·●×∙", "*"),
    "¼": "1/4",
    "¾": "3/4",
    "…": "...",
    "¡": "",
    "¿": "",
}
EMAIL = re.compile(r"^[^\s@]+@[^\s@]+\.[^\s@]+$")
ARROW = re.compile(r"(-|=)+>|<(-|=)+|[→←⇒⇐]")


def clean_text(text: str, limit: int | None = None, *, lines: bool = False) -> str:
    """``text`` in Fortnox' character set, at most ``limit`` long; ``lines`` keeps line breaks."""
    joined = ARROW.sub("–", unicodedata.normalize("NFC", text))
    allowed = "".join(_look_alike(character, lines) for character in joined)
    if lines:
        rows = (re.sub(r"[^\S\n]+", " ", row).strip() for row in allowed.split("\n"))
        tidy = "\n".join(rows).strip()
    else:
        tidy = re.sub(r"\s+", " ", allowed).strip()
    return tidy[:limit].rstrip() if limit else tidy


def is_clean(text: str) -> bool:
    return all(_allowed(character) for character in text)


def clean_zip(zip_code: str) -> str:
    """At most ten characters: a longer one loses its spaces and dashes first, then its end."""
    tidy = clean_text(zip_code)
    return (tidy if len(tidy) <= 10 else re.sub(r"[\s–-]", "", tidy))[:10].rstrip()


def country_name(code: str | None) -> str | None:
    """The name that orders and invoices want for a two-letter code; None for a code that is unknown."""
    return ENGLISH_NAMES.get((code or "").upper())


def _allowed(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in ALLOWED_PUNCTUATION
    return character in ALLOWED_PUNCTUATION or unicodedata.category(character)[0] == "L"


def _look_alike(character: str, lines: bool) -> str:
    if _allowed(character):
        return character
    if character in LOOK_ALIKES:
        return LOOK_ALIKES[character]
    if character.isspace():
        return "\n" if lines and character == "\n" else " "
    if unicodedata.category(character) == "Cf":  # joiners and marks of direction are not seen
        return ""
    digit = unicodedata.digit(character, None)
    plain = str(digit) if digit is not None else unicodedata.normalize("NFKC", character)
    return "".join(part for part in plain if _allowed(part))


# ── what each field is ────────────────────────────────────────────────────────────────────────────

Clean = Callable[[str, Any], Any]


def _text(limit: int, *, lines: bool = False, needed: bool = False) -> Clean:
    def clean(name: str, value: Any) -> str:
        found = clean_text(_string(name, value), limit, lines=lines)
        return found or ("-" if needed else "")

    return clean


def _key(limit: int, pattern: str = r".*") -> Clean:
    """A name that must arrive as it is."""

    def check(name: str, value: Any) -> str:
        found = _string(name, value)
        if len(found) > limit or not is_clean(found) or not re.fullmatch(pattern, found):
            raise ValueError(f"{name}: {found!r} is not possible in Fortnox (at most {limit} characters)")
        return found

    return check


def _email(name: str, value: Any) -> str | None:
    """An address that Fortnox would refuse is left out: no document fails for it."""
    found = _string(name, value).strip()
    return found if EMAIL.match(found) and is_clean(found) and len(found) <= 1024 else None


def _zip(name: str, value: Any) -> str:
    return clean_zip(_string(name, value))


def _number(name: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{name}: {value!r} is not an exact number")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name}: {value!r} is not true or false")
    return value


def _day(name: str, value: Any) -> str:
    found = value.isoformat() if isinstance(value, date) else _string(name, value)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", found):
        raise ValueError(f"{name}: {found!r} is not a date")
    return found


def _as_it_is(name: str, value: Any) -> Any:
    return value


def _string(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"{name}: {value!r} is not a text")
    return str(value)


def _rows(table: Mapping[str, Clean]) -> Clean:
    def clean(name: str, value: Any) -> list[dict[str, Any]]:
        return [_encoded(f"{name}[{n}]", table, row) for n, row in enumerate(value, start=1)]

    return clean


def _each(clean: Clean, names: str) -> dict[str, Clean]:
    return dict.fromkeys(names.split(), clean)


ROW: dict[str, Clean] = {
    **_each(_number, "AccountNumber DeliveredQuantity Discount OrderedQuantity Price RowId VAT"),
    **_each(_key(50), "ArticleNumber"),
    **_each(_text(255, needed=True), "Description"),
    **_each(_key(20), "Unit CostCenter Project VATCode DiscountType StockPointCode"),
}

DOCUMENT: dict[str, Clean] = {
    **_each(
        _text(1024),
        "Address1 Address2 City CustomerName DeliveryAddress1 DeliveryAddress2 DeliveryCity DeliveryName "
        "Phone1 Phone2",
    ),
    **_each(_text(1024, lines=True), "Comments Remarks"),
    **_each(_text(50), "OurReference YourReference"),
    **_each(_text(75), "YourOrderNumber"),
    **_each(_zip, "ZipCode DeliveryZipCode"),
    **_each(_key(80), "ExternalInvoiceReference1 ExternalInvoiceReference2"),
    **_each(_key(1024), "CustomerNumber"),
    **_each(_key(60), "Country DeliveryCountry"),
    **_each(_key(3, "[A-Z]{3}"), "Currency"),
    **_each(
        _key(50),
        "CostCenter Language PriceList PrintTemplate Project TaxReductionType TermsOfDelivery "
        "TermsOfPayment WayOfDelivery",
    ),
    **_each(_number, "AdministrationFee CurrencyRate CurrencyUnit Freight"),
    **_each(_flag, "NotCompleted VATIncluded"),
    **_each(_day, "DeliveryDate OutboundDate"),
    **_each(_as_it_is, "EmailInformation Labels"),
}

TABLES: dict[str, dict[str, Clean]] = {
    "Order": DOCUMENT
    | {
        **_each(_day, "OrderDate"),
        **_each(_flag, "CopyRemarks"),
        **_each(_key(20), "DeliveryState StockPointCode"),
        **_each(_rows(ROW), "OrderRows"),
    },
    "Invoice": DOCUMENT
    | {
        **_each(_day, "InvoiceDate DueDate"),
        **_each(_key(50), "InvoiceType OCR PaymentWay DocumentNumber"),
        **_each(
            _rows({name: clean for name, clean in ROW.items() if name != "OrderedQuantity"}), "InvoiceRows"
        ),
    },
    "Customer": {
        **_each(_text(1024, needed=True), "Name"),
        **_each(
            _text(1024),
            "Address1 Address2 City DeliveryAddress1 DeliveryAddress2 DeliveryCity DeliveryName "
            "DeliveryPhone1 DeliveryPhone2 InvoiceRemark Phone1 Phone2",
        ),
        **_each(_text(1024, lines=True), "Comments"),
        **_each(_text(30), "OrganisationNumber VATNumber"),
        **_each(_text(50), "OurReference YourReference"),
        **_each(_text(128), "VisitingAddress VisitingCity WWW"),
        **_each(_zip, "ZipCode DeliveryZipCode VisitingZipCode"),
        **_each(_email, "Email EmailInvoice EmailOrder EmailOffer"),
        **_each(_key(1024), "CustomerNumber ExternalReference"),
        **_each(_key(2, "[A-Z]{2}"), "CountryCode DeliveryCountryCode VisitingCountryCode"),
        **_each(_key(3, "[A-Z]{3}"), "Currency"),
        **_each(_key(4, "[1-9][0-9]{3}"), "SalesAccount"),
        **_each(_key(13, "[0-9]{13}"), "GLN GLNDelivery"),
        **_each(
            _key(50),
            "CostCenter PriceList Project TermsOfDelivery TermsOfPayment Type VATType WayOfDelivery "
            "InvoiceAdministrationFee InvoiceFreight",
        ),
        **_each(_number, "InvoiceDiscount"),
        **_each(_flag, "Active ShowPriceVATIncluded"),
        **_each(_as_it_is, "DefaultDeliveryTypes DefaultTemplates"),
    },
    "Article": {
        **_each(_key(50, r"[^\s]+"), "ArticleNumber"),
        **_each(_text(200, needed=True), "Description"),
        **_each(_text(50), "Manufacturer ManufacturerArticleNumber"),
        **_each(_text(100), "StockPlace"),
        **_each(_text(30), "EAN"),
        **_each(_text(10_000, lines=True), "Note"),
        **_each(_key(20), "Type Unit SupplierNumber"),
        **_each(
            _number,
            "ConstructionAccount EUAccount EUVATAccount ExportAccount PurchaseAccount SalesAccount "
            "StockAccount StockChangeAccount PurchasePrice QuantityInStock StockWarning VAT Weight Width "
            "Height Depth",
        ),
        **_each(_flag, "Active Bulky Expired StockGoods WebshopArticle"),
    },
    "InvoicePayment": {
        **_each(_number, "Amount AmountCurrency CurrencyRate InvoiceNumber ModeOfPaymentAccount"),
        **_each(_key(50), "ModeOfPayment"),
        **_each(_day, "PaymentDate"),
        **_each(
            _rows(
                {
                    **_each(_number, "Amount AccountNumber"),
                    **_each(_text(100), "TransactionInformation"),
                    **_each(_key(50), "CostCenter Project"),
                }
            ),
            "WriteOffs",
        ),
    },
    "Voucher": {
        **_each(_text(200, needed=True), "Description"),
        **_each(_key(1000), "Comments"),  # our reference: a voucher is found by nothing else
        **_each(_key(10), "VoucherSeries"),
        **_each(_day, "TransactionDate"),
        **_each(
            _rows(
                {
                    **_each(_number, "Account Debit Credit"),
                    **_each(_text(100), "TransactionInformation"),
                    **_each(_key(50), "CostCenter Project"),
                }
            ),
            "VoucherRows",
        ),
    },
    "VoucherFileConnection": {
        **_each(_key(100), "FileId VoucherNumber"),
        **_each(_key(10), "VoucherSeries"),
        **_each(_number, "VoucherYear"),
    },
    "Price": {
        **_each(_key(100), "PriceList"),
        **_each(_key(50, r"[^\s]+"), "ArticleNumber"),
        **_each(_number, "FromQuantity Price Percent"),
    },
    "Unit": {
        **_each(_key(20), "Code"),
        **_each(_text(100, needed=True), "Description CodeEnglish"),
    },
    "Currency": {
        **_each(_key(3, "[A-Z]{3}"), "Code"),
        **_each(_text(50, needed=True), "Description"),
        **_each(_number, "BuyRate SellRate Unit"),
    },
    "ModeOfPayment": {
        **_each(_key(50), "Code"),
        **_each(_text(100), "Description"),
        **_each(_key(4, "[1-9][0-9]{3}"), "AccountNumber"),
    },
    "VoucherSeries": {
        **_each(_key(10), "Code"),
        **_each(_text(200), "Description"),
        **_each(_flag, "Manual"),
    },
}


def encode(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """``{"Order": {...}}`` and the like, ready for ``json_numbers.dumps``.

    ``payload`` has Fortnox' names and our values (str, int, Decimal, bool, date). None means "leave it
    alone" and is left out. A name that may not be written is our bug: ValueError.
    """
    return {kind: _encoded(kind, TABLES[kind], payload)}


def _encoded(where: str, table: Mapping[str, Clean], payload: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(payload) - set(table))
    if unknown:
        raise ValueError(f"{where}: {', '.join(unknown)} may not be written")
    cleaned = {
        name: table[name](f"{where}.{name}", value) for name, value in payload.items() if value is not None
    }
    return {name: value for name, value in cleaned.items() if value is not None}
