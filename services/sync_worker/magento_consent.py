"""An activation that came from the shop -> an access token in the connection, before 300 s are over."""

from pydantic import SecretStr

from services.sync_worker.workshop import Workshop
from shared.clients import factory
from shared.clients.magento.handshake import AccessToken
from shared.domain.errors import ConnectionRevoked
from shared.domain.outcomes import Done
from shared.ledger.records import StoredConnection, StoredToken, Subject
from shared.settings.magento import MagentoSettings

PENDING = "magento_pending"
LINK = "magento_activation"


async def exchange_activation(shop: Workshop, subject: Subject) -> Done:
    """Exchange the verifier that the gateway stored; the token does not expire, the link is used up."""
    pending = await shop.ledger.credentials.get(subject.connection, PENDING)
    settings = _settings_of(await shop.ledger.connections.get(subject.connection))
    if pending is None or settings is None or _is_over(shop, pending):
        raise ConnectionRevoked("the shop's activation is more than 300 s old; choose Reauthorize in Magento")
    handshake = factory.magento_handshake(
        settings.base_url, shop.service, transport=shop.transport, clock=shop.clock
    )
    kept = pending.value
    try:
        token = await handshake.access_token(kept["consumer_key"], kept["consumer_secret"], kept["verifier"])
    finally:
        await handshake.close()
    await _keep(shop, subject.connection, pending, token)
    return Done(notes=("the shop's integration is active",))


async def _keep(shop: Workshop, connection: str, pending: StoredToken, token: AccessToken) -> None:
    """In the declaration as it is now: an operator may have changed it while we asked."""
    stored = await shop.ledger.connections.get(connection)
    settings = _settings_of(stored)
    if stored is None or settings is None:
        raise ConnectionRevoked("the connection lost its shop while it was activated")
    keys = {
        "consumer_key": SecretStr(pending.value["consumer_key"]),
        "consumer_secret": SecretStr(pending.value["consumer_secret"]),
        "access_token": SecretStr(token.token),
        "access_token_secret": SecretStr(token.secret),
    }
    declared = stored.declaration.model_copy(update={"magento": settings.model_copy(update=keys)})
    await shop.ledger.connections.put(declared)
    await shop.ledger.audit.act("the shop", "magento.activate", connection, None, {})
    await shop.ledger.credentials.delete(connection, PENDING)
    await shop.ledger.credentials.delete(connection, LINK)


def _settings_of(stored: StoredConnection | None) -> MagentoSettings | None:
    return stored.declaration.magento if stored is not None else None


def _is_over(shop: Workshop, pending: StoredToken) -> bool:
    return pending.expires_at is None or pending.expires_at <= shop.clock()
