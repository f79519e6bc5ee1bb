"""What the demo asks of Sluss itself: the operations API, as any other program would use it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.local.web import Web

RESTING = ("done", "skipped", "rejected", "needs_attention")
LONG_WAIT = timedelta(seconds=20)  # a sale that waits for the shop's order looks again after 30 s
JOB_WITHIN = timedelta(seconds=60)
POLL_SECONDS = 0.1
PAGE = 200

Pause = Callable[[float], None]


class TookTooLong(RuntimeError):
    """Something did not come to rest in time."""


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
        """Declare the connection and switch it on, unless an earlier demo did: the check that goes with it
        may have met stand-ins that were not up yet.
        """
        stored = self._api.put(f"/connections/{self._name}", self._declared)
        if not stored["active"]:
            self._api.post(f"/connections/{self._name}/activate")

    def webhooks(self) -> int:
        """How many webhooks of Svea and of the shop the ledger has; duplicates are none."""
        sources = ("svea", "magento")
        return sum(len(self._all(f"/events?connection={self._name}&source={one}")) for one in sources)

    def sales(self) -> list[dict[str, Any]]:
        return self._subjects("sale")

    def _subjects(self, kind: str) -> list[dict[str, Any]]:
        return self._all(f"/subjects?connection={self._name}&kind={kind}")

    def sale(self, key: str) -> SaleState | None:
        """How that sale is right now; None while it is unknown."""
        return next((SaleState.of(sale) for sale in self.sales() if sale["key"] == key), None)

    def at_rest(
        self, kind: str = "sale", *, within: timedelta = timedelta(seconds=60)
    ) -> dict[str, SaleState]:
        """Every sale by checkout id, as soon as none is on its way; raises TookTooLong.

        Other kinds by their keys: `customer` by the shop's number.
        """
        deadline = time.monotonic() + within.total_seconds()
        found = self._subjects(kind)
        while busy := [one for one in found if not _rests(one)]:
            if time.monotonic() > deadline:
                told = ", ".join(f"{one['key']} {one['state']} ({_why(one)})" for one in busy)
                raise TookTooLong(f"not at rest after {within.total_seconds():g} s: {told}")
            self.pause(POLL_SECONDS)
            found = self._subjects(kind)
        return {one["key"]: SaleState.of(one) for one in found}

    def look_again_at_all(self) -> int:
        """Run every sale once more, now; how many that are."""
        retried: int = self._api.post("/subjects/retry", {"connection": self._name, "kind": "sale"})[
            "retried"
        ]
        return retried

    def backfill(self, *checkout_ids: int) -> None:
        self._api.post(f"/connections/{self._name}/backfill", {"checkout_ids": list(checkout_ids)})

    def look_for(self, checkout_id: int | None, order_number: str) -> None:
        """A backfill of one purchase, by what Svea calls it or else by what the shop does."""
        wanted = {"order_numbers": [order_number]} if checkout_id is None else {"checkout_ids": [checkout_id]}
        self._api.post(f"/connections/{self._name}/backfill", wanted)

    def run_job(self, job: str, *, full: bool) -> str:
        """Start a job of the timetable now; the id of its run."""
        started = self._api.post(f"/connections/{self._name}/jobs/{job}/run", {"full": full})
        run_id: str = started["run_id"]
        return run_id

    def run_to_its_end(self, job: str, wanted: Mapping[str, Any] | None = None) -> None:
        """Run a job now and wait for it; raises TookTooLong."""
        started = self._api.post(f"/connections/{self._name}/jobs/{job}/run", wanted or {})
        deadline = time.monotonic() + JOB_WITHIN.total_seconds()
        while (run := self.run(started["run_id"]))["finished_at"] is None:
            if time.monotonic() > deadline:
                raise TookTooLong(f"{job} has not ended: {run['items'][0]['text']}")
            self.pause(POLL_SECONDS)

    def tie_out(self) -> dict[str, Any]:
        """The clearing accounts against open documents, today."""
        found: dict[str, Any] = self._api.get(f"/connections/{self._name}/tie-out")
        return found

    def preflight(self) -> list[dict[str, Any]]:
        """The findings of a check that is made now; raises TookTooLong."""
        answer = self._api.post(f"/connections/{self._name}/preflight")
        if not answer["finished"]:
            raise TookTooLong("the pre-flight check has not ended")
        found: list[dict[str, Any]] = answer["preflight"]["findings"]
        return found

    def vat(self, first: str, last: str) -> dict[str, Any]:
        """Base and VAT by our documents against Fortnox."""
        found: dict[str, Any] = self._api.get(f"/connections/{self._name}/vat?from={first}&to={last}")
        return found

    def supply_rates(self, quarter: str, day: str, rates: Mapping[str, str]) -> None:
        """Units of a currency for one euro, for the OSS list."""
        path = f"/connections/{self._name}/oss/rates?quarter={quarter}"
        self._api.put(path, {"day": day, "rates": dict(rates)})

    def oss(self, quarter: str) -> dict[str, Any]:
        found: dict[str, Any] = self._api.get(f"/connections/{self._name}/oss?quarter={quarter}")
        return found

    def run(self, run_id: str) -> dict[str, Any]:
        """How far a run has come."""
        found: dict[str, Any] = self._api.get(f"/runs/{run_id}")
        return found

    def _all(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self._api.get(f"{path}&limit={PAGE}{cursor}")
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"


def _rests(subject: Mapping[str, Any]) -> bool:
    """A pending order waits for an hour or until we are told; everything shorter is still going on."""
    if subject["state"] == "waiting" and subject["next_try_at"] is not None:
        return datetime.fromisoformat(subject["next_try_at"]) > datetime.now(UTC) + LONG_WAIT
    return subject["state"] in RESTING


def _why(subject: Mapping[str, Any]) -> str:
    return SaleState.of(subject).why
