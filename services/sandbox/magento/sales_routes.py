"""REST routes of orders: reading, searching, commenting, holding, cancelling, and the partial save."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.sandbox.magento.documents import Remark
from services.sandbox.magento.inputs import ANYTHING, INT, STRING, Takes, struct
from services.sandbox.magento.order import Fields, Order
from services.sandbox.magento.refusals import no_such_entity, not_supported
from services.sandbox.magento.routing import Answer, MagentoRequest, Route
from services.sandbox.magento.sales_columns import ITEM_COLUMNS, ORDER_COLUMNS, SVEA_COLUMNS
from services.sandbox.magento.search import apply
from services.sandbox.magento.show_orders import show_item, show_order

READ, SAVE = "Magento_Sales::actions_view", "Magento_Sales::create"

HISTORY = Takes(
    {
        "statusHistory": struct(
            comment=STRING,
            created_at=STRING,
            entity_id=INT,
            entity_name=STRING,
            is_customer_notified=INT,
            is_visible_on_front=INT,
            parent_id=INT,
            status=STRING,
        )
    },
    ("statusHistory",),
)


def _list_orders(request: MagentoRequest) -> Answer:
    shop = request.shop
    columns = ORDER_COLUMNS | SVEA_COLUMNS if shop.svea_installed else ORDER_COLUMNS
    rows = [_Row(order) for order in shop.sales.orders.values()]
    found = apply(request.criteria(), rows, columns=columns)
    return Answer(found | {"items": [show_order(one.order) for one in found["items"]]})


class _Row(dict[str, Any]):
    """An order's columns, the hidden ones among them, with the order behind."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.fields | order.hidden)
        self.order = order


def _get_order(request: MagentoRequest) -> Answer:
    return Answer(show_order(request.shop.sales.order(request.number("id"))))


def _list_items(request: MagentoRequest) -> Answer:
    rows: list[Mapping[str, Any]] = []
    orders: dict[int, Order] = {}
    for order in request.shop.sales.orders.values():
        rows += order.items
        orders |= {int(item["item_id"]): order for item in order.items}
    found = apply(request.criteria(), rows, columns=ITEM_COLUMNS)
    shown = [_item_alone(orders[int(one["item_id"])], one) for one in found["items"]]
    return Answer(found | {"items": shown})


def _item_alone(order: Order, item: Mapping[str, Any]) -> Fields:
    """Outside its order a row comes without its taxes."""
    shown = show_item(order, dict(item))
    for one in (shown, shown.get("parent_item", {})):
        one.pop("extension_attributes", None)
    return shown


def _get_item(request: MagentoRequest) -> Answer:
    wanted = request.number("id")
    for order in request.shop.sales.orders.values():
        item = order.item(wanted)
        if item is not None:
            return Answer(_item_alone(order, item))
    raise no_such_entity()


def _save_order(request: MagentoRequest) -> Answer:
    """The answer is what was sent, and what Magento had to load to save it."""
    sent: Fields = dict(request.body["entity"])
    for name in sent:
        if name not in ORDER_COLUMNS and name not in PARTS:
            raise not_supported(name)
    order = request.shop.sales.save(sent)
    shown = show_order(order)
    loaded = ("billing_address_id", "created_at", "entity_id", "updated_at", "items", "billing_address")
    empty = {"base_grand_total": None, "customer_email": None, "grand_total": None}
    totals = {"base_total_due": 0, "total_due": 0}
    kept = {name: shown[name] for name in (*loaded, "payment", "status_histories") if name in shown}
    items = [{k: v for k, v in one.items() if k != "extension_attributes"} for one in kept["items"]]
    return Answer(empty | totals | kept | {"items": items} | sent)


PARTS = ("items", "billing_address", "payment", "status_histories", "extension_attributes")


def _status(request: MagentoRequest) -> Answer:
    return Answer(request.shop.sales.order(request.number("id")).fields["status"])


def _list_comments(request: MagentoRequest) -> Answer:
    order = request.shop.sales.order(request.number("id"))
    parent = {"field": "parent_id", "value": str(order.entity_id), "condition_type": "eq"}
    return Answer(
        {
            "items": order.histories,
            "search_criteria": {"filter_groups": [{"filters": [parent]}]},
            "total_count": len(order.histories),
        }
    )


def _comment(request: MagentoRequest) -> Answer:
    sent = request.body["statusHistory"]
    remark = Remark(
        text=sent.get("comment") or "",
        notify=bool(sent.get("is_customer_notified")),
        on_front=sent.get("is_visible_on_front") or 0,
    )
    status, entity = sent.get("status"), sent.get("entity_name")
    request.shop.sales.comment(request.number("id"), remark, status, entity)
    return Answer(True)


def _cancel(request: MagentoRequest) -> Answer:
    return Answer(request.shop.sales.cancel(request.number("id")))


def _hold(request: MagentoRequest) -> Answer:
    return Answer(request.shop.sales.hold(request.number("id")))


def _unhold(request: MagentoRequest) -> Answer:
    return Answer(request.shop.sales.unhold(request.number("id")))


def _email(request: MagentoRequest) -> Answer:
    request.shop.sales.order(request.number("id"))
    return Answer(True)


ENTITY = Takes({"entity": ANYTHING}, ("entity",))
ROUTES = (
    Route("GET", "/V1/orders", READ, _list_orders),
    Route("GET", "/V1/orders/{id}", READ, _get_order),
    Route("GET", "/V1/orders/items", READ, _list_items),
    Route("GET", "/V1/orders/items/{id}", READ, _get_item),
    Route("POST", "/V1/orders", SAVE, _save_order, ENTITY),
    Route("PUT", "/V1/orders/create", SAVE, _save_order, ENTITY),
    Route("GET", "/V1/orders/{id}/statuses", READ, _status),
    Route("GET", "/V1/orders/{id}/comments", READ, _list_comments),
    Route("POST", "/V1/orders/{id}/comments", "Magento_Sales::comment", _comment, HISTORY),
    Route("POST", "/V1/orders/{id}/cancel", "Magento_Sales::cancel", _cancel),
    Route("POST", "/V1/orders/{id}/hold", "Magento_Sales::hold", _hold),
    Route("POST", "/V1/orders/{id}/unhold", "Magento_Sales::unhold", _unhold),
    Route("POST", "/V1/orders/{id}/emails", "Magento_Sales::emails", _email),
)
