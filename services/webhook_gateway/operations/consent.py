"""Fortnox consent: a link that an administrator opens, and a state that is taken once.

The state goes to Fortnox and comes back through a browser; we keep only its digest, for fifteen minutes. The
code that comes back is a credential: it is stored encrypted, and the worker exchanges it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from shared.ledger.errors import VersionMoved
from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent
from shared.settings.connections import FortnoxSettings

STATE_NAME = "fortnox_consent"
CODE_NAME = "fortnox_code"
STATE_LIVES = timedelta(minutes=15)
CODE_LIVES = timedelta(minutes=10)  # Fortnox' own rule
RANDOM_BYTES = 32


@dataclass(frozen=True)
class Consent:
    authorize_url: str
    expires_at: datetime


async def begin(
    ledger: Ledger,
    connection: str,
    settings: FortnoxSettings,
    *,
    redirect_uri: str,
    now: datetime,
    random: Callable[[int], str] = secrets.token_urlsafe,
) -> Consent:
    """A link made before this one for the same connection stops working."""
    state = f"{connection}.{random(RANDOM_BYTES)}"
    expires_at = now + STATE_LIVES
    await ledger.credentials.put(
        connection,
        STATE_NAME,
        {"digest": digest(state), "redirect_uri": redirect_uri},
        expires_at,
        expected_version=None,
    )
    return Consent(authorize_url=_authorize_url(settings, redirect_uri, state), expires_at=expires_at)


async def take_code(ledger: Ledger, *, state: str, code: str, now: datetime) -> IncomingEvent | None:
    """Uses the state up, stores the code, says what the worker should look at; None for a bad state."""
    connection = state.rpartition(".")[0]
    redirect_uri = await _use_up(ledger, connection, state, now)
    if redirect_uri is None:
        return None
    await ledger.credentials.put(
        connection,
        CODE_NAME,
        {"code": code, "redirect_uri": redirect_uri},
        now + CODE_LIVES,
        expected_version=None,
    )
    return IncomingEvent(
        connection=connection,
        source="consent",
        name="fortnox_consent",
        dedupe_key=digest(state),
        subject_kind="consent",
        subject_key=connection,
        lane="sale",
        occurred_at=now,
    )


async def _use_up(ledger: Ledger, connection: str, state: str, now: datetime) -> str | None:
    kept = await ledger.credentials.get(connection, STATE_NAME)
    expected = str(kept.value.get("digest", "")) if kept else ""
    same = hmac.compare_digest(expected.encode(), digest(state).encode())
    if kept is None or not same or kept.expires_at is None or kept.expires_at <= now:
        return None
    try:
        await ledger.credentials.put(
            connection, STATE_NAME, {"used": True}, kept.expires_at, expected_version=kept.version
        )
    except VersionMoved:
        return None  # somebody else used it in the same moment
    return str(kept.value["redirect_uri"])


def digest(state: str) -> str:
    return hashlib.sha256(state.encode(errors="surrogatepass")).hexdigest()


def _authorize_url(settings: FortnoxSettings, redirect_uri: str, state: str) -> str:
    """`account_type=service`: client credentials work for a service account only."""
    base = settings.oauth_url.rstrip("/")
    if not base.endswith("/oauth-v1"):
        base += "/oauth-v1"
    asked = {
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(settings.scopes),
        "state": state,
        "access_type": "offline",
        "response_type": "code",
    }
    if settings.grant == "client_credentials":
        asked["account_type"] = "service"
    return f"{base}/auth?{urlencode(asked)}"
