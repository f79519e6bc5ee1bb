"""Customers to look at: those that changed on either side, and all of them once a night.

A changed address alone moves nothing that the shop lets one ask for, so the nightly pass compares every
account with what we saw of it last. Those that say the same are left alone: they cost a page, not a run.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.customer.observed import Account
from services.sync_worker.flows.customer.plan import fingerprint
from services.sync_worker.flows.customer.read import to_account_here
from services.sync_worker.workshop import Workshop
from shared.clients.magento.wire_customers import Customer
from shared.domain.customers import shop_reference
from shared.domain.outcomes import Done, Skipped
from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, Link, Run, RunItem, Subject

# Seconds are the shop's resolution, and what it shows may be a replica that lags.
SHOP_OVERLAP = timedelta(minutes=15)
FORTNOX_OVERLAP = timedelta(minutes=5)
FIRST_LOOK = timedelta(days=1)
PER_BATCH = 100
SHOP_CURSOR = "customers.shop_seen_at"
FORTNOX_CURSOR = "customers.fortnox_seen_at"
FULL_CURSOR = "customers.full_pass_after"
NOTHING_TO_KEEP = "the connection has no shop that it may read, or customers are switched off"


async def changed_customers(shop: Workshop, subject: Subject) -> Done | Skipped:
    """Accounts that were saved, and Fortnox' customers that people changed, since the last look."""
    async with shop.context(subject) as ctx:
        if ctx.magento is None or not ctx.settings.sync.customers:
            return Skipped(NOTHING_TO_KEEP)
        sweep = Sweep(shop, ctx, await shop.ledger.runs.jobs(subject.connection, subject.kind))
        began = shop.clock()
        since = await _since(ctx, SHOP_CURSOR, began) - SHOP_OVERLAP
        await sweep.look_at_accounts(ctx.magento.customers(since=since))
        if ctx.settings.customers.goes_back:
            await sweep.look_at_fortnox(await _since(ctx, FORTNOX_CURSOR, began) - FORTNOX_OVERLAP)
        for cursor in (SHOP_CURSOR, FORTNOX_CURSOR):
            await shop.ledger.cursors.set(subject.connection, cursor, began.isoformat())
        return sweep.done()


async def all_customers(shop: Workshop, subject: Subject) -> Done | Skipped:
    """Every account of the shop; goes on where it was interrupted."""
    async with shop.context(subject) as ctx:
        if ctx.magento is None or not ctx.settings.sync.customers:
            return Skipped(NOTHING_TO_KEEP)
        sweep = Sweep(shop, ctx, await shop.ledger.runs.jobs(subject.connection, subject.kind))
        after = int(await shop.ledger.cursors.get(subject.connection, FULL_CURSOR) or 0)
        await sweep.look_at_accounts(ctx.magento.customers(after=after), cursor=FULL_CURSOR)
        await shop.ledger.cursors.set(subject.connection, FULL_CURSOR, "0")
        return sweep.done()


async def _since(ctx: FlowContext, cursor: str, now: datetime) -> datetime:
    """The first look goes back a day: what was before is for the nightly pass."""
    value = await ctx.ledger.cursors.get(ctx.settings.name, cursor)
    return now - FIRST_LOOK if value is None else datetime.fromisoformat(value)


class Sweep:
    """One look over many customers; whoever is to be looked at becomes an event, and a line of each run."""

    def __init__(self, shop: Workshop, ctx: FlowContext, runs: Sequence[Run]) -> None:
        self._shop, self._ctx, self._runs = shop, ctx, runs
        self._name = ctx.settings.name
        self._seen = 0
        self._told = 0

    async def look_at_accounts(self, customers: AsyncIterator[Customer], *, cursor: str = "") -> None:
        """A page at a time, whatever the shop's size."""
        batch: list[Account] = []
        async for customer in customers:
            batch.append(await to_account_here(customer, self._ctx))
            if len(batch) == PER_BATCH:
                await self._compare(batch, cursor)
                batch = []
        await self._compare(batch, cursor)

    async def look_at_fortnox(self, since: datetime) -> None:
        """Only customers that an account keeps have somebody to tell."""
        keepers: dict[str, str] = {}
        async for head in self._ctx.fortnox.customers_changed_since(since):
            link = await self._ctx.ledger.links.by_number(self._name, "fortnox", "customer", head.number)
            keeper = str(link.draft.get("keeper") or "") if link is not None else ""
            self._seen += 1
            if keeper:
                customer_id = keeper.removeprefix(shop_reference(""))
                keepers[customer_id] = f"fortnox|{head.number}|{self._shop.clock():%Y-%m-%dT%H:%M}"
        await self._tell(keepers)

    def done(self) -> Done:
        return Done(notes=(self._in_words(),))

    def _in_words(self) -> str:
        return f"{self._seen} customers compared, {self._told} to look at"

    async def _compare(self, accounts: Sequence[Account], cursor: str) -> None:
        if not accounts:
            return
        self._seen += len(accounts)
        settings = self._ctx.settings.customers
        wanted = {
            str(one.id): f"{one.id}|{fingerprint(one, settings)}|{one.updated_at}|{self._ctx.today}"
            for one in await self._unlike_before(accounts)
        }
        await self._tell(wanted)
        if cursor:
            await self._ctx.ledger.cursors.set(self._name, cursor, str(accounts[-1].id))
        for run in self._runs:
            await self._shop.ledger.runs.item_goes_on(run.id, run.request["item"], self._in_words())

    async def _unlike_before(self, accounts: Sequence[Account]) -> list[Account]:
        """Those that say something else than when they were last kept, in two questions for all."""
        links = self._ctx.ledger.links
        names = [("shop_customer", shop_reference(one.id)) for one in accounts]
        known = {link.reference: link for link in await links.named(self._name, "magento", names)}
        settings = self._ctx.settings.customers
        strangers = [one for one in accounts if shop_reference(one.id) not in known]
        if settings.accounts == "buyers":
            strangers = await self._buyers(strangers)
        changed = [
            one
            for one in accounts
            if (link := known.get(shop_reference(one.id))) and _says_else(link, fingerprint(one, settings))
        ]
        return [*strangers, *changed]

    async def _buyers(self, accounts: Sequence[Account]) -> list[Account]:
        names = {("customer", name) for one in accounts for name in one.card.references}
        found = await self._ctx.ledger.links.named(self._name, "fortnox", names)
        bought = {link.reference for link in found}
        return [one for one in accounts if bought.intersection(one.card.references)]

    async def _tell(self, wanted: dict[str, str]) -> None:
        """``wanted`` is a dedupe key by customer id. Runs have the line before the event can end it."""
        ids = {customer_id: subject_id(self._name, "customer", customer_id) for customer_id in wanted}
        items = [RunItem(key, "new", "It is on its way.", ids[key]) for key in wanted]
        for run in self._runs:
            await self._shop.ledger.runs.add_items(run.id, items)
        marks = "|".join(run.id for run in self._runs)
        events = [
            IncomingEvent(
                connection=self._name,
                source="sweep",
                name="customer_changed",
                dedupe_key=f"{key}|{marks}" if marks else key,
                subject_kind="customer",
                subject_key=customer_id,
                lane="bulk",
            )
            for customer_id, key in wanted.items()
        ]
        accepted = await self._shop.ledger.inbox.accept(events)
        await self._shop.queue.wake([one.subject for one in accepted if one.subject is not None])
        self._told += len(events)


def _says_else(link: Link, now: str) -> bool:
    return link.state != "cancelled" and (link.number is None or link.draft.get("seen") != now)
