"""The shop's catalogue and customers into Fortnox, by jobs that can be followed and repeated."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.local.demo.operations import Operations, TookTooLong
from services.local.demo.progress import Progress
from services.local.demo.show import LoadOutcome, Show
from services.local.demo.stand_ins import StandIns

PRODUCTS = 200
SOLD = 198  # every hundredth is disabled in the shop, and becomes no article
CUSTOMERS = 60
POLL_SECONDS = 0.2
WITHIN = timedelta(minutes=2)
GOOD = ("done", "skipped", "waiting")
CALLS_PER_SECOND = 25 / 5  # what Fortnox allows


@dataclass(frozen=True, slots=True)
class Load:
    """`wanted` records of `register` in Fortnox; `mine` tells them from those of the sales."""

    job: str
    kind: str
    register: str
    in_shop: int
    wanted: int
    mine: Callable[[dict[str, Any]], str | None]


LOADS = (
    Load(
        "products",
        "article",
        "articles",
        PRODUCTS,
        SOLD,
        lambda one: _beginning(one["ArticleNumber"], "GEN-"),
    ),
    Load(
        "customers",
        "customer",
        "customers",
        CUSTOMERS,
        CUSTOMERS,
        lambda one: _beginning(one["Email"], "kund"),
    ),
)


class LoadChapter:
    """Loads, shows and checks. `differences` collects whatever is not as it must be."""

    def __init__(self, stand_ins: StandIns, operations: Operations, progress: Progress, show: Show) -> None:
        self._stand_ins = stand_ins
        self._operations = operations
        self._progress = progress
        self._show = show
        self.differences: list[str] = []

    def play(self) -> None:
        """What an earlier demo with this state has loaded is not loaded again."""
        left = [load for load in LOADS if f"load {load.job}" not in self._progress.done]
        if left:
            self._show.chapter("The shop's products and customers, and then all of them once more")
        outcomes = [outcome for load in left for outcome in self._played(load)]
        if outcomes:
            self._show.loads(outcomes)

    def check(self) -> None:
        """Everything is there once, whenever it was loaded."""
        documents = self._stand_ins.documents()
        for load in LOADS:
            found = [name for one in documents[load.register] if (name := load.mine(one)) is not None]
            if len(found) != load.wanted or len(set(found)) != load.wanted:
                there = f"{len(found)} in Fortnox, {len(set(found))} different"
                self.differences.append(f"{load.job}: {there}, expected {load.wanted}")

    def _played(self, load: Load) -> Iterator[LoadOutcome]:
        yield self._run(load, f"{load.job}, first load")
        again = self._run(load, f"{load.job}, once more")
        yield again
        if again.writes:
            self.differences.append(f"{again.what}: {again.writes} writes to Fortnox, expected none")
        self._progress.note(f"load {load.job}", [])

    def _run(self, load: Load, what: str) -> LoadOutcome:
        calls, writes, began = self._stand_ins.calls(), self._stand_ins.writes(), time.monotonic()
        run = self._followed(self._operations.run_job(load.job, full=True), what, load.in_shop)
        self._operations.at_rest(load.kind)  # a busy stand-in may leave a write in doubt
        seconds = time.monotonic() - began
        if trouble := {state: number for state, number in run["counts"].items() if state not in GOOD}:
            self.differences.append(f"{what}: {trouble}")
        made = self._stand_ins.calls() - calls
        return LoadOutcome(
            what=what,
            said=run["items"][0]["text"],
            calls=made,
            writes=self._stand_ins.writes() - writes,
            seconds=seconds,
            at_the_limit=made / CALLS_PER_SECOND,
        )

    def _followed(self, run_id: str, what: str, total: int) -> dict[str, Any]:
        """The run when it has ended; raises TookTooLong."""
        deadline = time.monotonic() + WITHIN.total_seconds()
        with self._show.progress(what, total) as come_so_far:
            while True:
                run = self._operations.run(run_id)
                come_so_far(_looked_at(run))
                if run["finished_at"] is not None:
                    come_so_far(total)
                    return run
                if time.monotonic() > deadline:
                    raise TookTooLong(f"{what} has not ended: {run['items'][0]['text']}")
                self._operations.pause(POLL_SECONDS)


def _looked_at(run: dict[str, Any]) -> int:
    """Lines of its own, one per customer; else what the job says of itself: `200 products looked at`."""
    if run["total"] > 1:
        return int(run["total"] - run["open"])
    found = re.match(r"\d+", run["items"][0]["text"])
    return int(found[0]) if found else 0


def _beginning(text: str | None, with_: str) -> str | None:
    return text if text and text.startswith(with_) else None
