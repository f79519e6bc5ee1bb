"""A declaration in a file: read, with every flaw named by its path."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from services.command_line.failures import INVALID, Failed
from shared.settings.connections import ConnectionDeclaration


def read_declaration(file: Path) -> dict[str, Any]:
    """What the file says, not yet checked; YAML reads JSON too."""
    try:
        found = yaml.safe_load(file.read_text())
    except OSError as problem:
        raise Failed(f"{file} cannot be read: {problem.strerror}", code=INVALID) from problem
    except (UnicodeDecodeError, yaml.YAMLError) as problem:
        raise Failed(f"{file} is not YAML: {_one_line(problem)}", code=INVALID) from problem
    if not isinstance(found, dict):
        raise Failed(f"{file} must hold one declaration, with `name:` and the rest at the left", code=INVALID)
    return found


def checked(declared: Mapping[str, Any], *, called: str) -> ConnectionDeclaration:
    """Raises Failed with a line for each flaw."""
    try:
        return ConnectionDeclaration.model_validate(declared)
    except ValidationError as problem:
        flaws = [f"{path_of(error['loc'])}: {error['msg']}" for error in problem.errors()]
        raise Failed(f"{called} is refused for {_counted(flaws)}", lines=flaws, code=INVALID) from problem


def with_environment(value: Any, path: tuple[str | int, ...] = ()) -> Any:
    """Each `{env: NAME}` replaced by what is in our environment: another machine's has other variables."""
    if isinstance(value, dict):
        if set(value) == {"env"}:
            return _from_environment(str(value["env"]), path)
        return {name: with_environment(part, (*path, name)) for name, part in value.items()}
    if isinstance(value, list):
        return [with_environment(part, (*path, place)) for place, part in enumerate(value)]
    return value


def path_of(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "the declaration"


def _from_environment(name: str, path: tuple[str | int, ...]) -> str:
    if name not in os.environ:
        flaw = f"{path_of(path)}: the environment variable {name} is not set"
        raise Failed("the declaration needs a secret that is not there", lines=[flaw], code=INVALID)
    return os.environ[name]


def _counted(flaws: list[str]) -> str:
    return "one reason" if len(flaws) == 1 else f"{len(flaws)} reasons"


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())
