"""The listener beside a world: the stand-in's event stream on a real socket, and one replica or more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from services.event_listener.desk import Bell, Desk
from services.event_listener.leadership import Leadership
from services.event_listener.listener import Listener
from services.event_listener.pace import Pace
from services.event_listener.roster import Roster
from services.local.ports import free_port
from services.sandbox.app import create_sandbox_app
from services.sandbox.fortnox.websocket import Stream
from shared.ledger.records import StoredEvent
from shared.settings.connections import ConnectionDeclaration
from tests.support.processes_world import LOOPBACK, serving, until
from tests.support.world import CONNECTION, TENANT, World, a_declaration

QUICK = Pace(
    settle=timedelta(milliseconds=30),
    running=timedelta(milliseconds=300),
    look=timedelta(milliseconds=10),
    members=timedelta(milliseconds=30),
    tokens=timedelta(milliseconds=60),
    save=timedelta(milliseconds=100),
    first_back_off=timedelta(milliseconds=20),
    longest_back_off=timedelta(milliseconds=100),
    proven=timedelta(seconds=5),
)

PATIENT = replace(QUICK, settle=timedelta(milliseconds=400), running=timedelta(seconds=5))
"""For what depends on the ledger knowing in time what we wrote."""


@dataclass
class Ears:
    """Replicas that may be started and ended."""

    world: World
    url: str
    pace: Pace = QUICK
    running: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def stream(self) -> Stream:
        return self.world.sandbox.fortnox.stream

    async def declare(self, name: str = CONNECTION, *, active: bool = True, **changes: Any) -> None:
        """A connection whose events are told at our socket."""
        declared = a_declaration(**changes) | {"name": name}
        declared["fortnox"] = declared["fortnox"] | {"websocket_url": self.url}
        connections = self.world.ledger.connections
        await connections.put(ConnectionDeclaration.model_validate(declared))
        await connections.set_active(name, active)

    async def redirect(self) -> None:
        """The connection stays as it is declared, but for the stream's address."""
        connections = self.world.ledger.connections
        stored = await connections.get(CONNECTION)
        assert stored is not None
        fortnox = stored.declaration.fortnox.model_copy(update={"websocket_url": self.url})
        await connections.put(stored.declaration.model_copy(update={"fortnox": fortnox}))

    def start(self, owner: str = "one") -> asyncio.Task[None]:
        """A replica of the listener, in this process."""
        shop = self.world.shop
        roster = Roster(shop.ledger, shop.service, shop.clock, shop.transport)
        desk = Desk(shop.ledger, Bell(shop.service, shop.queue))
        listener = Listener(shop.ledger, desk, roster, shop.clock, self.pace)
        lease, heartbeat = timedelta(seconds=5), timedelta(milliseconds=200)
        leadership = Leadership(shop.ledger, owner, lease=lease, heartbeat=heartbeat)

        async def run() -> None:
            try:
                await leadership.run(listener.lead)
            finally:
                await roster.close()

        task = asyncio.create_task(run())
        self.running.append(task)
        return task

    async def stop(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def listen(self, *tenants: int) -> None:
        """Until the stream has begun, with these tenants if they are given."""

        def begun() -> bool:
            sockets = [one for one in self.stream.sockets if one.subscribed]
            return any(set(tenants) <= set(one.tenants) for one in sockets)

        await until(begun, what="listening")

    async def heard(self, count: int, **where: Any) -> list[StoredEvent]:
        """Events of Fortnox in the inbox, once there are so many, and a while later still as many."""
        found: list[StoredEvent] = []

        async def look() -> list[StoredEvent]:
            page = await self.world.ledger.inbox.page(CONNECTION, source="fortnox", limit=500)
            matching = [one for one in page.items if all(getattr(one, k) == v for k, v in where.items())]
            return matching[::-1]

        async with asyncio.timeout(20):
            while len(found := await look()) < count:
                await asyncio.sleep(0.02)
        await self.quiet()
        found = await look()
        assert len(found) == count, [(one.name, one.attributes) for one in found]
        return found

    async def rejoined(self, after: int) -> None:
        """The stream has begun again since it had been connected to so many times."""
        await until(lambda: self.stream.connects > after, what="a new connection")
        await self.listen(TENANT)

    async def quiet(self) -> None:
        """Long enough for whatever is under way to have arrived."""
        await asyncio.sleep(0.25 + self.pace.settle.total_seconds())


@asynccontextmanager
async def ears(world: World, **changes: Any) -> AsyncIterator[Ears]:
    """The world's own connection, as it is or so declared, is told at the socket; no replica runs yet."""
    port = free_port()
    async with serving(create_sandbox_app(world.sandbox), port):
        made = Ears(world, f"ws://{LOOPBACK}:{port}/fortnox/topics-v1")
        if changes:
            await made.declare(**changes)
        else:
            await made.redirect()
        try:
            yield made
        finally:
            for task in made.running:
                await made.stop(task)
            made.stream.cut()
