"""Is this callback from Svea? Pure: raw body, headers and keys in, a verdict out.

Svea's scheme (sveawebpay/php-checkout, src/Callback/HmacSignatureVerifier.php): `X-Signature-512` is the
standard base64 of HMAC-SHA512 with the checkout secret over `X-Timestamp` + "." + raw body. Whether every
merchant's callbacks are signed is not published, so the token in the address is always required and the
signature is verified wherever one of its two headers is present.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address

from services.webhook_gateway.verification.rules import (
    NOBODYS_TOKEN,
    any_same,
    must_be_fresh,
    must_be_one,
    rejected,
)

SIGNATURE_HEADER = "X-Signature-512"
TIMESTAMP_HEADER = "X-Timestamp"
SIGNATURE_BYTES = 64


@dataclass(frozen=True)
class SveaCallbackKeys:
    """What a callback of one market must show."""

    connection: str
    market: str
    token: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    require_signature: bool = False
    tolerance: timedelta = timedelta(seconds=300)
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True)
class SignatureHeaders:
    """Every value that was sent under the two names: twice is as wrong as malformed."""

    signatures: Sequence[str]
    timestamps: Sequence[str]

    @property
    def absent(self) -> bool:
        return not self.signatures and not self.timestamps


def token_matches(keys: SveaCallbackKeys | None, token: str) -> bool:
    """Takes as long for an unknown connection as for a wrong token."""
    expected = keys.token if keys is not None else NOBODYS_TOKEN
    return any_same((expected,), token) and keys is not None


def source_allowed(keys: SveaCallbackKeys, address: str | None) -> bool:
    """Without ranges everybody may call; with ranges an address that cannot be read may not."""
    if not keys.networks:
        return True
    try:
        source = ip_address(address or "")
    except ValueError:
        return False
    plain = getattr(source, "ipv4_mapped", None) or source
    return any(plain in network for network in keys.networks)


def must_be_signed_by_svea(
    body: bytes, headers: SignatureHeaders, keys: SveaCallbackKeys, *, now: datetime
) -> bool:
    """True if the signature was verified, False if there was none and none is required.

    Raises Rejected with the fact `rule`, the one that failed: for log and counter, not for the sender.
    """
    if headers.absent:
        if keys.require_signature:
            raise rejected("signature_missing", "a signature is required and none was sent")
        return False
    timestamp = must_be_one(headers.timestamps, "timestamp")
    signature = must_be_one(headers.signatures, "signature")
    must_be_fresh(timestamp, now=now, tolerance=keys.tolerance)
    _must_match(signature, timestamp=timestamp, body=body, secrets=keys.secrets)
    return True


def _must_match(signature: str, *, timestamp: str, body: bytes, secrets: Sequence[str]) -> None:
    sent = _signature_bytes(signature)
    message = timestamp.encode() + b"." + body
    matches = [
        hmac.compare_digest(hmac.digest(secret.encode(), message, hashlib.sha512), sent) for secret in secrets
    ]
    if not any(matches):
        raise rejected("signature_mismatch", "no secret of this market made this signature")


def _signature_bytes(signature: str) -> bytes:
    try:
        decoded = base64.b64decode(signature.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as problem:
        raise rejected("signature_malformed", "the signature is not base64") from problem
    if len(decoded) != SIGNATURE_BYTES or base64.b64encode(decoded).decode() != signature:
        raise rejected("signature_malformed", "the signature is not 64 bytes of standard base64")
    return decoded
