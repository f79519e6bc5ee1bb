"""Who may: a bearer key with scopes. Keys are stored hashed; the first comes from SLUSS_BOOTSTRAP_KEY."""

from typing import Annotated, Literal

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.webhook_gateway.house import house_of
from services.webhook_gateway.problems import ApiProblem
from shared.ledger.records import ApiKey

Scope = Literal["read", "operate", "admin"]

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key of the operations API: `read` shows, `operate` retries, `admin` sets up.",
)


async def authenticated(request: Request) -> ApiKey:
    """The key of this request. Raises the same 401 if it is missing, malformed, unknown or revoked."""
    known = getattr(request.state, "api_key", None)
    if isinstance(known, ApiKey):
        return known
    scheme, _, plain = request.headers.get("authorization", "").partition(" ")
    key = None
    if scheme.lower() == "bearer" and plain.strip():
        key = await house_of(request).ledger.api_keys.verify(plain.strip())
    if key is None:
        raise ApiProblem(
            401,
            "unauthorized",
            "A valid key is needed.",
            headers={"WWW-Authenticate": 'Bearer realm="sluss"'},
        )
    request.state.api_key = key
    return key


class Needs:
    """A dependency: the key must have this scope. Scopes do not contain each other."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(
        self, request: Request, shown: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
    ) -> ApiKey:
        key = await authenticated(request)
        if self.scope not in key.scopes:
            raise ApiProblem(403, "forbidden", f"This key lacks the scope `{self.scope}`.")
        return key


Reader = Annotated[ApiKey, Security(Needs("read"))]
Operator = Annotated[ApiKey, Security(Needs("operate"))]
Admin = Annotated[ApiKey, Security(Needs("admin"))]
