"""The keys that callbacks are verified with, in memory for a second: intake asks no database for them.

A load that fails fails the callback: keys that cannot be known to be current verify nothing.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_network

from services.webhook_gateway.magento_keys import to_shop_keys
from services.webhook_gateway.verification.magento import ShopKeys
from services.webhook_gateway.verification.svea import SveaCallbackKeys
from shared.ledger.connections import Connections
from shared.ledger.records import StoredConnection
from shared.settings.connections import Market

FRESH_SECONDS = 1.0

Keys = Mapping[tuple[str, str], SveaCallbackKeys]


class CallbackKeys:
    def __init__(
        self,
        connections: Connections,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connections = connections
        self._monotonic = monotonic
        self._keys: Keys = {}
        self._shops: Mapping[str, ShopKeys] = {}
        self._versions: dict[str, int] = {}
        self._fresh_until = float("-inf")
        self._changes = 0
        self._loading = asyncio.Lock()

    async def of(self, connection: str, market: str) -> SveaCallbackKeys | None:
        """None if there is no such market. Raises what the ledger raised, if it could not be asked."""
        if self._monotonic() >= self._fresh_until:
            await self._refresh()
        return self._keys.get((connection, market))

    async def of_shop(self, connection: str) -> ShopKeys | None:
        """None if there is no such connection, or it has no shop. Raises as above."""
        if self._monotonic() >= self._fresh_until:
            await self._refresh()
        return self._shops.get(connection)

    def forget(self) -> None:
        """A declaration was changed here: the next callback sees it."""
        self._changes += 1
        self._fresh_until = float("-inf")

    async def _refresh(self) -> None:
        async with self._loading:
            if self._monotonic() < self._fresh_until:
                return
            asked_at, changes = self._monotonic(), self._changes
            versions = await self._connections.versions()
            if versions != self._versions:
                stored = await self._connections.all()
                self._keys, self._shops = _by_market(stored), _by_shop(stored)
                self._versions = versions
            if changes == self._changes:
                self._fresh_until = asked_at + FRESH_SECONDS


def _by_market(connections: Sequence[StoredConnection]) -> Keys:
    return {
        (stored.name, market.name): to_callback_keys(stored.name, market)
        for stored in connections
        for market in stored.declaration.markets
    }


def _by_shop(connections: Sequence[StoredConnection]) -> Mapping[str, ShopKeys]:
    return {
        stored.name: to_shop_keys(stored.name, stored.declaration.magento)
        for stored in connections
        if stored.declaration.magento is not None
    }


def to_callback_keys(connection: str, market: Market) -> SveaCallbackKeys:
    svea = market.svea
    secrets = (svea.secret, *svea.previous_secrets)
    return SveaCallbackKeys(
        connection=connection,
        market=market.name,
        token=svea.callback_token.get_secret_value(),
        secrets=tuple(secret.get_secret_value() for secret in secrets),
        require_signature=svea.require_signature,
        tolerance=svea.signature_tolerance,
        networks=tuple(ip_network(network) for network in svea.source_ranges),
    )
