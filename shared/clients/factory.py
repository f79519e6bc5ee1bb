"""Clients of one connection, with its limits, tokens and addresses. Keep and reuse them: each has a pool."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr
from redis.asyncio import Redis

from shared.clients.fortnox.auth import FortnoxTokens, TokenStore
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.errors import understood
from shared.clients.http import HttpClient, Observer, Transport
from shared.clients.magento.calls import Gate, Shop
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.errors import understood as understood_of_magento
from shared.clients.magento.handshake import Handshake
from shared.clients.magento.signer import Authentication, BearerSigner, OAuthKeys, OAuthSigner
from shared.clients.rate_limit import RateLimiter
from shared.clients.svea.auth import signer
from shared.clients.svea.client import SveaClient
from shared.settings.connections import ConnectionDeclaration, Market
from shared.settings.magento import MagentoSettings
from shared.settings.service import ServiceSettings

SVEA_MARGIN = timedelta(milliseconds=50)
MAGENTO_MARGIN = timedelta(milliseconds=20)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def fortnox_client(
    connection: ConnectionDeclaration,
    service: ServiceSettings,
    redis: Redis | None,
    token_store: TokenStore,
    observer: Observer | None = None,
    lane: str = "sale",
    transport: Transport | None = None,
    *,
    clock: Callable[[], datetime] = _utc_now,
) -> FortnoxClient:
    """``client.in_lane`` gives the same pool in another lane; ``client.close`` closes all."""
    tokens = fortnox_tokens(connection, service, token_store, observer, transport, clock=clock)
    http = HttpClient(
        fortnox_api(connection.fortnox.api_url),
        system="fortnox",
        auth=tokens.sign,
        renew=tokens.renew,
        timeout=service.http_timeout,
        limiter=fortnox_limiter(connection, service, redis),
        observer=observer,
        understood=understood,
        transport=transport,
    )
    return FortnoxClient(http, tokens, lane)


def fortnox_tokens(
    connection: ConnectionDeclaration,
    service: ServiceSettings,
    token_store: TokenStore,
    observer: Observer | None = None,
    transport: Transport | None = None,
    *,
    clock: Callable[[], datetime] = _utc_now,
) -> FortnoxTokens:
    """Alone, for the consent page: ``exchange_code`` and ``revoke``. Observers see no bodies: all secrets."""
    oauth = HttpClient(
        fortnox_oauth(connection.fortnox.oauth_url),
        system="fortnox_oauth",
        timeout=service.http_timeout,
        observer=observer,
        bodies_are_secret=True,
        transport=transport,
    )
    return FortnoxTokens(connection.fortnox, token_store, connection.name, oauth, clock=clock)


def fortnox_limiter(
    connection: ConnectionDeclaration, service: ServiceSettings, redis: Redis | None
) -> RateLimiter:
    """One limit per client id and tenant, whatever the process."""
    fortnox = connection.fortnox
    return RateLimiter(
        redis,
        f"fortnox:{fortnox.client_id}:{fortnox.tenant_id or connection.name}",
        rate=service.fortnox_rate,
        window=service.fortnox_window,
        margin=service.fortnox_margin,
    )


def svea_client(
    market: Market,
    service: ServiceSettings,
    redis: Redis | None,
    observer: Observer | None = None,
    lane: str = "sale",
    transport: Transport | None = None,
    *,
    clock: Callable[[], datetime] = _utc_now,
) -> SveaClient:
    """One key set; both of Svea's hosts share its limit."""
    keys = market.svea
    limiter = RateLimiter(
        redis,
        f"svea:{keys.merchant_id}",
        rate=service.svea_rate,
        window=timedelta(seconds=1),
        margin=SVEA_MARGIN,
    )

    def http(base: str, system: str) -> HttpClient:
        return HttpClient(
            svea_base(base),
            system=system,
            auth=signer(keys.merchant_id, keys.secret.get_secret_value(), clock=clock),
            timeout=service.http_timeout,
            limiter=limiter,
            observer=observer,
            transport=transport,
        )

    return SveaClient(http(keys.checkout_url, "svea_checkout"), http(keys.admin_url, "svea_admin"), lane)


def magento_client(
    settings: MagentoSettings,
    service: ServiceSettings,
    redis: Redis | None,
    observer: Observer | None = None,
    lane: str = "sale",
    transport: Transport | None = None,
    *,
    clock: Callable[[], datetime] = _utc_now,
) -> MagentoClient:
    """One shop. All processes share its rate; each has a few calls under way at once."""
    base = magento_base(settings.base_url)
    authentication = magento_authentication(settings, clock=clock)
    http = HttpClient(
        base,
        system="magento",
        auth=authentication,
        timeout=service.magento_timeout,
        limiter=RateLimiter(
            redis,
            f"magento:{base}",
            rate=service.magento_rate,
            window=timedelta(seconds=1),
            margin=MAGENTO_MARGIN,
        ),
        observer=observer,
        understood=understood_of_magento,
        transport=transport,
    )
    return MagentoClient(Shop(http, authentication, Gate(service.magento_at_once), clock), lane)


def magento_authentication(
    settings: MagentoSettings, *, clock: Callable[[], datetime] = _utc_now
) -> Authentication:
    """By the declaration: OAuth with its four keys, or the access token as bearer."""
    token = _revealed(settings.access_token)
    if settings.authentication == "bearer":
        return BearerSigner(token)
    keys = OAuthKeys(
        consumer_key=_revealed(settings.consumer_key),
        consumer_secret=_revealed(settings.consumer_secret),
        token=token,
        token_secret=_revealed(settings.access_token_secret),
    )
    return OAuthSigner(keys, basic=_revealed(settings.basic_auth), clock=clock)


def magento_handshake(
    base_url: str,
    service: ServiceSettings,
    observer: Observer | None = None,
    transport: Transport | None = None,
    *,
    clock: Callable[[], datetime] = _utc_now,
) -> Handshake:
    """For the activation of an integration. Observers see no bodies: all secrets."""
    http = HttpClient(
        magento_base(base_url),
        system="magento_oauth",
        timeout=service.http_timeout,
        observer=observer,
        bodies_are_secret=True,
        transport=transport,
    )
    return Handshake(http, clock=clock)


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""


# ── addresses as people write them ────────────────────────────────────────────────────────────────


def fortnox_api(url: str) -> str:
    """With or without `/3` and a slash at the end."""
    return url.rstrip("/").removesuffix("/3").rstrip("/")


def fortnox_oauth(url: str) -> str:
    """The host alone, or with `/oauth-v1`, or with one of its end points."""
    base = url.rstrip("/")
    for end in ("/token", "/auth", "/revoke"):
        base = base.removesuffix(end)
    return base.removesuffix("/oauth-v1").rstrip("/") + "/oauth-v1"


def svea_base(url: str) -> str:
    """With or without `/api` and a slash at the end."""
    return url.rstrip("/").removesuffix("/api").rstrip("/")


def magento_base(url: str) -> str:
    """With or without `/rest`, an API version and a slash at the end; `index.php` stays."""
    return url.rstrip("/").removesuffix("/V1").removesuffix("/rest").rstrip("/")
