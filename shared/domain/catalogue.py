"""What a shop sells: products as the shop has them, and the articles and prices they become.

Fortnox' sources disagree on which characters an article number may have; letters, digits and ``_ - / +``
up to 50 are what all of them allow. A SKU outside of that is written with escapes, and back.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, Self
from urllib.parse import quote, unquote

from shared.domain.documents import Draft, to_plain
from shared.domain.errors import NeedsAttention

MAX_NUMBER_LENGTH = 50
MAX_DESCRIPTION_LENGTH = 200
SAFE_NUMBER = re.compile(r"[A-Za-z0-9_\-/+]{1,50}")
ESCAPED = re.compile(r"\+[0-9A-F]{2}")
DIGEST = re.compile(r"\+-[a-z2-7]{12}$")
DIGEST_LENGTH = 12
KEPT_AS_IT_IS = "_-/"

ProductKind = Literal["goods", "service", "parent", "fixed_bundle", "dynamic_bundle", "other"]
Part = Literal["description", "ean", "unit", "vat", "accounts", "active", "prices"]
PARTS: tuple[Part, ...] = ("description", "ean", "unit", "vat", "accounts", "active", "prices")


class ArticleNumberClash(NeedsAttention):
    """Two products of the shop would be one article in Fortnox; neither is written over the other."""

    code = "article_number_clash"
    cure = "Change the SKU of one of the two products that are named, then retry."


class MissingTaxClass(NeedsAttention):
    """Nothing says which VAT rate products of this tax class have."""

    code = "missing_tax_class"
    cure = "Add the line that is named to `products.article_lines` in the connection, then retry."


def article_number(sku: str) -> str:
    """The article number of a SKU: the SKU itself wherever Fortnox surely takes it.

    Else every other character is ``+`` and its two hex digits, as in a web address; where that is longer
    than 50 characters, its beginning and a digest. Two SKUs never share a number by the first two rules,
    and by the third only if 60 bits of SHA-256 agree, which the ledger would refuse. Blanks around a SKU
    are not part of it: Magento removes them too.
    """
    known = sku.strip()
    if SAFE_NUMBER.fullmatch(known) and not ESCAPED.search(known) and not DIGEST.search(known):
        return known
    escaped = quote(known, safe=KEPT_AS_IT_IS).replace("~", "%7E").replace(".", "%2E").replace("%", "+")
    if escaped and len(escaped) <= MAX_NUMBER_LENGTH:
        return escaped
    digest = base64.b32encode(hashlib.sha256(known.encode()).digest()).decode().lower()[:DIGEST_LENGTH]
    begin = escaped[: MAX_NUMBER_LENGTH - DIGEST_LENGTH - 2]
    return f"{re.sub(r'[+][0-9A-F]?$', '', begin)}+-{digest}"


def sku_of(number: str) -> str | None:
    """The SKU of an article number; None for a shortened one, which only our links can tell."""
    if DIGEST.search(number):
        return None
    return unquote(number.replace("+", "%")) if ESCAPED.search(number) else number


def article_reference(number: str) -> str:
    """The reference of an article, whether a sale or the catalogue makes it."""
    return f"ART-{number}"


class PriceLineUnfit(NeedsAttention):
    """A price list cannot hold the prices that the settings send to it."""

    code = "price_line_unfit"
    cure = "Correct the line of `products.prices` that is named, or make the price list in Fortnox."


class ProductsStopped(NeedsAttention):
    """Most of the products could not be written: one cause, most likely, and not one for each."""

    code = "products_stopped"
    cure = "Correct what the message says of the last product; the pass goes on where it stopped."


# ── what the shop says ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ShopPrice:
    """A price per piece in one of the shop's websites, as the shop keeps it; from a quantity on.

    ``group`` is a customer group, or None for everybody; ``website`` None is the default of all.
    """

    website: str | None
    amount: Decimal
    from_quantity: Decimal = Decimal(0)
    group: int | None = None


@dataclass(frozen=True)
class Product:
    """One product of the shop. ``categories`` has those above the product's own, too."""

    id: int
    sku: str
    name: str
    kind: ProductKind
    active: bool
    tax_class: int | None
    rates: tuple[Decimal, ...] = ()
    categories: frozenset[int] = frozenset()
    websites: frozenset[str] = frozenset()
    ean: str = ""
    unit: str = ""
    prices: tuple[ShopPrice, ...] = ()
    updated_at: datetime | None = None


# ── what should stand in Fortnox ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Accounts:
    """Sales accounts by the customer's VAT type; None leaves Fortnox' own."""

    sales: int | None = None
    eu: int | None = None
    eu_vat: int | None = None
    export: int | None = None


@dataclass(frozen=True)
class ProductDraft(Draft):
    """The article of a product. ``kept`` are the parts that follow the shop after it is made."""

    kind: ClassVar[str] = "article"
    keeps: ClassVar[bool] = True  # an article that people or sales made is brought into line

    number: str
    product: int
    sku: str
    description: str
    ean: str
    unit: str
    service: bool
    active: bool
    rate: Decimal
    accounts: Accounts
    stock_goods: bool = False
    kept: tuple[Part, ...] = PARTS
    as_of: datetime | None = None  # when the shop last changed the product, as far as it says
    revise: bool = True  # False: something newer is written already

    def material(self) -> Mapping[str, Any]:
        """What a change of is worth a call; a part that is the merchant's own is not."""
        parts: dict[str, Any] = {
            "description": self.description,
            "ean": self.ean,
            "unit": self.unit,
            "vat": to_plain(self.rate),
            "accounts": to_plain(self.accounts),
            "active": self.active,
        }
        return {
            "number": self.number,
            "product": self.product,
            "sku": self.sku,
            "service": self.service,
        } | {name: value for name, value in parts.items() if name in self.kept}

    @classmethod
    def from_plain(cls, ref: str, plain: Mapping[str, Any]) -> Self:
        """The draft that we stored."""
        accounts = {name: value and int(value) for name, value in plain["accounts"].items()}
        return cls(
            ref=ref,
            number=plain["number"],
            product=int(plain["product"]),
            sku=plain["sku"],
            description=plain["description"],
            ean=plain["ean"],
            unit=plain["unit"],
            service=plain["service"],
            active=plain["active"],
            rate=Decimal(plain["rate"]),
            accounts=Accounts(**accounts),
            stock_goods=plain["stock_goods"],
            kept=tuple(plain["kept"]),
        )


@dataclass(frozen=True)
class ListPrice:
    """One line of a price list, in its currency."""

    price_list: str
    from_quantity: Decimal
    amount: Decimal


@dataclass(frozen=True)
class PricesDraft(Draft):
    """All prices of one article; ``article`` is its reference."""

    kind: ClassVar[str] = "prices"
    keeps: ClassVar[bool] = True

    article: str
    number: str
    prices: tuple[ListPrice, ...]
    revise: bool = True

    def material(self) -> Mapping[str, Any]:
        return {"number": self.number, "prices": to_plain(self.prices)}

    def __post_init__(self) -> None:
        super().__post_init__()
        places = [(price.price_list, price.from_quantity) for price in self.prices]
        if len(places) != len(set(places)):
            raise ValueError(f"{self.ref}: two prices for one quantity of one list")


@dataclass(frozen=True)
class UnitDraft(Draft):
    """A unit that articles name."""

    kind: ClassVar[str] = "unit"

    code: str

    @classmethod
    def of(cls, code: str) -> Self:
        return cls(ref=f"UNIT-{code}", code=code)
