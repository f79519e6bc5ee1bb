"""Svea's two signatures: of the requests it receives and of the callbacks it sends.

Requests   Authorization: Svea base64(merchant ":" sha512hex(body + secret + timestamp))   svea.md 1.1
Callbacks  X-Signature-512: base64(HMAC-SHA512(secret, X-Timestamp + "." + body))          svea.md 4.5
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(minutes=5)
TIMESTAMP_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


def request_digest(*, secret: str, body: bytes, timestamp: str) -> str:
    return hashlib.sha512(body + secret.encode() + timestamp.encode()).hexdigest()


def authorization(*, merchant_id: str, secret: str, body: bytes, timestamp: str) -> str:
    token = f"{merchant_id}:{request_digest(secret=secret, body=body, timestamp=timestamp)}"
    return "Svea " + base64.b64encode(token.encode()).decode()


def request_headers(*, merchant_id: str, secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """What a correct client sends; for tests and for trying things by hand."""
    timestamp = at.astimezone(UTC).strftime(TIMESTAMP_FORMATS[0])
    token = authorization(merchant_id=merchant_id, secret=secret, body=body, timestamp=timestamp)
    return {"Authorization": token, "Timestamp": timestamp, "Content-Type": "application/json"}


def read_authorization(header: str) -> tuple[str, str] | None:
    """(merchant id, lower-case hex digest), or None when the header is not of Svea's form."""
    scheme, _, token = header.partition(" ")
    if scheme != "Svea":
        return None
    try:
        merchant_id, _, digest = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return merchant_id, digest.lower()


def read_timestamp(header: str) -> datetime | None:
    for form in TIMESTAMP_FORMATS:
        try:
            return datetime.strptime(header, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def is_fresh(timestamp: str, *, now: datetime) -> bool:
    sent = read_timestamp(timestamp)
    return sent is not None and abs(now - sent) <= TOLERANCE


def digest_matches(digest: str, *, secret: str, body: bytes, timestamp: str) -> bool:
    return hmac.compare_digest(digest, request_digest(secret=secret, body=body, timestamp=timestamp))


def webhook_signature(*, secret: str, timestamp: str, body: bytes) -> str:
    mac = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha512)
    return base64.b64encode(mac.digest()).decode()


def webhook_headers(*, secret: str, body: bytes, at: datetime) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    return {
        "X-Timestamp": timestamp,
        "X-Signature-512": webhook_signature(secret=secret, timestamp=timestamp, body=body),
    }
