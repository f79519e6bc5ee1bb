"""Adobe's keys as the gateway has them: in memory for a second, in the ledger for a day, fetched by a worker.

The gateway calls nobody. A key that it does not have is asked of a worker, and Adobe is told to come back;
one that gets old is asked for in time. Who is not Adobe can make us ask as well: there is a limit per hour.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.webhook_gateway.magento_keys import to_rsa_key
from shared.domain.adobe_keys import EVERYBODYS, KEY_KIND, KEYS_NAME, REFRESH_AFTER, AdobeKey, to_keys
from shared.ledger.credentials import Credentials
from shared.ledger.records import IncomingEvent

FRESH_SECONDS = 1.0
MOST_WANTED_PER_HOUR = 32


@dataclass(frozen=True)
class Known:
    """``ageing``: paths of keys that should be fetched again."""

    version: int = 0
    keys: Mapping[str, AdobeKey] = field(default_factory=dict)
    rsa: Mapping[str, RSAPublicKey] = field(default_factory=dict)

    def ageing(self, paths: Iterable[str], *, now: datetime) -> list[str]:
        return [
            path for path in paths if path in self.keys and now - self.keys[path].fetched_at > REFRESH_AFTER
        ]


class AdobeKeyRing:
    def __init__(
        self,
        credentials: Credentials,
        clock: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._monotonic = monotonic
        self._known = Known()
        self._fresh_until = float("-inf")
        self._loading = asyncio.Lock()
        self._hour = ""
        self._wanted: set[tuple[str, str]] = set()

    async def known(self) -> Known:
        """Raises what the ledger raised, if it could not be asked."""
        if self._monotonic() >= self._fresh_until:
            await self._refresh()
        return self._known

    def forget(self) -> None:
        self._fresh_until = float("-inf")

    def to_wants(self, connection: str, paths: Iterable[str], *, trusted: bool) -> list[IncomingEvent]:
        """Events for a worker to fetch these keys, at most one per key and hour."""
        now = self._clock().astimezone(UTC)
        self._begin(f"{now:%Y-%m-%dT%H}")
        wanted = []
        for path in paths:
            one = (connection, path)
            if one not in self._wanted and (trusted or len(self._wanted) < MOST_WANTED_PER_HOUR):
                self._wanted.add(one)
                wanted.append(_want(connection, path, self._hour, now))
        return wanted

    def _begin(self, hour: str) -> None:
        if hour != self._hour:
            self._hour = hour
            self._wanted.clear()

    async def _refresh(self) -> None:
        async with self._loading:
            if self._monotonic() < self._fresh_until:
                return
            asked_at = self._monotonic()
            stored = await self._credentials.get(EVERYBODYS, KEYS_NAME)
            keys = to_keys(stored.value, now=self._clock()) if stored else {}
            if keys != self._known.keys:
                rsa = {path: to_rsa_key(key.pem) for path, key in keys.items()}
                self._known = Known(stored.version if stored else 0, keys, rsa)
            self._fresh_until = asked_at + FRESH_SECONDS


def _want(connection: str, path: str, hour: str, now: datetime) -> IncomingEvent:
    return IncomingEvent(
        connection=connection,
        source="magento",
        name="adobe_key_wanted",
        dedupe_key=f"{KEY_KIND}|{path}|{hour}",
        subject_kind=KEY_KIND,
        subject_key=path,
        lane="sale",
        occurred_at=now,
    )
