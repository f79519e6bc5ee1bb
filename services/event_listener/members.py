"""The tenants on one connection to the stream: who joined, with which token, and where each of them is."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from services.event_listener.positions import CURSOR, LONG_AGO, Mark, Position
from services.event_listener.roster import Integration, Roster
from services.event_listener.routing import topics_of
from shared.clients.fortnox.websocket import EventStream
from shared.domain.errors import NeedsAttention, Retryable, SlussError
from shared.ledger.ledger import Ledger
from shared.ledger.records import StoredConnection

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

TOKENS_PER_COMMAND = 50
TOKENS_AT_ONCE = 8  # a renewal is a call


@dataclass
class Member:
    """One connection of ours on the stream."""

    connection: StoredConnection
    tenant: int
    token: str

    @property
    def company(self) -> tuple[object, ...]:
        """What names the Fortnox company; anything else may change while it is on."""
        fortnox = self.connection.declaration.fortnox
        return fortnox.tenant_id, fortnox.grant, fortnox.oauth_url


@dataclass
class Members:
    integration: Integration
    roster: Roster
    ledger: Ledger
    by_name: dict[str, Member] = field(default_factory=dict)

    def by_tenant(self) -> dict[int, list[StoredConnection]]:
        found: dict[int, list[StoredConnection]] = {}
        for one in self.by_name.values():
            found.setdefault(one.tenant, []).append(one.connection)
        return found

    @property
    def topics(self) -> list[str]:
        wanted = {topic for one in self.by_name.values() for topic in topics_of(one.connection.declaration)}
        return sorted(wanted)

    async def join(self, stream: EventStream, connections: Iterable[StoredConnection]) -> None:
        """Those who have a token that Fortnox takes are members; the others are tried again later."""
        await self._add(stream, await self._tokens(connections))

    async def _add(self, stream: EventStream, tokens: Sequence[tuple[StoredConnection, str]]) -> None:
        for start in range(0, len(tokens), TOKENS_PER_COMMAND):
            part = tokens[start : start + TOKENS_PER_COMMAND]
            joined = await stream.add_tenants(self.integration.client_secret, [token for _, token in part])
            for connection, token in part:
                tenant = joined.tenants.get(token) or _declared(connection, token, joined.refused)
                if tenant is None:
                    log.warning("stream.tenant_refused", connection=connection.name)
                    self.by_name.pop(connection.name, None)
                else:
                    self.by_name[connection.name] = Member(connection, tenant, token)

    async def renew(self, stream: EventStream) -> None:
        """Tell the stream of new tokens, well before the old ones end."""
        known = {name: one.token for name, one in self.by_name.items()}
        tokens = await self._tokens([one.connection for one in self.by_name.values()])
        changed = [(one, token) for one, token in tokens if known[one.name] != token]
        await self._add(stream, changed)

    async def _tokens(self, connections: Iterable[StoredConnection]) -> list[tuple[StoredConnection, str]]:
        gate = asyncio.Semaphore(TOKENS_AT_ONCE)

        async def one_of(connection: StoredConnection) -> tuple[StoredConnection, str] | None:
            async with gate:
                try:
                    return connection, await self.roster.token(connection)
                except (Retryable, NeedsAttention) as problem:
                    _has_no_token(connection, problem)
                    return None

        found = await asyncio.gather(*(one_of(connection) for connection in connections))
        return [one for one in found if one is not None]

    async def leave(self, stream: EventStream, names: Sequence[str]) -> None:
        gone = [self.by_name.pop(name) for name in names]
        staying = {one.tenant for one in self.by_name.values()}
        tenants = sorted({one.tenant for one in gone} - staying)
        if tenants:
            await stream.remove_tenants(tenants)

    # ── where they are ────────────────────────────────────────────────────────────────────────────

    async def positions(self) -> dict[str, Position]:
        """Of every connection that was ever on this stream, member or not."""
        found: dict[str, Position] = {}
        for name, text in (await self.ledger.cursors.named(CURSOR)).items():
            try:
                position = Position.from_text(text)
            except ValueError as problem:
                log.warning("stream.position_unreadable", connection=name, why=str(problem))
                position = Position(self.integration.stream, LONG_AGO)
            if position.stream == self.integration.stream:
                found[name] = position
        return found

    async def keep(self, marks: Mapping[str, Mark], names: Iterable[str], now: datetime) -> None:
        here = Position(self.integration.stream, now, marks)
        values = {name: replace(here, marks={**marks}).to_text() for name in names if name in self.by_name}
        if values:
            await self.ledger.cursors.set_many(CURSOR, values)


def _declared(connection: StoredConnection, token: str, refused: Sequence[str]) -> int | None:
    """Where an answer names no tenant for a token that it took."""
    return None if token in refused else connection.declaration.fortnox.tenant_id


def _has_no_token(connection: StoredConnection, problem: SlussError) -> None:
    log.warning(
        "stream.tenant_has_no_token", connection=connection.name, problem=problem.code, why=problem.message
    )
