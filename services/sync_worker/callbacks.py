"""Where Svea is asked to call us, and of what."""

from urllib.parse import urlsplit

from shared.settings.connections import ConnectionDeclaration, Market

SVEA_EVENTS = (
    "CheckoutOrder.Created",
    "CheckoutOrder.Updated",
    "CheckoutOrder.Delivered",
    "CheckoutOrder.CreditSucceeded",
    "CheckoutOrder.CreditFailed",
    "CheckoutOrder.Closed",
    "CheckoutOrder.PendingStatusReleased",
)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def callback_url(public_url: str, connection: str, market: Market) -> str:
    token = market.svea.callback_token.get_secret_value()
    return f"{public_url.rstrip('/')}/webhooks/svea/{connection}/{market.name}/{token}"


def why_svea_cannot_call(public_url: str, settings: ConnectionDeclaration) -> str | None:
    """An address on this machine is of use to a stand-in on this machine only."""
    hosts = {urlsplit(market.svea.admin_url).hostname for market in settings.markets}
    if urlsplit(public_url).hostname in LOOPBACK and not hosts <= set(LOOPBACK):
        return f"SLUSS_PUBLIC_URL is {public_url}, which Svea cannot reach"
    return None
