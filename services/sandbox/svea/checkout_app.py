"""Checkout API: sessions (svea.md 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from services.sandbox.svea.edge import Answer, Call, Edge
from services.sandbox.svea.merchants import Merchant
from services.sandbox.svea.orders import Order
from services.sandbox.svea.read_rows import get, to_rows
from services.sandbox.svea.refusals import invalid
from services.sandbox.svea.show_checkout import SETTINGS, checkout_order
from services.sandbox.svea.stand_in import SandboxSvea


def create_checkout_app(svea: SandboxSvea) -> Starlette:
    edge = Edge(svea, "checkout")
    api = CheckoutApi(svea, edge)
    return Starlette(
        routes=[
            Route("/api/orders", edge.endpoint(api.create), methods=["POST"]),
            Route("/api/orders/{order_id:int}", edge.endpoint(api.read), methods=["GET"]),
            Route("/api/orders/{order_id:int}", edge.endpoint(api.update), methods=["PUT"]),
        ]
    )


class CheckoutApi:
    def __init__(self, svea: SandboxSvea, edge: Edge) -> None:
        self.svea = svea
        self.edge = edge

    async def create(self, call: Call) -> Answer:
        """201, or 200 with the existing order when the client order number is known."""
        wanted = call.json()
        number = _client_order_number(wanted)
        known = self._known(call.merchant, number)
        if known is not None:
            return self._show(known)
        _must_be_of_the_market(wanted, call.merchant)
        order_id = self.svea.create_checkout(
            call.merchant.merchant_id,
            number,
            to_rows(get(get(wanted, "Cart") or {}, "Items"), "Cart.Items"),
            merchant_settings=_merchant_settings(wanted),
            merchant_data=_merchant_data(wanted),
        )
        return Answer(201, checkout_order(self.svea.order(order_id)))

    async def read(self, call: Call) -> Answer:
        return self._show(self.edge.own_order(call))

    async def update(self, call: Call) -> Answer:
        """Cart and MerchantData, while the status is Created."""
        order = self.edge.own_order(call)
        if order.checkout_status != "Created":
            raise invalid("Status", f"Order is {order.checkout_status} and can not be changed", 30090)
        wanted = call.json()
        order.cart = to_rows(get(get(wanted, "Cart") or {}, "Items"), "Cart.Items")
        order.merchant_data = _merchant_data(wanted) or order.merchant_data
        self.svea.changed(order)
        return self._show(order)

    def _show(self, order: Order) -> Answer:
        exact = self.svea.verbatim.get(("checkout", order.checkout_id))
        return Answer(200, exact if exact is not None else checkout_order(order))

    def _known(self, merchant: Merchant, number: str) -> Order | None:
        for order in self.svea.orders.values():
            if order.merchant_id == merchant.merchant_id and order.client_order_number == number:
                return order
        return None


def _client_order_number(wanted: Mapping[str, Any]) -> str:
    number = get(wanted, "ClientOrderNumber")
    if not isinstance(number, str) or not 0 < len(number) <= 32:
        raise invalid("ClientOrderNumber", "ClientOrderNumber must have 1 to 32 characters", 30091)
    return number


def _must_be_of_the_market(wanted: Mapping[str, Any], merchant: Merchant) -> None:
    for name, expected in (("Currency", merchant.currency), ("CountryCode", merchant.country)):
        if get(wanted, name) != expected:
            raise invalid(name, f"{name} must be {expected} for this merchant", 30092)


def _merchant_settings(wanted: Mapping[str, Any]) -> dict[str, Any]:
    sent = get(wanted, "MerchantSettings") or {}
    settings = {name: get(sent, name) for name in SETTINGS if get(sent, name) is not None}
    for needed in ("TermsUri", "CheckoutUri", "ConfirmationUri", "PushUri"):
        if not isinstance(settings.get(needed), str) or not 0 < len(settings[needed]) <= 500:
            raise invalid(f"MerchantSettings.{needed}", f"{needed} must have 1 to 500 characters", 30093)
    return settings


def _merchant_data(wanted: Mapping[str, Any]) -> str | None:
    data = get(wanted, "MerchantData")
    if data is not None and (not isinstance(data, str) or len(data) > 6000):
        raise invalid("MerchantData", "MerchantData must be text of at most 6000 characters", 30094)
    return data
