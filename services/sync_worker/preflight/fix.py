"""What the check found and the API can make: previewed first, then made by the booking engine.

Both ways look afresh, and plan the same drafts from the same findings; a preview stops there.
"""

import json
from collections.abc import Sequence
from typing import Any

from services.sync_worker.booking import BookingEngine
from services.sync_worker.hold import Hold
from services.sync_worker.preflight.check import examine, examine_and_store, in_words, must_be_declared
from services.sync_worker.workshop import Kit, Workshop
from services.sync_worker.writers.fortnox_settings import settings_writers
from shared.domain.documents import Draft, Plan, to_plain
from shared.domain.fixes import fixes_for
from shared.domain.outcomes import Done, Skipped
from shared.ledger.records import Run, StoredConnection

KIND = "preflight_fix"
NOTHING = "nothing of this is missing that can be made"


async def fix(shop: Workshop, hold: Hold) -> Done | Skipped:
    """For each who asked: what would be made, or what was."""
    subject = hold.lease.subject
    asked = await shop.ledger.runs.jobs(subject.connection, KIND)
    if not asked:
        return Skipped("nobody has asked for a fix")
    stored = await must_be_declared(shop, subject.connection)
    made: list[str] = []
    async with shop.kit_as_declared(stored, subject) as kit:
        for run in asked:
            made += await _one(shop, hold, stored, kit, run)
    return Done(documents=tuple(made))


async def _one(shop: Workshop, hold: Hold, stored: StoredConnection, kit: Kit, run: Run) -> Sequence[str]:
    subject = hold.lease.subject
    report = await examine(shop, subject, stored, kit)
    drafts = fixes_for(report.findings, run.request["codes"])
    result = json.dumps({"drafts": [shown(draft) for draft in drafts]}, ensure_ascii=False)
    if run.request["preview"] or not drafts:
        text = ", ".join(f"{draft.kind} {draft.ref}" for draft in drafts) or NOTHING
        state = "would_make" if drafts else "skipped"
        await shop.ledger.runs.item_done(run.id, run.request["item"], state, text, {"result": result})
        return ()
    done = await _make(shop, hold, kit, drafts)
    checked = await examine_and_store(shop, subject, stored, kit)
    text = "; ".join((", ".join(done.documents), *in_words(checked.report)))
    await shop.ledger.runs.item_done(run.id, run.request["item"], "done", text, {"result": result})
    return done.documents


async def _make(shop: Workshop, hold: Hold, kit: Kit, drafts: Sequence[Draft]) -> Done:
    subject = hold.lease.subject
    await _forget_what_is_gone(shop, hold, drafts)
    engine = BookingEngine(
        links=shop.ledger.links,
        connection=subject.connection,
        writers=settings_writers(kit.fortnox.in_lane(subject.lane)),
        hold=hold,
        clock=shop.clock,
        in_doubt_wait=kit.settings.fortnox.in_doubt_wait,
        checkpoint=shop.checkpoint,
    )
    return await engine.book(Plan(drafts=tuple(drafts)))


async def _forget_what_is_gone(shop: Workshop, hold: Hold, drafts: Sequence[Draft]) -> None:
    """The check has just seen that these are missing: what we made once, somebody has removed."""
    keys = {draft.key for draft in drafts}
    for link in await shop.ledger.links.named(hold.lease.subject.connection, "fortnox", keys):
        if link.number is not None:
            await shop.ledger.links.forgotten(hold.lease, link)


def shown(draft: Draft) -> dict[str, Any]:
    return {"kind": draft.kind, **to_plain(draft)}


PASSES = {KIND: fix}
