"""The tie-out: whether what was sold over Svea, less what came of it, is what is left in the books."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.operations import tie_out as show
from services.webhook_gateway.operations.access import Reader
from services.webhook_gateway.operations.tie_out import TieOutAnswer
from services.webhook_gateway.routes.connections import must_be_known
from shared.domain.books_seen import BooksSeen
from shared.ledger.tie_out import BOOKS_SEEN

router = APIRouter(tags=["payouts"])

CSV = "text/csv; charset=utf-8"


@router.get(
    "/connections/{connection}/tie-out",
    summary="The clearing account against open documents, on a day",
    response_model=TieOutAnswer,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **problems.documented(401, 403, 404, 422, 503),
    },
)
async def tie_out(
    request: Request,
    key: Reader,
    connection: str,
    on: Annotated[
        date | None, Query(description="The last day that counts; today if it is left out.")
    ] = None,
    format: Annotated[Literal["json", "csv"], Query(description="`csv` for a table.")] = "json",
) -> TieOutAnswer | Response:
    """By our own documents and Svea's reports; beside it what Fortnox said when it was asked last."""
    house = house_of(request)
    settings = (await must_be_known(house, connection)).declaration
    day = on or house.clock().astimezone(settings.zone).date()
    made = await house.ledger.tie_outs.on(settings, day)
    answer = show.answer(connection, made, await _books_seen(house, connection))
    if format == "json":
        return answer
    name = f"tie-out-{connection}-{day}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(show.table(answer), media_type=CSV, headers=headers)


async def _books_seen(house: House, connection: str) -> BooksSeen | None:
    kept = await house.ledger.cursors.get(connection, BOOKS_SEEN)
    return None if kept is None else BooksSeen.from_text(kept)
