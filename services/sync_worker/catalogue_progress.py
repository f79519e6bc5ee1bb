"""How far a pass over the catalogue has come: in the ledger after every page, and in the runs that wait."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from shared.ledger.ledger import Ledger
from shared.ledger.records import Run, RunItem

# Seconds are the shop's resolution, its clock is not ours, and what it shows may be a replica that lags.
OVERLAP = timedelta(minutes=15)
CHANGED_SINCE = "products.changed_since"


@dataclass(frozen=True)
class Progress:
    """``after`` is the product id up to which all is done."""

    began_at: str
    since: str | None
    after: int = 0
    looked_at: int = 0
    unchanged: int = 0
    written: int = 0
    left_out: int = 0
    stopped: int = 0
    gone: int = 0

    @property
    def changed_since(self) -> datetime | None:
        return datetime.fromisoformat(self.since) if self.since else None

    def in_words(self) -> str:
        said = f"{self.looked_at} products looked at: {self.written} written, {self.unchanged} unchanged, "
        said += f"{self.left_out} left out, {self.stopped} stopped"
        return said + (f", {self.gone} deleted" if self.gone else "")

    def counted(self, **more: int) -> Self:
        """One more page: the counts go up."""
        return replace(self, **{name: getattr(self, name) + number for name, number in more.items()})


class ProgressBook:
    """Where the progress of one kind of pass of one connection is kept."""

    def __init__(self, ledger: Ledger, connection: str, kind: str, runs: Sequence[Run]) -> None:
        self._ledger, self._connection, self._runs = ledger, connection, runs
        self._cursor = f"{kind}.pass"

    async def opened(self, now: datetime, *, full: bool) -> tuple[Progress, bool]:
        """The pass that was interrupted, else a new one; and whether there has never been one before."""
        since = await self._ledger.cursors.get(self._connection, CHANGED_SINCE)
        kept = await self._ledger.cursors.get(self._connection, self._cursor)
        if kept:
            return Progress(**json.loads(kept)), since is None
        progress = Progress(now.isoformat(), None if full else since)
        await self.page_done(progress)
        return progress, since is None

    async def first_load_of(self, other: str) -> bool:
        """Whether the other kind of pass is at the first load: two would be in each other's way."""
        if await self._ledger.cursors.get(self._connection, CHANGED_SINCE):
            return False
        return bool(await self._ledger.cursors.get(self._connection, f"{other}.pass"))

    async def left_out(self, reason: str) -> None:
        for run in self._runs:
            await self._ledger.runs.item_done(run.id, _job_item(run), "skipped", reason)

    async def page_done(self, progress: Progress) -> None:
        await self._keep(json.dumps(asdict(progress)))
        for run in self._runs:
            await self._ledger.runs.item_goes_on(run.id, _job_item(run), progress.in_words())

    async def pass_done(self, progress: Progress) -> None:
        """The next look begins where this one began: what changed meanwhile may be missing in it."""
        began = datetime.fromisoformat(progress.began_at)
        since = (began - OVERLAP).isoformat()
        await self._ledger.cursors.set(self._connection, CHANGED_SINCE, since)
        await self._keep("")
        for run in self._runs:
            await self._ledger.runs.item_done(run.id, _job_item(run), "done", progress.in_words())

    async def has_lines_for(self, products: dict[str, tuple[str, str]]) -> None:
        """``products``: key -> (subject id, why it stopped); a line of each run waits for its subject."""
        items = [RunItem(key, "new", why, subject) for key, (subject, why) in products.items()]
        for run in self._runs:
            await self._ledger.runs.add_items(run.id, items)

    def mark(self) -> str:
        """Makes events of a run that a person asked for other events than those of the timetable."""
        return "|".join(run.id for run in self._runs)

    async def _keep(self, value: str) -> None:
        await self._ledger.cursors.set(self._connection, self._cursor, value)


def _job_item(run: Run) -> str:
    """The line that stands for the job itself, so that a run does not end before it."""
    item: Any = run.request["item"]
    return str(item)
