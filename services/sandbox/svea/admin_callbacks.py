"""Payment Admin: callback subscriptions (svea.md 4.1)."""

from __future__ import annotations

from typing import Any

from services.sandbox.svea.edge import Answer, Call
from services.sandbox.svea.read_rows import get
from services.sandbox.svea.refusals import invalid
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.subscriptions import Subscription


class CallbacksApi:
    def __init__(self, svea: SandboxSvea) -> None:
        self.svea = svea

    async def add(self, call: Call) -> Answer:
        url, events = _wanted(call)
        subscription = self.svea.subscriptions.add(
            self.svea.numbers.guid(), merchant_id=call.merchant.merchant_id, url=url, events=events
        )
        return Answer(201, {"SubscriptionId": subscription.subscription_id})

    async def list_all(self, call: Call) -> Answer:
        own = self.svea.subscriptions.of(call.merchant.merchant_id)
        return Answer(200, {"Subscriptions": [_show(subscription) for subscription in own]})

    async def read(self, call: Call) -> Answer:
        return Answer(200, _show(self._own(call)))

    async def update(self, call: Call) -> Answer:
        url, events = _wanted(call)
        self.svea.subscriptions.update(self._own(call), url=url, events=events)
        return Answer(204)

    async def remove(self, call: Call) -> Answer:
        self.svea.subscriptions.remove(self._own(call))
        return Answer(204)

    async def verify(self, call: Call) -> Answer:
        """Sends the Ping; the subscription is verified when that is answered, not when this is."""
        self.svea.announce.ping(call.merchant, self._own(call))
        return Answer(204)

    def _own(self, call: Call) -> Subscription:
        return self.svea.subscriptions.get(
            call.request.path_params["subscription_id"], merchant_id=call.merchant.merchant_id
        )


def _wanted(call: Call) -> tuple[str, list[str]]:
    wanted = call.json()
    url, events = get(wanted, "CallbackUri"), get(wanted, "Events")
    if not isinstance(url, str) or not isinstance(events, list):
        raise invalid("CallbackUri", "CallbackUri and Events are required", 30110)
    return url, events


def _show(subscription: Subscription) -> dict[str, Any]:
    return {
        "SubscriptionId": subscription.subscription_id,
        "CallbackUri": subscription.url,
        "Events": list(subscription.events),
        "Verified": subscription.verified,
    }
