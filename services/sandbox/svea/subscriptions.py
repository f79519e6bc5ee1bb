"""Callback subscriptions of each merchant (svea.md 4.1). Nothing is sent to one that is not verified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.sandbox.svea.events import EVENT_NAMES
from services.sandbox.svea.refusals import invalid, unknown


@dataclass
class Subscription:
    subscription_id: str
    merchant_id: str
    url: str
    events: tuple[str, ...]
    verified: bool = False


class Subscriptions:
    def __init__(self) -> None:
        self.requires_https = False
        """Svea takes only https. Off here, because the sandbox usually talks to localhost."""
        self._all: dict[str, Subscription] = {}

    def add(self, subscription_id: str, *, merchant_id: str, url: str, events: Iterable[str]) -> Subscription:
        names = self._checked(url, events)
        subscription = Subscription(subscription_id, merchant_id, url, names)
        self._all[subscription_id] = subscription
        return subscription

    def of(self, merchant_id: str) -> list[Subscription]:
        return [
            subscription for subscription in self._all.values() if subscription.merchant_id == merchant_id
        ]

    def get(self, subscription_id: str, *, merchant_id: str) -> Subscription:
        found = self._all.get(subscription_id)
        if found is None or found.merchant_id != merchant_id:
            raise unknown("SubscriptionId", subscription_id)
        return found

    def update(self, subscription: Subscription, *, url: str, events: Iterable[str]) -> None:
        """A new URL has to be verified again."""
        names = self._checked(url, events)
        subscription.verified = subscription.verified and url == subscription.url
        subscription.url, subscription.events = url, names

    def remove(self, subscription: Subscription) -> None:
        del self._all[subscription.subscription_id]

    def listening(self, merchant_id: str, event_name: str) -> list[Subscription]:
        return [
            subscription
            for subscription in self.of(merchant_id)
            if subscription.verified and event_name in subscription.events
        ]

    def _checked(self, url: str, events: Iterable[str]) -> tuple[str, ...]:
        parts = urlsplit(url)
        allowed = ("https",) if self.requires_https else ("https", "http")
        if parts.scheme not in allowed or not parts.hostname:
            raise invalid("CallbackUri", "CallbackUri must be an https URL", 30060)
        names = tuple(events)
        wrong = [name for name in names if name not in EVENT_NAMES]
        if wrong or not names:
            raise invalid("Events", f"Unknown events: {', '.join(wrong) or 'none given'}", 30061)
        return names
