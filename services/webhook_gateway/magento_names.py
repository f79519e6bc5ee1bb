"""What an event of a shop is about, by its name: every sender has names of its own.

| Sender | For example |
|---|---|
| our shop module, tokens | `order.placed`, `creditmemo`, `new_order`, `update_product` |
| Mage-OS async events | `sales.creditmemo.created`, `customer.address.updated` |
| Adobe | `observer.sales_order_save_commit_after`, `plugin.magento.sales.api.order_management.place` |

A name that is not here is stored and concerns nobody: the history line of an order has an id too, and it is
not the order's.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    """``id_fields``: where the id of its subject stands, best first; ``prefix`` goes before it."""

    name: str
    subject_kind: str
    id_fields: tuple[str, ...]
    lane: str
    prefix: str = ""


def _of_sale(name: str, *id_fields: str) -> Thing:
    return Thing(name, "sale", id_fields, lane="sale", prefix="M")


ORDER = _of_sale("order", "entity_id", "id")
INVOICE = _of_sale("invoice", "order_id")
SHIPMENT = _of_sale("shipment", "order_id")
CREDIT_MEMO = _of_sale("creditmemo", "order_id")
CUSTOMER = Thing("customer", "customer", ("entity_id", "id"), lane="settle")
ADDRESS = Thing("customer_address", "customer", ("customer_id", "parent_id"), lane="settle")
PRODUCT = Thing("product", "article", ("entity_id", "id"), lane="bulk")

_SAVED = r"_(?:save|delete)_(?:before|after|commit_after)"
_ADOBE = r"(?:observer\.)?"
_NAMES: tuple[tuple[Thing, str], ...] = (
    (ORDER, r"(?:new_|update_)?order(?:\.\w+)?|sales\.order\.\w+"),
    (ORDER, _ADOBE + r"sales_order_(?:save|place)_(?:before|after|commit_after)"),
    (ORDER, r"plugin\.magento\.sales\.api\.order_(?:management|repository)\.\w+"),
    (INVOICE, r"(?:new_|update_)?invoice(?:\.\w+)?|sales\.invoice\.\w+"),
    (
        INVOICE,
        _ADOBE + r"sales_order_invoice_(?:pay|cancel|register)|" + _ADOBE + r"sales_order_invoice" + _SAVED,
    ),
    (SHIPMENT, r"(?:new_|update_)?shipment(?:\.\w+)?|sales\.shipment\.\w+"),
    (SHIPMENT, _ADOBE + r"sales_order_shipment" + _SAVED),
    (CREDIT_MEMO, r"(?:new_|update_)?credit_?memo(?:\.\w+)?|sales\.creditmemo\.\w+"),
    (CREDIT_MEMO, _ADOBE + r"sales_order_creditmemo_refund|" + _ADOBE + r"sales_order_creditmemo" + _SAVED),
    (ADDRESS, r"(?:customer_)?address(?:\.\w+)?|customer\.address\.\w+"),
    (ADDRESS, _ADOBE + r"customer_address" + _SAVED),
    (CUSTOMER, r"(?:new_|update_|delete_)?customer(?:\.(?!login)\w+)?"),
    (CUSTOMER, _ADOBE + r"customer_save_after_data_object|" + _ADOBE + r"customer" + _SAVED),
    (CUSTOMER, r"plugin\.magento\.customer\.api\.customer_repository\.\w+"),
    (PRODUCT, r"(?:new_|update_|delete_)?product(?:\.\w+)?|catalog\.product\.\w+"),
    (PRODUCT, _ADOBE + r"catalog_product" + _SAVED),
    (PRODUCT, r"plugin\.magento\.catalog\.api\.product_repository\.\w+"),
)
_KNOWN = tuple((thing, re.compile(pattern, re.ASCII | re.IGNORECASE)) for thing, pattern in _NAMES)
_WIRE = re.compile(r"com\.adobe\.commerce\.(?:[\w-]+\.)*?((?:observer|plugin)\.[\w.]+)", re.ASCII)


def thing_of(name: str) -> Thing | None:
    return next((thing for thing, known in _KNOWN if known.fullmatch(name)), None)


def without_provider(name: str) -> str:
    """Adobe writes `com.adobe.commerce.` and perhaps an alias of the provider before the event."""
    found = _WIRE.fullmatch(name)
    return found[1] if found else name
