"""From when on the shop is told: a merchant who switches it on does not want the buyers of last year told."""

from datetime import date, timedelta

from services.sync_worker.context import FlowContext

INVOICES_SINCE = "shop_documents.invoices_since"
CREDITS_SINCE = "shop_documents.credits_since"
A_WEEK = timedelta(days=7)  # what was on its way when it was switched on


async def told_from(ctx: FlowContext, switch: str) -> date:
    """Documents dated before this day are not told. Before the first sweep it is a week ago."""
    value = await ctx.ledger.cursors.get(ctx.settings.name, switch)
    return date.fromisoformat(value) if value else ctx.today - A_WEEK


async def note_switches(ctx: FlowContext) -> None:
    """The first look with a switch on remembers the day; one with it off forgets it."""
    sync, cursors, name = ctx.settings.sync, ctx.ledger.cursors, ctx.settings.name
    for switch, is_on in ((INVOICES_SINCE, sync.shop_invoices), (CREDITS_SINCE, sync.credit_notes)):
        since = await cursors.get(name, switch)
        if is_on and not since:
            await cursors.set(name, switch, (ctx.today - A_WEEK).isoformat())
        elif since and not is_on:
            await cursors.set(name, switch, "")
