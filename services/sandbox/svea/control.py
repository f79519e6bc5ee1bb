"""Control of the Svea stand-in for other processes, under `/_control/svea`. Names follow `SandboxSvea`."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field

from services.sandbox.svea.control_settlement import add_settlement_routes
from services.sandbox.svea.control_webhooks import add_webhook_routes
from services.sandbox.svea.merchants import DayWithoutPayout, Merchant, ReportsAccess, SplitRows
from services.sandbox.svea.orders import BillingShape
from services.sandbox.svea.refusals import ErrorShape, unknown
from services.sandbox.svea.samples import load_samples
from services.sandbox.svea.show_admin import admin_order
from services.sandbox.svea.show_checkout import checkout_order
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.stories import ALL, play

Json = dict[str, Any]
Quantities = dict[int, int | None]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Switches(Strict):
    signs_webhooks: bool = True
    resigns_retries: bool = True
    error_shape: ErrorShape = ErrorShape.DETAILED
    sends_byte_order_mark: bool = False
    split_rows: SplitRows = SplitRows.SAME_ID
    invoice_fee: int | None = None
    invoice_fee_vat_percent: int = 2500
    credits_fail: bool = False
    task_polls: int = Field(default=1, ge=0)
    settles_itself: bool = False
    reports_access: ReportsAccess = ReportsAccess.ACTIVATED
    day_without_payout: DayWithoutPayout = DayWithoutPayout.EMPTY
    shuffles_reports: bool = False
    hides_balances: bool = False


class NewMerchant(Switches):
    merchant_id: str
    secret: str
    country: str
    currency: str
    locale: str


class NewCheckout(Strict):
    """Rows, customer and addresses under Svea's field names."""

    merchant_id: str
    client_order_number: str
    items: list[Json]
    customer: Json | None = None
    shipping: Json | None = None
    billing: Json | None = None
    billing_shape: BillingShape = BillingShape.FULL
    payment_type: str = "INVOICE"
    push_uri: str | None = None


class Deliver(Strict):
    rows: Quantities | None = None
    on: datetime | None = None


class Samples(Strict):
    """`none`, `first`, `last` or names of states."""

    stage: str | list[str] = "last"


def create_svea_control(svea: SandboxSvea) -> APIRouter:
    router = APIRouter()
    _add_merchant_routes(router, svea)
    _add_buyer_routes(router, svea)
    _add_shop_routes(router, svea)
    _add_credit_routes(router, svea)
    _add_sample_routes(router, svea)
    add_settlement_routes(router, svea)
    add_webhook_routes(router, svea)
    return router


def _add_merchant_routes(router: APIRouter, svea: SandboxSvea) -> None:
    @router.get("/merchants")
    async def merchants() -> list[Json]:
        return [_show_merchant(merchant) for merchant in svea.merchants.values()]

    @router.post("/merchants", status_code=201)
    async def add_merchant(wanted: NewMerchant) -> Json:
        return _show_merchant(svea.add_merchant(**wanted.model_dump()))

    @router.patch("/merchants/{merchant_id}")
    async def switch(merchant_id: str, wanted: Switches) -> Json:
        merchant = svea.merchant(merchant_id)
        for name in wanted.model_fields_set:
            setattr(merchant, name, getattr(wanted, name))
        return _show_merchant(merchant)

    @router.get("/calls")
    async def calls(merchant_id: str | None = None) -> list[Json]:
        wanted = svea.calls if merchant_id is None else svea.calls_of(merchant_id)
        return [asdict(call) | {"body": call.body.decode("utf-8", "replace")} for call in wanted]

    @router.delete("/calls", status_code=204)
    async def forget_calls() -> None:
        svea.calls.clear()

    @router.put("/reports/{merchant_id}/{day}", status_code=204)
    async def put_report(merchant_id: str, day: date, request: Request) -> None:
        svea.reports[(svea.merchant(merchant_id).merchant_id, day)] = await request.body()


def _add_buyer_routes(router: APIRouter, svea: SandboxSvea) -> None:
    @router.post("/orders", status_code=201)
    async def create_checkout(wanted: NewCheckout) -> Json:
        options = wanted.model_dump(exclude={"merchant_id", "client_order_number", "items"})
        checkout_id = svea.create_checkout(
            wanted.merchant_id, wanted.client_order_number, wanted.items, **options
        )
        return {"checkout_id": checkout_id}

    @router.get("/orders")
    async def orders() -> list[Json]:
        return [_show_order(svea, checkout_id) for checkout_id in svea.orders]

    @router.get("/orders/{checkout_id}")
    async def order(checkout_id: int) -> Json:
        return _show_order(svea, checkout_id)

    @router.post("/orders/{checkout_id}/finalize", status_code=204)
    async def finalize(checkout_id: int, pending: Annotated[bool, Body(embed=True)] = False) -> None:
        svea.finalize(checkout_id, pending=pending)

    @router.post("/orders/{checkout_id}/release_pending", status_code=204)
    async def release_pending(checkout_id: int) -> None:
        svea.release_pending(checkout_id)

    @router.post("/orders/{checkout_id}/expire", status_code=204)
    async def expire(checkout_id: int) -> None:
        svea.expire(checkout_id)


def _add_shop_routes(router: APIRouter, svea: SandboxSvea) -> None:
    @router.post("/orders/{checkout_id}/deliver")
    async def deliver(checkout_id: int, wanted: Deliver | None = None) -> Json:
        wanted = wanted or Deliver()
        return {"delivery_id": svea.deliver(checkout_id, wanted.rows, on=wanted.on)}

    @router.post("/orders/{checkout_id}/deliver_lower_amount")
    async def deliver_lower_amount(checkout_id: int, amount: Annotated[int, Body(embed=True)]) -> Json:
        return {"delivery_id": svea.deliver_lower_amount(checkout_id, amount)}

    @router.post("/orders/{checkout_id}/cancel", status_code=204)
    async def cancel(checkout_id: int) -> None:
        svea.cancel(checkout_id)

    @router.post("/orders/{checkout_id}/cancel_amount", status_code=204)
    async def cancel_amount(checkout_id: int, cumulative_minor: Annotated[int, Body(embed=True)]) -> None:
        svea.cancel_amount(checkout_id, cumulative_minor)

    @router.post("/orders/{checkout_id}/cancel_rows", status_code=204)
    async def cancel_rows(checkout_id: int, row_ids: Annotated[list[int], Body(embed=True)]) -> None:
        svea.cancel_rows(checkout_id, row_ids)

    @router.post("/orders/{checkout_id}/add_rows")
    async def add_rows(checkout_id: int, rows: Annotated[list[Json], Body(embed=True)]) -> Json:
        return {"row_ids": svea.add_rows(checkout_id, rows)}

    @router.post("/orders/{checkout_id}/update_rows", status_code=204)
    async def update_rows(checkout_id: int, rows: Annotated[dict[int, Json], Body(embed=True)]) -> None:
        svea.update_rows(checkout_id, rows)

    @router.post("/orders/{checkout_id}/replace_rows", status_code=204)
    async def replace_rows(checkout_id: int, rows: Annotated[list[Json], Body(embed=True)]) -> None:
        svea.replace_rows(checkout_id, rows)


def _add_credit_routes(router: APIRouter, svea: SandboxSvea) -> None:
    credits = "/orders/{checkout_id}/deliveries/{delivery_id}"

    @router.post(credits + "/credit_rows")
    async def credit_rows(
        checkout_id: int,
        delivery_id: int,
        rows: Annotated[dict[int, int | None] | None, Body(embed=True)] = None,
    ) -> Json:
        return {"credit_id": svea.credit_rows(checkout_id, delivery_id, rows)}

    @router.post(credits + "/credit_amount")
    async def credit_amount(
        checkout_id: int, delivery_id: int, cumulative_minor: Annotated[int, Body(embed=True)]
    ) -> Json:
        return {"credit_id": svea.credit_amount(checkout_id, delivery_id, cumulative_minor)}

    @router.post(credits + "/credit_new_row")
    async def credit_new_row(
        checkout_id: int, delivery_id: int, rows: Annotated[list[Json], Body(embed=True)]
    ) -> Json:
        return {"credit_id": svea.credit_new_row(checkout_id, delivery_id, *rows)}


def _add_sample_routes(router: APIRouter, svea: SandboxSvea) -> None:
    @router.post("/samples", status_code=204)
    async def samples(wanted: Samples) -> None:
        load_samples(svea, wanted.stage)

    @router.get("/stories")
    async def stories() -> list[Json]:
        return [asdict(one) for one in ALL]

    @router.post("/stories/{key}/{number}")
    async def play_step(key: str, number: int) -> Json:
        """Steps count from 1."""
        found = next((one for one in ALL if one.key == key), None)
        if found is None or not 1 <= number <= len(found.steps):
            raise unknown("Story", f"{key}/{number}")
        return {"sent_to": play(svea, found, found.steps[number - 1])}


def _show_merchant(merchant: Merchant) -> Json:
    return {one.name: getattr(merchant, one.name) for one in fields(merchant) if one.name != "secret"}


def _show_order(svea: SandboxSvea, checkout_id: int) -> Json:
    order = svea.order(checkout_id)
    return {
        "checkout_id": checkout_id,
        "merchant_id": order.merchant_id,
        "checkout": checkout_order(order),
        "admin": admin_order(order) if order.is_final else None,
    }
