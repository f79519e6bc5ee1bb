"""What every part of a declaration has in common: no unknown keys, nothing that changes, typed values."""

import os
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationInfo

Account = Annotated[int, Field(ge=1000, le=9999)]


def _resolve_env(value: Any) -> Any:
    """``{env: NAME}`` is read once, when the declaration is applied; then it is stored encrypted."""
    if isinstance(value, dict) and set(value) == {"env"}:
        name = str(value["env"])
        if name not in os.environ:
            raise ValueError(f"the environment variable {name} is not set")
        return os.environ[name]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_decimal(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


Secret = Annotated[SecretStr, BeforeValidator(_resolve_env)]
Text = Annotated[
    str, BeforeValidator(lambda v: str(v) if isinstance(v, int) and not isinstance(v, bool) else v)
]
Number = Annotated[Decimal, BeforeValidator(_as_decimal)]


AS_STORED = {"stored": True}  # a context for what was accepted once: newer contradictions do not refuse it


def is_stored(info: ValidationInfo) -> bool:
    return info.context == AS_STORED


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
