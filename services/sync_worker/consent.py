"""A consent that came back to the gateway -> tokens, before its code runs out."""

from services.sync_worker.workshop import Workshop
from shared.clients import factory
from shared.domain.errors import ConnectionRevoked
from shared.ledger.records import Subject


async def exchange_consent(shop: Workshop, subject: Subject) -> None:
    """Exchange the code that the gateway stored; a code is good for ten minutes and once."""
    stored = await shop.ledger.credentials.get(subject.connection, "fortnox_code")
    connection = await shop.ledger.connections.get(subject.connection)
    if stored is None or connection is None or not stored.value.get("code"):
        raise ConnectionRevoked("the consent has no code to exchange any more; give consent again")
    tokens = factory.fortnox_tokens(
        connection.declaration,
        shop.service,
        shop.ledger.credentials,
        transport=shop.transport,
        clock=shop.clock,
    )
    await tokens.exchange_code(stored.value["code"], stored.value.get("redirect_uri"))
    await shop.ledger.credentials.delete(subject.connection, "fortnox_code")
