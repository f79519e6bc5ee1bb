"""Who is heard: active connections, by the integration that their tokens are of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from services.event_listener.routing import topics_of
from shared.clients.factory import fortnox_tokens
from shared.clients.fortnox.auth import FortnoxTokens
from shared.clients.http import Transport
from shared.ledger.ledger import Ledger
from shared.ledger.records import StoredConnection
from shared.settings.service import ServiceSettings


@dataclass(frozen=True)
class Integration:
    """One app of the developer portal at one address: its tenants share a connection to the stream."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def stream(self) -> str:
        """Names it in positions, which are of no use on another; without the secret, which may change."""
        return sha256(f"{self.url}|{self.client_id}".encode()).hexdigest()[:16]


class Roster:
    """The connections as the ledger has them now, and their tokens."""

    def __init__(
        self,
        ledger: Ledger,
        service: ServiceSettings,
        clock: Callable[[], datetime],
        transport: Transport | None = None,
    ) -> None:
        self._ledger, self._service, self._clock, self._transport = ledger, service, clock, transport
        self._versions: Mapping[str, int] | None = None
        self._groups: dict[Integration, dict[str, StoredConnection]] = {}
        self._tokens: dict[str, tuple[int, FortnoxTokens]] = {}

    async def refresh(self) -> None:
        """Cheap unless something was changed."""
        versions = await self._ledger.connections.versions()
        if versions == self._versions:
            return
        groups: dict[Integration, dict[str, StoredConnection]] = {}
        for one in await self._ledger.connections.all():
            if one.active and one.declaration.fortnox.websocket_url and topics_of(one.declaration):
                groups.setdefault(_integration(one), {})[one.name] = one
        self._groups, self._versions = groups, versions

    @property
    def integrations(self) -> set[Integration]:
        return set(self._groups)

    def of(self, integration: Integration) -> Mapping[str, StoredConnection]:
        """Its connections, by name."""
        return self._groups.get(integration, {})

    async def token(self, connection: StoredConnection) -> str:
        """Good for some minutes; renewed where all processes renew. Raises ConnectionRevoked, Unavailable."""
        version, tokens = self._tokens.get(connection.name, (0, None))
        if tokens is None or version != connection.version:
            if tokens is not None:
                await tokens.close()
            tokens = fortnox_tokens(
                connection.declaration,
                self._service,
                self._ledger.credentials,
                transport=self._transport,
                clock=self._clock,
            )
            self._tokens[connection.name] = (connection.version, tokens)
        return await tokens.access_token()

    async def close(self) -> None:
        for _, tokens in self._tokens.values():
            await tokens.close()


def _integration(connection: StoredConnection) -> Integration:
    fortnox = connection.declaration.fortnox
    return Integration(fortnox.websocket_url, fortnox.client_id, fortnox.client_secret.get_secret_value())
