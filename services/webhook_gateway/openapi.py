"""The OpenAPI document: what FastAPI finds in the routes, and what it cannot know."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.webhook_gateway.problems import ProblemDetails

VERSION = "1"
DESCRIPTION = """\
Operations API and callbacks of Sluss. Money is text with two decimals and a currency, instants are ISO 8601
in UTC, lists are paged with `cursor` and `limit`, refusals are RFC 9457 problem details with a stable `code`,
and every write takes an `Idempotency-Key`.
"""
TAGS = [
    {
        "name": "connections",
        "description": "Tenants: declared, shown with their health, switched on and off.",
    },
    {"name": "runs", "description": "Backfills and previews, with one line per item."},
    {"name": "subjects", "description": "Sales, payouts and whatever else is kept in step."},
    {"name": "payouts", "description": "What Svea paid, row by row, and whether it all adds up."},
    {"name": "vat", "description": "The OSS list, and VAT by our documents against Fortnox."},
    {"name": "events", "description": "What came in, and what became of it."},
    {"name": "callbacks", "description": "Called by Svea and Fortnox."},
    {"name": "health", "description": "For the platform."},
]


def describe(app: FastAPI) -> None:
    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title="Sluss", version=VERSION, description=DESCRIPTION, routes=app.routes, tags=TAGS)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    own = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(own.pop("$defs", {}))
    schemas["ProblemDetails"] = own
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for operation in _operations(made):
        _our_shape_of_422(operation)
    return made


def _operations(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in made["paths"].values() for operation in path.values()]


def _our_shape_of_422(operation: dict[str, Any]) -> None:
    """FastAPI announces its own validation error; we answer every 422 as a problem detail."""
    announced = operation.get("responses", {}).get("422")
    if announced and "application/json" in announced.get("content", {}):
        announced["description"] = "Unprocessable Entity"
        announced["content"] = {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
        }
