"""Currency rates: Fortnox' register, and what each store view has now."""

from decimal import Decimal

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.currency_rate.observed import FortnoxRate, ObservedRates, StoreRates
from shared.clients.fortnox.wire_company import Currency
from shared.clients.magento.client import MagentoClient
from shared.domain.currency_rates import ShopRatesDraft, is_a_rate
from shared.ledger.records import Subject


async def read(subject: Subject, ctx: FlowContext) -> ObservedRates:
    """One call to Fortnox, and one to the shop for each store view. Nothing where nothing is to be kept."""
    settings, client = ctx.settings, ctx.magento
    seen = ObservedRates(subject.key, settings, ctx.clock(), has_shop=client is not None)
    if client is None or not settings.sync.currency_rates or subject.key != settings.name:
        return seen
    if await client.module_version() is None:
        return ObservedRates(subject.key, settings, ctx.clock(), has_module=False)
    found = {one.code: _rate(one, ctx) for one in await ctx.fortnox.currencies()}
    return ObservedRates(
        subject.key,
        settings,
        ctx.clock(),
        fortnox={code: rate for code, rate in found.items() if rate is not None},
        stores=await _stores(client),
        last=_last(ctx),
    )


def _rate(currency: Currency, ctx: FlowContext) -> FortnoxRate | None:
    """None for a currency that Fortnox has without a rate."""
    wanted = currency.sell_rate if ctx.settings.currency_rates.rate == "sell" else currency.buy_rate
    if wanted is None or currency.unit <= 0 or not is_a_rate(wanted / currency.unit):
        return None
    return FortnoxRate(sek=wanted / currency.unit, rated_on=currency.rated_on)


async def _stores(client: MagentoClient) -> list[StoreRates]:
    found = [await client.currencies(view.code) for view in await client.store_views() if view.is_active]
    return [StoreRates(base=one.base, allowed=one.allowed, rates=one.rates) for one in found]


def _last(ctx: FlowContext) -> dict[str, Decimal]:
    drafts = (link.draft for link in ctx.links if link.kind == ShopRatesDraft.kind and link.number)
    return next((ShopRatesDraft.sek_of(draft) for draft in drafts), {})
