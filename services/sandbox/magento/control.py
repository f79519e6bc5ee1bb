"""Control of the Magento stand-in for other processes, under `/_control/magento`. Names follow `Shop`."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.sandbox.magento.control_contents import add_content_routes
from services.sandbox.magento.control_notices import add_notice_routes
from services.sandbox.magento.notices import Sender
from services.sandbox.magento.placing import Cart
from services.sandbox.magento.shop import Broken, Shop
from services.sandbox.magento.show_orders import show_order
from services.sandbox.magento.stand_in import SandboxMagento
from services.sandbox.magento.tax import Algorithm
from services.sandbox.magento.wire import from_json, to_json

Json = dict[str, Any]
Quantities = dict[str, Decimal]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewShop(Strict):
    """Credentials that are left out are made up and told in the answer."""

    name: str = "default"
    consumer_key: str | None = None
    consumer_secret: str | None = None
    access_token: str | None = None
    access_token_secret: str | None = None
    base_url: str | None = None


class Switches(Strict):
    """`resources`: what the first integration may; null grants everything."""

    bearer_allowed: bool | None = None
    broken: Broken | None = None
    svea_installed: bool | None = None
    module_installed: bool | None = None
    shipping_display: Annotated[int, Field(ge=1, le=3)] | None = None
    algorithm: Algorithm | None = None
    resources: set[str] | None = None


class Pieces(Strict):
    """Per SKU; left out, everything that is left."""

    quantities: Quantities | None = None


class NewInvoice(Pieces):
    transaction_id: str = ""


class NewMemo(Pieces):
    shipping: str | None = None
    adjustment: str = "0"
    fee: str = "0"
    online: bool = False
    return_to_stock: list[str] = []
    comment: str = ""


class NewSubscription(Strict):
    url: str
    secret: str = ""
    sender: Sender = Sender.MODULE
    events: list[str] = []


def create_magento_control(magento: SandboxMagento) -> APIRouter:
    router = APIRouter()
    _add_shop_routes(router, magento)
    _add_order_routes(router, magento)
    _add_after_sale_routes(router, magento)
    add_content_routes(router, magento)
    add_notice_routes(router, magento)
    return router


def _shop(magento: SandboxMagento, name: str) -> Shop:
    if name not in magento.shops:
        raise HTTPException(404, f"no shop {name}")
    return magento.shops[name]


def _add_shop_routes(router: APIRouter, magento: SandboxMagento) -> None:
    @router.post("/shops", status_code=201)
    async def add_shop(wanted: NewShop) -> Json:
        return _show_shop(magento.add_shop(**wanted.model_dump()))

    @router.get("/shops")
    async def shops() -> list[Json]:
        return [_show_shop(shop) for shop in magento.shops.values()]

    @router.patch("/shops/{name}")
    async def switch(name: str, wanted: Switches) -> Json:
        shop = _shop(magento, name)
        for switch in wanted.model_fields_set:
            _turn(shop, switch, getattr(wanted, switch))
        return _show_shop(shop)

    @router.get("/shops/{name}/calls")
    async def calls(name: str) -> list[Json]:
        found = _shop(magento, name).calls
        return [asdict(call) | {"body": call.body.decode("utf-8", "replace")} for call in found]

    @router.delete("/shops/{name}/calls", status_code=204)
    async def forget_calls(name: str) -> None:
        _shop(magento, name).calls.clear()

    @router.post("/shops/{name}/subscriptions", status_code=201)
    async def subscribe(name: str, wanted: NewSubscription) -> None:
        _shop(magento, name).subscribe(**wanted.model_dump())

    @router.delete("/shops/{name}/subscriptions", status_code=204)
    async def unsubscribe(name: str) -> None:
        _shop(magento, name).announce.subscriptions.clear()

    @router.post("/shops/{name}/activate")
    async def activate(name: str, callback_url: Annotated[str, Body(embed=True)]) -> Json:
        """The answer is what the merchant would see: the consumer key, and nothing secret."""
        integration = await _shop(magento, name).activate(callback_url)
        return {"consumer_id": integration.consumer_id, "consumer_key": integration.consumer_key}


def _turn(shop: Shop, switch: str, value: Any) -> None:
    if switch == "resources":
        shop.integration.resources = value
    elif switch == "shipping_display":
        shop.pages.shipping_display = value
    elif switch == "algorithm":
        shop.sales.algorithm = value
    else:
        setattr(shop, switch, value)


def _show_shop(shop: Shop) -> Json:
    integration = shop.integration
    return {
        "name": shop.name,
        "base_url": shop.pages.base_url,
        "consumer_key": integration.consumer_key,
        "consumer_secret": integration.consumer_secret,
        "access_token": integration.access_token,
        "access_token_secret": integration.access_token_secret,
        "bearer_allowed": shop.bearer_allowed,
        "broken": shop.broken,
        "svea_installed": shop.svea_installed,
        "module_installed": shop.module_installed,
        "shipping_display": shop.pages.shipping_display,
        "algorithm": shop.sales.algorithm,
    }


def _add_order_routes(router: APIRouter, magento: SandboxMagento) -> None:
    orders = "/shops/{name}/orders"

    @router.post(orders, status_code=201)
    async def place(name: str, wanted: Cart) -> Json:
        order = _shop(magento, name).sales.place(wanted)
        return {"order_id": order.entity_id, "increment_id": order.fields["increment_id"]}

    @router.post("/shops/{name}/recorded", status_code=201)
    async def recorded(name: str, request: Request) -> Json:
        """The body: an order as REST shows it."""
        return {"order_id": _shop(magento, name).recorded(from_json(await request.body()))}

    @router.get(orders + "/{order_id}")
    async def order(name: str, order_id: int) -> Response:
        shown = show_order(_shop(magento, name).sales.order(order_id))
        return Response(to_json(shown), media_type="application/json")

    @router.post(orders + "/{order_id}/cancel")
    async def cancel(name: str, order_id: int) -> Json:
        return {"canceled": _shop(magento, name).cancel(order_id)}

    @router.post(orders + "/{order_id}/hold", status_code=204)
    async def hold(name: str, order_id: int) -> None:
        _shop(magento, name).hold(order_id)

    @router.post(orders + "/{order_id}/unhold", status_code=204)
    async def unhold(name: str, order_id: int) -> None:
        _shop(magento, name).unhold(order_id)

    @router.post(orders + "/{order_id}/edit", status_code=201)
    async def edit(name: str, order_id: int, wanted: Cart) -> Json:
        order = _shop(magento, name).sales.edit(order_id, wanted)
        return {"order_id": order.entity_id, "increment_id": order.fields["increment_id"]}


def _add_after_sale_routes(router: APIRouter, magento: SandboxMagento) -> None:
    order = "/shops/{name}/orders/{order_id}"

    @router.post(order + "/invoice", status_code=201)
    async def invoice(name: str, order_id: int, wanted: NewInvoice) -> Json:
        return {"invoice_id": _shop(magento, name).invoice(order_id, **wanted.model_dump())}

    @router.post(order + "/ship", status_code=201)
    async def ship(name: str, order_id: int, wanted: Pieces) -> Json:
        return {"shipment_id": _shop(magento, name).ship(order_id, **wanted.model_dump())}

    @router.post(order + "/refund", status_code=201)
    async def refund(name: str, order_id: int, wanted: NewMemo) -> Json:
        return {"creditmemo_id": _shop(magento, name).refund(order_id, **wanted.model_dump())}
