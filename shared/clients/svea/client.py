"""Svea, call by call: orders are read, subscriptions are kept. This house changes no Svea order."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

from shared.clients import json_numbers
from shared.clients.fields import Fields
from shared.clients.http import Answer, HttpClient
from shared.clients.svea import wire, wire_reports
from shared.clients.svea.errors import error_for
from shared.clients.svea.wire import AdminOrder, CheckoutOrder, Subscription
from shared.domain.errors import (
    ConnectionRevoked,
    RefusedBySvea,
    ReportsNotActivated,
    UnknownCheckout,
    UnreadableAnswer,
)
from shared.domain.payouts import Payout

T = TypeVar("T")
SUBSCRIPTIONS = "/api/v2/callbacks/subscriptions"


class SveaClient:
    """One key set: one merchant, in one lane of its rate limit."""

    def __init__(self, http_checkout: HttpClient, http_admin: HttpClient, lane: str = "sale") -> None:
        self._checkout, self._admin, self.lane = http_checkout, http_admin, lane

    def in_lane(self, lane: str) -> "SveaClient":
        """The same connection pools and limiter, in another lane."""
        return SveaClient(self._checkout, self._admin, lane)

    async def close(self) -> None:
        await self._checkout.close()
        await self._admin.close()

    async def checkout_order(self, order_id: str | int) -> CheckoutOrder:
        """What the buyer saw. Raises UnknownCheckout or ForeignOrder."""
        path = f"/api/orders/{_digits(order_id)}"
        return await self._read(self._checkout, path, "GET /api/orders/{n}", wire.to_checkout_order)

    async def order(self, order_id: str | int) -> AdminOrder:
        """What became of it: rows, deliveries, credits. Raises UnknownCheckout or ForeignOrder."""
        path = f"/api/v1/orders/{_digits(order_id)}"
        return await self._read(self._admin, path, "GET /api/v1/orders/{n}", wire.to_admin_order)

    # ── callback subscriptions ────────────────────────────────────────────────────────────────────

    async def subscriptions(self) -> tuple[Subscription, ...]:
        answer = await self._about_subscriptions("GET", "/")
        return wire.to_subscriptions(_json(answer))

    async def add_subscription(self, url: str, events: Iterable[str]) -> str:
        """The id of the new subscription; nothing is sent to it until it is verified."""
        answer = await self._about_subscriptions("POST", "", _subscription(url, events))
        return Fields(_json(answer), of="answer").needed_text("SubscriptionId")

    async def update_subscription(self, subscription_id: str, url: str, events: Iterable[str]) -> None:
        """A new address needs a new verification."""
        await self._about_subscriptions("PUT", f"/{quote(subscription_id)}", _subscription(url, events))

    async def verify_subscription(self, subscription_id: str) -> None:
        """Svea sends a Ping to the address."""
        await self._about_subscriptions("POST", f"/{quote(subscription_id)}/verify")

    async def remove_subscription(self, subscription_id: str) -> None:
        await self._about_subscriptions("DELETE", f"/{quote(subscription_id)}")

    async def ensure_subscription(self, url: str, events: Iterable[str]) -> Subscription:
        """One subscription for this address with exactly these events. Safe to repeat.

        When it is not verified yet Svea is asked to, and its Ping is on the way.
        """
        wanted = tuple(events)
        found = next((known for known in await self.subscriptions() if known.url == url), None)
        if found is None:
            number, verified = await self.add_subscription(url, wanted), False
        else:
            number, verified = found.id, found.verified
            if set(found.events) != set(wanted):
                await self.update_subscription(number, url, wanted)
        if not verified:
            await self.verify_subscription(number)
        return Subscription(id=number, url=url, events=wanted, verified=verified)

    # ── payout reports ────────────────────────────────────────────────────────────────────────────

    async def settled_checkout_ids(self, on: date) -> tuple[int, ...]:
        """The sales that the payout report of a day names, each once; none when there was no payout."""
        report = await self._report(on)
        return () if report is None else wire.to_settled_checkout_ids(Fields(report, of="report"))

    async def payouts(self, on: date, *, market: str) -> list[tuple[Payout, Any]]:
        """Each group of a day's report, with its JSON as it came.

        Raises ReportsNotActivated where Svea lets this key set read no reports.
        """
        try:
            report = await self._report(on)
        except (ConnectionRevoked, RefusedBySvea) as refusal:
            if refusal.facts.get("http_status") not in ("401", "403"):
                raise
            raise ReportsNotActivated(
                f"Svea lets merchant {market} read no reports: {refusal.message}", facts=refusal.facts
            ) from refusal
        return [] if report is None else wire_reports.groups_of(report, market=market, asked=on)

    async def _report(self, on: date) -> Any:
        """None on a day without a payout."""
        params = {"date": on.isoformat(), "includeWithholding": "true"}
        endpoint = "GET /api/v2/reports"
        answer = await self._admin.call(
            "GET", "/api/v2/reports", params=params, endpoint=endpoint, lane=self.lane
        )
        if answer.status in (204, 404):
            return None
        if not answer.ok:
            raise error_for(answer, endpoint=endpoint, write=False, about_an_order=False)
        return _json(answer)

    # ── how ───────────────────────────────────────────────────────────────────────────────────────

    async def _read(self, http: HttpClient, path: str, endpoint: str, to: Callable[[Fields], T]) -> T:
        answer = await http.call("GET", path, endpoint=endpoint, lane=self.lane)
        if not answer.ok:
            raise error_for(answer, endpoint=f"GET {path}", write=False)
        return to(Fields(_json(answer), of="answer"))

    async def _about_subscriptions(self, method: str, below: str, body: bytes | None = None) -> Answer:
        """PUT, DELETE and verify are safe to repeat; adding twice would make two subscriptions."""
        endpoint = f"{method} {SUBSCRIPTIONS}"
        idempotent = method != "POST" or below.endswith("/verify")
        answer = await self._admin.call(
            method, SUBSCRIPTIONS + below, body=body, idempotent=idempotent, endpoint=endpoint, lane=self.lane
        )
        if not answer.ok:
            raise error_for(answer, endpoint=endpoint, write=not idempotent, about_an_order=False)
        return answer


def _subscription(url: str, events: Iterable[str]) -> bytes:
    return json_numbers.dumps({"CallbackUri": url, "Events": list(events)})


def _digits(order_id: str | int) -> str:
    """A checkout id is a number; anything else must not become part of an address."""
    found = str(order_id)
    if not (found.isascii() and found.isdigit()):
        raise UnknownCheckout(f"{found!r} is not a Svea order number")
    return found


def _json(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise UnreadableAnswer(f"Svea's answer is not JSON: {answer.body[:80]!r}") from None
