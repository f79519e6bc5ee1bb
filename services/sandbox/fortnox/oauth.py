"""Consents and tokens: three grants, tokens that expire, refresh tokens that work once."""

import base64
import binascii
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import unquote

from services.sandbox.fortnox.wire import words

ACCESS_TOKEN_LIFETIME = timedelta(hours=1)
REFRESH_TOKEN_LIFETIME = timedelta(days=45)
CODE_LIFETIME = timedelta(minutes=10)

ALL_SCOPES = words(
    """
    archive article bookkeeping companyinformation connectfile costcenter currency customer inbox
    invoice order payment price print profile project settings warehouse
    """
)


class OAuthError(Exception):
    """An answer of the token end point in the OAuth form."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.status = status
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Integration:
    """An app of the developer portal."""

    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True)
class Grant:
    """What a code or a token stands for, until when."""

    client_id: str
    tenant_id: int
    scopes: tuple[str, ...]
    expires: datetime
    service: bool = False


@dataclass
class OAuth:
    """Codes, tokens and consents of all integrations."""

    clock: Callable[[], datetime]
    integrations: dict[str, Integration] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    access_tokens: dict[str, Grant] = field(default_factory=dict)
    refresh_tokens: dict[str, Grant] = field(default_factory=dict)
    revoked_consents: set[tuple[str, int]] = field(default_factory=set)

    def add_integration(self, client_id: str, client_secret: str, redirect_uri: str) -> None:
        """Register an app."""
        self.integrations[client_id] = Integration(client_id, client_secret, redirect_uri)

    def integration(self, authorization: str | None) -> Integration:
        """The app behind a Basic header, or `invalid_client`."""
        client_id, _, secret = _basic(authorization).partition(":")
        integration = self.integrations.get(unquote(client_id))
        if integration is None or integration.client_secret != unquote(secret):
            raise OAuthError(401, "invalid_client", "The client credentials are invalid")
        return integration

    def consent(self, client_id: str, tenant_id: int, scopes: tuple[str, ...], *, service: bool) -> str:
        """A code for ten minutes, as after a click on `approve`."""
        code = secrets.token_hex(20)
        self.revoked_consents.discard((client_id, tenant_id))
        self.codes[code] = Grant(client_id, tenant_id, scopes, self.clock() + CODE_LIFETIME, service)
        return code

    def exchange(self, client_id: str, code: str) -> dict[str, object]:
        """Tokens for a code. The code is gone whatever happens."""
        grant = self._use(self.codes, client_id, code, "Invalid authorization code")
        return self._answer(grant, refreshable=True)

    def refresh(self, client_id: str, token: str) -> dict[str, object]:
        """New tokens for a refresh token, which is gone afterwards."""
        grant = self._use(self.refresh_tokens, client_id, token, "Invalid refresh token")
        return self._answer(grant, refreshable=True)

    def client_credentials(
        self, client_id: str, tenant_id: int, scopes: tuple[str, ...]
    ) -> dict[str, object]:
        """An access token without a refresh token."""
        grant = Grant(client_id, tenant_id, scopes, self.clock(), service=True)
        return self._answer(grant, refreshable=False)

    def revoke(self, client_id: str, token: str) -> None:
        """Forget a refresh token."""
        grant = self.refresh_tokens.get(token)
        if grant is not None and grant.client_id == client_id:
            del self.refresh_tokens[token]

    def withdraw(self, client_id: str, tenant_id: int) -> None:
        """The customer takes the consent back in Fortnox: no token of it works any more."""
        self.revoked_consents.add((client_id, tenant_id))
        for grants in (self.codes, self.access_tokens, self.refresh_tokens):
            for key in [k for k, g in grants.items() if (g.client_id, g.tenant_id) == (client_id, tenant_id)]:
                del grants[key]

    def bearer(self, authorization: str | None) -> Grant | None:
        """What an `Authorization: Bearer` header stands for; None when it is unknown or too old."""
        scheme, _, token = (authorization or "").partition(" ")
        grant = self.access_tokens.get(token) if scheme.lower() == "bearer" else None
        return grant if grant is not None and grant.expires > self.clock() else None

    def _use(self, grants: dict[str, Grant], client_id: str, key: str, refusal: str) -> Grant:
        grant = grants.get(key)
        if grant is None or grant.client_id != client_id:
            raise OAuthError(400, "invalid_grant", refusal)
        del grants[key]
        if grant.expires <= self.clock():
            raise OAuthError(400, "invalid_grant", refusal)
        return grant

    def _answer(self, grant: Grant, *, refreshable: bool) -> dict[str, object]:
        access_token = self._new_access_token(grant)
        answer: dict[str, object] = {
            "access_token": access_token,
            "expires_in": int(ACCESS_TOKEN_LIFETIME.total_seconds()),
            "token_type": "bearer",
            "scope": " ".join(grant.scopes),
        }
        if refreshable:
            answer["refresh_token"] = self._new_refresh_token(grant)
        return answer

    def _new_access_token(self, grant: Grant) -> str:
        expires = self.clock() + ACCESS_TOKEN_LIFETIME
        claims = {
            "tenantId": grant.tenant_id,
            "userId": "1",
            "scope": list(grant.scopes),
            "exp": int(expires.timestamp()),
            "jti": secrets.token_hex(8),
        }
        token = ".".join(
            [_base64({"typ": "JWT", "alg": "HS256"}), _base64(claims), secrets.token_urlsafe(32)]
        )
        self.access_tokens[token] = Grant(
            grant.client_id, grant.tenant_id, grant.scopes, expires, grant.service
        )
        return token

    def _new_refresh_token(self, grant: Grant) -> str:
        token = secrets.token_hex(20)
        expires = self.clock() + REFRESH_TOKEN_LIFETIME
        self.refresh_tokens[token] = Grant(
            grant.client_id, grant.tenant_id, grant.scopes, expires, grant.service
        )
        return token


def _basic(authorization: str | None) -> str:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""  # as unknown as a wrong secret


def _base64(claims: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
