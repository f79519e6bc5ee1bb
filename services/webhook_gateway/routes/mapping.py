"""The mapping of a connection: shown, replaced, and what the chart of accounts suggests. JSON or CSV."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.intake import OPERATORS_RING_SECONDS
from services.webhook_gateway.operations import mapping as show
from services.webhook_gateway.operations.access import Admin, Reader
from services.webhook_gateway.operations.mapping import (
    CSV,
    MappingAnswer,
    MappingWanted,
    ProposalAnswer,
)
from services.webhook_gateway.operations.repeatable import RepeatableRoute
from services.webhook_gateway.problems import ApiProblem, Flaw
from services.webhook_gateway.raw_body import BodyTooLarge, read_body
from services.webhook_gateway.routes.connections import must_be_known
from shared.settings.connections import ConnectionDeclaration
from shared.settings.mapping_csv import MappingFlaws, from_csv, to_csv

router = APIRouter(tags=["connections"], route_class=RepeatableRoute)

LARGEST_BODY = 1_000_000
Format = Annotated[
    Literal["json", "csv"] | None,
    Query(description="How it is answered; left out, as `Accept` says, and JSON else."),
]
AS_TABLE: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: {"schema": {"type": "string"}}}}}
TAKEN = {
    "requestBody": {
        "required": True,
        "description": "JSON, or a table with the columns of `sales` as `text/csv`. A table leaves the "
        "registrations as they are.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["sales"],
                    "properties": {
                        "sales": {"type": "array", "items": {"$ref": "#/components/schemas/SalesLine"}},
                        "registrations": {
                            "type": "array",
                            "items": {"$ref": "#/components/schemas/RegistrationLine"},
                        },
                    },
                }
            },
            CSV: {"schema": {"type": "string"}},
        },
    }
}


@router.get(
    "/connections/{connection}/mapping",
    summary="Which account and VAT code each treatment, country and rate has",
    response_model=MappingAnswer,
    responses={**AS_TABLE, **problems.documented(401, 403, 404, 422, 503)},
)
async def get_mapping(
    request: Request,
    key: Reader,
    connection: str,
    format: Format = None,
    defaults: Annotated[bool, Query(description="The table has the default lines, too.")] = False,
) -> Response | MappingAnswer:
    stored = await must_be_known(house_of(request), connection)
    if _wants_table(request, format):
        return _table(to_csv(show.table_of(stored, defaults=defaults)), f"{connection}-mapping.csv")
    return show.shown(stored)


@router.put(
    "/connections/{connection}/mapping",
    summary="Replace the mapping",
    openapi_extra=TAKEN,
    responses=problems.documented(401, 403, 404, 409, 413, 422, 503),
)
async def put_mapping(request: Request, key: Admin, connection: str) -> MappingAnswer:
    """All of it or nothing: what is wrong is told by line. Sales that stopped are tried again at once."""
    house = house_of(request)
    declared = (await must_be_known(house, connection)).declaration
    wanted = _read(request, await _body(request), declared.company_country)
    if flaws := show.contradictions_in(wanted, declared.company_country):
        raise problems.invalid(flaws)
    stored = await house.ledger.connections.revise(connection, lambda now: _with(now, wanted))
    detail = {"version": stored.version, "lines": len(wanted.sales)}
    await house.ledger.audit.act(key.name, "mapping.put", connection, None, detail)
    await _try_again(house, connection)
    return show.shown(stored)


@router.get(
    "/connections/{connection}/mapping/proposal",
    summary="A mapping made from the merchant's own chart of accounts",
    response_model=ProposalAnswer,
    responses={**AS_TABLE, **problems.documented(401, 403, 404, 422, 503)},
)
async def get_proposal(
    request: Request, key: Reader, connection: str, format: Format = None
) -> Response | ProposalAnswer:
    """Of the last pre-flight check, whose worker reads the chart. As a table: what is new or differs."""
    house = house_of(request)
    stored = await must_be_known(house, connection)
    checked = await house.ledger.preflights.last(connection)
    found = show.proposed(stored, checked) if checked is not None else None
    if found is None:
        raise problems.not_found("proposal; a pre-flight check that reads the chart of accounts makes one")
    if _wants_table(request, format):
        lines = [one.csv for one in found.lines if one.state != "same"]
        return _table("".join(f"{line}\r\n" for line in [to_csv(()).strip(), *lines]), "proposal.csv")
    return found


def _wants_table(request: Request, asked: str | None) -> bool:
    return asked == "csv" if asked is not None else CSV in request.headers.get("accept", "")


def _table(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{CSV}; charset=utf-8", headers=headers)


async def _body(request: Request) -> str:
    try:
        found = await read_body(request, limit=LARGEST_BODY)
    except BodyTooLarge as problem:
        raise ApiProblem(413, "body_too_large", f"At most {problem.limit} bytes are taken.") from problem
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError:
        return found.decode("cp1252", errors="replace")  # as older spreadsheets write


def _read(request: Request, body: str, home: str) -> MappingWanted:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == CSV:
            return MappingWanted(sales=from_csv(body, home=home))
        return MappingWanted.model_validate(json.loads(body))
    except MappingFlaws as found:
        raise problems.invalid(show.flaws_of_lines(found.flaws)) from found
    except ValidationError as found:
        raise problems.invalid(problems.flaws(found)) from found
    except (json.JSONDecodeError, RecursionError) as found:
        detail = "This is no JSON. A table is sent as text/csv."
        raise problems.invalid([Flaw(path="", code="json_invalid", detail=detail)]) from found


def _with(now: ConnectionDeclaration, wanted: MappingWanted) -> ConnectionDeclaration:
    registrations = now.registrations if wanted.registrations is None else wanted.registrations
    return now.model_copy(update={"sales": wanted.sales, "registrations": registrations})


async def _try_again(house: House, connection: str) -> None:
    waiting = await house.ledger.subjects.retry_where(
        connection=connection, kind="sale", state="needs_attention"
    )
    await house.doorbell.ring(waiting, within=OPERATORS_RING_SECONDS)
