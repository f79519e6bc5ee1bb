"""One product as the shop keeps it, and products that exist only while somebody looks at them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

TIMESTAMP = "%Y-%m-%d %H:%M:%S"
SIMPLE, VIRTUAL, DOWNLOADABLE = "simple", "virtual", "downloadable"
CONFIGURABLE, BUNDLE, GROUPED = "configurable", "bundle", "grouped"
TYPES = (SIMPLE, VIRTUAL, DOWNLOADABLE, CONFIGURABLE, BUNDLE, GROUPED)
WITH_OWN_STOCK = (SIMPLE, VIRTUAL, DOWNLOADABLE)
"""The types that source items are for; the others take theirs from their children."""
WEIGHTLESS = (VIRTUAL, DOWNLOADABLE, CONFIGURABLE, GROUPED)
ALL_GROUPS = 32000


@dataclass
class TierPrice:
    """A price from a quantity upwards. `percent` instead of `value` is a discount."""

    group_id: int
    quantity: Decimal
    value: Decimal
    website_id: int = 0
    percent: bool = False


@dataclass
class Product:
    """Values are by attribute code: the default ones, and per store view what deviates from them."""

    entity_id: int
    sku: str
    type_id: str
    created_at: str
    updated_at: str
    attribute_set_id: int = 4
    values: dict[str, Any] = field(default_factory=dict)
    overrides: dict[int, dict[str, Any]] = field(default_factory=dict)
    website_ids: list[int] = field(default_factory=list)
    category_ids: list[int] = field(default_factory=list)
    links: list[Json] = field(default_factory=list)
    tier_prices: list[TierPrice] = field(default_factory=list)
    options: list[Json] = field(default_factory=list)
    """`configurable_product_options` or `bundle_product_options`, as they are shown."""
    children: list[int] = field(default_factory=list)
    """Entity ids of a configurable's variants."""
    downloads: list[Json] = field(default_factory=list)
    samples: list[Json] = field(default_factory=list)
    quantity: Decimal | None = None
    """What a generated product has in the source `default`; the others have source items."""

    def value(self, code: str, store_id: int = 0) -> Any:
        """What the store view shows: its own value, or the default. None when there is neither."""
        own = self.overrides.get(store_id)
        return own[code] if own and code in own else self.values.get(code)

    def column(self, code: str, store_id: int = 0) -> Any:
        """What a filter or a sort sees: also the columns that are no attributes."""
        match code:
            case "entity_id" | "id":
                return self.entity_id
            case "sku" | "type_id" | "created_at" | "updated_at" | "attribute_set_id":
                return getattr(self, code)
            case "category_id" | "category_ids":
                return self.category_ids
            case "website_id" | "website":
                return self.website_ids
        return self.value(code, store_id)


@dataclass(frozen=True)
class GeneratedProducts:
    """`count` simple products from `first_id` on, made up when they are asked for: they cost no memory.

    Every tenth is at 12 %, every hundredth is disabled; each was last changed a second after the one before.
    """

    first_id: int
    count: int
    prefix: str
    since: datetime
    website_ids: tuple[int, ...] = (1, 2)

    def __contains__(self, entity_id: int) -> bool:
        return self.first_id <= entity_id < self.first_id + self.count

    def ids(self) -> range:
        return range(self.first_id, self.first_id + self.count)

    def find(self, sku: str) -> int | None:
        """The entity id behind a SKU of this kind, in any case."""
        number = sku[len(self.prefix) :]
        if sku[: len(self.prefix)].lower() != self.prefix.lower() or not re.fullmatch(r"\d{6,}", number):
            return None
        entity_id = self.first_id + int(number) - 1
        return entity_id if entity_id in self and self._sku(entity_id).lower() == sku.lower() else None

    def product(self, entity_id: int) -> Product:
        number = entity_id - self.first_id + 1
        sku = self._sku(entity_id)
        at = (self.since + timedelta(seconds=number)).strftime(TIMESTAMP)
        values = {
            "name": f"Artikel {number:06d}",
            "price": Decimal(10 + number % 990),
            "status": 2 if number % 100 == 0 else 1,
            "visibility": 4,
            "weight": Decimal("0.5"),
            "ean": ean13(730_000_000_000 + number),
        }
        values |= fresh_values(SIMPLE, url_key=sku.lower(), tax_class=4 if number % 10 == 0 else 2)
        return Product(
            entity_id,
            sku,
            SIMPLE,
            created_at=at,
            updated_at=at,
            values=values,
            website_ids=list(self.website_ids),
            quantity=Decimal(number % 250),
        )

    def products(self) -> Iterator[Product]:
        return (self.product(entity_id) for entity_id in self.ids())

    def _sku(self, entity_id: int) -> str:
        return f"{self.prefix}{entity_id - self.first_id + 1:06d}"


def fresh_values(type_id: str, *, url_key: str, tax_class: int = 2) -> dict[str, Any]:
    """The attributes that Magento fills in by itself on a new product."""
    values: dict[str, Any] = {
        "options_container": "container2",
        "url_key": url_key,
        "msrp_display_actual_price_type": "0",
        "required_options": "0",
        "has_options": "0",
        "tax_class_id": tax_class,
    }
    if type_id == BUNDLE:
        values |= {"shipment_type": 0, "price_view": 0, "sku_type": 0, "price_type": 0, "weight_type": 0}
    return values


def to_url_key(name: str) -> str:
    """`Kaffemugg blå` becomes `kaffemugg-bla`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def ean13(body: int) -> str:
    """Twelve digits and their check digit."""
    digits = f"{body:012d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-weighted % 10)


def merged(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Values with changes; a None takes the value away."""
    return {code: value for code, value in {**values, **changes}.items() if value is not None}


def download(number: int, title: str, url: str, *, price: Decimal = Decimal(0)) -> Json:
    """One link of a downloadable product, as it is shown; it may be fetched for ever."""
    return {
        "id": number,
        "title": title,
        "sort_order": number,
        "is_shareable": 2,
        "price": price,
        "number_of_downloads": 0,
        "link_type": "url",
        "link_url": url,
        "sample_type": "url",
    }
