"""The OSS list of a quarter, and the ECB's rates that it takes. Made from the ledger: nobody is asked."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.operations import oss as show
from services.webhook_gateway.operations import vat_lists
from services.webhook_gateway.operations.access import Operator, Reader
from services.webhook_gateway.operations.oss import MissingRate, OssAnswer, SuppliedRate
from services.webhook_gateway.operations.repeatable import RepeatableRoute
from services.webhook_gateway.problems import ApiProblem, Flaw
from services.webhook_gateway.raw_body import BodyTooLarge, read_body
from services.webhook_gateway.routes.connections import must_be_known
from shared.domain import ecb_rates
from shared.domain.ecb_rates import DayRates, UnreadableRates
from shared.domain.quarters import Quarter

router = APIRouter(tags=["vat"], route_class=RepeatableRoute)

CSV = "text/csv; charset=utf-8"
LARGEST_FILE_BYTES = 5_000_000  # the ECB's whole history has two
RATE = r"^[A-Z]{3}:[0-9]{1,9}(\.[0-9]{1,9})?$"

QuarterText = Annotated[
    str, Query(pattern=r"^[0-9]{4}-?Q[1-4]$", description="Calendar quarter.", examples=["2026Q2"])
]


class RatesWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    day: date = Field(description="The quarter's last day, or the first after it that the ECB has rates of.")
    rates: dict[str, Decimal] = Field(
        min_length=1,
        max_length=100,
        description="Units for one euro, by currency.",
        examples=[{"SEK": "11.1480", "DKK": "7.4604"}],
    )


class RatesAnswer(BaseModel):
    quarter: str = Field(examples=["2026Q2"])
    rates: list[SuppliedRate]
    missing_rates: list[MissingRate] = Field(description="What the quarter's list still lacks.")


@router.get(
    "/connections/{connection}/oss",
    summary="The OSS list of a quarter",
    response_model=OssAnswer,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **problems.documented(401, 403, 404, 422, 503),
    },
)
async def oss(
    request: Request,
    key: Reader,
    connection: str,
    quarter: QuarterText,
    rate: Annotated[
        list[Annotated[str, Query(pattern=RATE)]] | None,
        Query(description="`SEK:11.148`: a rate of the quarter for this answer only; repeat it."),
    ] = None,
    format: Annotated[Literal["json", "csv"], Query(description="`csv` for a table.")] = "json",
) -> OssAnswer | Response:
    """By our booked documents, beside what moved on the OSS accounts when Fortnox was asked last."""
    house = house_of(request)
    settings = (await must_be_known(house, connection)).declaration
    answer = await vat_lists.oss(house.ledger, settings, _parsed(quarter), _given(_parsed(quarter), rate))
    if format == "json":
        return answer
    headers = {"content-disposition": f'attachment; filename="oss-{connection}-{answer.quarter}.csv"'}
    return Response(show.table(answer), media_type=CSV, headers=headers)


@router.put(
    "/connections/{connection}/oss/rates",
    summary="Supply the ECB's rates of a quarter",
    responses=problems.documented(401, 403, 404, 409, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": RatesWanted.model_json_schema()},
                "text/csv": {"schema": {"type": "string"}},
            },
        }
    },
)
async def put_rates(request: Request, key: Operator, connection: str, quarter: QuarterText) -> RatesAnswer:
    """As JSON, or as a file in one of the ECB's own CSV formats; they replace what the quarter had."""
    house = house_of(request)
    settings = (await must_be_known(house, connection)).declaration
    wanted = _parsed(quarter)
    found = await _supplied(request, wanted)
    await house.ledger.ecb_rates.put(connection, wanted, found)
    detail = {"quarter": str(wanted), "day": found.day.isoformat(), "currencies": sorted(found.rates)}
    await house.ledger.audit.act(key.name, "oss.rates", connection, None, detail)
    listed = await vat_lists.oss(house.ledger, settings, wanted, {})
    return await _stored(house, connection, wanted, listed.missing_rates)


@router.get(
    "/connections/{connection}/oss/rates",
    summary="The ECB's rates of a quarter",
    responses=problems.documented(401, 403, 404, 422, 503),
)
async def get_rates(request: Request, key: Reader, connection: str, quarter: QuarterText) -> RatesAnswer:
    house = house_of(request)
    settings = (await must_be_known(house, connection)).declaration
    listed = await vat_lists.oss(house.ledger, settings, _parsed(quarter), {})
    return await _stored(house, connection, _parsed(quarter), listed.missing_rates)


async def _stored(house: House, connection: str, quarter: Quarter, missing: list[MissingRate]) -> RatesAnswer:
    kept = await house.ledger.ecb_rates.of(connection, [quarter])
    rates = [
        SuppliedRate(period=str(quarter), currency=currency, day=day, rate=f"{rate:f}")
        for (_, currency), (day, rate) in sorted(kept.items())
    ]
    return RatesAnswer(quarter=str(quarter), rates=rates, missing_rates=missing)


async def _supplied(request: Request, quarter: Quarter) -> DayRates:
    body = await _body(request)
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip() == "text/csv":
            return ecb_rates.of_quarter(quarter, ecb_rates.read_csv(body.decode("utf-8-sig")))
        wanted = RatesWanted.model_validate_json(body)
        return ecb_rates.of_quarter(quarter, [_checked(wanted)])
    except UnreadableRates as problem:
        path = "body" if problem.line is None else f"body.line {problem.line}"
        raise problems.invalid([Flaw(path=path, code="unreadable", detail=str(problem))]) from problem
    except UnicodeDecodeError as problem:
        raise problems.invalid(
            [Flaw(path="body", code="unreadable", detail="The file is not UTF-8.")]
        ) from problem
    except ValidationError as problem:
        raise problems.invalid(problems.flaws(problem)) from problem


def _checked(wanted: RatesWanted) -> DayRates:
    for currency, rate in wanted.rates.items():
        if not (currency.isascii() and currency.isupper() and len(currency) == 3):
            raise UnreadableRates(f"{currency!r} is not a currency")
        if not rate.is_finite() or rate <= 0:
            raise UnreadableRates(f"{rate} is not a rate of {currency}")
    return DayRates(wanted.day, wanted.rates)


async def _body(request: Request) -> bytes:
    try:
        return await read_body(request, limit=LARGEST_FILE_BYTES)
    except BodyTooLarge as problem:
        raise ApiProblem(413, "body_too_large", f"At most {problem.limit} bytes are taken.") from problem


def _parsed(quarter: str) -> Quarter:
    try:
        return Quarter.parse(quarter)
    except ValueError as problem:
        raise problems.invalid([Flaw(path="quarter", code="not_a_quarter", detail=str(problem))]) from problem


def _given(quarter: Quarter, rates: list[str] | None) -> dict[tuple[Quarter, str], Decimal]:
    given = {}
    for one in rates or ():
        currency, _, rate = one.partition(":")
        if not Decimal(rate):
            raise problems.invalid([Flaw(path="rate", code="not_a_rate", detail=f"{one} is no rate.")])
        given[quarter, currency] = Decimal(rate)
    return given
