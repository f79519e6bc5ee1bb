"""Is this webhook from the merchant's shop? Pure: raw body, headers and keys in, a verdict out.

Our shop module signs `<timestamp>.<raw body>`, Mage-OS' async events the raw body alone (mageos-async-events,
HttpNotifier), both with HMAC-SHA256 in lower-case hex and one of the connection's `webhook_secrets`. What is
signed for one is never good for the other: a JSON object does not begin with digits. Modules that cannot sign
show a long token in the address, and log in with Basic where that is asked for.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.webhook_gateway.verification.rules import (
    NOBODYS_TOKEN,
    any_same,
    must_be_fresh,
    must_be_one,
    rejected,
)

MODULE_SIGNATURE = "X-Sluss-Signature"
MODULE_TIMESTAMP = "X-Sluss-Timestamp"
ASYNC_SIGNATURE = "X-Magento-Signature"

_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class ShopKeys:
    """What a webhook of one shop must show; with nothing in it, nothing is good."""

    connection: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    tolerance: timedelta = timedelta(seconds=300)
    commerce_keys: tuple[RSAPublicKey, ...] = ()
    adobe_clients: tuple[str, ...] = ()
    tokens: tuple[str, ...] = field(default=(), repr=False)
    login: str | None = field(default=None, repr=False)


NOBODY = ShopKeys(connection="")


def must_be_signed_by_module(
    body: bytes, *, signatures: Sequence[str], timestamps: Sequence[str], keys: ShopKeys, now: datetime
) -> None:
    """Raises Rejected with the fact `rule`; a shop without secrets takes as long as one with."""
    timestamp = must_be_one(timestamps, "timestamp")
    version, _, mac = must_be_one(signatures, "signature").partition("=")
    if version != "v1":
        raise rejected("signature_malformed", "the signature does not begin with v1=")
    must_be_fresh(timestamp, now=now, tolerance=keys.tolerance)
    _must_match(mac, timestamp.encode() + b"." + body, keys.secrets)


def must_be_signed_by_async_events(body: bytes, *, signatures: Sequence[str], keys: ShopKeys) -> None:
    """There is no time in it: what makes a repeat harmless is that an event only points. Raises Rejected."""
    _must_match(must_be_one(signatures, "signature"), body, keys.secrets)


def token_matches(keys: ShopKeys, token: str) -> bool:
    """Takes as long for a shop without tokens as for a wrong token."""
    return any_same(keys.tokens or (NOBODYS_TOKEN,), token) and bool(keys.tokens)


def must_be_logged_in(authorizations: Sequence[str], keys: ShopKeys) -> None:
    """Raises Rejected unless no login is asked for, or `Basic` shows it."""
    if keys.login is None:
        return
    scheme, _, sent = must_be_one(authorizations, "login").partition(" ")
    try:
        shown = base64.b64decode(sent.strip(), validate=True).decode()
    except (UnicodeError, binascii.Error, ValueError) as problem:
        raise rejected("login_malformed", "the login is not base64 of name and password") from problem
    if scheme.lower() != "basic" or not any_same((keys.login,), shown):
        raise rejected("login_mismatch", "the login is another one")


def _must_match(mac: str, message: bytes, secrets: Sequence[str]) -> None:
    if not _HEX.fullmatch(mac):
        raise rejected("signature_malformed", "the signature is not 64 lower-case hexadecimal digits")
    sent = bytes.fromhex(mac)
    matches = [
        hmac.compare_digest(hmac.digest(secret.encode(), message, hashlib.sha256), sent)
        for secret in secrets or (NOBODYS_TOKEN,)
    ]
    if not (any(matches) and secrets):
        raise rejected("signature_mismatch", "no secret of this shop made this signature")
