"""Connections: declared, shown with their health, switched on and off. Secrets go in and never come out."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.intake import OPERATORS_RING_SECONDS
from services.webhook_gateway.operations.access import Admin, Reader
from services.webhook_gateway.operations.answers import (
    ConnectionAnswer,
    ConnectionHealth,
    ConnectionInFull,
    TokenAnswer,
)
from services.webhook_gateway.operations.paging import Listed
from services.webhook_gateway.operations.preflight import must_not_block, shown
from services.webhook_gateway.operations.repeatable import RepeatableRoute
from services.webhook_gateway.problems import Flaw
from shared.domain.outcomes import STANDING
from shared.ledger.cursors import standing_advice
from shared.ledger.errors import NothingStored
from shared.ledger.records import IncomingEvent, StoredConnection
from shared.settings.connections import CONNECTION_NAME, ConnectionDeclaration

router = APIRouter(tags=["connections"], route_class=RepeatableRoute)

OUR_OWN_ENVIRONMENT = "SLUSS_"
AT_ACTIVATION = ("svea_subscriptions", "customer_register", "preflight")
DECLARATION_EXAMPLE = {
    "name": "acme",
    "active_from": "2026-05-01",
    "fortnox": {"client_id": "abc", "client_secret": {"stored": True}, "tenant_id": 1234567},
    "markets": [
        {
            "name": "se",
            "country": "SE",
            "currency": "SEK",
            "svea": {"merchant_id": "124842", "secret": "...", "callback_token": "..."},
            "accounts": {"clearing": 1581, "bank": 1930},
        }
    ],
}
Declared = Annotated[
    dict[str, Any],
    Body(
        description='The whole declaration. A secret is a literal, {"env": NAME} read here and now, or '
        '{"stored": true} to keep the one that is stored.',
        examples=[DECLARATION_EXAMPLE],
    ),
]


class Activation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    force: bool = Field(False, description="Whatever the last pre-flight check found.")


@router.get("/connections", summary="All connections", responses=problems.documented(401, 403, 503))
async def list_connections(request: Request, key: Reader) -> Listed[ConnectionAnswer]:
    house = house_of(request)
    stored = sorted(await house.ledger.connections.all(), key=lambda one: one.name)
    return Listed(items=[_shown(house, one) for one in stored], next_cursor=None)


@router.get(
    "/connections/{connection}",
    summary="One connection, with health",
    responses=problems.documented(401, 403, 404, 503),
)
async def get_connection(request: Request, key: Reader, connection: str) -> ConnectionInFull:
    house = house_of(request)
    stored = await must_be_known(house, connection)
    return ConnectionInFull(**dict(_shown(house, stored)), health=await _health(house, connection))


@router.put(
    "/connections/{connection}",
    summary="Create or replace a connection",
    responses=problems.documented(401, 403, 409, 422, 503),
)
async def put_connection(
    request: Request, key: Admin, connection: str, declared: Declared
) -> ConnectionAnswer:
    house = house_of(request)
    declaration = await _must_be_valid(house, connection, declared)
    stored = await house.ledger.connections.put(declaration)
    house.callback_keys.forget()
    await house.ledger.audit.act(key.name, "connection.put", connection, None, {"version": stored.version})
    return _shown(house, stored)


@router.post(
    "/connections/{connection}/activate",
    summary="Start running its subjects",
    responses=problems.documented(401, 403, 404, 409, 422, 503),
)
async def activate(
    request: Request, key: Admin, connection: str, wanted: Activation | None = None
) -> ConnectionAnswer:
    """Refused while the last pre-flight check has findings that block; where there is none, one is made."""
    await must_be_known(house_of(request), connection)
    if wanted is None or not wanted.force:
        await must_not_block(house_of(request).ledger, connection)
    return await _switch(request, key, connection, on=True)


@router.post(
    "/connections/{connection}/deactivate",
    summary="Stop running its subjects; callbacks are still stored",
    responses=problems.documented(401, 403, 404, 409, 503),
)
async def deactivate(request: Request, key: Admin, connection: str) -> ConnectionAnswer:
    return await _switch(request, key, connection, on=False)


async def must_be_known(house: House, connection: str) -> StoredConnection:
    stored = await house.ledger.connections.get(connection)
    if stored is None:
        raise problems.not_found("connection")
    return stored


async def _switch(request: Request, key: Admin, connection: str, *, on: bool) -> ConnectionAnswer:
    house = house_of(request)
    await must_be_known(house, connection)
    stored = await house.ledger.connections.set_active(connection, on)
    action = "connection.activate" if on else "connection.deactivate"
    await house.ledger.audit.act(key.name, action, connection, None, {})
    if on:
        await _set_going(house, connection)
    return _shown(house, stored)


async def _set_going(house: House, connection: str) -> None:
    """What waited for the connection is tried at once, and its chores are done once now."""
    events = [
        IncomingEvent(
            connection=connection,
            source="operator",
            name="activate",
            dedupe_key=f"activate|{chore}|{house.clock().isoformat()}",
            subject_kind=chore,
            subject_key=connection,
            lane="bulk",
        )
        for chore in AT_ACTIVATION
    ]
    await house.intake.accept_many(events)
    waiting = await house.ledger.subjects.retry_where(connection=connection, state="needs_attention")
    await house.doorbell.ring(waiting, within=OPERATORS_RING_SECONDS)


async def _must_be_valid(house: House, connection: str, declared: dict[str, Any]) -> ConnectionDeclaration:
    if flaw := _name_flaw(connection, declared) or _environment_flaw(declared):
        raise problems.invalid([flaw])
    try:
        whole = await house.ledger.connections.merge_stored({**declared, "name": connection})
        return ConnectionDeclaration.model_validate(whole)
    except NothingStored as problem:
        path = ".".join(map(str, problem.path))
        detail = "There is no stored secret to keep; send it."
        raise problems.invalid([Flaw(path=path, code="nothing_stored", detail=detail)]) from problem
    except ValidationError as problem:
        raise problems.invalid(problems.flaws(problem)) from problem


def _name_flaw(connection: str, declared: Mapping[str, Any]) -> Flaw | None:
    if not CONNECTION_NAME.match(connection):
        detail = "A name has lower-case letters, digits, - and _ only, at most 63."
        return Flaw(path="name", code="bad_name", detail=detail)
    if declared.get("name", connection) != connection:
        return Flaw(path="name", code="name_differs", detail="The name is not the one in the address.")
    return None


def _environment_flaw(value: Any, path: str = "") -> Flaw | None:
    """Our own keys are in the same environment as a connection's secrets, and are nobody's secret."""
    if isinstance(value, Mapping):
        if set(value) == {"env"} and str(value["env"]).startswith(OUR_OWN_ENVIRONMENT):
            return Flaw(path=path, code="forbidden_env", detail="This variable is the service's own.")
        inner = value.items()
    elif isinstance(value, list):
        inner = dict(enumerate(value)).items()
    else:
        return None
    found = (_environment_flaw(one, f"{path}.{name}" if path else str(name)) for name, one in inner)
    return next((flaw for flaw in found if flaw), None)


def _shown(house: House, stored: StoredConnection) -> ConnectionAnswer:
    return ConnectionAnswer(
        name=stored.name,
        active=stored.active,
        version=stored.version,
        updated_at=stored.updated_at,
        declaration=house.ledger.connections.public(stored.declaration),
    )


async def _standing_advice(house: House, connection: str) -> dict[str, str]:
    told = {code: await house.ledger.cursors.get(connection, standing_advice(code)) for code in STANDING}
    return {code: text for code, text in told.items() if text is not None}


async def _health(house: House, connection: str) -> ConnectionHealth:
    """The rate window is Redis' and the workers' alone; reading it here would not be cheap."""
    tokens = await house.ledger.credentials.metadata(connection)
    checked = await house.ledger.preflights.last(connection)
    return ConnectionHealth(
        subjects=await house.ledger.subjects.counts(connection),
        oldest_due=await house.ledger.subjects.oldest_due(connection),
        tokens=[
            TokenAnswer(name=token.name, expires_at=token.expires_at, updated_at=token.updated_at)
            for token in tokens
        ],
        rate_window=None,
        advice=await _standing_advice(house, connection),
        last_preflight=shown(checked).model_dump(mode="json") if checked is not None else None,
    )
