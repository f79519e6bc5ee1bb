"""`/V1/store`, `/V1/directory`, `/V1/modules`, and what the shop module adds under `/V1/sluss`."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any

from services.sandbox.magento.catalogue_routes import no_such
from services.sandbox.magento.inputs import FLOAT, STRING, Many, Takes, struct
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.routing import ANONYMOUS, Answer, MagentoRequest, Route
from services.sandbox.magento.shop import Shop

STORES = "Magento_Backend::store"
MODULE = "Sluss_Connector"
MODULE_VERSION = "1.0.0"
RATES = Takes({"rates": Many(struct(**{"from": STRING, "to": STRING, "rate": FLOAT}))}, ("rates",))


@cache
def _data(name: str) -> Any:
    """What was recorded and never changes."""
    folder = resources.files("services.sandbox") / "data" / "magento"
    return json.loads((folder / name).read_text(encoding="utf-8"))


def _websites(request: MagentoRequest) -> Answer:
    return Answer([website.show() for website in request.shop.pages.websites])


def _groups(request: MagentoRequest) -> Answer:
    return Answer([group.show() for group in request.shop.pages.groups])


def _views(request: MagentoRequest) -> Answer:
    return Answer([view.show() for view in request.shop.pages.views])


def _configs(request: MagentoRequest) -> Answer:
    codes = request.query.get("storeCodes")
    return Answer(
        request.shop.pages.show_configs(list(map(str, codes.values())) if isinstance(codes, dict) else [])
    )


def _currency(request: MagentoRequest) -> Answer:
    pages = request.shop.pages
    return Answer(pages.show_currency(pages.scope(request.store_code)))


def _countries(_: MagentoRequest) -> Answer:
    return Answer(_data("countries.json"))


def _country(request: MagentoRequest) -> Answer:
    code = request.values["countryId"]
    found = [country for country in _data("countries.json") if country["id"] == code]
    if not found:
        text = "The country isn't available. Verify the code and try again."
        raise Refused(text, status=404)
    return Answer(found[0])


def _modules(request: MagentoRequest) -> Answer:
    return Answer(_data("modules.json") + ([MODULE] if _has_module(request.shop) else []))


# ---- the shop module -------------------------------------------------------------------------------------


def _has_module(shop: Shop) -> bool:
    return shop.module_installed


def _version(_: MagentoRequest) -> Answer:
    product = {"product": "Magento", "product_edition": "Community", "product_version": "2.4.7-p3"}
    return Answer({"version": MODULE_VERSION} | product)


def _tax_display(request: MagentoRequest) -> Answer:
    shop = request.shop
    return Answer(shop.pages.show_tax_display() | {"algorithm": shop.sales.algorithm.value})


def _svea(request: MagentoRequest) -> Answer:
    """What Svea's module keeps in columns that REST does not show; what it does not keep is left out.

    PHP writes an object without fields as `[]`.
    """
    shop, number = request.shop, request.number("orderId")
    if number not in shop.sales.orders:
        raise no_such("orderId", number)
    kept = shop.sales.orders[number].hidden if shop.svea_installed else {}
    told: dict[str, Any] = {}
    if kept.get("svea_order_id"):
        told["svea_order_id"] = int(kept["svea_order_id"])
    if kept.get("svea_invoice_fee") is not None:
        told["invoice_fee"] = f"{kept['svea_invoice_fee']:.4f}"
    return Answer(told or [])


def _save_rates(request: MagentoRequest) -> Answer:
    """All or none. The module refuses what the core would take the absolute value of, or pass over."""
    sent = request.body["rates"]
    if not sent:
        raise Refused("Input data is empty")
    for one in sent:
        for field in ("from", "to"):
            if not re.fullmatch(r"[A-Z]{3}", str(one.get(field, ""))):
                raise _invalid(field, one.get(field, ""))
        if one["rate"] <= 0:
            raise _invalid("rate", one["rate"])
    request.shop.pages.save_rates({(one["from"], one["to"]): one["rate"] for one in sent})
    return Answer(True)


def _invalid(field: str, value: object) -> Refused:
    text = 'Invalid value of "%value" provided for the %fieldName field.'
    return Refused(text, {"fieldName": field, "value": str(value)})


ROUTES = (
    Route("GET", "/V1/store/websites", STORES, _websites),
    Route("GET", "/V1/store/storeGroups", STORES, _groups),
    Route("GET", "/V1/store/storeViews", STORES, _views),
    Route("GET", "/V1/store/storeConfigs", STORES, _configs),
    Route("GET", "/V1/directory/currency", ANONYMOUS, _currency),
    Route("GET", "/V1/directory/countries", ANONYMOUS, _countries),
    Route("GET", "/V1/directory/countries/{countryId}", ANONYMOUS, _country),
    Route("GET", "/V1/modules", "Magento_Backend::admin", _modules),
    Route("GET", "/V1/sluss/version", f"{MODULE}::version", _version, installed=_has_module),
    Route("GET", "/V1/sluss/orders/{orderId}/svea", f"{MODULE}::orders", _svea, installed=_has_module),
    Route("GET", "/V1/sluss/tax-display", f"{MODULE}::tax_display", _tax_display, installed=_has_module),
    Route("POST", "/V1/sluss/currency-rates", f"{MODULE}::currency_rates", _save_rates, RATES, _has_module),
)
