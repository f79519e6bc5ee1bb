"""Inventory over REST: sources, stocks, source items, salable quantities, and the stock items of before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.sandbox.magento.inputs import ANYTHING, BOOLEAN, FLOAT, INT, STRING, Many, Takes, struct
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.routing import Answer, MagentoRequest, Route
from services.sandbox.magento.search import Criteria, apply
from services.sandbox.magento.shop import Shop
from services.sandbox.magento.stock import DEFAULT_SOURCE, DEFAULT_STOCK, Source, StockOfChannels

SOURCE, STOCK = "Magento_InventoryApi::source", "Magento_InventoryApi::stock"
LINK, ITEM = "Magento_InventoryApi::stock_source_link", "Magento_InventoryApi::stock_source_item_assign"
SALES = "Magento_InventorySalesApi::stock"

_ITEM = struct(sku=STRING, source_code=STRING, quantity=FLOAT, status=INT)
_SOURCE = struct(
    source_code=STRING,
    name=STRING,
    email=STRING,
    contact_name=STRING,
    enabled=BOOLEAN,
    description=STRING,
    latitude=FLOAT,
    longitude=FLOAT,
    country_id=STRING,
    region_id=INT,
    region=STRING,
    city=STRING,
    street=STRING,
    postcode=STRING,
    phone=STRING,
    fax=STRING,
    use_default_carrier_config=BOOLEAN,
    carrier_links=ANYTHING,
    extension_attributes=ANYTHING,
)
_CHANNEL = struct(type=STRING, code=STRING)
_STOCK = struct(stock_id=INT, name=STRING, extension_attributes=struct(sales_channels=Many(_CHANNEL)))
_LINK = struct(stock_id=INT, source_code=STRING, priority=INT)
ITEMS = Takes({"sourceItems": Many(_ITEM)}, ("sourceItems",))
SOURCES = Takes({"source": _SOURCE}, ("source",))
STOCKS = Takes({"stock": _STOCK}, ("stock",))
LINKS = Takes({"links": Many(_LINK)}, ("links",))
ITEM_COLUMNS = {"sku", "source_code", "quantity", "status", "source_item_id"}


# ---- source items ------------------------------------------------------------------------------------------


def _save_items(request: MagentoRequest) -> Answer:
    """All or none. Whether a product has the SKU is not asked, nor whether the quantity is below zero."""
    sent, stock = some(request.body["sourceItems"]), request.shop.stock
    if stock.most_items is not None and len(sent) > stock.most_items:
        limit = {"type": "Magento\\InventoryApi\\Api\\Data\\SourceItemInterface", "max": stock.most_items}
        raise Refused('Maximum items of type "%type" is %max', limit)
    for one in sent:
        _must_be_valid(one)
        if one["sku"] in stock.refused_skus:
            raise _invalid('"%field" is not managed here.', "sku")
    if any(one["source_code"] not in stock.sources for one in sent):
        raise Refused("Could not save Source Item")
    for one in sent:
        stock.put(one["sku"], one["quantity"], one["source_code"], one["status"])
    return Answer([])


def _delete_items(request: MagentoRequest) -> Answer:
    """One that is not there is no reason to refuse."""
    for one in some(request.body["sourceItems"]):
        request.shop.stock.items.pop((one.get("sku", "").lower(), one.get("source_code", "")), None)
    return Answer([])


def _items(request: MagentoRequest) -> Answer:
    criteria = request.criteria()
    rows = [item.show() for item in request.shop.stock.lying(_wanted_skus(criteria))]
    return Answer(apply(criteria, rows, columns=ITEM_COLUMNS))


def _wanted_skus(criteria: Criteria) -> list[str] | None:
    """The SKUs that a filter names, so that not all items are looked at; None when none does."""
    for group in criteria.groups:
        if len(group) == 1 and group[0].field == "sku" and group[0].condition in ("eq", "in"):
            return group[0].value.split(",") if group[0].condition == "in" else [group[0].value]
    return None


def some(sent: list[Any]) -> list[Any]:
    if not sent:
        raise Refused("Input data is empty")
    return sent


def _must_be_valid(one: dict[str, Any]) -> None:
    """Only the first fault is told; those of text are by the source, the numeric ones recorded."""
    for name in ("sku", "source_code"):
        if not one.get(name):
            raise _invalid('"%field" can not be empty.', name)
    if one["sku"] != one["sku"].strip():
        raise _invalid('"%field" can not contain leading or trailing spaces.', "sku")
    for name in ("quantity", "status"):
        if one.get(name) is None:
            raise _invalid('"%field" should be numeric.', name)
    if one["status"] not in (0, 1):
        raise _invalid('"%field" should a known status.', "status")


def _invalid(text: str, name: str) -> Refused:
    filled = text.replace("%field", name)
    return Refused(f"Validation Failed: {filled}", errors=[{"message": text, "parameters": {"field": name}}])


# ---- sources, stocks, and which has which ------------------------------------------------------------------


def _criteria(request: MagentoRequest) -> Criteria:
    """These lists do without `searchCriteria`."""
    return Criteria() if "searchCriteria" not in request.query else request.criteria()


def _sources(request: MagentoRequest) -> Answer:
    return Answer(apply(_criteria(request), [one.show() for one in request.shop.stock.sources.values()]))


def _source(request: MagentoRequest) -> Answer:
    code, sources = request.values["sourceCode"], request.shop.stock.sources
    if code not in sources:
        text = 'Source with code "%value" does not exist.'
        raise Refused(text, {"value": code}, status=404)
    return Answer(sources[code].show())


def _save_source(request: MagentoRequest) -> Answer:
    sent = {name: value for name, value in request.body["source"].items() if value is not None}
    code = request.values.get("sourceCode") or sent.get("source_code", "")
    if not code:
        raise Refused(
            "Validation Failed",
            errors=[{"message": '"%field" can not be empty.', "parameters": {"field": "source_code"}}],
        )
    known = request.shop.stock.sources.get(code) or Source(code, "")
    known.name, known.enabled = sent.pop("name", known.name), sent.pop("enabled", known.enabled)
    known.details |= {name: value for name, value in sent.items() if name != "source_code"}
    request.shop.stock.sources[code] = known
    return Answer([])


def _stocks(request: MagentoRequest) -> Answer:
    return Answer(apply(_criteria(request), [one.show() for one in request.shop.stock.stocks.values()]))


def _stock(request: MagentoRequest) -> Answer:
    return Answer(known_stock(request, request.number("stockId")).show())


def _save_stock(request: MagentoRequest) -> Answer:
    """The id. A website that is given to a stock leaves the one it had."""
    sent, stocks = request.body["stock"], request.shop.stock.stocks
    number = sent.get("stock_id") or max(stocks) + 1
    stock = stocks.setdefault(number, StockOfChannels(number, "", []))
    stock.name = sent.get("name", stock.name)
    channels = (sent.get("extension_attributes") or {}).get("sales_channels")
    for channel in channels or ():
        for other in stocks.values():
            other.websites = [code for code in other.websites if code != channel["code"]]
        stock.websites.append(channel["code"])
    return Answer(number)


def _stock_of_website(request: MagentoRequest) -> Answer:
    return Answer(known_channel(request, request.values["code"]).show())


def _links(request: MagentoRequest) -> Answer:
    rows = [
        {"stock_id": stock.stock_id, "source_code": code, "priority": priority}
        for stock in request.shop.stock.stocks.values()
        for code, priority in stock.sources.items()
    ]
    return Answer(apply(_criteria(request), rows))


def _save_links(request: MagentoRequest) -> Answer:
    sent = some(request.body["links"])
    for one in sent:
        if (one["source_code"] == DEFAULT_SOURCE) != (one["stock_id"] == DEFAULT_STOCK):
            text = "Can not save link related to Default Source or Default Stock"
            raise Refused("Validation Failed", errors=[{"message": text, "parameters": []}])
    for one in sent:
        known_stock(request, one["stock_id"]).sources[one["source_code"]] = one.get("priority", 1)
    return Answer([])


def _sources_of_stock(request: MagentoRequest) -> Answer:
    stock = known_stock(request, request.number("stockId"))
    return Answer([request.shop.stock.sources[code].show() for code in stock.by_priority()])


def known_stock(request: MagentoRequest, stock_id: int) -> StockOfChannels:
    if stock_id not in request.shop.stock.stocks:
        raise Refused('Stock with id "%value" does not exist.', {"value": stock_id}, status=404)
    return request.shop.stock.stocks[stock_id]


def known_channel(request: MagentoRequest, code: str) -> StockOfChannels:
    try:
        return request.shop.stock.stock_of(code)
    except KeyError as error:
        raise Refused("No linked stock found", status=404) from error


_ROUTES = (
    Route("GET", "/V1/inventory/sources", SOURCE, _sources),
    Route("POST", "/V1/inventory/sources", SOURCE, _save_source, SOURCES),
    Route("GET", "/V1/inventory/sources/{sourceCode}", SOURCE, _source),
    Route("PUT", "/V1/inventory/sources/{sourceCode}", SOURCE, _save_source, SOURCES),
    Route("GET", "/V1/inventory/stocks", STOCK, _stocks),
    Route("POST", "/V1/inventory/stocks", STOCK, _save_stock, STOCKS),
    Route("GET", "/V1/inventory/stocks/{stockId}", STOCK, _stock),
    Route("GET", "/V1/inventory/stock-resolver/{type}/{code}", SALES, _stock_of_website),
    Route("GET", "/V1/inventory/stock-source-links", LINK, _links),
    Route("POST", "/V1/inventory/stock-source-links", LINK, _save_links, LINKS),
    Route(
        "GET",
        "/V1/inventory/get-sources-assigned-to-stock-ordered-by-priority/{stockId}",
        LINK,
        _sources_of_stock,
    ),
    Route("GET", "/V1/inventory/source-items", ITEM, _items),
    Route("POST", "/V1/inventory/source-items", ITEM, _save_items, ITEMS),
    Route("POST", "/V1/inventory/source-items-delete", ITEM, _delete_items, ITEMS),
)


def has_sources(shop: Shop) -> bool:
    return shop.stock.has_sources


ROUTES = tuple(replace(route, installed=has_sources) for route in _ROUTES)
