"""Who hears of a shop's changes, and how they travel."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from services.sandbox.magento.adobe_keys import AdobeKeys
from services.sandbox.magento.notices import Change, Json, Notice, Sender, Subscription
from services.sandbox.magento.shop_pages import ShopPages
from services.sandbox.outbox import Outbox

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 26


class MagentoOutbox(Outbox[Notice]):
    """Of all shops of a sandbox."""


class Announcer:
    """Of one shop: subscriptions, and a notice to each of them per change."""

    def __init__(
        self,
        outbox: MagentoOutbox,
        keys: AdobeKeys,
        clock: Callable[[], datetime],
        chance: random.Random,
        pages: ShopPages,
    ) -> None:
        self.subscriptions: list[Subscription] = []
        self.outbox = outbox
        self._keys = keys
        self._clock = clock
        self._chance = chance
        self._pages = pages

    def subscribe(self, url: str, secret: str, sender: Sender, events: frozenset[str]) -> Subscription:
        subscription = Subscription(url, secret, sender, events)
        self.subscriptions.append(subscription)
        return subscription

    def tell(self, event: str, entity: Json, store_id: int, whole: Callable[[], Json]) -> None:
        view = self._pages.view(store_id)
        store = {"id": store_id, "code": view.code, "website_id": view.website_id}
        change = Change(event, entity, store, self._pages.base_url, self._clock(), whole)
        for subscription in self.subscriptions:
            if subscription.wants(event):
                self.outbox.post(Notice(subscription, change, self._number(), self._keys))

    def _number(self) -> str:
        """Shaped like a ULID."""
        return "01" + "".join(self._chance.choices(CROCKFORD, k=ID_LENGTH - 2))
