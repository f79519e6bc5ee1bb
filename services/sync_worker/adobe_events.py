"""What the gateway must not do itself: fetch the keys of Adobe's events, open Adobe's validation address."""

from contextlib import suppress

from services.sync_worker.workshop import Workshop
from shared.clients.adobe_events import AdobeEvents
from shared.domain.adobe_keys import EVERYBODYS, KEYS_NAME, AdobeKey, to_keys, to_value
from shared.domain.errors import Unavailable
from shared.domain.outcomes import Done
from shared.ledger.errors import VersionMoved
from shared.ledger.records import Subject

TRIES = 5


async def fetch_key(shop: Workshop, subject: Subject) -> Done:
    """The subject's key is the path that a delivery named."""
    pem = await AdobeEvents(shop.service, transport=shop.transport).key(subject.key)
    await _keep(shop, AdobeKey(subject.key, pem, shop.clock()))
    return Done(notes=("key fetched",))


async def validate(shop: Workshop, subject: Subject) -> Done:
    """The subject's key is the address; Adobe gives us five minutes."""
    await AdobeEvents(shop.service, transport=shop.transport).open(subject.key)
    return Done(notes=("validation address opened",))


async def _keep(shop: Workshop, key: AdobeKey) -> None:
    """Beside the others that are still good. Raises Unavailable if others kept keys all the time."""
    for _ in range(TRIES):
        stored = await shop.ledger.credentials.get(EVERYBODYS, KEYS_NAME)
        keys = to_keys(stored.value, now=shop.clock()) if stored else {}
        value, version = to_value(keys | {key.path: key}), stored.version if stored else 0
        with suppress(VersionMoved):
            await shop.ledger.credentials.put(EVERYBODYS, KEYS_NAME, value, None, expected_version=version)
            return
    raise Unavailable("Adobe's key was fetched but could not be kept: others were faster")
