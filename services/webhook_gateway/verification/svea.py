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

from shared.domain.errors import Rejected

SIGNATURE_HEADER = "X-Signature-512"
TIMESTAMP_HEADER = "X-Timestamp"
SIGNATURE_BYTES = 64
LONGEST_TIMESTAMP = 12

NOBODYS_TOKEN = hashlib.sha512(b"compared with when there is nothing to compare with").hexdigest()


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
    same = hmac.compare_digest(_digest(expected), _digest(token))
    return same and keys is not None


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
            raise _rejected("signature_missing", "a signature is required and none was sent")
        return False
    timestamp = _must_be_one(headers.timestamps, "timestamp")
    signature = _must_be_one(headers.signatures, "signature")
    _must_be_fresh(timestamp, now=now, tolerance=keys.tolerance)
    _must_match(signature, timestamp=timestamp, body=body, secrets=keys.secrets)
    return True


def _must_be_one(values: Sequence[str], what: str) -> str:
    if not values:
        raise _rejected(f"{what}_missing", f"the {what} header is missing")
    if len(values) > 1:
        raise _rejected(f"{what}_malformed", f"the {what} header was sent {len(values)} times")
    return values[0]


def _must_be_fresh(timestamp: str, *, now: datetime, tolerance: timedelta) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP):
        raise _rejected("timestamp_malformed", "the timestamp is not unix seconds")
    age = now.timestamp() - int(timestamp)
    if abs(age) > tolerance.total_seconds():
        rule = "timestamp_too_old" if age > 0 else "timestamp_in_future"
        raise _rejected(rule, f"the timestamp is {age:.0f} s from our clock")


def _must_match(signature: str, *, timestamp: str, body: bytes, secrets: Sequence[str]) -> None:
    sent = _signature_bytes(signature)
    message = timestamp.encode() + b"." + body
    matches = [
        hmac.compare_digest(hmac.digest(secret.encode(), message, hashlib.sha512), sent) for secret in secrets
    ]
    if not any(matches):
        raise _rejected("signature_mismatch", "no secret of this market made this signature")


def _signature_bytes(signature: str) -> bytes:
    try:
        decoded = base64.b64decode(signature.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as problem:
        raise _rejected("signature_malformed", "the signature is not base64") from problem
    if len(decoded) != SIGNATURE_BYTES or base64.b64encode(decoded).decode() != signature:
        raise _rejected("signature_malformed", "the signature is not 64 bytes of standard base64")
    return decoded


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def _rejected(rule: str, message: str) -> Rejected:
    return Rejected(message, facts={"rule": rule})
