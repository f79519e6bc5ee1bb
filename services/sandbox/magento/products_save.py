"""What `POST /V1/products` and `PUT /V1/products/{sku}` do with their body: create, change, refuse."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.sandbox.magento import pages
from services.sandbox.magento.catalogue import Catalogue
from services.sandbox.magento.catalogue_products import SIMPLE, Product, TierPrice, merged
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.stock_legacy import StockItems

Json = Mapping[str, Any]

LONGEST_SKU = 64
VALUES = ("name", "price", "status", "visibility", "weight", "attribute_set_id")


class ProductSaving:
    """Saves products of one catalogue as REST does."""

    def __init__(self, catalogue: Catalogue, stock_items: StockItems) -> None:
        self._catalogue = catalogue
        self._stock_items = stock_items

    def save(self, sent: Json, store_id: int) -> tuple[Product, bool]:
        """The product, and whether it is new. An upsert by SKU: nothing new needs more than what changes."""
        sku = str(sent.get("sku") or "").strip()
        if not sku:
            raise pages.crash()
        product = self._catalogue.find(sku)
        if product is None:
            return self._create(sku, sent, store_id), True
        fields = self._fields(sent, product)
        if "attribute_set_id" in fields:
            self._must_have_set(fields["attribute_set_id"])
        self._catalogue.save(self._catalogue.ours(product), fields, store_id=store_id)
        self._stock(product, sent)
        return product, False

    def _create(self, sku: str, sent: Json, store_id: int) -> Product:
        self._must_have_set(sent.get("attribute_set_id"))
        if not sent.get("name"):
            text = 'The "Product Name" attribute value is empty. Set the attribute and try again.'
            raise Refused(text)
        if len(sku) > LONGEST_SKU:
            raise Refused(f"SKU length should be {LONGEST_SKU} characters maximum.")
        fields = {"status": 1, "visibility": 4} | self._fields(sent, None)
        fields.setdefault("website_ids", self._catalogue.websites_beside(store_id))
        product = self._catalogue.create(sku, sent.get("type_id") or SIMPLE, fields)
        self._stock(product, sent)
        self._catalogue.announce("product.created", product)
        return product

    def _must_have_set(self, set_id: int | None) -> None:
        if set_id not in self._catalogue.sets:
            raise Refused("Invalid product data: %1", ["Invalid attribute set entity type"])

    def _fields(self, sent: Json, product: Product | None) -> dict[str, Any]:
        """Attributes that the shop does not have are dropped without a word, as EAV does."""
        extension = sent.get("extension_attributes") or {}
        fields = {code: sent[code] for code in VALUES if sent.get(code) is not None}
        fields |= {
            one["attribute_code"]: self._value(one["attribute_code"], one.get("value"))
            for one in sent.get("custom_attributes") or ()
            if one.get("attribute_code") in self._catalogue.attributes
        }
        fields.pop("category_ids", None)  # categories are written as links
        return fields | self._structure(sent, extension, product)

    def _value(self, code: str, value: Any) -> Any:
        """Text of the wire as the column keeps it; an empty text is no value."""
        if value in (None, ""):
            return None
        kind = self._catalogue.attributes[code].backend_type
        if kind == "decimal":
            return Decimal(str(value))
        return int(str(value)) if kind == "int" and str(value).lstrip("-").isdigit() else value

    def _structure(self, sent: Json, extension: Json, product: Product | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if extension.get("website_ids") is not None:
            found["website_ids"] = extension["website_ids"]
        if extension.get("category_links") is not None:
            found["category_ids"] = [int(link["category_id"]) for link in extension["category_links"]]
        if sent.get("product_links") is not None:
            found["links"] = [self._link(link) for link in sent["product_links"]]
        if sent.get("tier_prices") is not None:
            found["tier_prices"] = [_tier(one) for one in sent["tier_prices"]]
        if extension.get("configurable_product_links") is not None:
            found["children"] = extension["configurable_product_links"]
        if extension.get("configurable_product_options") is not None:
            found["options"] = self._configurable_options(extension["configurable_product_options"], product)
        if extension.get("bundle_product_options") is not None:
            found["options"] = self._bundle_options(extension["bundle_product_options"], str(sent["sku"]))
        if extension.get("downloadable_product_links") is not None:
            found["downloads"] = _numbered(extension["downloadable_product_links"])
        if extension.get("downloadable_product_samples") is not None:
            found["samples"] = _numbered(extension["downloadable_product_samples"])
        return found

    def _link(self, link: Json) -> dict[str, Any]:
        linked = self._catalogue.find(link["linked_product_sku"])
        if linked is None:
            text = "The linked products data is invalid. Verify the data and try again."
            raise Refused(text)
        return {**link, "linked_product_type": linked.type_id}

    def _configurable_options(self, options: list[Any], product: Product | None) -> list[Json]:
        owner = product.entity_id if product else self._catalogue.next_id
        return [
            {**option, "id": option.get("id") or self._catalogue.next_part(), "product_id": owner}
            for option in options
        ]

    def _bundle_options(self, options: list[Any], sku: str) -> list[Json]:
        shown: list[Json] = []
        for option in options:
            number = option.get("option_id") or self._catalogue.next_part()
            links = [self._bundle_link(link, number) for link in option.get("product_links") or ()]
            shown.append({**option, "option_id": number, "sku": sku, "product_links": links})
        return shown

    def _bundle_link(self, link: Json, option_id: int) -> Json:
        if self._catalogue.find(link["sku"]) is None:
            text = "The product that was requested doesn't exist. Verify the product and try again."
            raise Refused(text, status=404)
        fresh = {"id": str(self._catalogue.next_part()), "position": 0, "price": None, "price_type": None}
        return {**fresh, **merged({}, link), "option_id": option_id}

    def _stock(self, product: Product, sent: Json) -> None:
        item = (sent.get("extension_attributes") or {}).get("stock_item")
        if item is not None:
            self._stock_items.save(product, item)


def _tier(sent: Json) -> TierPrice:
    extension = sent.get("extension_attributes") or {}
    percent = extension.get("percentage_value")
    return TierPrice(
        group_id=sent["customer_group_id"],
        quantity=sent["qty"],
        value=sent["value"] if percent is None else percent,
        website_id=extension.get("website_id") or 0,
        percent=percent is not None,
    )


def _numbered(sent: list[Any]) -> list[Json]:
    return [{**one, "id": one.get("id") or number} for number, one in enumerate(sent, start=1)]
