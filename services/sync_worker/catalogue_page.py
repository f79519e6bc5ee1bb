"""One page of a pass: which of its products need writing, and which say what they said last time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.article.observed import ObservedProduct
from services.sync_worker.flows.article.plan import plan
from shared.domain.catalogue import UnitDraft
from shared.domain.documents import Draft, Plan
from shared.domain.errors import Bug, SlussError
from shared.domain.outcomes import Skipped
from shared.ledger.records import Link

log = structlog.get_logger()


@dataclass(frozen=True)
class Trouble:
    """Why a product was not written."""

    product: int
    problem: SlussError


@dataclass(frozen=True)
class Page:
    """``plans`` by product id, of those with something to write; ``known`` are the links of all."""

    plans: dict[int, Plan] = field(default_factory=dict)
    units: tuple[UnitDraft, ...] = ()
    known: dict[tuple[str, str], Link] = field(default_factory=dict)
    unchanged: int = 0
    left_out: int = 0
    trouble: tuple[Trouble, ...] = ()


async def page_of(seen: Sequence[ObservedProduct], ctx: FlowContext) -> Page:
    """One question to the ledger for all products of the page."""
    planned: dict[int, Plan] = {}
    trouble: list[Trouble] = []
    for one in seen:
        found = _planned(one)
        if isinstance(found, Plan):
            planned[one.id] = found
        elif isinstance(found, Trouble):
            trouble.append(found)
    names = {draft.key for found in planned.values() for draft in found.drafts}
    links = await ctx.ledger.links.named(ctx.settings.name, "fortnox", names)
    known = {(link.kind, link.reference): link for link in links}
    plans = {
        product: found
        for product, found in planned.items()
        if not all(_says_the_same(draft, known.get(draft.key)) for draft in found.drafts)
    }
    drafts = {draft.key: draft for found in plans.values() for draft in found.drafts}
    new_units = (draft for key, draft in drafts.items() if isinstance(draft, UnitDraft) and key not in known)
    return Page(
        plans=plans,
        units=tuple(new_units),
        known=known,
        unchanged=len(planned) - len(plans),
        left_out=len(seen) - len(planned) - len(trouble),
        trouble=tuple(trouble),
    )


def _planned(seen: ObservedProduct) -> Plan | Skipped | Trouble:
    """A product that cannot be planned is its own trouble, and nobody else's."""
    try:
        return plan(seen)
    except SlussError as problem:
        return Trouble(seen.id, problem)
    except Exception as bug:
        log.exception("product.broke", product=seen.id)
        return Trouble(seen.id, Bug(f"{type(bug).__name__}: {bug}"))


def _says_the_same(draft: Draft, link: Link | None) -> bool:
    if link is None or link.number is None or link.state != "final":
        return False
    return link.content_hash == draft.content_hash() or not getattr(draft, "revise", True)
