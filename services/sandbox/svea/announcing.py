"""Which callbacks a change causes, and to whom they go."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from services.sandbox.svea.events import PING, push_body, push_url, webhook_body
from services.sandbox.svea.merchants import Merchant
from services.sandbox.svea.numbers import Numbers
from services.sandbox.svea.orders import Order
from services.sandbox.svea.outbox import Kind, Message, Outbox
from services.sandbox.svea.subscriptions import Subscription, Subscriptions


class Announcer:
    def __init__(
        self, outbox: Outbox, subscriptions: Subscriptions, numbers: Numbers, clock: Callable[[], datetime]
    ) -> None:
        self._outbox = outbox
        self._subscriptions = subscriptions
        self._numbers = numbers
        self._clock = clock

    def event(self, merchant: Merchant, name: str, fields: Mapping[str, int | str | bool]) -> None:
        """Tell every verified subscription of the merchant that asked for this event."""
        self.exact(merchant, webhook_body(name, correlation=self._numbers.guid(), at=self._clock(), **fields))

    def exact(self, merchant: Merchant, body: bytes) -> int:
        """Send these very bytes, for the event they name, to whoever subscribes to it. To how many."""
        name = json.loads(body)["EventName"]
        listening = self._subscriptions.listening(merchant.merchant_id, name)
        for subscription in listening:
            self._outbox.post(Message(merchant, Kind.EVENT, subscription.url, name, body))
        return len(listening)

    def push(self, merchant: Merchant, order: Order) -> None:
        """The checkout order's status changed: POST to the PushUri that the shop gave, if it gave one."""
        push_uri = order.merchant_settings.get("PushUri")
        if push_uri and not _is_nobodys(push_uri):
            url = push_url(push_uri, order.checkout_id)
            body = push_body(order.checkout_status)
            self._outbox.post(Message(merchant, Kind.PUSH, url, order.checkout_status, body))

    def ping(self, merchant: Merchant, subscription: Subscription) -> None:
        """The subscription counts as verified when its receiver has answered, if its URL is the same."""
        url = subscription.url

        def accepted() -> None:
            subscription.verified = subscription.verified or subscription.url == url

        body = webhook_body(PING, correlation=self._numbers.guid(), at=self._clock())
        self._outbox.post(Message(merchant, Kind.PING, url, PING, body, accepted))


def _is_nobodys(url: str) -> bool:
    """Hosts reserved for examples, as in the samples: nobody is there, and nothing should leave for them."""
    host = urlsplit(url).hostname or ""
    return host == "example.com" or host.endswith((".example.com", ".example", ".invalid"))
