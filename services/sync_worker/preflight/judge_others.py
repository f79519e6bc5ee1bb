"""Svea's key sets, the shop, and the declaration against itself. Pure."""

from collections import defaultdict
from collections.abc import Iterator

from services.sync_worker.callbacks import SVEA_EVENTS, why_svea_cannot_call
from services.sync_worker.preflight.seen import Seen
from shared.clients.magento.probe import State
from shared.domain.findings import Finding
from shared.settings.connections import ConnectionDeclaration


def judge_callbacks(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    """Activation subscribes, so that before it nothing is missing. Sweeps make up for a lost callback
    of a sale that is known, not for the first one of a sale that is not."""
    if not seen.subscribed or why_svea_cannot_call(seen.public_url, settings) is not None:
        return
    for market in seen.svea:
        if not market.listed:
            continue
        if market.callback is None:
            what = "Svea has no subscription for our address"
        elif not market.callback.verified:
            what = "Svea has not verified our address, and sends nothing to it"
        elif missing := sorted(set(SVEA_EVENTS) - set(market.callback.events)):
            what = f"Svea does not tell us of {', '.join(missing)}"
        else:
            continue
        message = f"market {market.market}: {what}"
        yield Finding("callbacks_missing", "svea", market.market, message, False)


def judge_public_url(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    why = why_svea_cannot_call(seen.public_url, settings)
    if why is not None:
        yield Finding("public_url_local", "service", "SLUSS_PUBLIC_URL", why, False)


def judge_clearing(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    """What a market is owed is seen on its account alone."""
    if not settings.sync.payouts:
        return
    markets: defaultdict[int, list[str]] = defaultdict(list)
    for market in settings.markets:
        markets[market.accounts.clearing].append(market.name)
    for account, names in sorted(markets.items()):
        if len(names) > 1:
            message = f"the markets {', '.join(names)} share the clearing account {account}"
            facts = {"account": str(account), "markets": ", ".join(names)}
            yield Finding("clearing_account_shared", "declaration", str(account), message, False, facts=facts)


def judge_shop(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    shop = seen.shop
    if settings.magento is None:
        return
    if not settings.magento.has_keys:
        message = f"the shop {settings.magento.base_url} has not given us its keys"
        yield Finding("shop_not_connected", "magento", "shop", message)
    if shop is None:
        return
    if shop.state in (State.WRONG_CREDENTIALS, State.NOBODY):
        yield Finding("magento_credentials", "magento", "shop", f"the shop refuses us: {shop.message}")
        return
    for gone in shop.missing:
        message = f"the shop's integration lacks {gone.resource}, needed for {gone.purpose}"
        yield Finding("magento_rights", "magento", gone.resource, message, facts={"resource": gone.resource})
    needs = [
        name
        for name, wanted in (
            ("magento.refunds.to_shop", settings.magento.refunds.to_shop),
            ("sync.currency_rates", settings.sync.currency_rates),
        )
        if wanted
    ]
    if needs and shop.has_our_module is False:
        message = f"{' and '.join(needs)} need the shop module, which is not installed"
        yield Finding("shop_module_missing", "magento", "module", message, False)


def judge_prices(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    """Magento keeps catalogue prices in the base currency of the website."""
    if seen.shop is None or not seen.shop.stores:
        return
    codes = {website.website_id: website.code for website in seen.shop.websites}
    for line in settings.products.prices:
        found = {
            store.base_currency
            for store in seen.shop.stores
            if line.website in (None, codes.get(store.website_id))
        }
        if found and line.currency not in found:
            shown = ", ".join(sorted(found))
            message = f"price list {line.price_list} is in {line.currency}, the shop's prices are in {shown}"
            facts = {"price_list": line.price_list, "declared": line.currency, "found": shown}
            yield Finding("price_list_currency", "declaration", line.price_list, message, False, facts=facts)
