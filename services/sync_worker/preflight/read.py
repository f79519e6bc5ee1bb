"""Everything that the check looks at. Reads only; what cannot be read is a finding, and no error."""

from collections.abc import Awaitable, Callable

from services.sync_worker.callbacks import callback_url
from services.sync_worker.preflight.read_fortnox import read_fortnox
from services.sync_worker.preflight.seen import Seen, StoppedSale, SveaSeen
from services.sync_worker.workshop import Kit, Workshop
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.probe import probe
from shared.clients.svea.client import SveaClient
from shared.domain.errors import (
    ConnectionRevoked,
    ForeignOrder,
    NeedsAttention,
    RefusedBySvea,
    Retryable,
    UnknownCheckout,
)
from shared.domain.findings import Finding
from shared.ledger.records import Subject

NO_SUCH_ORDER = 0
ONLY_DOCUMENTS_TELL = ("mismatch", "missing_mapping", "not_registered", "unknown_vat_rate")
"""Rates, VAT codes and rounding are shown by no read: only a document that names them is refused."""
ENOUGH = 100


async def read(shop: Workshop, subject: Subject, kit: Kit, *, subscribed: bool) -> Seen:
    today = shop.clock().astimezone(kit.settings.zone).date()
    seen = Seen(today, subscribed, shop.service.public_url)
    await read_fortnox(kit.fortnox.in_lane(subject.lane), kit.settings, seen)
    for market in kit.settings.markets:
        url = callback_url(shop.service.public_url, kit.settings.name, market)
        seen.svea.append(await _market(kit.svea[market.name].in_lane(subject.lane), market.name, url, seen))
    if kit.magento is not None:
        await _shop(kit.magento.in_lane(subject.lane), seen)
    seen.stopped = await _stopped(shop, subject.connection)
    return seen


async def _market(client: SveaClient, market: str, url: str, seen: Seen) -> SveaSeen:
    """Both APIs are asked for an order that is not there: not found means that the keys are good."""
    found = SveaSeen(market)
    try:
        for ask in (client.checkout_order, client.order):
            await _keys_are_good(ask)
        found.callback = next((one for one in await client.subscriptions() if one.url == url), None)
        found.listed = True
    except Retryable as passing:
        _failed(seen, market, "unavailable", passing.message)
    except NeedsAttention as refusal:
        known = isinstance(refusal, ConnectionRevoked)
        code = "connection_revoked" if known else "refused_by_svea"
        _failed(seen, market, code, refusal.message)
    return found


async def _keys_are_good(ask: Callable[[int], Awaitable[object]]) -> None:
    try:
        await ask(NO_SUCH_ORDER)
    except (UnknownCheckout, ForeignOrder, RefusedBySvea):
        return


def _failed(seen: Seen, market: str, code: str, message: str) -> None:
    seen.failed.append(Finding(code, "svea", market, f"market {market}: {message}", check=f"svea {market}"))
    seen.unread[f"svea {market}"] = message


async def _shop(client: MagentoClient, seen: Seen) -> None:
    try:
        seen.shop = await probe(client)
    except (Retryable, NeedsAttention) as failure:
        code = "unavailable" if isinstance(failure, Retryable) else "refused_by_magento"
        seen.failed.append(Finding(code, "magento", "shop", failure.message, check="magento"))
        seen.unread["magento"] = failure.message


async def _stopped(shop: Workshop, connection: str) -> tuple[StoppedSale, ...]:
    page = await shop.ledger.subjects.page(
        connection=connection, kind="sale", state="needs_attention", limit=ENOUGH
    )
    return tuple(
        StoppedSale(one.id, one.key, one.problem.code, one.problem.message)
        for one in page.items
        if one.problem is not None and one.problem.code in ONLY_DOCUMENTS_TELL
    )
