"""Control of what a shop holds: its orders at a glance, and products and customers by the hundred."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from services.sandbox.magento.order import Order
from services.sandbox.magento.shop import Shop
from services.sandbox.magento.stand_in import SandboxMagento

Json = dict[str, Any]
ADDRESS: Json = {
    "firstname": "Kim",
    "lastname": "Provsson",
    "street": ["Provgatan 1"],
    "city": "Stockholm",
    "postcode": "111 22",
    "country_id": "SE",
    "telephone": "+46700000101",
}


class Filling(BaseModel):
    """So many of each, made up and all alike: `GEN-000001` and so on, `kund1@example.com` and so on."""

    model_config = ConfigDict(extra="forbid")

    products: int = Field(default=0, ge=0, le=100_000)
    customers: int = Field(default=0, ge=0, le=10_000)


def add_content_routes(router: APIRouter, magento: SandboxMagento) -> None:
    @router.get("/shops/{name}/orders")
    async def orders(name: str) -> list[Json]:
        shop = _shop(magento, name)
        return [_show(shop, order) for order in shop.sales.orders.values()]

    @router.post("/shops/{name}/fill", status_code=201)
    async def fill(name: str, wanted: Filling) -> Json:
        """Nobody is told of the products; of the customers, whoever has subscribed."""
        shop = _shop(magento, name)
        if wanted.products:
            shop.catalogue.generate(wanted.products)
        known = len(shop.customers.by_id)
        for number in range(known + 1, known + 1 + wanted.customers):
            address = ADDRESS | {"lastname": f"Provsson {number}", "street": [f"Provgatan {number}"]}
            shop.customers.add(f"kund{number}@example.com", "Kim", f"Provsson {number}", addresses=[address])
        return {"products": len(shop.catalogue), "customers": len(shop.customers.by_id)}


def _shop(magento: SandboxMagento, name: str) -> Shop:
    if name not in magento.shops:
        raise HTTPException(404, f"no shop {name}")
    return magento.shops[name]


def _show(shop: Shop, order: Order) -> Json:
    documents = {
        "invoices": shop.sales.invoices,
        "shipments": shop.sales.shipments,
        "memos": shop.sales.memos,
    }
    counted = {
        name: sum(one.order_id == order.entity_id for one in kept.values())
        for name, kept in documents.items()
    }
    return {
        "order_id": order.entity_id,
        "increment_id": order.fields["increment_id"],
        "state": order.state,
        **counted,
    }
