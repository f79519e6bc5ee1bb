"""Access tokens of one connection: asked for, renewed in time, shared by all processes.

With client credentials a lost answer costs nothing: we ask again. With a consent that rotates, a refresh
token works once, so a renewal is: lock, read again, note that it began, refresh, store, and only then
use. What dies between refresh and store has lost the consent; the note makes that readable.
"""

import asyncio
import base64
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from shared.clients.fields import Fields
from shared.clients.fortnox.errors import Said
from shared.clients.http import Answer, HttpClient, Outgoing
from shared.domain.errors import (
    ConnectionRevoked,
    InDoubt,
    MissingRights,
    Retryable,
    SlussError,
    Unavailable,
    UnreadableAnswer,
)
from shared.settings.connections import FortnoxSettings

TOKEN_NAME = "fortnox"
RENEW_BEFORE = timedelta(minutes=10)  # a token lives an hour
LOCK_FOR = timedelta(seconds=90)  # longer than a refresh with the longest time-out and its storing
LOCK_WAIT_SECONDS = 30.0
STORE_ATTEMPTS = 12
RIGHTS_ERRORS = ("error_missing_license", "error_missing_app_license", "insufficient_scope")


class StoredToken(Protocol):
    @property
    def value(self) -> Mapping[str, Any]: ...
    @property
    def version(self) -> int: ...
    @property
    def expires_at(self) -> datetime | None: ...


class TokenStore(Protocol):
    """Where tokens are kept; the ledger's ``Credentials`` is one.

    ``put`` is compare-and-set: it writes only when the stored version is ``expected_version`` (0: nothing
    is stored yet) and raises a SlussError otherwise.
    """

    async def get(self, connection: str, name: str) -> StoredToken | None: ...
    async def put(
        self,
        connection: str,
        name: str,
        value: dict[str, Any],
        expires_at: datetime | None,
        *,
        expected_version: int,
    ) -> int: ...
    async def lock(self, connection: str, name: str, owner: str, for_: timedelta) -> bool: ...
    async def unlock(self, connection: str, name: str, owner: str) -> None: ...


@dataclass(frozen=True)
class Consent:
    """What a finished consent gave us."""

    tenant_id: int | None
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class _Token:
    access: str
    renew_at: datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


class FortnoxTokens:
    """``sign`` and ``renew`` are what ``HttpClient`` asks for; the rest is consent and revocation."""

    def __init__(
        self,
        settings: FortnoxSettings,
        store: TokenStore,
        connection: str,
        http: HttpClient,
        *,
        clock: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``http`` calls Fortnox' OAuth address, unsigned and without a limiter."""
        self._settings, self._store, self._connection, self._http = settings, store, connection, http
        self._clock, self._sleep = clock, sleep
        self._token: _Token | None = None
        self._one_at_a_time = asyncio.Lock()

    async def close(self) -> None:
        await self._http.close()

    async def sign(self, outgoing: Outgoing) -> Mapping[str, str]:
        return {
            "Authorization": f"Bearer {await self.access_token()}",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401: another token than the refused one, from whoever renewed it first."""
        token = refused.get("Authorization", "").removeprefix("Bearer ")
        await self.access_token(instead_of=token)
        return True

    async def access_token(self, *, instead_of: str | None = None) -> str:
        """A token that is good for some minutes. Raises ConnectionRevoked or Unavailable."""
        if (token := self._usable(self._token, instead_of)) is not None:
            return token.access
        async with self._one_at_a_time:
            if (token := self._usable(self._token, instead_of)) is None:
                stored = await self._stored()
                token = self._usable(_token_of(stored), instead_of) or await self._renewed(instead_of)
            self._token = token
            return token.access

    async def exchange_code(self, code: str, redirect_uri: str | None = None) -> Consent:
        """Finish a consent: its tokens are stored before anything else happens."""
        form = {"grant_type": "authorization_code", "code": code}
        if redirect_uri or self._settings.redirect_uri:
            form["redirect_uri"] = redirect_uri or self._settings.redirect_uri or ""
        value = self._read(await self._post("/token", form))
        before = await self._stored()
        await self._put(value, before)
        self._token = None
        return Consent(tenant_id(value["access_token"]), tuple(value.get("scope", "").split()))

    async def revoke(self) -> None:
        """Give the consent back to Fortnox, if it is one that rotates, and forget the tokens."""
        stored = await self._stored()
        if stored is None:
            return
        refresh = str(stored.value.get("refresh_token", ""))
        if refresh:
            await self._post("/revoke", {"token_type_hint": "refresh_token", "token": refresh})
        await self._store.put(self._connection, TOKEN_NAME, {}, None, expected_version=stored.version)
        self._token = None

    # ── renewal ───────────────────────────────────────────────────────────────────────────────────

    def _usable(self, token: _Token | None, instead_of: str | None) -> _Token | None:
        good = token is not None and token.access != instead_of and token.renew_at > self._clock()
        return token if good else None

    async def _stored(self) -> StoredToken | None:
        return await self._store.get(self._connection, TOKEN_NAME)

    async def _renewed(self, instead_of: str | None) -> _Token:
        if self._settings.grant == "client_credentials":
            return await self._by_tenant()
        return await self._by_consent(instead_of)

    async def _by_tenant(self) -> _Token:
        tenant = {"TenantId": str(self._settings.tenant_id)}
        answer = await self._post("/token", {"grant_type": "client_credentials"}, headers=tenant)
        value = self._read(answer)
        with suppress(Retryable):  # another process stored its token first: both tokens are good
            await self._put(value, await self._stored())
        return self._good(value)

    async def _by_consent(self, instead_of: str | None) -> _Token:
        owner = uuid.uuid4().hex
        await self._lock(owner)
        try:
            stored = await self._stored()
            if (token := self._usable(_token_of(stored), instead_of)) is not None:
                return token
            return await self._refreshed(stored)
        finally:
            await self._store.unlock(self._connection, TOKEN_NAME, owner)

    async def _lock(self, owner: str) -> None:
        give_up = time.monotonic() + LOCK_WAIT_SECONDS
        while not await self._store.lock(self._connection, TOKEN_NAME, owner, LOCK_FOR):
            if time.monotonic() > give_up:
                raise Unavailable(f"{self._connection}: another process is renewing the Fortnox token")
            await self._sleep(0.1)

    async def _refreshed(self, stored: StoredToken | None) -> _Token:
        refresh = str(stored.value.get("refresh_token", "")) if stored else ""
        if stored is None or not refresh:
            raise ConnectionRevoked(f"{self._connection}: there is no consent from Fortnox yet")
        began = stored.value.get("renewal_began")
        noted = {**stored.value, "renewal_began": began or self._clock().isoformat()}
        version = await self._store.put(
            self._connection, TOKEN_NAME, noted, stored.expires_at, expected_version=stored.version
        )
        try:
            answer = await self._post("/token", {"grant_type": "refresh_token", "refresh_token": refresh})
        except ConnectionRevoked as refusal:
            raise await self._explained(refusal, began, version) from refusal
        value = self._read(answer)
        value.setdefault("refresh_token", refresh)
        await self._keep(value, version)  # stored before it is used: the old one is dead
        return self._good(value)

    async def _keep(self, value: dict[str, Any], version: int) -> None:
        """We hold the only copy of the new refresh token, so a ledger that stumbles is given time."""
        for attempt in range(1, STORE_ATTEMPTS + 1):
            try:
                await self._store.put(
                    self._connection, TOKEN_NAME, value, _instant(value), expected_version=version
                )
            except Unavailable:
                if attempt == STORE_ATTEMPTS:
                    raise
                await self._sleep(min(0.1 * 2**attempt, 5.0))
            else:
                return

    async def _explained(self, refusal: ConnectionRevoked, began: str | None, version: int) -> SlussError:
        """invalid_grant: somebody else renewed, or we once died between refresh and store."""
        now = await self._stored()
        if now is not None and now.version != version:
            return Unavailable(f"{self._connection}: the Fortnox token was renewed elsewhere meanwhile")
        if began is None:
            return refusal
        return ConnectionRevoked(
            f"{refusal.message}. A renewal began at {began} and its answer was never stored: "
            "the single-use refresh token is spent, and the consent must be given again",
            facts=refusal.facts | {"renewal_began": began},
        )

    async def _put(self, value: dict[str, Any], before: StoredToken | None) -> None:
        await self._store.put(
            self._connection,
            TOKEN_NAME,
            value,
            _instant(value),
            expected_version=before.version if before else 0,
        )

    # ── the token end point ───────────────────────────────────────────────────────────────────────

    async def _post(
        self, path: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        try:
            answer = await self._http.call(
                "POST",
                path,
                body=urlencode(form).encode(),
                headers={**self._basic(), **(headers or {})},
                idempotent=form.get("grant_type") == "client_credentials",
                endpoint=f"oauth{path}",
            )
        except InDoubt as lost:  # in doubt is the token, not the document that waits for it
            raise Unavailable(lost.message, facts=lost.facts) from lost
        if not answer.ok:
            raise self._refusal(answer)
        return answer

    def _basic(self) -> dict[str, str]:
        pair = f"{self._settings.client_id}:{self._settings.client_secret.get_secret_value()}"
        return {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }

    def _refusal(self, answer: Answer) -> SlussError:
        said = Said(answer)
        text = f"Fortnox refused a token for {self._connection}: {said.message or said.name or answer.status}"
        facts = {"oauth_error": said.name, "http_status": str(answer.status)}
        if said.name in RIGHTS_ERRORS:
            return MissingRights(text, facts=facts)
        return ConnectionRevoked(text, facts=facts)

    def _read(self, answer: Answer) -> dict[str, Any]:
        try:
            fields = Fields(answer.json(), of="token")
        except ValueError:
            raise UnreadableAnswer("Fortnox' token answer is not JSON") from None
        lifetime = timedelta(seconds=fields.integer("expires_in") or 3600)
        now = self._clock()
        value = {
            "access_token": fields.needed_text("access_token"),
            "scope": fields.text("scope"),
            "renew_at": (now + max(lifetime - RENEW_BEFORE, lifetime / 2)).isoformat(),
            "expires_at": (now + lifetime).isoformat(),
        }
        if refresh := fields.text("refresh_token"):
            value["refresh_token"] = refresh
        return value

    def _good(self, value: Mapping[str, Any]) -> _Token:
        return _Token(str(value["access_token"]), datetime.fromisoformat(str(value["renew_at"])))


def _token_of(stored: StoredToken | None) -> _Token | None:
    if stored is None or not stored.value.get("access_token"):
        return None
    return _Token(str(stored.value["access_token"]), datetime.fromisoformat(str(stored.value["renew_at"])))


def _instant(value: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(value["expires_at"]))


def tenant_id(access_token: str) -> int | None:
    """The database number in a token's claims; the signature is Fortnox' business."""
    try:
        claims = access_token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))).get("tenantId")
        return int(found) if found is not None else None
    except (IndexError, ValueError, AttributeError, TypeError):
        return None
