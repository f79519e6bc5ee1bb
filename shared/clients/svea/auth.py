"""Svea's signature: one scheme for the Checkout and the Payment Admin API.

Formula and vectors: tests/data/svea/api-auth.json. The bytes that are sent are the bytes that are hashed;
address and query are not signed.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from shared.clients.http import Outgoing


def signature(merchant_id: str, secret: str, body: bytes, timestamp: str) -> str:
    """The value of ``Authorization`` for a body that is sent at ``timestamp`` (UTC, to the second)."""
    digest = hashlib.sha512(body + secret.encode() + timestamp.encode()).hexdigest()
    return "Svea " + base64.b64encode(f"{merchant_id}:{digest}".encode()).decode()


def _utc_now() -> datetime:
    return datetime.now(UTC)


def signer(
    merchant_id: str, secret: str, *, clock: Callable[[], datetime] = _utc_now
) -> Callable[[Outgoing], Awaitable[Mapping[str, str]]]:
    """Signs each attempt with the time it is made."""

    async def sign(outgoing: Outgoing) -> Mapping[str, str]:
        timestamp = clock().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        return {
            "Authorization": signature(merchant_id, secret, outgoing.body, timestamp),
            "Timestamp": timestamp,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    return sign
