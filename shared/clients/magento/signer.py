"""OAuth 1.0a with HMAC-SHA256, as Magento's server checks it, which is not quite as RFC 5849 says.

Where the server differs (measured on 2.4.7-p3): parameters are sorted by PHP's ``strnatcmp``, so that
index 2 comes before index 10; a space is ``%20`` only; query parts without exactly one ``=`` do not
count; and in the path some escapes are undone before it is signed (2.4.8 leaves them: ``undo_escapes``).
A JSON body is not signed. A nonce is spent when it is first seen, so every attempt gets its own.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit

from shared.clients.http import Outgoing

METHOD = "HMAC-SHA256"
PORTS = {"http": 80, "https": 443}
ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
UNDONE = re.compile(r"[A-Za-z0-9._~\-:@&=+$,/;%]")
NUMBER = re.compile(r"[0-9]+")
SKIPPED = re.compile(r"oauth_[a-z_-]+")
JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True)
class OAuthKeys:
    """Four strings of 32 characters; without a token a request token is asked for."""

    consumer_key: str
    consumer_secret: str
    token: str = ""
    token_secret: str = ""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def a_nonce() -> str:
    """32 characters: a longer one would be cut off, and could then meet another."""
    return secrets.token_hex(16)


class OAuthSigner:
    """Signs each attempt with a nonce and the time of its own.

    ``undo_escapes`` is which of the two the server does; ``calls`` changes it when the server shows that
    it is the other. ``basic`` (``user:password``) goes in front for a shop that stands behind Basic auth.
    """

    def __init__(
        self,
        keys: OAuthKeys,
        *,
        basic: str = "",
        clock: Callable[[], datetime] = _utc_now,
        nonce: Callable[[], str] = a_nonce,
    ) -> None:
        self._keys, self._basic, self._clock, self._nonce = keys, basic, clock, nonce
        self.undo_escapes = True

    async def __call__(self, outgoing: Outgoing) -> Mapping[str, str]:
        return JSON | {"Authorization": self.authorization(outgoing.method, outgoing.url)}

    def authorization(self, method: str, url: str, **more: str) -> str:
        """The header for one attempt; ``more`` are further ``oauth_`` parameters (the verifier)."""
        oauth = {
            "oauth_consumer_key": self._keys.consumer_key,
            "oauth_nonce": self._nonce(),
            "oauth_signature_method": METHOD,
            "oauth_timestamp": str(int(self._clock().timestamp())),
            "oauth_version": "1.0",
            **({"oauth_token": self._keys.token} if self._keys.token else {}),
            **more,
        }
        base = base_string(method, url, oauth, undo_escapes=self.undo_escapes)
        oauth["oauth_signature"] = signature(base, self._keys)
        header = "OAuth " + ", ".join(f'{_encoded(k)}="{_encoded(v)}"' for k, v in oauth.items())
        return f"{_basic(self._basic)}, {header}" if self._basic else header


class BearerSigner:
    """The access token alone, for shops that allow it; it cannot be combined with Basic auth."""

    undo_escapes = True

    def __init__(self, token: str) -> None:
        self._token = token

    async def __call__(self, outgoing: Outgoing) -> Mapping[str, str]:
        return JSON | {"Authorization": f"Bearer {self._token}"}


Authentication = OAuthSigner | BearerSigner
Signing = Callable[[Outgoing], Awaitable[Mapping[str, str]]]


def base_string(method: str, url: str, oauth: Mapping[str, str], *, undo_escapes: bool = True) -> str:
    """What is signed; ``url`` is exactly what is sent."""
    found = urlsplit(url)
    pairs = [*_query(found.query), *oauth.items()]
    encoded = sorted(
        ((_encoded(name), _encoded(value)) for name, value in pairs), key=lambda pair: natural_key(pair[0])
    )
    path = signed_path(found.path) if undo_escapes else found.path
    address = f"{found.scheme.lower()}://{_host(url)}{path or '/'}"
    parameters = "&".join(f"{name}={value}" for name, value in encoded)
    return f"{method.upper()}&{_encoded(address)}&{_encoded(parameters)}"


def signature(base: str, keys: OAuthKeys) -> str:
    key = f"{_encoded(keys.consumer_secret)}&{_encoded(keys.token_secret)}"
    return base64.b64encode(hmac.digest(key.encode(), base.encode(), hashlib.sha256)).decode()


def signed_path(path: str) -> str:
    """The path as 2.4.6 and 2.4.7 see it: escapes of these characters are undone, once."""

    def undone(escape: re.Match[str]) -> str:
        character = unquote(escape[0], errors="replace")
        return character if UNDONE.fullmatch(character) else escape[0]

    return LONE_PERCENT.sub("%25", ESCAPE.sub(undone, path))


def is_ambiguous(url: str) -> bool:
    """Whether the versions sign this path differently."""
    path = urlsplit(url).path
    return signed_path(path) != path


def natural_key(name: str) -> str:
    """Sorts as PHP's ``strnatcmp`` does: text by characters, runs of digits by their value.

    Told by its length first, a run compares as text. Only runs like `01` would sort otherwise in PHP, and
    no name of ours has one.
    """
    return NUMBER.sub(lambda run: f"0{chr(len(run[0]))}{run[0]}", name)


# ── parts of an address ───────────────────────────────────────────────────────────────────────────


def _query(query: str) -> Iterable[tuple[str, str]]:
    """As the server takes it apart; a repeated name collapses to its last value."""
    parts = [part.split("=") for part in query.split("&")]
    found = {unquote(part[0]): unquote(part[1]) for part in parts if len(part) == 2}
    return [(name, value) for name, value in found.items() if not SKIPPED.fullmatch(name)]


def _host(url: str) -> str:
    """As the header ``Host`` says it: without a default port."""
    found = urlsplit(url)
    host = (found.hostname or "").encode("idna").decode()
    host = f"[{host}]" if ":" in host else host
    return host if found.port in (None, PORTS.get(found.scheme)) else f"{host}:{found.port}"


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def _basic(user_and_password: str) -> str:
    return "Basic " + base64.b64encode(user_and_password.encode()).decode()
