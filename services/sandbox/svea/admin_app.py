"""Payment Admin: routes of orders, tasks, callbacks and reports (svea.md 3.5, 4.1, 5.1)."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route

from services.sandbox.svea.admin_callbacks import CallbacksApi
from services.sandbox.svea.admin_orders import OrdersApi
from services.sandbox.svea.admin_reports import ReportsApi
from services.sandbox.svea.edge import Edge, Handler
from services.sandbox.svea.stand_in import SandboxSvea

_ORDER = "/api/v1/orders/{order_id:int}"
_DELIVERY = _ORDER + "/deliveries/{delivery_id:int}"
_SUBSCRIPTION = "/api/v2/callbacks/subscriptions/{subscription_id}"


def create_admin_app(svea: SandboxSvea) -> Starlette:
    edge = Edge(svea, "admin")
    orders = OrdersApi(svea, edge)
    routes = [*_order_routes(orders), *_row_routes(orders), *_v2_routes(CallbacksApi(svea), ReportsApi(svea))]
    return Starlette(
        routes=[Route(path, edge.endpoint(handler), methods=[method]) for method, path, handler in routes]
    )


def _order_routes(orders: OrdersApi) -> list[tuple[str, str, Handler]]:
    return [
        ("GET", _ORDER, orders.read),
        ("PATCH", _ORDER, orders.cancel),
        ("PATCH", _ORDER + "/extendOrder/{until}", orders.extend),
        ("POST", _ORDER + "/deliveries", orders.deliver),
        ("POST", _ORDER + "/deliveries/DeliverAndLowerAmount", orders.deliver_lower_amount),
        ("PATCH", _DELIVERY, orders.credit_amount),
        ("POST", _DELIVERY + "/credits", orders.credit),
        ("POST", _DELIVERY + "/credits/CreditWithFee", orders.credit_with_fee),
        ("GET", _DELIVERY + "/credits/{credit_id:int}", orders.read_credit),
        ("GET", "/api/v1/queue/{task_id:int}", orders.poll_task),
    ]


def _row_routes(orders: OrdersApi) -> list[tuple[str, str, Handler]]:
    return [
        ("POST", _ORDER + "/rows", orders.add_row),
        ("POST", _ORDER + "/rows/addOrderRows", orders.add_rows),
        ("POST", _ORDER + "/rows/updateOrderRows", orders.update_rows),
        ("PUT", _ORDER + "/rows/replaceOrderRows", orders.replace_rows),
        ("PATCH", _ORDER + "/rows/cancelOrderRows", orders.cancel_rows),
        ("PATCH", _ORDER + "/rows/{row_id:int}", orders.change_row),
    ]


def _v2_routes(callbacks: CallbacksApi, reports: ReportsApi) -> list[tuple[str, str, Handler]]:
    subscriptions = "/api/v2/callbacks/subscriptions"
    return [
        ("POST", subscriptions, callbacks.add),
        ("GET", subscriptions, callbacks.list_all),
        ("POST", subscriptions + "/", callbacks.add),
        ("GET", subscriptions + "/", callbacks.list_all),
        ("GET", _SUBSCRIPTION, callbacks.read),
        ("PUT", _SUBSCRIPTION, callbacks.update),
        ("DELETE", _SUBSCRIPTION, callbacks.remove),
        ("POST", _SUBSCRIPTION + "/verify", callbacks.verify),
        ("GET", "/api/v2/reports", reports.read),
    ]
