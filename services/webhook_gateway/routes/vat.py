"""The VAT tie-out: our documents against Fortnox' books. Made from the ledger: nobody is asked."""

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from services.webhook_gateway import problems
from services.webhook_gateway.house import house_of
from services.webhook_gateway.operations import vat as show
from services.webhook_gateway.operations import vat_lists
from services.webhook_gateway.operations.access import Reader
from services.webhook_gateway.operations.vat import VatAnswer
from services.webhook_gateway.problems import Flaw
from services.webhook_gateway.routes.connections import must_be_known

router = APIRouter(tags=["vat"])

CSV = "text/csv; charset=utf-8"
LONGEST_PERIOD = timedelta(days=550)  # the longest financial year there is


@router.get(
    "/connections/{connection}/vat",
    summary="VAT per code and box, against Fortnox",
    response_model=VatAnswer,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **problems.documented(401, 403, 404, 422, 503),
    },
)
async def vat(
    request: Request,
    key: Reader,
    connection: str,
    first: Annotated[date, Query(alias="from", description="First day.")],
    last: Annotated[date, Query(alias="to", description="Last day.")],
    format: Annotated[Literal["json", "csv"], Query(description="`csv` for a table.")] = "json",
) -> VatAnswer | Response:
    """By our booked documents; beside it what Fortnox' books had when it was asked last."""
    house = house_of(request)
    settings = (await must_be_known(house, connection)).declaration
    if not timedelta(0) <= last - first <= LONGEST_PERIOD:
        detail = f"From the first day to the last, at most {LONGEST_PERIOD.days} days."
        raise problems.invalid([Flaw(path="to", code="not_a_period", detail=detail)])
    answer = show.answer(connection, await vat_lists.tied_out(house.ledger, settings, first, last))
    if format == "json":
        return answer
    headers = {"content-disposition": f'attachment; filename="vat-{connection}-{first}-{last}.csv"'}
    return Response(show.table(answer), media_type=CSV, headers=headers)
