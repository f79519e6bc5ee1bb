"""The booking engine: the only code that writes to another system.

    intend -> (find) -> create -> compare -> finalise -> link

``intend`` is committed before anything is sent, so a crash at any point leaves either nothing, or a
row that says "look for it first". A document that a crash left behind is adopted, never made again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from services.sync_worker.hold import Hold
from shared.clients.fortnox.errors import ArticleMissing, CustomerMissing
from shared.domain.catalogue import ProductDraft
from shared.domain.customers import kept_beside
from shared.domain.documents import ArticleDraft, Draft, Plan, SalesDocument, to_plain
from shared.domain.errors import AlreadyPaid, InDoubt, NeedsAttention, NotYet, RefusedByFortnox, Unavailable
from shared.domain.outcomes import Done
from shared.domain.payments import PaymentDraft
from shared.ledger.links import Links
from shared.ledger.records import Intent, Link
from shared.telemetry.metrics import DOCUMENTS

SOON = timedelta(seconds=1)
Checkpoint = Callable[[str, Draft], Awaitable[None]]


class Vanished(Exception):
    """The document we had made is cancelled or gone in the other system: it has to be made anew."""


@dataclass(frozen=True)
class Written:
    """A document that now exists; ``answer`` is what came back, if that shows the whole document."""

    number: str
    answer: Any = None


class Numbers(Protocol):
    """Our references -> their numbers, for drafts that name each other."""

    def number_of(self, kind: str, ref: str) -> str: ...


class Writer(Protocol):
    """How one kind of draft is found, made, compared and made final in its system."""

    may_exist: bool  # people make these too: look before the first create
    revisable: bool  # may be changed after it was made, as long as it is not final
    kept_open: bool  # stays changeable until a later document closes it
    done_when_made: bool  # has no final state beyond existing

    async def find(self, draft: Any, numbers: Numbers, *, in_doubt: bool = False) -> str | None: ...
    async def create(self, draft: Any, numbers: Numbers) -> Written: ...
    async def update(
        self, draft: Any, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written: ...  # before is empty for one that is adopted
    async def cancel(self, number: str) -> None: ...
    async def compare(self, draft: Any, written: Written, numbers: Numbers) -> Sequence[str]: ...
    async def finalise(self, draft: Any, number: str) -> None: ...


async def no_checkpoint(step: str, draft: Draft) -> None:
    """Where tests stop the process; nothing in a real run."""


class BookingEngine:
    """Brings about the drafts of one plan, in order, under one lease."""

    def __init__(
        self,
        *,
        links: Links,
        connection: str,
        writers: Mapping[str, Writer],
        hold: Hold,
        clock: Callable[[], datetime],
        in_doubt_wait: timedelta,
        checkpoint: Checkpoint = no_checkpoint,
        known: Sequence[Link] = (),
    ) -> None:
        """``known``: the subject's links, as this run has read them already."""
        self._links = links
        self._connection = connection
        self._writers = writers
        self._hold = hold
        self._clock = clock
        self._in_doubt_wait = in_doubt_wait
        self._at = checkpoint
        self._known = {(link.kind, link.reference): link for link in known}

    def number_of(self, kind: str, ref: str) -> str:
        """The number of a document that this run knows; a KeyError here is a plan out of order."""
        number = self._known[kind, ref].number
        if number is None:
            raise KeyError(f"{kind} {ref} has no number")
        return number

    async def book(self, plan: Plan) -> Done:
        """Everything in the plan exists afterwards, or an error says why not and how far it came."""
        await self._learn(plan)
        notes: list[str] = []
        for draft in plan.drafts:
            notes += await self._bring_about(draft)
        numbers = [self._known[draft.key] for draft in plan.drafts if draft.key in self._known]
        return Done(
            documents=tuple(f"{link.kind} {link.number}" for link in numbers if link.number),
            notes=tuple(notes),
        )

    async def _learn(self, plan: Plan) -> None:
        """All links that the plan needs, in one question: others' customers and articles among them."""
        missing = [draft for draft in plan.drafts if draft.key not in self._known]
        for system in {draft.system for draft in missing}:
            keys = {draft.key for draft in missing if draft.system == system}
            for link in await self._links.named(self._connection, system, keys):
                self._known[link.kind, link.reference] = link

    async def _bring_about(self, draft: Draft) -> Sequence[str]:
        link = self._known.get(draft.key)
        if getattr(draft, "cancelled", False):
            await self._cancel(draft, link)
            return ()
        if link is not None and link.state == "cancelled":
            return ()
        if link is not None and link.number is not None:
            return await self._keep(draft, link)
        return await self._make(draft)

    async def _make(self, draft: Draft) -> Sequence[str]:
        writer = self._writers[draft.kind]
        intent = await self._intend(draft)
        if intent.link.number is not None:  # another subject has made it since we looked
            self._remember(draft, intent.link)
            return await self._bring_about(draft)
        await self._at("intended", draft)
        found = await self._look(draft, intent, writer)
        if found is not None:
            written = await self._adopt(draft, found, intent.link, writer)
        else:
            written = await self._create(draft, intent.link, writer)
        await self._at("answered", draft)
        order = self._open_order_of(draft)
        link = await self._links.created(
            self._hold.lease, intent.link, written.number, final=writer.done_when_made, closes=order
        )
        self._remember(draft, link)
        if order is not None:
            self._known["order", order.reference] = replace(order, state="final")
        await self._at("created", draft)
        if writer.done_when_made:
            DOCUMENTS.labels(draft.system, draft.kind).inc()
            return ()
        return await self._finish(draft, link, written)

    async def _intend(self, draft: Draft) -> Intent:
        facts = _facts_of(draft)
        return await self._links.intend(
            self._hold.lease,
            system=draft.system,
            kind=draft.kind,
            reference=draft.ref,
            draft=to_plain(draft),
            content_hash=draft.content_hash(),
            parent=facts.parent,
            total=facts.total,
            currency=facts.currency,
            dated=facts.dated,
        )

    async def _look(self, draft: Draft, intent: Intent, writer: Writer) -> str | None:
        """Ask the target, if an earlier run may have made it or people may have."""
        if intent.fresh:
            async with self._unwritten(intent.link):
                return await writer.find(draft, self) if writer.may_exist else None
        settled_at = intent.link.intended_at + (getattr(writer, "in_doubt_wait", None) or self._in_doubt_wait)
        if (wait := settled_at - self._clock()) > timedelta(0):
            raise InDoubt(f"{draft.ref}: an earlier try may still be under way", retry_after=wait)
        found = await writer.find(draft, self, in_doubt=True)
        if found is None:
            facts = _facts_of(draft)
            await self._links.rearm(
                self._hold.lease,
                intent.link,
                draft=to_plain(draft),
                content_hash=draft.content_hash(),
                total=facts.total,
                currency=facts.currency,
                dated=facts.dated,
            )
        return found

    async def _adopt(self, draft: Draft, found: str, link: Link, writer: Writer) -> Written:
        """What exists is taken as it is, unless the draft keeps it in step."""
        if not getattr(draft, "keeps", False):
            return Written(found)
        self._hold.must_hold()
        try:
            async with self._unwritten(link):
                return await writer.update(draft, found, self, {})
        except Vanished as gone:
            raise NotYet(f"{draft.ref}: {found} was there a moment ago", retry_after=SOON) from gone

    @asynccontextmanager
    async def _unwritten(self, link: Link) -> AsyncIterator[None]:
        """What fails in here has made nothing, so the next try need not wait as if it had."""
        try:
            yield
        except (NeedsAttention, Unavailable) as refusal:
            await self._links.refused(self._hold.lease, link, refusal.code)
            raise

    async def _create(self, draft: Draft, link: Link, writer: Writer) -> Written:
        self._hold.must_hold()
        try:
            async with self._unwritten(link):
                return await writer.create(draft, self)
        except InDoubt:
            await self._links.unanswered(self._hold.lease, link)
            raise
        except (NeedsAttention, Unavailable) as refusal:
            await self._forget_what_is_gone(draft, refusal)
            await self._wake_what_rests(draft, refusal)
            raise

    async def _wake_what_rests(self, draft: Draft, refusal: Exception) -> None:
        """Fortnox may refuse articles that we made inactive, and a sale of one may come late: books go
        before registers. The next pass over the catalogue lets them rest again."""
        named = _articles_of(draft)
        links = (self._known.get(("article", ref)) for ref in sorted(named))
        resting = [link for link in links if link is not None and link.draft.get("active") is False]
        if type(refusal) is not RefusedByFortnox or not resting:
            return
        for link in resting:
            awake = replace(ProductDraft.from_plain(link.reference, link.draft), active=True)
            await self._keep(awake, link)
        raise NotYet(f"{draft.ref}: {refusal}; its articles are active again", retry_after=SOON) from refusal

    async def _forget_what_is_gone(self, draft: Draft, refusal: Exception) -> None:
        """A customer or article that somebody deleted over there is made anew by the next try."""
        if isinstance(draft, PaymentDraft) and draft.entry and isinstance(refusal, AlreadyPaid):
            before = self._known.get(draft.key)
            if before is not None and before.problem_code == refusal.code:
                return  # it was refused before, and the plan has not found out why: a person has to
            # One row must not stop a payout: the next plan puts it on the observation account.
            raise NotYet(f"{draft.ref}: {refusal}; parked", retry_after=SOON) from refusal
        if isinstance(draft, ArticleDraft) and type(refusal) is RefusedByFortnox:
            # An article never stops a sale: the next plan sells it as a text row.
            raise NotYet(f"{draft.ref}: {refusal}; sold as a text row", retry_after=SOON) from refusal
        if isinstance(refusal, CustomerMissing):
            gone = {("customer", getattr(draft, "customer", ""))}
        elif isinstance(refusal, ArticleMissing):
            named = _articles_of(draft)
            gone = {("article", ref) for ref in named | {getattr(draft, "article", "")}}
        else:
            return
        for key in gone & self._known.keys():
            self._known[key] = await self._links.forgotten(self._hold.lease, self._known[key])
        raise NotYet(f"{draft.ref}: {refusal}; made anew by the next try", retry_after=SOON) from refusal

    async def _keep(self, draft: Draft, link: Link) -> Sequence[str]:
        """It exists: bring it up to date while that is possible, and make it final if it is not."""
        writer = self._writers[draft.kind]
        draft = kept_beside(draft, link.draft)
        changed = link.content_hash != draft.content_hash() and getattr(draft, "revise", True)
        if changed and writer.revisable and (link.state == "created" or not writer.kept_open):
            self._hold.must_hold()
            try:
                written = await writer.update(draft, link.number or "", self, link.draft)
            except Vanished:
                return await self._make_anew(draft, link)
            except RefusedByFortnox as refusal:
                await self._wake_what_rests(draft, refusal)
                raise
            await self._at("updated", draft)
            await writer.compare(draft, written, self)
            link = await self._updated(draft, link)
        if link.state == "final" or writer.kept_open:
            return ()
        return await self._finish(draft, link, Written(link.number or ""))

    async def _updated(self, draft: Draft, link: Link) -> Link:
        facts = _facts_of(draft)
        link = await self._links.updated(
            self._hold.lease,
            link,
            draft=to_plain(draft),
            content_hash=draft.content_hash(),
            total=facts.total,
            currency=facts.currency,
            dated=facts.dated,
        )
        self._remember(draft, link)
        return link

    async def _finish(self, draft: Draft, link: Link, written: Written) -> Sequence[str]:
        writer = self._writers[draft.kind]
        if not writer.kept_open and link.draft != to_plain(draft):
            link = await self._updated(draft, link)  # begun on another day, at another rate
        self._hold.must_hold()
        try:
            notes = await writer.compare(draft, written, self)
        except Vanished:
            return await self._make_anew(draft, link)
        await self._at("compared", draft)
        if writer.kept_open:
            return notes
        self._hold.must_hold()
        await writer.finalise(draft, written.number)
        await self._at("finalised", draft)
        self._remember(draft, await self._links.final(self._hold.lease, link, notes))
        DOCUMENTS.labels(draft.system, draft.kind).inc()
        await self._at("linked", draft)
        return notes

    async def _make_anew(self, draft: Draft, link: Link) -> Sequence[str]:
        self._known[draft.key] = await self._links.forgotten(self._hold.lease, link)
        return await self._make(draft)

    def _open_order_of(self, draft: Draft) -> Link | None:
        """An invoice closes its order: from now on the order cannot change."""
        order = self._known.get(("order", getattr(draft, "order", "")))
        return order if order is not None and order.state == "created" else None

    async def _cancel(self, draft: Draft, link: Link | None) -> None:
        if link is None or link.state == "cancelled":
            return
        writer = self._writers[draft.kind]
        number = link.number or await self._look(draft, Intent(link, fresh=False), writer)
        if number is not None:
            self._hold.must_hold()
            await writer.cancel(number)
            await self._at("cancelled", draft)
        self._remember(draft, await self._links.cancelled(self._hold.lease, link))

    def _remember(self, draft: Draft, link: Link) -> None:
        self._known[draft.key] = link


def _articles_of(draft: Draft) -> set[str]:
    """References of the articles in its rows; the rows of a voucher have none."""
    articles = (getattr(row, "article", None) for row in getattr(draft, "rows", ()))
    return {f"ART-{article}" for article in articles if article}


@dataclass(frozen=True)
class _Facts:
    parent: str | None
    total: Decimal | None
    currency: str | None
    dated: date | None


def _facts_of(draft: Draft) -> _Facts:
    total = draft.total if isinstance(draft, SalesDocument | PaymentDraft) else None
    return _Facts(
        parent=next(
            (getattr(draft, name) for name in ("order", "invoice", "parent") if hasattr(draft, name)), None
        ),
        total=total.amount if total else None,
        currency=total.currency if total else None,
        dated=getattr(draft, "dated", None),
    )
