"""Product attributes with their scope and options, and attribute sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

Json = dict[str, Any]

DEFAULT_SET = 4
PRODUCT_ENTITY_TYPE = 4


class Scope(StrEnum):
    """How far a value written in a store view reaches."""

    GLOBAL = "global"
    WEBSITE = "website"
    STORE = "store"


@dataclass
class Attribute:
    """One product attribute. `options` are value id -> label, for selects."""

    attribute_id: int
    code: str
    input: str
    backend_type: str
    scope: Scope = Scope.STORE
    label: str = ""
    user_defined: bool = False
    options: dict[int, str] = field(default_factory=dict)

    def show(self) -> Json:
        """As `GET /V1/products/attributes/{code}`; the switches are those of a fresh attribute."""
        shown: Json = {
            "extension_attributes": {"is_pagebuilder_enabled": False},
            "is_wysiwyg_enabled": False,
            "is_html_allowed_on_front": False,
            "used_for_sort_by": False,
            "is_filterable": False,
            "is_filterable_in_search": False,
            "is_used_in_grid": False,
            "is_visible_in_grid": False,
            "is_filterable_in_grid": False,
            "position": 0,
            "apply_to": [],
            "is_searchable": "0",
            "is_visible_in_advanced_search": "0",
            "is_comparable": "0",
            "is_used_for_promo_rules": "0",
            "is_visible_on_front": "0",
            "used_in_product_listing": "0",
            "is_visible": True,
            "scope": self.scope.value,
            "attribute_id": self.attribute_id,
            "attribute_code": self.code,
            "frontend_input": self.input,
            "entity_type_id": str(PRODUCT_ENTITY_TYPE),
            "is_required": False,
            "options": self.show_options(),
            "is_user_defined": self.user_defined,
            "default_frontend_label": self.label or self.code,
            "frontend_labels": [],
            "backend_type": self.backend_type,
            "default_value": "",
            "is_unique": "0",
            "validation_rules": [],
        }
        if self.input == "select":
            shown["source_model"] = r"Magento\Eav\Model\Entity\Attribute\Source\Table"
        return shown

    def show_options(self) -> list[Json]:
        """The empty choice first, as Magento lists the options of a select."""
        if self.input != "select":
            return []
        shown = [{"label": label, "value": str(value)} for value, label in self.options.items()]
        return [{"label": " ", "value": ""}, *shown]

    def show_value(self, value: object) -> object:
        """A value as it stands in `custom_attributes`: text, decimals with six places, lists as they are."""
        if isinstance(value, list):
            return value
        if self.backend_type == "decimal":
            return f"{Decimal(str(value)):.6f}"
        return str(int(value)) if isinstance(value, bool) else str(value)


_STANDARD = """
    73 name text varchar store | 74 sku text static global | 75 description textarea text store
    76 short_description textarea text store | 77 price price decimal website
    78 special_price price decimal website | 79 special_from_date date datetime website
    80 special_to_date date datetime website | 81 cost price decimal website
    82 weight weight decimal global | 83 manufacturer select int global | 84 meta_title text varchar store
    93 color select int global | 97 status select int website | 99 visibility select int store
    106 options_container select varchar store | 107 required_options text static global
    108 has_options text static global | 114 country_of_manufacture select varchar website
    119 url_key text varchar store | 122 msrp_display_actual_price_type select varchar website
    124 price_type boolean int global | 125 sku_type boolean int global | 126 weight_type boolean int global
    127 price_view select int global | 128 shipment_type select int global
    129 links_purchased_separately text int global | 130 samples_title text varchar store
    131 links_title text varchar store | 132 links_exist text int global
    133 gift_message_available select varchar website | 136 tax_class_id select int website
    """


class Attributes:
    """The attributes of a shop, by code."""

    def __init__(self) -> None:
        self.by_code: dict[str, Attribute] = {}
        for line in _STANDARD.replace("\n", "|").split("|"):
            if words := line.split():
                number, code, kind, backend, scope = words
                self.by_code[code] = Attribute(int(number), code, kind, backend, Scope(scope))
        self._next_attribute = 137
        self._next_option = 4

    def __contains__(self, code: str) -> bool:
        return code in self.by_code

    def __getitem__(self, code: str) -> Attribute:
        return self.by_code[code]

    def add(
        self,
        code: str,
        *,
        kind: str = "text",
        label: str = "",
        scope: Scope = Scope.GLOBAL,
        options: Any = (),
    ) -> Attribute:
        """A new attribute of the merchant's own; `options` are labels."""
        backend = {"select": "int", "price": "decimal", "textarea": "text"}.get(kind, "varchar")
        attribute = Attribute(
            self._next_attribute, code, kind, backend, scope, label or code, user_defined=True
        )
        self._next_attribute += 1
        self.by_code[code] = attribute
        for option in options:
            self.add_option(code, option)
        return attribute

    def add_option(self, code: str, label: str) -> int:
        """The value id of the new option."""
        value = self._next_option
        self._next_option += 1
        self.by_code[code].options[value] = label
        return value

    def ensure(self, code: str) -> Attribute:
        """The attribute; made as a text of the merchant's own when the shop does not have it."""
        return self.by_code.get(code) or self.add(code)

    def scope(self, code: str) -> Scope:
        return self.by_code[code].scope if code in self.by_code else Scope.GLOBAL


@dataclass
class AttributeSet:
    set_id: int
    name: str

    def show(self) -> Json:
        return {
            "attribute_set_id": self.set_id,
            "attribute_set_name": self.name,
            "sort_order": 1,
            "entity_type_id": PRODUCT_ENTITY_TYPE,
        }
