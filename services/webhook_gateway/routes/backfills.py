"""Book what was missed, or see what would be booked: by checkout id, by order number, or by dates."""

from datetime import date
from typing import Annotated, Any, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.operations import backfill, show
from services.webhook_gateway.operations.access import Operator
from services.webhook_gateway.operations.answers import RunStarted
from services.webhook_gateway.operations.backfill import Asked
from services.webhook_gateway.operations.repeatable import RepeatableRoute
from services.webhook_gateway.routes.connections import must_be_known
from shared.ledger.records import Run, RunItem, StoredConnection

router = APIRouter(tags=["runs"], route_class=RepeatableRoute)

MOST_AT_ONCE = 5000

Listing = Annotated[list[Any], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Backfill(BaseModel):
    """Exactly one of `checkout_ids`, `order_numbers`, and `from` with `to`."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    checkout_ids: Listing | None = Field(
        None, description="Svea checkout ids.", examples=[[9300101, 9300102]]
    )
    order_numbers: Listing | None = Field(None, description="The shop's order numbers.", examples=[None])
    first: date | None = Field(None, alias="from", description="First day, Stockholm.", examples=[None])
    last: date | None = Field(None, alias="to", description="Last day, included.", examples=[None])
    preview: bool = Field(False, description="Work out what would be booked; write nothing.")

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        by_date = self.first is not None or self.last is not None
        if [self.checkout_ids is not None, self.order_numbers is not None, by_date].count(True) != 1:
            raise ValueError("give exactly one of checkout_ids, order_numbers, and from with to")
        if by_date and (self.first is None or self.last is None):
            raise ValueError("from and to are given together")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError("from is after to")
        return self

    def asked(self) -> list[Asked]:
        if self.checkout_ids is not None:
            return backfill.checkout_ids(self.checkout_ids)
        return backfill.order_numbers(self.order_numbers or [])

    def as_request(self) -> dict[str, Any]:
        """What is kept with the run; the ids are its items."""
        if self.first is None or self.last is None:
            return {"by": "checkout_ids" if self.checkout_ids is not None else "order_numbers"}
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), "preview": self.preview}


@router.post(
    "/connections/{connection}/backfill",
    summary="Book what was missed, or preview it",
    status_code=202,
    responses=problems.documented(401, 403, 404, 409, 413, 422, 503),
)
async def start_backfill(request: Request, key: Operator, connection: str, wanted: Backfill) -> RunStarted:
    house = house_of(request)
    stored = await must_be_known(house, connection)
    asked = wanted.asked()
    shop = stored.declaration.magento
    has_shop = shop is not None and shop.has_keys
    items = await backfill.to_items(house.ledger, connection, asked, has_shop=has_shop)
    run = await _start(house, connection, wanted, items)
    if wanted.preview or wanted.first is not None:
        await house.doorbell.ask_for_preview(run.id)
    else:
        events = backfill.to_events(run.id, connection, _only_market(stored), asked, items)
        await house.intake.accept_many(events)
    detail = {"run_id": run.id, "preview": wanted.preview, "items": len(items)}
    await house.ledger.audit.act(key.name, "backfill.start", connection, None, detail)
    return RunStarted(run_id=run.id, preview=wanted.preview, items=[show.run_item(item) for item in items])


def _kind(wanted: Backfill) -> str:
    if wanted.preview:
        return "preview"
    return "backfill" if wanted.first is None else "backfill_dates"


def _only_market(stored: StoredConnection) -> str | None:
    """With several markets the worker finds out whose order it is."""
    markets = stored.declaration.markets
    return markets[0].name if len(markets) == 1 else None


async def _start(house: House, connection: str, wanted: Backfill, items: list[RunItem]) -> Run:
    settled = [item.key for item in items if item.state not in backfill.ON_THEIR_WAY]
    runs = house.ledger.runs
    run = await runs.start(connection, _kind(wanted), wanted.as_request(), items, settled=settled)
    if items and run.open == 0:
        await runs.finish(run.id)
    return run
