"""What all runs of a worker process share: the ledger, the queue, and each connection's clients."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from random import random
from typing import Any

from services.sync_worker.booking import Checkpoint, no_checkpoint
from services.sync_worker.context import FlowContext
from services.sync_worker.fortnox_facts import FortnoxFacts
from services.sync_worker.recorder import Recorder
from services.sync_worker.shop_facts import ShopFacts
from services.sync_worker.vat_register import VatRegister
from shared.clients import factory
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.http import Transport
from shared.clients.magento.client import MagentoClient
from shared.clients.svea.client import SveaClient
from shared.clients.vies import Vies
from shared.domain.errors import ConnectionInactive
from shared.ledger.ledger import Ledger
from shared.ledger.records import Link, OpenRunItem, Problem, StoredConnection, Subject, Wake
from shared.ledger.turns import Turn
from shared.queue import Queue
from shared.settings.connections import ConnectionDeclaration
from shared.settings.service import ServiceSettings

PREVIEWS = ("preview",)  # runs that a worker works out by itself; items of others wait for their subjects


@dataclass(frozen=True)
class Kit:
    """The clients of one version of one connection; kept while the connection does not change."""

    version: int
    settings: ConnectionDeclaration
    fortnox: FortnoxClient
    svea: dict[str, SveaClient]
    facts: FortnoxFacts
    magento: MagentoClient | None = None
    shop_facts: ShopFacts | None = None
    vat_register: VatRegister | None = None

    def forget(self) -> None:
        self.facts.forget()
        if self.vat_register is not None:
            self.vat_register.forget()
        if self.shop_facts is not None:
            self.shop_facts.forget()

    async def close(self) -> None:
        await self.fortnox.close()
        for client in self.svea.values():
            await client.close()
        if self.magento is not None:
            await self.magento.close()
        if self.vat_register is not None:
            await self.vat_register.client.close()


@dataclass
class Workshop:
    """What all runs of one worker process share."""

    ledger: Ledger
    service: ServiceSettings
    queue: Queue
    owner: str
    clock: Callable[[], datetime]
    random: Callable[[], float] = random
    checkpoint: Checkpoint = no_checkpoint
    transport: Transport | None = None
    kits: dict[str, Kit] = field(default_factory=dict)

    @asynccontextmanager
    async def context(
        self,
        subject: Subject,
        *,
        of_many: bool = False,
        turn: Turn | None = None,
        said: Recorder | None = None,
    ) -> AsyncIterator[FlowContext]:
        """A flow's tools for one run; every call it makes is kept with the subject.

        ``of_many``: the subject stands for a whole register, whose links and reads are too many to keep.
        ``turn`` is what the run has read when it began; ``said`` is kept by who gave it, when the run ends.
        """
        recorder = said or Recorder(self.ledger.audit, subject, self.clock, writes_only=of_many)
        kit = await self.kit(subject.connection, turn.version if turn else None)
        links = await self._links(subject, of_many=of_many, turn=turn)
        with recorder.listening():
            if subject.problem is not None:
                kit.forget()  # a person may just have changed what we remember
            try:
                yield FlowContext(
                    settings=kit.settings,
                    subject=subject,
                    ledger=self.ledger,
                    fortnox=kit.fortnox.in_lane(subject.lane),
                    facts=kit.facts,
                    svea=kit.svea,
                    clock=self.clock,
                    magento=kit.magento.in_lane(subject.lane) if kit.magento else None,
                    shop_facts=kit.shop_facts,
                    vat_register=kit.vat_register,
                    links=tuple(links),
                )
            finally:
                if said is None:
                    await recorder.flush()

    async def _links(self, subject: Subject, *, of_many: bool, turn: Turn | None) -> Sequence[Link]:
        if of_many:
            return ()
        return turn.links if turn else await self.ledger.links.for_subject(subject.id)

    async def kit(self, connection: str, version: int | None = None) -> Kit:
        """The connection's clients, made anew when its declaration has a new version.

        Opening a declaration costs as much as the rest of a run, so it is opened only when it changed;
        switching a connection off is a change too.
        """
        known = self.kits.get(connection)
        if known is not None and version is None:
            version = (await self.ledger.connections.versions()).get(connection)
        if known is not None and version == known.version:
            return known
        stored = await self.ledger.connections.get(connection)
        if stored is None or not stored.active:
            raise ConnectionInactive(f"the connection {connection} is not active")
        known = self.kits.get(connection)
        if known is None or known.version != stored.version:
            known = self.kits[connection] = self._new_kit(stored.declaration, stored.version)
        return known

    @asynccontextmanager
    async def kit_as_declared(self, stored: StoredConnection, subject: Subject) -> AsyncIterator[Kit]:
        """Clients of a connection that need not be active: to look before it is. What is written is kept."""
        recorder = Recorder(self.ledger.audit, subject, self.clock, writes_only=True)
        kit = self._new_kit(stored.declaration, stored.version)
        with recorder.listening():
            try:
                yield kit
            finally:
                await recorder.flush()
                await kit.close()

    def _new_kit(self, settings: ConnectionDeclaration, version: int) -> Kit:
        redis = self.queue.redis
        fortnox = factory.fortnox_client(
            settings,
            self.service,
            redis,
            self.ledger.credentials,
            observer=Recorder.observe,
            transport=self.transport,
            clock=self.clock,
        )
        svea = {
            market.name: factory.svea_client(
                market,
                self.service,
                redis,
                observer=Recorder.observe,
                transport=self.transport,
                clock=self.clock,
            )
            for market in settings.markets
        }
        facts = FortnoxFacts(fortnox, settings, self.clock)
        magento = self._magento(settings)
        shop_facts = ShopFacts(magento, self.clock) if magento is not None else None
        register = self._vat_register(settings)
        return Kit(version, settings, fortnox, svea, facts, magento, shop_facts, register)

    def _vat_register(self, settings: ConnectionDeclaration) -> VatRegister:
        told = settings.vat_numbers
        client = Vies(
            told.api_url,
            requester=told.own_number,
            observer=Recorder.observe,
            transport=self.transport,
        )
        return VatRegister(client, settings, self.ledger.vat_numbers, self.clock)

    def _magento(self, settings: ConnectionDeclaration) -> MagentoClient | None:
        if settings.magento is None or not settings.magento.has_keys:
            return None
        return factory.magento_client(
            settings.magento,
            self.service,
            self.queue.redis,
            observer=Recorder.observe,
            transport=self.transport,
            clock=self.clock,
        )

    async def settle_runs(
        self,
        waiting: Sequence[OpenRunItem],
        state: str,
        problem: Problem | None,
        reason: str | None,
        summary: dict[str, Any] | None,
    ) -> None:
        """Tell the backfills that wait for a subject how it ended."""
        text = problem.message if problem else reason or ", ".join((summary or {}).get("documents", []))
        facts = dict(problem.facts) if problem else {}
        if problem:
            facts["code"] = problem.code
        for item in waiting:
            if item.kind not in PREVIEWS:
                await self.ledger.runs.item_done(item.run_id, item.key, state, text or state, facts)

    async def ring_again(self, subject: Subject) -> None:
        await self.queue.wake([Wake(subject.id, subject.lane, subject.wanted, subject.fence)])

    async def close(self) -> None:
        for kit in self.kits.values():
            await kit.close()


Run = Callable[[Workshop, str], Awaitable[None]]
