"""What Magento says about products, categories and tax classes.

Prices are in the base currency of a website, with or without VAT as the shop's price list is kept (no
answer says which). Custom attributes are texts, or lists of them; ``tax_class_id`` and ``cost`` are
among them. Lists show less than a single product does: ``stock_item`` is missing there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.clients.fields import Fields
from shared.clients.magento.read_sales import NOTHING, UTC

ENABLED = 1
ALL_GROUPS = 32000


@dataclass(frozen=True)
class TierPrice:
    """``price`` per piece from ``quantity`` pieces on; with ``percent`` it was computed as a discount."""

    customer_group_id: int
    website_id: int
    quantity: Decimal
    price: Decimal
    percent: Decimal | None


@dataclass(frozen=True)
class BundlePart:
    sku: str
    quantity: Decimal
    is_default: bool


@dataclass(frozen=True)
class Product:
    """``kind``: simple virtual downloadable configurable bundle grouped (Commerce: giftcard too).

    ``child_ids`` are the variants of a configurable, ``associated`` the SKUs of a grouped one. ``price``
    is None or 0 where the children or parts carry it.
    """

    product_id: int
    sku: str
    name: str
    kind: str
    attribute_set_id: int | None
    price: Decimal | None
    is_enabled: bool
    visibility: int
    weight: Decimal | None
    created_at: datetime | None
    updated_at: datetime | None
    website_ids: tuple[int, ...]
    category_ids: tuple[int, ...]
    child_ids: tuple[int, ...]
    bundle: tuple[BundlePart, ...]
    associated: tuple[str, ...]
    tier_prices: tuple[TierPrice, ...]
    attributes: Mapping[str, str | tuple[str, ...]]

    def attribute(self, code: str) -> str:
        """A custom attribute as text; several values are joined by commas."""
        found = self.attributes.get(code, "")
        return found if isinstance(found, str) else ",".join(found)

    @property
    def tax_class_id(self) -> int | None:
        found = self.attribute("tax_class_id")
        return int(found) if found.isdecimal() else None

    @property
    def has_dynamic_price(self) -> bool:
        """A bundle whose parts carry the money."""
        return self.kind == "bundle" and self.attribute("price_type") == "0"


@dataclass(frozen=True)
class Category:
    category_id: int
    parent_id: int | None
    name: str
    is_active: bool
    path: tuple[int, ...]


@dataclass(frozen=True)
class AttributeOption:
    value: str
    label: str


@dataclass(frozen=True)
class TaxClass:
    class_id: int
    name: str
    kind: str


@dataclass(frozen=True)
class TaxRate:
    rate_id: int
    code: str
    country: str
    percent: Decimal


@dataclass(frozen=True)
class TaxRule:
    code: str
    priority: int
    customer_classes: tuple[int, ...]
    product_classes: tuple[int, ...]
    rate_ids: tuple[int, ...]


@dataclass(frozen=True)
class BasePrice:
    """A price as it is kept: of all stores (``store_id`` 0), or of one store view and so its website."""

    sku: str
    store_id: int
    price: Decimal


@dataclass(frozen=True)
class KeptTier:
    """A tier price as it is kept, by the code of its group; a percentage with ``is_percent``.

    ``website_id`` 0 is every website, ``all groups`` every group.
    """

    sku: str
    website_id: int
    group: str
    quantity: Decimal
    amount: Decimal
    is_percent: bool


@dataclass(frozen=True)
class PriceProblem:
    """A row that was refused; the others of the same call were stored."""

    message: str
    parameters: tuple[str, ...]


def to_product(product: Fields) -> Product:
    more = product.fields("extension_attributes") or NOTHING
    attributes = {
        found.text("attribute_code"): found.texts("value") or found.text("value")
        for found in product.each("custom_attributes")
    }
    linked = (found.integer("category_id") for found in more.each("category_links"))
    listed = attributes.get("category_ids", ())
    categories = [number for number in linked if number]
    categories += [int(text) for text in (listed if isinstance(listed, tuple) else ()) if text.isdecimal()]
    return Product(
        product_id=product.needed_integer("id"),
        sku=product.needed_text("sku"),
        name=product.text("name"),
        kind=product.text("type_id"),
        attribute_set_id=product.integer("attribute_set_id"),
        price=product.number("price"),
        is_enabled=product.integer("status") == ENABLED,
        visibility=product.integer("visibility") or 0,
        weight=product.number("weight"),
        created_at=product.instant("created_at", zone=UTC),
        updated_at=product.instant("updated_at", zone=UTC),
        website_ids=_numbers(more, "website_ids"),
        category_ids=tuple(dict.fromkeys(categories)),
        child_ids=_numbers(more, "configurable_product_links"),
        bundle=tuple(
            BundlePart(sku=part.text("sku"), quantity=part.amount("qty"), is_default=part.flag("is_default"))
            for option in more.each("bundle_product_options")
            for part in option.each("product_links")
        ),
        associated=tuple(
            link.text("linked_product_sku")
            for link in product.each("product_links")
            if link.text("link_type") == "associated"
        ),
        tier_prices=tuple(_tier_price(found) for found in product.each("tier_prices")),
        attributes=attributes,
    )


def to_category(category: Fields) -> Category:
    path = category.text("path").split("/")
    return Category(
        category_id=category.needed_integer("id"),
        parent_id=category.integer("parent_id") or None,
        name=category.text("name"),
        is_active=category.flag("is_active"),
        path=tuple(int(number) for number in path if number.isdecimal()),
    )


def to_attribute_option(option: Fields) -> AttributeOption:
    return AttributeOption(value=option.text("value"), label=option.text("label").strip())


def to_tax_class(found: Fields) -> TaxClass:
    return TaxClass(
        class_id=found.needed_integer("class_id"),
        name=found.text("class_name"),
        kind=found.text("class_type").upper(),
    )


def to_tax_rate(rate: Fields) -> TaxRate:
    return TaxRate(
        rate_id=rate.needed_integer("id"),
        code=rate.text("code"),
        country=rate.text("tax_country_id").upper(),
        percent=rate.needed_amount("rate"),
    )


def to_tax_rule(rule: Fields) -> TaxRule:
    return TaxRule(
        code=rule.text("code"),
        priority=rule.integer("priority") or 0,
        customer_classes=_numbers(rule, "customer_tax_class_ids"),
        product_classes=_numbers(rule, "product_tax_class_ids"),
        rate_ids=_numbers(rule, "tax_rate_ids"),
    )


def to_base_price(price: Fields) -> BasePrice:
    return BasePrice(
        sku=price.needed_text("sku"),
        store_id=price.integer("store_id") or 0,
        price=price.needed_amount("price"),
    )


def to_kept_tier(price: Fields) -> KeptTier:
    return KeptTier(
        sku=price.needed_text("sku"),
        website_id=price.integer("website_id") or 0,
        group=price.text("customer_group"),
        quantity=price.amount("quantity"),
        amount=price.needed_amount("price"),
        is_percent=price.text("price_type") == "discount",
    )


def _tier_price(found: Fields) -> TierPrice:
    more = found.fields("extension_attributes") or NOTHING
    return TierPrice(
        customer_group_id=found.integer("customer_group_id") or 0,
        website_id=more.integer("website_id") or 0,
        quantity=found.amount("qty"),
        price=found.amount("value"),
        percent=more.number("percentage_value"),
    )


def _numbers(of: Fields, name: str) -> tuple[int, ...]:
    return tuple(int(text) for text in of.texts(name) if text.isdecimal())
