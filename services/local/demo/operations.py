"""What the demo asks of Sluss itself: the operations API, as any other program would use it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.local.web import Web

RESTING = ("done", "skipped", "rejected", "needs_attention")
LONG_WAIT = timedelta(seconds=30)
POLL_SECONDS = 0.1
PAGE = 200

Pause = Callable[[float], None]


class TookTooLong(RuntimeError):
    """A sale did not come to rest in time."""


@dataclass(frozen=True, slots=True)
class SaleState:
    """How a sale rests: its state, and why."""

    key: str
    state: str
    why: str

    @classmethod
    def of(cls, subject: Mapping[str, Any]) -> "SaleState":
        problem = subject["problem"]
        why = problem["message"] if problem else subject["reason"]
        return cls(subject["key"], subject["state"], why or "")


class Operations:
    """`pause` sleeps between two questions; it may raise to end the waiting."""

    def __init__(self, url: str, key: str, declared: Mapping[str, Any], pause: Pause = time.sleep) -> None:
        self._api = Web(f"{url}/api/v1", {"Authorization": f"Bearer {key}"})
        self._declared = declared
        self._name = declared["name"]
        self.pause = pause

    def apply(self) -> None:
        """Declare the connection and switch it on."""
        self._api.put(f"/connections/{self._name}", self._declared)
        self._api.post(f"/connections/{self._name}/activate")

    def webhooks(self) -> int:
        """How many webhooks of Svea the ledger has; duplicates are none."""
        return len(self._all(f"/events?connection={self._name}&source=svea"))

    def sales(self) -> list[dict[str, Any]]:
        return self._all(f"/subjects?connection={self._name}&kind=sale")

    def at_rest(self, *, within: timedelta = timedelta(seconds=60)) -> dict[str, SaleState]:
        """Every sale by checkout id, as soon as none is on its way; raises TookTooLong."""
        deadline = time.monotonic() + within.total_seconds()
        sales = self.sales()
        while busy := [sale for sale in sales if not _rests(sale)]:
            if time.monotonic() > deadline:
                told = ", ".join(f"{sale['key']} {sale['state']} ({_why(sale)})" for sale in busy)
                raise TookTooLong(f"not at rest after {within.total_seconds():g} s: {told}")
            self.pause(POLL_SECONDS)
            sales = self.sales()
        return {sale["key"]: SaleState.of(sale) for sale in sales}

    def look_again_at_all(self) -> int:
        """Run every sale once more, now; how many that are."""
        retried: int = self._api.post("/subjects/retry", {"connection": self._name, "kind": "sale"})[
            "retried"
        ]
        return retried

    def backfill(self, *checkout_ids: int) -> None:
        self._api.post(f"/connections/{self._name}/backfill", {"checkout_ids": list(checkout_ids)})

    def _all(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self._api.get(f"{path}&limit={PAGE}{cursor}")
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"


def _rests(sale: Mapping[str, Any]) -> bool:
    """A pending order waits for an hour or until we are told; everything shorter is still going on."""
    if sale["state"] == "waiting" and sale["next_try_at"] is not None:
        return datetime.fromisoformat(sale["next_try_at"]) > datetime.now(UTC) + LONG_WAIT
    return sale["state"] in RESTING


def _why(sale: Mapping[str, Any]) -> str:
    return SaleState.of(sale).why
