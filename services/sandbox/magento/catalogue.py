"""The products of one shop, and what its staff does to them. 50,000 generated ones cost no memory."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.sandbox.magento.catalogue_attributes import DEFAULT_SET, Attributes, AttributeSet, Scope
from services.sandbox.magento.catalogue_categories import Categories
from services.sandbox.magento.catalogue_products import (
    BUNDLE,
    SIMPLE,
    TIMESTAMP,
    WEIGHTLESS,
    GeneratedProducts,
    Product,
    fresh_values,
    merged,
    to_url_key,
)
from services.sandbox.magento.catalogue_taxes import Taxes
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.shop_pages import ADMIN_SCOPE, ShopPages

Json = dict[str, Any]
Tell = Callable[[str, Json, int], None]
"""Event, entity, store id -> a notice to whoever subscribed."""

STRUCTURE = (
    "website_ids",
    "category_ids",
    "links",
    "tier_prices",
    "options",
    "children",
    "downloads",
    "samples",
)
"""Fields of a product that are no attribute values; they are replaced whole."""


class Catalogue:
    """Products by entity id and by SKU, which is matched without regard to case."""

    def __init__(self, clock: Callable[[], datetime], pages: ShopPages, *, tell: Tell | None = None) -> None:
        self._clock = clock
        self._pages = pages
        self.tell: Tell = tell or _tell_nobody
        self.attributes = Attributes()
        self.sets = {DEFAULT_SET: AttributeSet(DEFAULT_SET, "Default")}
        self.categories = Categories(self.now())
        self.taxes = Taxes()
        self.own: dict[int, Product] = {}
        self.generated: list[GeneratedProducts] = []
        self.gone: set[int] = set()
        """Generated products that were deleted, or changed and so became products of our own."""
        self.quantities: Callable[[str, Decimal], None] = _put_nowhere
        """The stock hangs itself in here: a new product's quantity goes to the source `default`."""
        self._by_sku: dict[str, int] = {}
        self._by_url: dict[str, int] = {}
        self._next_id = 1
        self._parts = itertools.count(1)

    def __len__(self) -> int:
        return len(self.own) + sum(one.count for one in self.generated) - len(self.gone)

    def __iter__(self) -> Iterator[Product]:
        """Every product, in no particular order."""
        yield from self.own.values()
        for range_ in self.generated:
            yield from (range_.product(number) for number in range_.ids() if number not in self.gone)

    @property
    def next_id(self) -> int:
        """The entity id of the next product."""
        return self._next_id

    def next_part(self) -> int:
        """A number for an option or a link of a product."""
        return next(self._parts)

    def websites_beside(self, store_id: int) -> list[int]:
        """Where a new product is sold that does not say: the store view's website, or all of them."""
        if store_id == ADMIN_SCOPE:
            return [website.website_id for website in self._pages.websites if website.website_id]
        return [self._pages.view(store_id).website_id]

    def now(self) -> str:
        return self._clock().strftime(TIMESTAMP)

    # --- looking -----------------------------------------------------------------------------------------

    def find(self, sku: str) -> Product | None:
        """By SKU, in any case."""
        entity_id = self._by_sku.get(sku.lower())
        if entity_id is not None:
            return self.own[entity_id]
        for range_ in self.generated:
            entity_id = range_.find(sku)
            if entity_id is not None and entity_id not in self.gone:
                return range_.product(entity_id)
        return None

    def get(self, sku: str) -> Product:
        """By SKU; a KeyError when there is none."""
        product = self.find(sku)
        if product is None:
            raise KeyError(sku)
        return product

    def by_id(self, entity_id: int) -> Product | None:
        if entity_id in self.own:
            return self.own[entity_id]
        if entity_id in self.gone:
            return None
        return next((one.product(entity_id) for one in self.generated if entity_id in one), None)

    # --- what the shop's staff does ----------------------------------------------------------------------

    def add(
        self,
        sku: str,
        name: str = "",
        price: Decimal | str | int | None = None,
        *,
        type_id: str = SIMPLE,
        tax_class: int = 2,
        quantity: Decimal | str | int | None = None,
        variants: Iterable[str] = (),
        **fields: Any,
    ) -> int:
        """The entity id of a new product. `fields` are attributes or parts of the structure, by their names;
        an attribute that the shop does not have is made as a text.
        """
        if self.find(sku) is not None:
            raise ValueError(f"there is a product {sku} already")
        fields = {"name": name or sku, "status": 1, "visibility": 4, "tax_class_id": tax_class} | fields
        fields["price"] = None if price is None else Decimal(str(price))
        fields["children"] = [self.get(variant).entity_id for variant in variants]
        fields.setdefault("website_ids", [1, 2])
        for code in fields.keys() - set(STRUCTURE):
            self.attributes.ensure(code)
        product = self.create(sku, type_id, fields)
        if quantity is not None:
            self.quantities(product.sku, Decimal(str(quantity)))
        self.announce("product.created", product)
        return product.entity_id

    def change(self, sku: str, /, *, store_id: int = ADMIN_SCOPE, **fields: Any) -> None:
        """Save a product in the admin: `updated_at` moves even when nothing differs. None takes a value away.

        `tax_class` is short for `tax_class_id`, `new_sku` renames.
        """
        product = self.ours(self.get(sku))
        if "tax_class" in fields:
            fields["tax_class_id"] = fields.pop("tax_class")
        if "new_sku" in fields:
            self._rename(product, fields.pop("new_sku"))
        for code in fields.keys() - set(STRUCTURE):
            self.attributes.ensure(code)
        self.save(product, fields, store_id=store_id)

    def delete(self, sku: str) -> None:
        """Gone for good; orders keep the SKU."""
        product = self.ours(self.get(sku))
        del self.own[product.entity_id]
        del self._by_sku[product.sku.lower()]
        self._free_url(product)
        self.announce("product.deleted", product)

    def generate(self, count: int, *, prefix: str = "GEN-", since: datetime | None = None) -> range:
        """So many simple products at once; their entity ids. The last one was changed just now."""
        since = since or self._clock() - timedelta(seconds=count)
        made = GeneratedProducts(self._next_id, count, prefix, since)
        self.generated.append(made)
        self._next_id += count
        return made.ids()

    # --- what a save does, by hand or by REST --------------------------------------------------------------

    def create(self, sku: str, type_id: str, fields: Mapping[str, Any]) -> Product:
        """A new product; refused when another visible one has its URL key. Tells nobody."""
        at = self.now()
        values = fresh_values(type_id, url_key=to_url_key(str(fields.get("name", sku))))
        if type_id == BUNDLE:
            values["weight"] = Decimal(0)
        product = Product(self._next_id, sku.strip(), type_id, at, at, values=values)
        self._take(product, fields, ADMIN_SCOPE)
        if type_id in WEIGHTLESS:
            product.values.pop("weight", None)
        self._claim_url(product)
        self._next_id += 1
        self.own[product.entity_id] = product
        self._by_sku[product.sku.lower()] = product.entity_id
        return product

    def save(self, product: Product, fields: Mapping[str, Any], *, store_id: int = ADMIN_SCOPE) -> None:
        """Write values in a store view and tell; the product must be one of our own (`ours`)."""
        before = copy.deepcopy(vars(product))
        self._free_url(product)
        try:
            self._take(product, fields, store_id)
            self._claim_url(product)
        except Refused:
            vars(product).update(before)
            self._claim_url(product)
            raise
        product.updated_at = self.now()
        self.announce("product.updated", product, store_id)

    def ours(self, product: Product) -> Product:
        """The product itself, no longer a generated one: it is about to be changed."""
        if product.entity_id not in self.own:
            self.gone.add(product.entity_id)
            self.own[product.entity_id] = product
            self._by_sku[product.sku.lower()] = product.entity_id
            self._claim_url(product)
        return product

    def write(self, product: Product, code: str, value: Any, store_id: int) -> None:
        """One value as far as its scope reaches from a store view. Moves no timestamp."""
        if value is not None and code in self.attributes and self.attributes[code].backend_type == "decimal":
            value = Decimal(str(value))
        for reached in self._reach(code, store_id):
            if reached == ADMIN_SCOPE:
                product.values = merged(product.values, {code: value})
            else:
                product.overrides[reached] = merged(product.overrides.get(reached, {}), {code: value})

    def _take(self, product: Product, fields: Mapping[str, Any], store_id: int) -> None:
        for code, value in fields.items():
            if code in STRUCTURE:
                setattr(product, code, list(value))
            elif code == "attribute_set_id":
                product.attribute_set_id = value
            else:
                self.write(product, code, value, store_id)

    def _reach(self, code: str, store_id: int) -> list[int]:
        scope = self.attributes.scope(code)
        if store_id == ADMIN_SCOPE or scope is Scope.GLOBAL:
            return [ADMIN_SCOPE]
        return [store_id] if scope is Scope.STORE else self._pages.views_beside(store_id)

    def _rename(self, product: Product, sku: str) -> None:
        del self._by_sku[product.sku.lower()]
        product.sku = sku
        self._by_sku[sku.lower()] = product.entity_id

    def _claim_url(self, product: Product) -> None:
        """A product that is not visible by itself has no page, and so no claim."""
        if product.values.get("visibility") == 1:
            return
        key = str(product.values.get("url_key", ""))
        if self._by_url.setdefault(key, product.entity_id) != product.entity_id:
            raise Refused("URL key for specified store already exists.")

    def _free_url(self, product: Product) -> None:
        key = str(product.values.get("url_key", ""))
        if self._by_url.get(key) == product.entity_id:
            del self._by_url[key]

    def announce(self, event: str, product: Product, store_id: int = ADMIN_SCOPE) -> None:
        """Tell whoever subscribed."""
        entity = {
            "type": "product",
            "id": product.entity_id,
            "sku": product.sku,
            "updated_at": product.updated_at,
        }
        self.tell(event, entity, store_id)


def _tell_nobody(event: str, entity: Json, store_id: int) -> None:
    """Until the shop has somebody to tell."""


def _put_nowhere(sku: str, quantity: Decimal) -> None:
    """Until the shop has a stock."""
