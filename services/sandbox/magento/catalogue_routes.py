"""Attributes, attribute sets, categories and tax tables over REST."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.sandbox.magento.catalogue_attributes import Scope
from services.sandbox.magento.catalogue_categories import DEFAULT_ROOT, ROOT
from services.sandbox.magento.inputs import ANYTHING, BOOLEAN, FLOAT, INT, STRING, Many, Takes, struct
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.routing import Answer, MagentoRequest, Route
from services.sandbox.magento.search import apply

ATTRIBUTES, SETS = "Magento_Catalog::attributes_attributes", "Magento_Catalog::sets"
CATEGORIES, TAX = "Magento_Catalog::categories", "Magento_Tax::manage_tax"

Json = Mapping[str, Any]

OPTION = struct(label=STRING, value=STRING, sort_order=INT, is_default=BOOLEAN, store_labels=ANYTHING)
ATTRIBUTE = struct(
    attribute_code=STRING,
    frontend_input=STRING,
    default_frontend_label=STRING,
    frontend_labels=ANYTHING,
    entity_type_id=STRING,
    is_required=BOOLEAN,
    is_unique=STRING,
    scope=STRING,
    options=Many(OPTION),
)
CATEGORY = struct(
    id=INT,
    parent_id=INT,
    name=STRING,
    is_active=BOOLEAN,
    position=INT,
    include_in_menu=BOOLEAN,
    custom_attributes=ANYTHING,
)
TAX_CLASS = struct(class_id=INT, class_name=STRING, class_type=STRING)
TAX_RATE = struct(
    id=INT,
    tax_country_id=STRING,
    tax_region_id=INT,
    tax_postcode=STRING,
    rate=FLOAT,
    code=STRING,
    titles=ANYTHING,
)
TAX_RULE = struct(
    id=INT,
    code=STRING,
    priority=INT,
    position=INT,
    customer_tax_class_ids=Many(INT),
    product_tax_class_ids=Many(INT),
    tax_rate_ids=Many(INT),
    calculate_subtotal=BOOLEAN,
)


def no_such(field: str, value: object) -> Refused:
    text = "No such entity with %fieldName = %fieldValue"
    return Refused(text, {"fieldName": field, "fieldValue": value}, status=404)


def _searched(request: MagentoRequest, rows: Iterable[Json]) -> Answer:
    return Answer(apply(request.criteria(), list(rows)))


# ---- attributes --------------------------------------------------------------------------------------------


def _attributes(request: MagentoRequest) -> Answer:
    return _searched(request, (one.show() for one in request.shop.catalogue.attributes.by_code.values()))


def _attribute(request: MagentoRequest) -> Answer:
    return Answer(_known_attribute(request).show())


def _attribute_options(request: MagentoRequest) -> Answer:
    return Answer(_known_attribute(request).show_options())


def _add_attribute(request: MagentoRequest) -> Answer:
    sent = request.body["attribute"]
    attribute = request.shop.catalogue.attributes.add(
        sent["attribute_code"],
        kind=sent.get("frontend_input", "text"),
        label=sent.get("default_frontend_label", ""),
        scope=Scope(sent.get("scope", "store")),
        options=[option["label"] for option in sent.get("options", ())],
    )
    return Answer(attribute.show())


def _add_option(request: MagentoRequest) -> Answer:
    attribute = _known_attribute(request)
    label = request.body["option"]["label"]
    return Answer(str(request.shop.catalogue.attributes.add_option(attribute.code, label)))


def _known_attribute(request: MagentoRequest) -> Any:
    code, attributes = request.values["attributeCode"], request.shop.catalogue.attributes
    if code not in attributes:
        text = 'The attribute with a "%1" attributeCode doesn\'t exist. Verify the attribute and try again.'
        raise Refused(text, [code], status=404)
    return attributes[code]


def _sets(request: MagentoRequest) -> Answer:
    return _searched(request, (one.show() for one in request.shop.catalogue.sets.values()))


# ---- categories --------------------------------------------------------------------------------------------


def _category_tree(request: MagentoRequest) -> Answer:
    """Counted as Magento counts: the products that stand in the category itself."""
    catalogue = request.shop.catalogue
    root = int(
        str(request.query.get("rootCategoryId") or (ROOT if request.store_code == "all" else DEFAULT_ROOT))
    )
    if root not in catalogue.categories.by_id:
        raise no_such("id", root)
    counts: dict[int, int] = {}
    for product in catalogue.own.values():
        for number in product.category_ids:
            counts[number] = counts.get(number, 0) + 1
    return Answer(catalogue.categories.show_tree(root, counted=lambda number: counts.get(number, 0)))


def _categories(request: MagentoRequest) -> Answer:
    categories = request.shop.catalogue.categories
    return _searched(request, (_Row(categories.show(number)) for number in categories.by_id))


class _Row(dict[str, Any]):
    """Filtered by the column's name, shown under the field's."""

    def get(self, key: str, default: Any = None) -> Any:
        return super().get("id" if key == "entity_id" else key, default)


def _category(request: MagentoRequest) -> Answer:
    return Answer(request.shop.catalogue.categories.show(_known_category(request)))


def _add_category(request: MagentoRequest) -> Answer:
    sent, catalogue = request.body["category"], request.shop.catalogue
    parent = sent.get("parent_id", DEFAULT_ROOT)
    if parent not in catalogue.categories.by_id:
        raise no_such("id", parent)
    number = catalogue.categories.add(sent["name"], parent_id=parent, at=catalogue.now())
    catalogue.categories.by_id[number].is_active = sent.get("is_active", False)
    return Answer(catalogue.categories.show(number))


def _category_products(request: MagentoRequest) -> Answer:
    number = _known_category(request)
    return Answer(
        [
            {"sku": product.sku, "position": 0, "category_id": str(number)}
            for product in request.shop.catalogue.own.values()
            if number in product.category_ids
        ]
    )


def _known_category(request: MagentoRequest) -> int:
    number = request.number("categoryId")
    if number not in request.shop.catalogue.categories.by_id:
        raise no_such("id", number)
    return number


# ---- taxes -------------------------------------------------------------------------------------------------


def _tax_classes(request: MagentoRequest) -> Answer:
    return _searched(request, (one.show() for one in request.shop.catalogue.taxes.classes.values()))


def _tax_rates(request: MagentoRequest) -> Answer:
    return _searched(request, (one.show() for one in request.shop.catalogue.taxes.rates.values()))


def _tax_rules(request: MagentoRequest) -> Answer:
    return _searched(request, (one.show() for one in request.shop.catalogue.taxes.rules.values()))


def _add_tax_class(request: MagentoRequest) -> Answer:
    """The id of the new class, as text."""
    sent = request.body["taxClass"]
    return Answer(str(request.shop.catalogue.taxes.add_class(sent["class_name"], sent["class_type"])))


def _add_tax_rate(request: MagentoRequest) -> Answer:
    sent, taxes = request.body["taxRate"], request.shop.catalogue.taxes
    return Answer(taxes.rates[taxes.add_rate(sent["tax_country_id"], sent["rate"], sent["code"])].show())


def _add_tax_rule(request: MagentoRequest) -> Answer:
    sent, taxes = request.body["rule"], request.shop.catalogue.taxes
    number = taxes.add_rule(
        sent["code"], sent["product_tax_class_ids"], sent["tax_rate_ids"], sent["customer_tax_class_ids"]
    )
    return Answer(taxes.rules[number].show())


ROUTES = (
    Route("GET", "/V1/products/attributes", ATTRIBUTES, _attributes),
    Route(
        "POST",
        "/V1/products/attributes",
        ATTRIBUTES,
        _add_attribute,
        Takes({"attribute": ATTRIBUTE}, ("attribute",)),
    ),
    Route("GET", "/V1/products/attributes/{attributeCode}", ATTRIBUTES, _attribute),
    Route("GET", "/V1/products/attributes/{attributeCode}/options", ATTRIBUTES, _attribute_options),
    Route(
        "POST",
        "/V1/products/attributes/{attributeCode}/options",
        ATTRIBUTES,
        _add_option,
        Takes({"option": OPTION}, ("option",)),
    ),
    Route("GET", "/V1/products/attribute-sets/sets/list", SETS, _sets),
    Route("GET", "/V1/categories", CATEGORIES, _category_tree),
    Route("POST", "/V1/categories", CATEGORIES, _add_category, Takes({"category": CATEGORY}, ("category",))),
    Route("GET", "/V1/categories/list", CATEGORIES, _categories),
    Route("GET", "/V1/categories/{categoryId}", CATEGORIES, _category),
    Route("GET", "/V1/categories/{categoryId}/products", CATEGORIES, _category_products),
    Route("GET", "/V1/taxClasses/search", TAX, _tax_classes),
    Route("POST", "/V1/taxClasses", TAX, _add_tax_class, Takes({"taxClass": TAX_CLASS}, ("taxClass",))),
    Route("GET", "/V1/taxRates/search", TAX, _tax_rates),
    Route("POST", "/V1/taxRates", TAX, _add_tax_rate, Takes({"taxRate": TAX_RATE}, ("taxRate",))),
    Route("GET", "/V1/taxRules/search", TAX, _tax_rules),
    Route("POST", "/V1/taxRules", TAX, _add_tax_rule, Takes({"rule": TAX_RULE}, ("rule",))),
)
