"""Activation of a Magento integration: two addresses that the merchant enters in Magento, good for a day.

Magento sends keys and verifier to the one, unsigned, and the browser to the other. What makes them ours is
the state in both addresses (we keep its digest), and the address of the shop, which the connection
declares. The keys are credentials: they are stored encrypted for Magento's 300 s; the worker exchanges them.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from services.webhook_gateway.operations.consent import RANDOM_BYTES, digest
from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent
from shared.settings.magento import MagentoSettings

LINK = "magento_activation"
PENDING = "magento_pending"
KIND = "magento_consent"
LINK_LIVES = timedelta(hours=24)
KEYS_LIVE = timedelta(seconds=300)  # Magento's own rule (oauth/consumer/expiration_period)
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Activation:
    """What the merchant enters in Magento's integration."""

    callback_url: str
    identity_url: str
    expires_at: datetime


@dataclass(frozen=True)
class ShopsKeys:
    """What Magento sends when the merchant presses Allow."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    verifier: str = field(repr=False)
    base_url: str


async def begin(
    ledger: Ledger,
    connection: str,
    *,
    public_url: str,
    now: datetime,
    random: Callable[[int], str] = secrets.token_urlsafe,
) -> Activation:
    """Addresses made before these for the same connection stop working."""
    state = random(RANDOM_BYTES)
    expires_at = now + LINK_LIVES
    await ledger.credentials.put(
        connection, LINK, {"digest": digest(state)}, expires_at, expected_version=None
    )
    base = f"{public_url.rstrip('/')}/connect/magento/{connection}/{state}"
    return Activation(f"{base}/callback", f"{base}/identity", expires_at)


async def is_ours(ledger: Ledger, connection: str, state: str, *, now: datetime) -> bool:
    kept = await ledger.credentials.get(connection, LINK)
    expected = str(kept.value.get("digest", "")) if kept else ""
    same = hmac.compare_digest(expected.encode(), digest(state).encode())
    return same and kept is not None and kept.expires_at is not None and kept.expires_at > now


async def take_keys(
    ledger: Ledger, connection: str, state: str, keys: ShopsKeys, now: datetime
) -> IncomingEvent:
    """Keeps them until they are exchanged or run out; the event says that it happened, and nothing else."""
    value = {
        "consumer_key": keys.consumer_key,
        "consumer_secret": keys.consumer_secret,
        "verifier": keys.verifier,
    }
    await ledger.credentials.put(connection, PENDING, value, now + KEYS_LIVE, expected_version=None)
    return _event(connection, "magento_callback", f"{state}|{keys.consumer_key}|{keys.verifier}", now)


async def take_visit(
    ledger: Ledger, connection: str, state: str, consumer_key: str, now: datetime
) -> IncomingEvent | None:
    """What the worker should look at; None if the shop has not sent this key within its 300 s."""
    pending = await ledger.credentials.get(connection, PENDING)
    if pending is None or pending.expires_at is None or pending.expires_at <= now:
        return None
    known = str(pending.value["consumer_key"])
    if not hmac.compare_digest(digest(known).encode(), digest(consumer_key).encode()):
        return None
    told = f"{state}|{known}|{pending.value['verifier']}"
    return _event(connection, "magento_identity", told, now, kind=KIND)


def _event(connection: str, name: str, told: str, now: datetime, kind: str | None = None) -> IncomingEvent:
    return IncomingEvent(
        connection=connection,
        source="consent",
        name=name,
        dedupe_key=f"{name}|{digest(told)}",
        subject_kind=kind,
        subject_key=connection if kind else None,
        lane="sale",
        occurred_at=now,
    )


def is_shop(settings: MagentoSettings, url: str) -> bool:
    """However it is written: letters, port, a slash, `index.php` or `/rest` at the end."""
    declared, told = _parts(settings.base_url), _parts(url)
    return told is not None and declared is not None and _place(declared) == _place(told)


def is_shops_admin(settings: MagentoSettings, url: str) -> bool:
    """Whether the browser may be sent there: the shop's host, or that of its admin."""
    told = _parts(url)
    known = [_parts(one) for one in (settings.base_url, settings.webhooks.admin_url) if one]
    return told is not None and any(one is not None and _host(one) == _host(told) for one in known)


def _parts(url: str) -> SplitResult | None:
    if not (url.isascii() and url.isprintable()) or "\\" in url or " " in url:
        return None  # browsers read such an address in other ways than we do
    try:
        parts = urlsplit(url)
        known = parts.scheme in PORTS and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return None
    return parts if known else None


def _host(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]


def _place(parts: SplitResult) -> tuple[str, str, int, str]:
    path = parts.path.rstrip("/")
    for end in ("/V1", "/rest", "/index.php"):
        path = path.removesuffix(end)
    return (*_host(parts), path)
