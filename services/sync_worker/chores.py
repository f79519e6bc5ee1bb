"""What a worker does for a connection as a whole; only our own ledger and Svea's callbacks are changed.

A chore is a subject like any other, so it is leased, retried and seen; it has no plan and no documents.
"""

from collections.abc import Awaitable, Callable

from services.sync_worker.adobe_events import fetch_key, validate
from services.sync_worker.callbacks import SVEA_EVENTS, callback_url, why_svea_cannot_call
from services.sync_worker.completeness import completeness
from services.sync_worker.consent import exchange_consent
from services.sync_worker.currency_rates import currency_rates
from services.sync_worker.customer_search import refresh_register
from services.sync_worker.customer_sweeps import all_customers, changed_customers
from services.sync_worker.magento_consent import exchange_activation
from services.sync_worker.payouts import payouts
from services.sync_worker.preflight.check import preflight
from services.sync_worker.second_looks import open_sales, recent_sales
from services.sync_worker.shop_documents import all_documents, changed_documents
from services.sync_worker.shop_sweep import changed_orders
from services.sync_worker.tie_out import tie_out
from services.sync_worker.vat_reports import vat_tie_out
from services.sync_worker.workshop import Workshop
from shared.domain.outcomes import Done, Skipped
from shared.ledger.records import Subject

MASKED_AT_ONCE = 500
Chore = Callable[[Workshop, Subject], Awaitable[Done | Skipped]]


async def consent(shop: Workshop, subject: Subject) -> Done:
    await exchange_consent(shop, subject)
    return Done(notes=("consent exchanged for tokens",))


async def customer_register(shop: Workshop, subject: Subject) -> Done:
    """Our copy of the merchant's customers, so that a sale finds one without asking."""
    async with shop.context(subject) as ctx:
        count = await refresh_register(ctx.fortnox, shop.ledger, subject.connection, shop.clock())
    return Done(notes=(f"{count} customers looked at",))


async def svea_subscriptions(shop: Workshop, subject: Subject) -> Done | Skipped:
    """Svea calls us for every event of every market; what is subscribed already stays as it is."""
    async with shop.context(subject) as ctx:
        unreachable = why_svea_cannot_call(shop.service.public_url, ctx.settings)
        if unreachable:
            return Skipped(unreachable)
        notes = []
        for market in ctx.settings.markets:
            url = callback_url(shop.service.public_url, ctx.settings.name, market)
            found = await ctx.svea[market.name].ensure_subscription(url, SVEA_EVENTS)
            notes.append(f"{market.name}: {'verified' if found.verified else 'verification asked for'}")
    return Done(notes=tuple(notes))


async def mask_old_payloads(shop: Workshop, subject: Subject) -> Done:
    """Bodies of notices and exchanges that have been kept long enough; of all connections."""
    before = shop.clock() - shop.service.keep_payloads
    masked = 0
    for forget in (shop.ledger.inbox.mask_before, shop.ledger.audit.mask_before):
        while some := await forget(before, MASKED_AT_ONCE):
            masked += some
    return Done(notes=(f"{masked} bodies masked",))


CHORES: dict[str, Chore] = {
    "adobe_event_key": fetch_key,
    "adobe_validation": validate,
    "consent": consent,
    "customer_register": customer_register,
    "magento_consent": exchange_activation,
    "currency_rates": currency_rates,
    "customers": changed_customers,
    "customers_full": all_customers,
    "svea_subscriptions": svea_subscriptions,
    "shop_orders": changed_orders,
    "shop_documents": changed_documents,
    "shop_documents_full": all_documents,
    "payouts": payouts,
    "preflight": preflight,
    "tie_out": tie_out,
    "completeness": completeness,
    "svea_open_sales": open_sales,
    "svea_recent_sales": recent_sales,
    "mask_old_payloads": mask_old_payloads,
    "vat_tie_out": vat_tie_out,
}
