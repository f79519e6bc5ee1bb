"""A declaration as a document: with its secrets, without them, and with those that stay."""

from typing import Any

from pydantic import SecretStr
from pydantic_core import to_jsonable_python

from shared.ledger.errors import NothingStored
from shared.settings.connections import ConnectionDeclaration

STORED = {"stored": True}


def revealed(declaration: ConnectionDeclaration) -> dict[str, Any]:
    """Everything, secrets too: for sealing only."""
    return _document(declaration, lambda secret: secret.get_secret_value())


def public(declaration: ConnectionDeclaration) -> dict[str, Any]:
    """What may be shown: every secret is ``{"stored": true}``."""
    return _document(declaration, lambda _: dict(STORED))


def _document(declaration: ConnectionDeclaration, show: Any) -> dict[str, Any]:
    document: dict[str, Any] = to_jsonable_python(_walk(declaration.model_dump(), show))
    return document


def _walk(value: Any, show: Any) -> Any:
    if isinstance(value, SecretStr):
        return show(value)
    if isinstance(value, dict):
        return {name: _walk(part, show) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(part, show) for part in value]
    return value


def merged(raw: Any, stored: Any, path: tuple[str | int, ...] = ()) -> Any:
    """``raw`` with every ``{"stored": true}`` replaced by what is stored there.

    Lines of a list that have a name (markets) are found by it, others by their place.
    """
    if isinstance(raw, dict):
        if raw == STORED:
            if not isinstance(stored, str):
                raise NothingStored(path)
            return stored
        known = stored if isinstance(stored, dict) else {}
        return {name: merged(part, known.get(name), (*path, name)) for name, part in raw.items()}
    if isinstance(raw, list | tuple):
        return [merged(part, _same(part, place, stored), (*path, place)) for place, part in enumerate(raw)]
    return raw


def _same(part: Any, place: int, stored: Any) -> Any:
    lines = stored if isinstance(stored, list) else []
    if isinstance(part, dict) and "name" in part:
        return next((line for line in lines if line.get("name") == part["name"]), None)
    return lines[place] if place < len(lines) else None
